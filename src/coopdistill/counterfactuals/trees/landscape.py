"""A problem on the cells of its teacher's trees: what points there are worth and cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.problem import Problem
from coopdistill.counterfactuals.trees.atlas import Atlas
from coopdistill.counterfactuals.trees.cells import CellGrid
from coopdistill.counterfactuals.trees.goal import TreeGoal
from coopdistill.counterfactuals.trees.moves import TreeMoves
from coopdistill.counterfactuals.trees.points import Moves, Points

__all__ = ["Landscape", "landscape_of"]

_CHANGE = 1e6
_EMPTY = 1e3
"""Costs in spreads: of a changed feature, and of a value where no reference row of the class has one.

So features changed come first, then values in cells that are populated, then nearness.
"""

_GRID_VALUES = 262_144
"""Values of the grid that are worked out together: what stays in a processor's cache."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """What each move of each row is worth and costs.

    Parameters
    ----------
    problem : Problem
    moves : TreeMoves
    grid : CellGrid
    goal : TreeGoal
    home : ndarray of shape (n_rows, n_features), int
        The cells that the rows are in.
    """

    problem: Problem
    moves: TreeMoves
    grid: CellGrid
    goal: TreeGoal
    home: NDArray[np.intp]

    def starting(self, rows: NDArray[np.intp]) -> Points:
        """Return rows as points where nothing is moved yet."""
        return Points(rows, self.home[rows], np.zeros((len(rows), self.home.shape[1])))

    def towards(self, rows: NDArray[np.intp], goals: NDArray[np.float64]) -> Points:
        """Return rows moved into the cells of encoded goals, one each, as far as they may.

        Parameters
        ----------
        rows : ndarray of shape (n,), int
            In ascending order.
        goals : ndarray of shape (n, n_features), float64
            A value that is missing there stays as it is.
        """
        goals = self.problem.within(rows, np.where(np.isnan(goals), self.problem.X[rows], goals)[:, None, :])[:, 0]
        cells = self.moves.ensemble.cells(goals)
        far = np.zeros(cells.shape)
        at, feature = np.nonzero(cells != self.home[rows])
        far[at, feature] = self._cost(rows[at], feature, self.grid.first[feature] + cells[at, feature])
        return Points(rows, cells, far)

    def values(self, rows: NDArray[np.intp], cells: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return encoded rows moved into cells: the nearest values there, shape (n, n_features)."""
        X = self.problem.X[rows].copy()
        at, feature = np.nonzero(cells != self.home[rows])
        X[at, feature] = self.grid.values(X[at, feature], self.grid.first[feature] + cells[at, feature])
        return X

    def chunks(self, points: Points) -> Iterator[tuple[int, Points]]:
        """Yield points in parts of moderate size, each with where it begins."""
        n_outputs = 1 if self.goal.column is not None else len(self.moves.ensemble.trees.offset)
        size = max(8, min(512, _GRID_VALUES // (self.moves.n_cells * n_outputs + 1)))
        for first in range(0, len(points), size):
            yield first, points.take(slice(first, first + size))

    def worth(self, points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what points are worth after every move of one feature, and what they are worth now.

        Parameters
        ----------
        points : Points
            A part of moderate size.

        Returns
        -------
        after : ndarray of shape (n, n_grid), float64
        now : ndarray of shape (n,), float64
        """
        column = None if self.goal.column is None else self.goal.column[points.row]
        worth = self.goal.worth(self.moves.outputs(points.cells, column), points.row)
        return worth[:, :-1], worth[:, -1].copy()

    def forbid(self, after: NDArray[np.float64], points: Points) -> None:
        """Make moves worthless, in place, that the problem does not allow."""
        after[:, self.grid.invalid] = -np.inf
        space, first = self.problem.space, self.grid.first
        stuck = ~self.problem.changeable[points.row] & space.mutable
        for at in np.flatnonzero(stuck.any(axis=0)):
            after[stuck[:, at], first[at] : first[at + 1]] = -np.inf
        home = self.home[points.row]
        for j, feature in enumerate(space):
            if feature.direction is None:
                continue
            cell = np.arange(first[j + 1] - first[j])
            present = home[:, j] < len(cell)
            back = cell < home[:, j, None] if feature.direction == "increase" else cell > home[:, j, None]
            after[:, first[j] : first[j + 1]][back & present[:, None]] = -np.inf

    def reaching(self, after: NDArray[np.float64], points: Points) -> Moves:
        """Return all moves to the target, those of a point together, in the order of the grid."""
        found = np.flatnonzero(after >= self.goal.target[points.row][:, None])
        point = found // after.shape[1]
        return self.priced(points, point, found - point * after.shape[1], after.take(found))

    def priced(
        self, points: Points, point: NDArray[np.intp], cell: NDArray[np.intp], worth: NDArray[np.float64]
    ) -> Moves:
        """Return moves of points into cells of the grid, with what they cost."""
        feature = self.grid.feature.take(cell)
        far = self._cost(points.row[point], feature, cell)
        cost = points.cost[point] - points.far[point, feature] + far
        return Moves(point, cell, far, cost, worth)

    def moved(self, points: Points, moves: Moves) -> Points:
        """Return the points that moves lead to."""
        cells, far = points.cells[moves.point], points.far[moves.point]
        feature = self.grid.feature[moves.cell]
        at = np.arange(len(moves.point))
        row = points.row[moves.point]
        cells[at, feature] = moves.cell - self.grid.first[feature]
        # To where it started is no move any more.
        far[at, feature] = np.where(cells[at, feature] == self.home[row, feature], 0.0, moves.far)
        return Points(row, cells, far)

    def _cost(self, row: NDArray[np.intp], feature: NDArray[np.intp], cell: NDArray[np.intp]) -> NDArray[np.float64]:
        start = self.problem.X[row, feature]
        near = np.minimum(self.grid.distances(start, cell), _EMPTY / 2)
        return np.asarray(_CHANGE + _EMPTY * self.grid.empty(self.problem.label[row], cell) + near)


def landscape_of(problem: Problem, atlas: Atlas) -> Landscape:
    """Place a problem on the cells of its teacher's trees.

    Parameters
    ----------
    problem : Problem
    atlas : Atlas
        Of its teacher.
    """
    ensemble = atlas.moves.ensemble
    home = ensemble.cells(problem.X)
    return Landscape(problem, atlas.moves, atlas.grid(problem.reference), TreeGoal(ensemble, problem, home), home)
