"""Quintessential counterfactuals of a table of rows: the engine as its users meet it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.aim import reference_of
from coopdistill.counterfactuals.choice import check_generator
from coopdistill.counterfactuals.generation import generate
from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.problem import Budget
from coopdistill.displays import html_table
from coopdistill.exceptions import LabelError, LearnerError, OptionError
from coopdistill.learners import Model, as_learner
from coopdistill.options import check_number, check_whole
from coopdistill.schema import Codec, FeatureSpace, Table, as_frame, as_labels, infer_feature_space
from coopdistill.seeds import run_seed

__all__ = ["CounterfactualBatch", "check_alpha", "generate_counterfactuals"]


_SHOWN_ROWS = 5
_SHOWN_COLUMNS = 8


@dataclass(frozen=True, eq=False)
class CounterfactualBatch:
    """Counterfactuals of a batch of rows, one a row and in their order.

    Attributes
    ----------
    X : DataFrame, ndarray or sparse matrix of shape (n_rows, n_columns)
        Of the same kind as the rows, with their columns and dtypes. Where the status is ``"failed"``, the row as it
        was.
    status : ndarray of shape (n_rows,), str
        ``"reached"`` the target, ``"improved"`` towards it, or ``"failed"``; ``"moved"``, though no surer, by a
        generator of one's own that is not `only_surer`.
    reason : ndarray of shape (n_rows,), object (str)
        Why the target was not reached; empty where it was.
    score_before, score_target, score_after : ndarray of shape (n_rows,), float64
        The teacher's score of the true class, or its prediction: on the row, asked for, on the counterfactual.
    distance : ndarray of shape (n_rows,), float64
        L1 in spreads; another category counts 1.
    generator : str
        Which generator worked.
    why : str
        Why that one.
    """

    X: Table
    status: NDArray[np.str_]
    reason: NDArray[np.object_]
    score_before: NDArray[np.float64]
    score_target: NDArray[np.float64]
    score_after: NDArray[np.float64]
    distance: NDArray[np.float64]
    generator: str
    why: str

    def __repr__(self) -> str:
        counts = ", ".join(f"{int((self.status == s).sum())} {s}" for s in self._statuses)
        return f"CounterfactualBatch({len(self.status)} rows by {self.generator!r}: {counts})"

    @property
    def _statuses(self) -> tuple[str, ...]:
        """Those to be counted."""
        moved = ("moved",) if (self.status == "moved").any() else ()
        return ("reached", "improved", *moved, "failed")

    def _repr_html_(self) -> str:
        """Show the counts, and the first rows of few columns, in notebooks."""
        counts = [[status, int((self.status == status).sum())] for status in self._statuses]
        caption = f"{len(self.status):,} counterfactuals by {self.generator!r}"
        why = f'<p style="font-size:.92em;margin:.2em 0">{escape(self.why)}</p>'
        frame = as_frame(self.X).iloc[:_SHOWN_ROWS, :_SHOWN_COLUMNS]
        about = (self.status, self.score_before, self.score_target, self.score_after, self.distance)
        rows = [
            [*cells, *(values[i].item() for values in about)]
            for i, cells in enumerate(frame.astype(object).itertuples(index=False))
        ]
        headers = [*map(str, frame.columns), "status", "score_before", "score_target", "score_after", "distance"]
        first = f"the first {len(frame)} rows and {frame.shape[1]} columns"
        return html_table(["status", "rows"], counts, caption=caption) + why + html_table(headers, rows, caption=first)


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
    max_seconds: float | None = None,
    max_evaluations: int | None = None,
) -> CounterfactualBatch:
    """Find, near each row, a better example of its class in the eyes of a teacher.

    The target of a row x of class y is y' = f(x) + α (y − f(x)), where f is the teacher's score of the true class and
    y = 1 [1]_; in regression f is the prediction and y the true value. The rows themselves are the teacher's
    neighbourhood: a generator may walk between them.

    Parameters
    ----------
    teacher : fitted estimator
        Any model that `coopdistill.as_learner` takes.
    X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns)
        Rows to start from, as the teacher takes them; a DataFrame of pandas, polars or another library that narwhals
        knows. Sparse ones become dense inside, up to 4 GiB.
    y : array-like of shape (n_rows,)
        Their true classes.
    alpha : float, default=0.5
        How much of the way to certainty to go, in (0, 1].
    feature_space : FeatureSpace or mapping, optional
        What the columns mean, or what to overrule of what is read off `X`; see `Participant`.
    generator : str or Generator, default="auto"
        ``"segments"`` on the way to nearby rows of the class, ``"gradient"`` by derivatives, ``"trees"`` by the
        structure of trees, ``"search"`` by asking alone, or ``"auto"``: those of them that can work here, in turn.
    n_jobs : int, optional
        Threads that work on chunks of rows side by side, as joblib counts them.
    random_state : int, optional
        Same value, same result; None draws one.
    max_seconds : float, optional
        Wall-clock time from the call on, after which no more counterfactuals are looked for. What was reached by then
        is returned, and of rows that were left `reason` says that what may be spent was used up. What the teacher says
        of each row itself is asked in any case.
    max_evaluations : int, optional
        Points that the teacher may be asked about for each row while a counterfactual is looked for, 1 or more; with a
        limit, ``"auto"`` is the first generator alone. Not counted: each row itself, asked about twice, the
        counterfactual when it is checked, and the few rows on which a generator finds out whether it can work. A row
        that was left says as with `max_seconds`.

    Returns
    -------
    CounterfactualBatch

    Raises
    ------
    InputError
        If rows, labels or options cannot be used.
    RunError
        If the teacher fails, or a generator of your own.

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
    _check_budget(max_seconds, max_evaluations)
    deadline = None if max_seconds is None else time.perf_counter() + max_seconds
    seed = run_seed(random_state)
    space = feature_space if isinstance(feature_space, FeatureSpace) else infer_feature_space(X, feature_space)
    codec = Codec.of(X, space)
    learner = as_learner(teacher)
    if not learner.is_fitted:
        raise LearnerError(f"the teacher {type(teacher).__name__} is not fitted; fit it first")
    model = Model("teacher", learner, codec)
    rows = codec.encode_own(X)
    labels = _as_targets(y, rows, model)
    made = generate(
        model,
        rows,
        labels,
        alpha=alpha,
        generator=generator,
        reference=reference_of(model, rows, labels),
        seed=seed,
        budget=Budget(max_evaluations, deadline),
        n_jobs=n_jobs,
    )
    out = codec.decode(made.X)
    if hasattr(out, "index") and hasattr(X, "index"):
        out.index = X.index
    return CounterfactualBatch(
        out, made.status, made.reason, made.before, made.target, made.after, made.distance, made.generator, made.why
    )


def _as_targets(y: Any, rows: NDArray[np.float64], model: Model) -> NDArray[Any]:
    labels = as_labels(y, len(rows))
    if model.task == "regression" and labels.dtype.kind not in "biuf":
        raise LabelError(f"the teacher predicts numbers, and y holds {labels[0]!r}; give the true values as numbers")
    return labels


def _check_budget(max_seconds: object, max_evaluations: object) -> None:
    if max_seconds is not None:
        check_number("max_seconds", max_seconds, least=0.0)
    if max_evaluations is not None:
        check_whole("max_evaluations", max_evaluations, least=1)


def check_alpha(alpha: object) -> None:
    """Refuse an α outside (0, 1].

    Raises
    ------
    OptionError
    """
    if isinstance(alpha, bool) or not isinstance(alpha, int | float | np.number) or not 0 < alpha <= 1:
        raise OptionError(f"alpha={alpha!r} must be in (0, 1]: the share of the way to certainty; 0.5 is the paper's")
