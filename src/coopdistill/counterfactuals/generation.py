"""Quintessential counterfactuals of a batch of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from coopdistill.counterfactuals.central import propose_central
from coopdistill.counterfactuals.choice import check_generator, choose_generator
from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.problem import TOLERANCE, Problem, Proposal, Reference
from coopdistill.exceptions import LearnerError, OptionError
from coopdistill.learners import Model, as_learner
from coopdistill.schema import Codec, FeatureSpace, Table, as_labels, infer_feature_space

__all__ = ["CounterfactualBatch", "Generated", "check_alpha", "generate", "generate_counterfactuals", "reference_of"]


@dataclass(frozen=True, eq=False)
class CounterfactualBatch:
    """Counterfactuals of a batch of rows, one a row and in their order.

    Attributes
    ----------
    X : DataFrame or ndarray of shape (n_rows, n_features)
        In the container of the rows; where the status is ``"failed"``, the row as it was.
    status : ndarray of shape (n_rows,), str
        ``"reached"`` the target, ``"improved"`` towards it, or ``"failed"``.
    reason : ndarray of shape (n_rows,), str
        Why the target was not reached; empty where it was.
    score_before, score_target, score_after : ndarray of shape (n_rows,), float64
        The teacher's score of the true class: on the row, asked for, and on the counterfactual.
    distance : ndarray of shape (n_rows,), float64
        L1 in spreads; another category counts 1.
    generator : str
        Which generator worked.
    """

    X: Table
    status: NDArray[np.str_]
    reason: NDArray[np.str_]
    score_before: NDArray[np.float64]
    score_target: NDArray[np.float64]
    score_after: NDArray[np.float64]
    distance: NDArray[np.float64]
    generator: str

    def __repr__(self) -> str:
        counts = ", ".join(f"{int((self.status == s).sum())} {s}" for s in ("reached", "improved", "failed"))
        return f"CounterfactualBatch({len(self.status)} rows by {self.generator!r}: {counts})"


@dataclass(frozen=True, eq=False)
class Generated:
    """What `generate` returns: as `CounterfactualBatch`, with encoded rows."""

    X: NDArray[np.float64]
    status: NDArray[np.str_]
    reason: NDArray[np.str_]
    before: NDArray[np.float64]
    target: NDArray[np.float64]
    after: NDArray[np.float64]
    distance: NDArray[np.float64]
    generator: str


def generate_counterfactuals(
    teacher: Any,
    X: Any,
    y: Any,
    *,
    alpha: float = 0.5,
    feature_space: FeatureSpace | Mapping[str, Mapping[str, Any]] | None = None,
    generator: str | Generator = "auto",
    n_jobs: int | None = None,
    random_state: int | None = None,
) -> CounterfactualBatch:
    """Find, near each row, a better example of its class in the eyes of a teacher.

    The target of a row x of class y is y' = f(x) + α (y − f(x)), where f is the teacher's score of the true class
    and y = 1 [1]_, Eq. 3. The rows themselves are the teacher's neighbourhood: a generator may walk between them.

    Parameters
    ----------
    teacher : fitted classifier
        Any model that `coopdistill.as_learner` takes.
    X : DataFrame or array-like of shape (n_rows, n_features)
        Rows to start from, as the teacher takes them.
    y : array-like of shape (n_rows,)
        Their true classes.
    alpha : float, default=0.5
        How much of the way to certainty to go, in (0, 1].
    feature_space : FeatureSpace or mapping, optional
        What the columns mean, or what to overrule of what is read off `X`; see `Participant`.
    generator : str or Generator, default="auto"
        ``"segments"`` on the way to nearby rows of the class, ``"search"`` by asking alone, or ``"auto"``.
    n_jobs : int, optional
        Not needed by these generators, whose every question is one call of the teacher for all rows.
    random_state : int, optional
        Same value, same result; None draws one.

    Returns
    -------
    CounterfactualBatch

    Raises
    ------
    InputError
        If rows, labels or options cannot be used.

    References
    ----------
    .. [1] Livanos, Davidson, Wong: Cooperative Knowledge Distillation: A Learner Agnostic Approach, AAAI 2024.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> batch = generate_counterfactuals(LogisticRegression(max_iter=1000).fit(X, y), X, y, random_state=0)
    >>> bool((batch.score_after > batch.score_before)[batch.status == "reached"].all())
    True
    """
    check_alpha(alpha)
    check_generator(generator)
    space = feature_space if isinstance(feature_space, FeatureSpace) else infer_feature_space(X, feature_space)
    codec = Codec.of(X, space)
    learner = as_learner(teacher)
    if not learner.is_fitted:
        raise LearnerError(f"the teacher {type(teacher).__name__} is not fitted; fit it first")
    model = Model("teacher", learner, codec)
    rows = codec.encode(X)
    labels = as_labels(y, len(rows))
    seed = int(np.random.SeedSequence(random_state).generate_state(1)[0])
    with threadpool_limits(limits=n_jobs if n_jobs and n_jobs > 0 else None):
        reference = reference_of(model, rows, labels)
        made = generate(model, rows, labels, alpha=alpha, generator=generator, reference=reference, seed=seed)
    failed = made.status == "failed"
    out = codec.decode(np.where(failed[:, None], rows, made.X))
    if hasattr(out, "index") and hasattr(X, "index"):
        out.index = X.index
    return CounterfactualBatch(
        out, made.status, made.reason, made.before, made.target, made.after, made.distance, made.generator
    )


def check_alpha(alpha: object) -> None:
    """Refuse an α outside (0, 1].

    Raises
    ------
    OptionError
    """
    if isinstance(alpha, bool) or not isinstance(alpha, int | float | np.number) or not 0 < alpha <= 1:
        raise OptionError(f"alpha={alpha!r} must be in (0, 1]: the share of the way to certainty; 0.5 is the paper's")


def reference_of(model: Model, rows: NDArray[np.float64], labels: NDArray[Any]) -> Reference:
    """See rows as what a generator may walk between, with the teacher's score of their own class.

    Parameters
    ----------
    model : Model
        The teacher.
    rows : ndarray of shape (n_rows, n_features), float64
        Encoded in the teacher's space.
    labels : ndarray of shape (n_rows,)
        Their classes; rows of a class that the teacher never saw are left out.

    Returns
    -------
    Reference
    """
    positions = model.label_positions(labels)
    known = positions >= 0
    scores = model.scores(rows[known])[np.arange(int(known.sum())), positions[known]]
    return Reference(rows[known], positions[known], scores)


def generate(
    teacher: Model,
    rows: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    alpha: float,
    generator: str | Generator,
    reference: Reference | None,
    seed: int,
) -> Generated:
    """Generate counterfactuals of encoded rows; every result is re-checked by the teacher.

    Parameters
    ----------
    teacher : Model
        Its feature space is that of the rows.
    rows : ndarray of shape (n_rows, n_features), float64
    labels : ndarray of shape (n_rows,)
        True classes.
    alpha : float
        In (0, 1].
    generator : str or Generator
    reference : Reference, optional
        Rows that the generator may walk between.
    seed : int

    Returns
    -------
    Generated
    """
    label = teacher.label_positions(labels)
    known = np.flatnonzero(label >= 0)

    def ask(points: NDArray[np.float64], of: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.asarray(teacher.scores(points)[np.arange(len(points)), of])

    before = np.zeros(len(rows))
    if known.size:
        before[known] = ask(rows[known], label[known])
    target = before + alpha * (1.0 - before)
    certain = known[before[known] >= 1.0 - TOLERANCE]
    open_rows = np.setdiff1d(known, certain)
    X, after = rows.copy(), before.copy()
    reason = np.full(len(rows), "the teacher never saw the class", dtype=object)
    used = "none"

    def problem_of(part: NDArray[np.intp]) -> Problem:
        return Problem(ask, teacher.space, rows[part], label[part], before[part], target[part], reference, seed)

    def put(part: NDArray[np.intp], proposal: Proposal) -> None:
        X[part], after[part], reason[part] = proposal.X, proposal.score, proposal.reason

    if open_rows.size:
        problem = problem_of(open_rows)
        chosen = choose_generator(generator, problem)
        used = chosen.name
        put(open_rows, chosen.propose(problem))
    if certain.size:
        put(certain, propose_central(problem_of(certain)))
    return _rechecked(teacher, rows, label, X, before, target, reason, used)


def _rechecked(
    teacher: Model,
    rows: NDArray[np.float64],
    label: NDArray[np.intp],
    X: NDArray[np.float64],
    before: NDArray[np.float64],
    target: NDArray[np.float64],
    reason: NDArray[np.object_],
    used: str,
) -> Generated:
    """Ask the teacher once more about every row that moved, and say what became of each."""
    moved = ((rows != X) & ~np.isnan(rows)).any(axis=1)
    after = before.copy()
    if moved.any():
        after[moved] = teacher.scores(X[moved])[np.arange(int(moved.sum())), label[moved]]
    reached = moved & (after >= target - TOLERANCE)
    improved = moved & ~reached & (after > before + TOLERANCE)
    status = np.select([reached, improved], ["reached", "improved"], "failed")
    reason = np.where(reached, "", reason)
    distance = teacher.space.distance(X, rows)
    return Generated(X, status, reason.astype(np.str_), before, target, after, distance, used)
