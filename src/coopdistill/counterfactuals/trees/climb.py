"""From points towards their targets, one feature after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.problem import TOLERANCE
from coopdistill.counterfactuals.trees.landscape import Landscape
from coopdistill.counterfactuals.trees.points import Moves, Points
from coopdistill.counterfactuals.trees.ranking import best_of_groups, firsts_of_groups, least_of_groups

__all__ = ["climb"]

_GOOD_SHARE = 0.95
"""How much of the best gain along a feature is good enough, if its cell is cheaper."""

_N_ALTERNATIVES = 4
_WIDE_STEPS = 4


def climb(land: Landscape, points: Points, beam: int, n_steps: int) -> tuple[Points, Points]:
    """Move one feature after the other, where the most is gained, until targets are reached.

    Parameters
    ----------
    land : Landscape
    points : Points
        To start from.
    beam : int
        How many points of each row go on.
    n_steps : int
        Moves at the most.

    Returns
    -------
    reached : Points
        Some ways to the target for each row that has one.
    best : Points
        For each other row the point of most worth.
    """
    reached: list[Points] = []
    best = points.take(firsts_of_groups(points.row))
    for step in range(n_steps):
        if len(points) == 0 or land.problem.budget.is_over:
            break
        # Rows that take long are few or out of reach; a single way of each is enough then.
        there, onward = _step(land, points, beam if step < _WIDE_STEPS else 1)
        reached.append(there)
        points = onward.take(~np.isin(onward.row, there.row))
        best = best.take(~np.isin(best.row, there.row))
        if len(points):
            first = firsts_of_groups(points.row)
            best = best.replace(np.searchsorted(best.row, points.row[first]), points.take(first))
    return Points.joined(reached) if reached else points.take(slice(0, 0)), best


def _step(land: Landscape, points: Points, beam: int) -> tuple[Points, Points]:
    """Points at their target after one more move, cheapest first; and of the other rows the best to go on from."""
    arriving: list[Moves] = []
    going: list[Moves] = []
    firsts: list[int] = []
    for first, part in land.chunks(points):
        after, now = land.worth(part)
        land.forbid(after, part)
        there = _arriving(land, after, part)
        still_open = np.flatnonzero(~np.isin(part.row, part.row[there.point]))
        arriving.append(there)
        going.append(_gaining(land, after, now, part, still_open, beam))
        firsts.append(first)
    there, onward = Moves.joined(arriving, firsts), Moves.joined(going, firsts)
    there = there.take(best_of_groups(points.row[there.point], there.cost, _N_ALTERNATIVES))
    made = land.moved(points, onward)
    fresh = made.distinct()
    onward, made = onward.take(fresh), made.take(fresh)
    return land.moved(points, there), made.take(best_of_groups(made.row, -onward.worth, beam))


def _arriving(land: Landscape, after: NDArray[np.float64], points: Points) -> Moves:
    """The cheapest move to the target of each point along each feature that has one."""
    moves = land.reaching(after, points)
    group = moves.point * len(land.problem.space) + land.grid.feature.take(moves.cell)
    return moves.take(least_of_groups(group, moves.cost))


def _gaining(
    land: Landscape,
    after: NDArray[np.float64],
    now: NDArray[np.float64],
    points: Points,
    still_open: NDArray[np.intp],
    beam: int,
) -> Moves:
    """The best moves of points that cannot arrive yet, along as many features as go on."""
    first = land.grid.first
    gain = np.maximum.reduceat(after[still_open], first[:-1], axis=1) - now[still_open, None]
    n_kept = min(beam, gain.shape[1])
    feature = np.argpartition(-gain, n_kept - 1, axis=1)[:, :n_kept].ravel()
    at = np.repeat(np.arange(len(still_open)), n_kept)
    gains = gain[at, feature] > TOLERANCE
    at, feature = at[gains], feature[gains]
    which, cell = _cells_of(feature, first)
    point = still_open[at[which]]
    enough = after[point, cell] - now[point] >= _GOOD_SHARE * gain[at, feature][which]
    which, point, cell = which[enough], point[enough], cell[enough]
    moves = land.priced(points, point, cell, after[point, cell])
    return moves.take(least_of_groups(which, moves.cost))


def _cells_of(feature: NDArray[np.intp], first: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """All cells of some features, and for each the position of its feature among these."""
    count = first[feature + 1] - first[feature]
    which = np.repeat(np.arange(len(feature)), count)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(count) - count - first[feature], count)
