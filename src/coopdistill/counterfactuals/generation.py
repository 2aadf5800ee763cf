"""The engine: encoded rows in, counterfactuals out, in chunks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from coopdistill.counterfactuals.aim import Aim, aim_of
from coopdistill.counterfactuals.central import propose_central
from coopdistill.counterfactuals.choice import choose_generators
from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.problem import TOLERANCE, Budget, Problem, Proposal, Reference
from coopdistill.exceptions import CoopdistillError, RunError
from coopdistill.learners import Model

__all__ = ["Generated", "generate", "proposal_of"]

_CHUNK_VALUES = 100_000
"""Values of one chunk of rows; a question about it is some forty times as large."""

_OF_ROWS = ("X", "status", "reason", "before", "target", "after", "distance")
"""Fields of `Generated` with an entry for each row."""


@dataclass(frozen=True, eq=False)
class Generated:
    """What `generate` returns: as `CounterfactualBatch`, with encoded rows.

    A generator that wants more than surer points may also have ``"moved"`` a row.
    """

    X: NDArray[np.float64]
    status: NDArray[np.str_]
    reason: NDArray[np.object_]
    before: NDArray[np.float64]
    target: NDArray[np.float64]
    after: NDArray[np.float64]
    distance: NDArray[np.float64]
    generator: str
    why: str

    def part(self, which: slice) -> Generated:
        """Return a view of some rows."""
        return replace(self, **{name: getattr(self, name)[which] for name in _OF_ROWS})


def generate(
    teacher: Model,
    rows: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    alpha: float,
    generator: str | Generator,
    reference: Reference | None,
    seed: int,
    ids: NDArray[np.intp] | None = None,
    certainty: NDArray[np.float64] | None = None,
    budget: Budget | None = None,
    way: NDArray[np.intp] | None = None,
    n_jobs: int | None = None,
    chunk_rows: int | None = None,
) -> Generated:
    """Generate counterfactuals of encoded rows; every result is re-checked by the teacher.

    Parameters
    ----------
    teacher : Model
        Its feature space is that of the rows.
    rows : ndarray of shape (n_rows, n_features), float64
    labels : ndarray of shape (n_rows,)
        True classes or values.
    alpha : float
        In (0, 1].
    generator : str or Generator
    reference : Reference, optional
        Rows that the generator may walk between.
    seed : int
    ids : ndarray of shape (n_rows,), int, optional
        What each row's random numbers hang on: with the same, a row's result does not depend on which others there
        are. Default: its position.
    certainty : ndarray of shape (n_classes,), float64, optional
        For each class the score at which the teacher counts as certain. Default: 1.
    budget : Budget, optional
        Default: no limit.
    way : ndarray of shape (n_rows,), int, optional
        See `Problem`.
    n_jobs : int, optional
        Threads for chunks.
    chunk_rows : int, optional
        Rows worked on together. Default: as many as keep a question's memory moderate. The result does not depend on
        it, as far as the teacher's answers do not depend on how many rows it is asked about.

    Returns
    -------
    Generated

    Raises
    ------
    LearnerFailure
        If the teacher fails.
    RunError
        If the generator does; see `proposal_of`.
    """
    size = chunk_rows or max(256, _CHUNK_VALUES // rows.shape[1])
    chunks = [slice(i, i + size) for i in range(0, len(rows), size)]
    task = _Task(teacher, alpha, reference, seed, certainty, budget or Budget())
    out = _empty(rows)
    if not chunks:
        return out
    ids = np.arange(len(rows)) if ids is None else ids

    def problem_of(part: slice) -> tuple[Problem, Aim]:
        return task.problem(rows[part], labels[part], ids[part], None if way is None else way[part])

    first = problem_of(chunks[0])
    chosen, why = choose_generators(generator, first[0])

    def work_on(part: slice) -> None:
        opened = first if part.start == 0 else problem_of(part)
        _solve(chosen, *opened, out.part(part))

    # Each chunk writes its own part of the answer, so that nothing is ever there twice.
    Parallel(n_jobs=n_jobs, require="sharedmem")(delayed(work_on)(part) for part in chunks)
    return replace(out, generator=chosen[0].name, why=why)


def _empty(rows: NDArray[np.float64]) -> Generated:
    n = len(rows)
    return Generated(
        X=np.empty_like(rows),
        status=np.empty(n, dtype="<U8"),
        reason=np.empty(n, dtype=object),
        before=np.zeros(n),
        target=np.zeros(n),
        after=np.zeros(n),
        distance=np.zeros(n),
        generator="none",
        why="there are no rows",
    )


@dataclass(frozen=True, eq=False)
class _Task:
    """What all chunks have in common."""

    teacher: Model
    alpha: float
    reference: Reference | None
    seed: int
    certainty: NDArray[np.float64] | None
    budget: Budget

    def problem(
        self, X: NDArray[np.float64], y: NDArray[Any], ids: NDArray[np.intp], way: NDArray[np.intp] | None
    ) -> tuple[Problem, Aim]:
        """Return a chunk as a problem, and what it aims at."""
        aim = aim_of(self.teacher, X, y, self.alpha, self.certainty)
        reference = self.reference
        problem = Problem(
            teacher=self.teacher,
            ask=lambda points, of: aim.scored(aim.says(points, of), of),
            space=self.teacher.space,
            X=X,
            label=aim.label,
            before=aim.start,
            target=aim.goal,
            reference=reference,
            seed=self.seed,
            promise=None if reference is None else lambda of, to: aim.promised(reference, of, to),
            sought=aim.target,
            ids=ids,
            budget=self.budget,
            way=way,
        )
        return problem, aim


def _solve(generators: list[Generator], problem: Problem, aim: Aim, out: Generated) -> None:
    """Work on a chunk and write the answer."""
    only_surer = generators[0].only_surer
    certain = aim.is_certain() & only_surer
    proposed = problem.X.copy()
    free = problem.movable.any(axis=1)
    reason = np.where(free, "the teacher never saw the class", "none of its features may change").astype(object)
    ways = (
        (partial(_propose_in_turn, generators), free & (aim.label >= 0) & ~certain),
        (propose_central, free & certain),
    )
    for propose, which in ways:
        part = np.flatnonzero(which)
        if part.size:
            proposal = propose(problem.part(part))
            proposed[part], reason[part] = proposal.X, proposal.reason
    _recheck(aim, problem, proposed, reason, out, only_surer)


def _propose_in_turn(generators: list[Generator], problem: Problem) -> Proposal:
    """Let each generator try what those before it could not bring to its target."""
    best = proposal_of(generators[0], problem)
    for generator in generators[1:]:
        left = np.flatnonzero(best.score < problem.target - TOLERANCE)
        if left.size == 0 or problem.budget.is_over or problem.budget.rows_each is not None:
            break
        tried = proposal_of(generator, problem.part(left))
        there = tried.score >= problem.target[left] - TOLERANCE
        surer = there | (tried.score > best.score[left] + TOLERANCE)
        best.X[left[surer]], best.score[left[surer]] = tried.X[surer], tried.score[surer]
        best.reason[left[surer]] = tried.reason[surer]
    return best


def proposal_of(generator: Generator, problem: Problem) -> Proposal:
    """Return what a generator proposes, and refuse what is no proposal for these rows.

    Parameters
    ----------
    generator : Generator
        It may be anyone's.
    problem : Problem

    Returns
    -------
    Proposal

    Raises
    ------
    RunError
        If it fails or answers what nothing can be made of; the message names it.
    """
    who = f"generator {generator.name!r}"
    try:
        proposal: object = generator.propose(problem)
    except CoopdistillError:  # such as the teacher's failure, which names the teacher
        raise
    except Exception as error:  # whatever a generator of the user raises is its failure, by name
        raise RunError(f"{who} failed on {len(problem.X)} rows: {type(error).__name__}: {error}") from error
    if not isinstance(proposal, Proposal):
        raise RunError(f"{who} returned {type(proposal).__name__}; its propose must return a Proposal")
    n_rows = len(problem.X)
    for field, wanted in {"X": problem.X.shape, "score": (n_rows,), "reason": (n_rows,)}.items():
        held: object = getattr(proposal, field)
        if not isinstance(held, np.ndarray) or held.shape != wanted:
            got = f"shape {held.shape}" if isinstance(held, np.ndarray) else type(held).__name__
            raise RunError(f"{who}: {field} of its Proposal must be an array of shape {wanted}, got {got}")
    categorical = ~problem.space.numeric
    codes, n_known = proposal.X[:, categorical], problem.space.n_categories[categorical]
    is_known = np.isnan(codes) | ((codes >= 0) & (codes <= n_known - 1))
    if not is_known.all():
        names = [name for name, is_one in zip(problem.space.names, categorical, strict=True) if is_one]
        row, column = np.argwhere(~is_known)[0]
        code = float(codes[row, column])
        raise RunError(f"{who} proposed {code!r} for {names[column]!r}, which is the code of no category")
    return proposal


def _recheck(
    aim: Aim,
    problem: Problem,
    X: NDArray[np.float64],
    reason: NDArray[np.object_],
    out: Generated,
    only_surer: bool,
) -> None:
    """Ask the teacher once more about every row that moved, and write what became of each."""
    rows = problem.X
    has_moved = ((rows != X) & ~(np.isnan(rows) & np.isnan(X))).any(axis=1)
    moved = np.flatnonzero(has_moved)
    after, score = aim.before.copy(), aim.start.copy()
    if moved.size:
        after[moved] = aim.says(X[moved], moved)
        score[moved] = aim.scored(after[moved], moved)
    reached = has_moved & (score >= aim.goal - TOLERANCE)
    improved = has_moved & ~reached & (score > aim.start + TOLERANCE)
    failed = ~reached & ~improved & (only_surer | ~has_moved)
    out.status[:] = np.select([reached, improved, failed], ["reached", "improved", "failed"], "moved")
    out.reason[:] = np.where(
        reached, "", np.where(reason == "", "the generator's point did not hold when checked", reason)
    )
    # A row that failed stays as it is, whatever was proposed for it.
    out.X[:] = np.where(failed[:, None], rows, X)
    out.before[:], out.target[:] = aim.before, aim.target
    out.after[:] = np.where(failed, aim.before, after)
    out.distance[:] = problem.space.distance(out.X, rows)
