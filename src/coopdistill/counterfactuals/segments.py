"""Counterfactuals on the data: on the way from a row to its surer neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.counter_random import row_uniforms
from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.neighbours import nearest_teaching
from coopdistill.counterfactuals.problem import TOLERANCE, USED_UP, Problem, Proposal

__all__ = ["NearGenerator", "SegmentGenerator", "best_candidate", "is_new", "points_between", "unmoved"]


class SegmentGenerator(Generator):
    """Walks from each row towards its nearest own rows of the class and stops where the target is reached.

    Numbers move in proportion, integers in whole steps, and each category switches at a moment of its own. The point
    that reaches the target nearest to the row is taken. It lies between two real rows and is a copy of neither.

    Parameters
    ----------
    n_neighbours : int, default=3
        How many neighbours to walk towards.
    n_steps : int, default=8
        Points asked about on each way.
    closest, farthest : float, default=0.0, 1.0
        Shares of each way between which its points are, 0 at the row and 1 at the neighbour.

    Notes
    -----
    Costs ``n_neighbours * n_steps`` rows of the teacher's time an instance.
    """

    name = "segments"
    finds_several = True
    why_no_way: ClassVar[Mapping[str, str]] = {
        "classification": "no row of its class is surer",
        "regression": "no row's prediction lies towards its value",
    }
    """By task, why a row has no neighbour to walk towards."""

    def __init__(self, n_neighbours: int = 3, n_steps: int = 8, *, closest: float = 0.0, farthest: float = 1.0) -> None:
        self.n_neighbours = n_neighbours
        self.n_steps = n_steps
        self.closest = closest
        self.farthest = farthest

    def refusal(self, problem: Problem) -> str | None:
        """Refuse where there are no reference rows to walk towards."""
        if problem.reference is None or len(problem.reference.X) < 2:
            return "there are no rows to walk towards"
        return None

    def propose(self, problem: Problem) -> Proposal:
        """Return, for each row, the nearest point on a segment that reaches the target."""
        assert problem.reference is not None
        wanted = 1 if problem.way is not None else self.n_neighbours
        n_steps = problem.budget.points(self.n_steps)
        n_neighbours = problem.budget.questions(wanted, n_steps)
        if n_neighbours == 0 or problem.budget.is_over:
            return unmoved(problem, USED_UP)
        index, usable = nearest_teaching(problem, n_neighbours, only_surer=self.only_surer)
        X, score = problem.X.copy(), problem.before.copy()
        reason = np.full(len(X), "", dtype=object)
        reason[~usable.any(axis=1)] = self.why_no_way[problem.teacher.task]
        rows, slot = np.nonzero(usable)
        ends = self._ends(problem, rows, slot, problem.reference.X[index[rows, slot]])
        steps = self.closest + (self.farthest - self.closest) * np.arange(1, n_steps + 1) / (n_steps + 1)
        points = points_between(problem, rows, slot, ends, steps)
        flat_rows = np.repeat(rows, n_steps)
        flat = points.reshape(-1, X.shape[1])
        fresh = is_new(problem, flat_rows, flat)
        flat_rows, flat = flat_rows[fresh], flat[fresh]
        reason[(reason == "") & ~np.isin(np.arange(len(X)), flat_rows)] = "nothing lies between it and its neighbours"
        if len(flat) == 0:
            return Proposal(X, score, reason)
        asked = problem.ask(flat, flat_rows)
        best = best_candidate(problem, flat_rows, flat, asked)
        found = best >= 0
        better = found.copy()
        if self.only_surer:
            # Where there is next to no room, a target may be reached by less than would else count.
            least = np.minimum(problem.before + TOLERANCE, problem.target - TOLERANCE)
            better[found] = asked[best[found]] >= least[found]
        X[better], score[better] = flat[best[better]], asked[best[better]]
        short = (score < problem.target - TOLERANCE) & (reason == "")
        reason[short] = problem.budget.why_ended(
            "no point on the way to its neighbours reaches the target",
            cut_short=(n_neighbours, n_steps) != (wanted, self.n_steps),
        )
        return Proposal(X, score, reason)

    def _ends(
        self, problem: Problem, rows: NDArray[np.intp], slot: NDArray[np.intp], kin: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Where ways lead that are walked because of some kin."""
        return kin


class NearGenerator(SegmentGenerator):
    """Stands near each row, on either side of it: in turn, towards one of its class, and away from another.

    Surer rows of the class go first, then whichever are nearest. Away from one, numbers change the other way, within
    their ranges; categories switch to that row's in either case. Points on the way to kin alone would make a class look
    narrower than it is.

    A teacher may know the rows that it was fitted on by heart: it is surer of them then than of anything around. So the
    point taken is the nearest that reaches the target, or else the surest, if no surer than the row.
    """

    name = "near"
    only_surer = False
    why_no_way: ClassVar[Mapping[str, str]] = {
        "classification": "too few rows are of its class",
        "regression": "there are too few rows",
    }

    def _ends(
        self, problem: Problem, rows: NDArray[np.intp], slot: NDArray[np.intp], kin: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        start = problem.X[rows]
        leads_away = (_turn(problem, rows, slot) % 2 == 1)[:, None] & problem.space.numeric
        # A number that is missing on either side has no other side.
        return np.where(leads_away & ~np.isnan(start) & ~np.isnan(kin), 2 * start - kin, kin)


def unmoved(problem: Problem, reason: str) -> Proposal:
    """Leave every row where it is, and say why."""
    return Proposal(problem.X.copy(), problem.before.copy(), np.full(len(problem.X), reason, dtype=object))


def points_between(
    problem: Problem,
    rows: NDArray[np.intp],
    slot: NDArray[np.intp],
    ends: NDArray[np.float64],
    steps: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return points on the way from rows to ends, all constraints kept.

    Parameters
    ----------
    problem : Problem
        The rows and their space.
    rows, slot : ndarray of shape (n_ways,), int
        The row that each way starts from, and which of its ways it is.
    ends : ndarray of shape (n_ways, n_features), float64
        Where it leads.
    steps : ndarray of shape (n_steps,), float64
        How far along to stand, between 0 and 1.

    Returns
    -------
    ndarray of shape (n_ways, n_steps, n_features), float64
    """
    space = problem.space
    start = problem.X[rows][:, None, :]
    goal = ends[:, None, :]
    along = steps[None, :, None]
    moments = _switching_moments(problem, rows, slot)[:, None, :]
    # What has no way between, a category or the filling of a missing value, switches at its moment.
    switched = np.where(along >= moments, goal, start)
    points = np.where(space.numeric & ~np.isnan(start), start + along * (goal - start), switched)
    return problem.within(rows, np.where(np.isnan(goal), start, points))


def _switching_moments(problem: Problem, rows: NDArray[np.intp], slot: NDArray[np.intp]) -> NDArray[np.float64]:
    turn = _turn(problem, rows, slot)
    drawn = row_uniforms(problem.seed, 0, problem.row_ids, (int(turn.max(initial=0)) + 1, len(problem.space)))
    return np.asarray(drawn[rows, turn])


def _turn(problem: Problem, rows: NDArray[np.intp], slot: NDArray[np.intp]) -> NDArray[np.intp]:
    """Which of all ways of a row each is, whether they are walked together or one by one."""
    return slot if problem.way is None else slot + problem.way[rows]


def is_new(problem: Problem, rows: NDArray[np.intp], points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points are neither the row they started from nor a copy of a reference row."""
    start = problem.X[rows]
    at_start = ((points == start) | (np.isnan(start) & np.isnan(points))).all(axis=1)
    if problem.reference is None:
        return np.asarray(~at_start)
    return np.asarray(~at_start & ~problem.reference.contains(points))


def best_candidate(
    problem: Problem, rows: NDArray[np.intp], candidates: NDArray[np.float64], score: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Choose for each row among its candidates: the nearest that reaches the target, else the surest.

    Parameters
    ----------
    problem : Problem
        Rows and targets.
    rows : ndarray of shape (n_candidates,), int
        Which row each candidate is for.
    candidates : ndarray of shape (n_candidates, n_features), float64
        Encoded points.
    score : ndarray of shape (n_candidates,), float64
        The teacher's score of the row's class there.

    Returns
    -------
    ndarray of shape (n_rows,), int
        Position of the choice, -1 for a row without a candidate.
    """
    reached = score >= problem.target[rows] - TOLERANCE
    distance = problem.space.distance(candidates, problem.X[rows])
    order = np.lexsort((np.where(reached, distance, -score), ~reached, rows))
    first = np.searchsorted(rows[order], np.arange(len(problem.X)))
    has_any = np.isin(np.arange(len(problem.X)), rows)
    best = np.full(len(problem.X), -1, dtype=np.intp)
    best[has_any] = order[first[has_any]]
    return best
