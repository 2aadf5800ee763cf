"""Takes back what a way to the target did not need."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.trees.landscape import Landscape
from coopdistill.counterfactuals.trees.points import Moves, Points
from coopdistill.counterfactuals.trees.ranking import least_of_groups

__all__ = ["polish"]

_LEAST_SAVING = 1e-6


def polish(land: Landscape, points: Points) -> Points:
    """Take back what was not needed, one feature at a time, then move the others as near as they may be.

    Parameters
    ----------
    land : Landscape
    points : Points
        One a row, each at its target.

    Returns
    -------
    Points
        At their targets, none costlier than it was.
    """
    left = np.flatnonzero((points.far > 0).sum(axis=1) > 1)
    for _ in range(2 * points.far.shape[1]):
        if left.size == 0 or land.problem.budget.is_over:
            break
        better, which = _cheaper(land, points.take(left))
        points = points.replace(left[which], better)
        left = left[which]
    return points


def _cheaper(land: Landscape, points: Points) -> tuple[Points, NDArray[np.intp]]:
    """Points with one feature back where it was, else one nearer; and which points these are of."""
    made: list[Points] = []
    which: list[NDArray[np.intp]] = []
    for first, part in land.chunks(points):
        after, _ = land.worth(part)
        returned, returning = _one_back(land, after, part)
        land.forbid(after, part)
        after[returning] = -np.inf
        moves = _nearer(land, after, part)
        # No point does both, so the order between them is free.
        changed = np.argsort(np.concatenate([returning, moves.point]))
        made.append(Points.joined([returned, land.moved(part, moves)]).take(changed))
        which.append(np.concatenate([returning, moves.point])[changed] + first)
    return Points.joined(made), np.concatenate(which)


def _one_back(land: Landscape, after: NDArray[np.float64], points: Points) -> tuple[Points, NDArray[np.intp]]:
    """Points with a feature back home that leaves the most room for others to follow; and which points these are."""
    home = land.home[points.row]
    present = home < land.moves.ensemble.n_cells
    back = after[np.arange(len(points))[:, None], np.where(present, home, 0) + land.grid.first[:-1]]
    # A value that was missing may stay filled; to empty it again is no move on the grid.
    allowed = (points.far > 0) & present & (back >= land.goal.target[points.row][:, None])
    which = np.flatnonzero(allowed.any(axis=1))
    choice = np.where(allowed, back, -np.inf).argmax(axis=1)[which]
    returned = points.take(which)
    at = np.arange(len(which))
    returned.cells[at, choice], returned.far[at, choice] = home[which, choice], 0.0
    return returned, which


def _nearer(land: Landscape, after: NDArray[np.float64], points: Points) -> Moves:
    """For each point the move of a moved feature that saves the most; writes into what moves are worth."""
    after[(points.far == 0)[:, land.grid.feature]] = -np.inf
    moves = land.reaching(after, points)
    moves = moves.take(moves.cost < points.cost[moves.point] - _LEAST_SAVING)
    return moves.take(least_of_groups(moves.point, moves.cost))
