"""The engine: encoded rows in, counterfactuals out, in chunks."""

from __future__ import annotations

from collections.abc import Callable
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
from coopdistill.learners import Model

__all__ = ["Generated", "generate"]

_CHUNK_VALUES = 100_000
"""Values of one chunk of rows; a question about it is some forty times as large."""


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
    why: str


def generate(
    teacher: Model,
    rows: NDArray[np.float64],
    labels: NDArray[Any],
    *,
    alpha: float,
    generator: str | Generator,
    reference: Reference | None,
    seed: int,
    budget: Budget | None = None,
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
    budget : Budget, optional
        Default: no limit.
    n_jobs : int, optional
        Threads for chunks.
    chunk_rows : int, optional
        Rows worked on together. Default: as many as keep a question's memory moderate. The result does not depend on
        it, as far as the teacher's answers do not depend on how many rows it is asked about.

    Returns
    -------
    Generated
    """
    aim = aim_of(teacher, rows, labels, alpha)
    problem = Problem(
        teacher=teacher,
        ask=lambda points, of: aim.scored(aim.says(points, of), of),
        space=teacher.space,
        X=rows,
        label=aim.label,
        before=aim.start,
        target=aim.goal,
        reference=reference,
        seed=seed,
        promise=None if reference is None else lambda of, to: aim.promised(reference, of, to),
        budget=budget or Budget(),
    )
    certain = aim.is_certain()
    open_rows = np.flatnonzero((aim.label >= 0) & ~certain)
    chosen, why = choose_generators(generator, problem)
    size = chunk_rows or max(256, _CHUNK_VALUES // rows.shape[1])
    work: list[tuple[Callable[[Problem], Proposal], NDArray[np.intp]]] = [
        (partial(_propose_in_turn, chosen), part) for part in _chunks(open_rows, size)
    ]
    work += [(propose_central, part) for part in _chunks(np.flatnonzero(certain), size)]
    proposals = Parallel(n_jobs=n_jobs, require="sharedmem")(delayed(call)(_part(problem, part)) for call, part in work)
    X = rows.copy()
    reason = np.full(len(rows), "the teacher never saw the class", dtype=object)
    for (_, part), proposal in zip(work, proposals, strict=True):
        X[part], reason[part] = proposal.X, proposal.reason
    return _rechecked(teacher, aim, rows, X, reason, chosen[0].name, why)


def _propose_in_turn(generators: list[Generator], problem: Problem) -> Proposal:
    """Let each generator try what those before it could not bring to its target."""
    best = generators[0].propose(problem)
    for generator in generators[1:]:
        left = np.flatnonzero(best.score < problem.target - TOLERANCE)
        if left.size == 0 or problem.budget.is_over or problem.budget.rows_each is not None:
            break
        tried = generator.propose(_part(problem, left))
        there = tried.score >= problem.target[left] - TOLERANCE
        surer = there | (tried.score > best.score[left] + TOLERANCE)
        best.X[left[surer]], best.score[left[surer]] = tried.X[surer], tried.score[surer]
        best.reason[left[surer]] = tried.reason[surer]
    return best


def _chunks(rows: NDArray[np.intp], size: int) -> list[NDArray[np.intp]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


def _part(problem: Problem, part: NDArray[np.intp]) -> Problem:
    """Some rows of a problem, which keep their random numbers."""
    promise = problem.promise
    return replace(
        problem,
        ask=lambda points, of: problem.ask(points, part[of]),
        X=problem.X[part],
        label=problem.label[part],
        before=problem.before[part],
        target=problem.target[part],
        promise=None if promise is None else lambda of, to: promise(part[of], to),
        ids=problem.row_ids[part],
    )


def _rechecked(
    teacher: Model,
    aim: Aim,
    rows: NDArray[np.float64],
    X: NDArray[np.float64],
    reason: NDArray[np.object_],
    used: str,
    why: str,
) -> Generated:
    """Ask the teacher once more about every row that moved, and say what became of each."""
    moved = np.flatnonzero(((rows != X) & ~(np.isnan(rows) & np.isnan(X))).any(axis=1))
    after, score = aim.before.copy(), aim.start.copy()
    if moved.size:
        after[moved] = aim.says(X[moved], moved)
        score[moved] = aim.scored(after[moved], moved)
    has_moved = np.isin(np.arange(len(rows)), moved)
    reached = has_moved & (score >= aim.goal - TOLERANCE)
    improved = has_moved & ~reached & (score > aim.start + TOLERANCE)
    status = np.select([reached, improved], ["reached", "improved"], "failed")
    reason = np.where(reached, "", np.where(reason == "", "the generator's point did not hold when checked", reason))
    # A row that failed stays as it is, whatever was proposed for it.
    X = np.where((status == "failed")[:, None], rows, X)
    after = np.where(status == "failed", aim.before, after)
    distance = teacher.space.distance(X, rows)
    return Generated(X, status, reason.astype(np.str_), aim.before, aim.target, after, distance, used, why)
