"""Searches the cells of trees for the cheapest way to each row's target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.problem import TOLERANCE, Problem
from coopdistill.counterfactuals.trees.cells import CellGrid
from coopdistill.counterfactuals.trees.goal import TreeGoal
from coopdistill.counterfactuals.trees.moves import TreeMoves

__all__ = ["Points", "Search"]

_CHANGE = 1e6
_EMPTY = 1e3
"""Costs in spreads: of a changed feature, and of a value where no reference row of the class has one.

So features changed come first, then values in cells that are populated, then nearness.
"""

_GRID_VALUES = 262_144
_GOOD_SHARE = 0.95
"""How much of the best gain along a feature is good enough, if its cell is cheaper."""

_N_ALTERNATIVES = 4
_WIDE_STEPS = 4


@dataclass(frozen=True, eq=False)
class Points:
    """Rows with some of their features moved into other cells.

    Parameters
    ----------
    row : ndarray of shape (n,), int
        The row of the problem that each is for; in ascending order.
    cells : ndarray of shape (n, n_features), int
    far : ndarray of shape (n, n_features), float64
        Cost of what was moved, feature by feature; zero where nothing was.
    """

    row: NDArray[np.intp]
    cells: NDArray[np.intp]
    far: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.row)

    @property
    def cost(self) -> NDArray[np.float64]:
        """What each costs in all, shape (n,)."""
        return np.asarray(self.far.sum(axis=1))

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Points:
        """Return some of them."""
        return Points(self.row[which], self.cells[which], self.far[which])

    def replace(self, which: NDArray[np.intp], others: Points) -> Points:
        """Return them with some in place of others."""
        cells, far = self.cells.copy(), self.far.copy()
        cells[which], far[which] = others.cells, others.far
        return Points(self.row, cells, far)


@dataclass(frozen=True, eq=False)
class _Moves:
    """Moves of points into cells, one feature each, and what the moved points cost."""

    point: NDArray[np.intp]
    cell: NDArray[np.intp]
    far: NDArray[np.float64]
    cost: NDArray[np.float64]
    worth: NDArray[np.float64]

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> _Moves:
        return _Moves(self.point[which], self.cell[which], self.far[which], self.cost[which], self.worth[which])


@dataclass(frozen=True, eq=False)
class Search:
    """A problem on the cells of its teacher's trees.

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

    def at(self, rows: NDArray[np.intp], cells: NDArray[np.intp]) -> Points:
        """Return rows moved into cells."""
        moved = cells != self.home[rows]
        far = np.zeros(cells.shape)
        at, feature = np.nonzero(moved)
        cell = self.grid.first[feature] + cells[at, feature]
        far[at, feature] = self._cost(rows[at], feature, cell)
        return Points(rows, cells, far)

    def values(self, points: Points) -> NDArray[np.float64]:
        """Return the encoded rows that points stand for: the nearest values in their cells."""
        X = self.problem.X[points.row].copy()
        at, feature = np.nonzero(points.cells != self.home[points.row])
        cell = self.grid.first[feature] + points.cells[at, feature]
        X[at, feature] = self.grid.values(X[at, feature], cell)
        return X

    def climb(self, points: Points, beam: int, n_steps: int) -> tuple[Points, Points]:
        """Move one feature after the other, where the most is gained, until targets are reached.

        Parameters
        ----------
        points : Points
            To start from.
        beam : int
            How many points of each row go on.
        n_steps : int
            Moves at the most.

        Returns
        -------
        reached : Points
            Some ways to the target for each row that has one, the cheapest first.
        best : Points
            For each other row the point of most worth.
        """
        reached: list[Points] = []
        best = points.take(_first_of(points.row))
        for step in range(n_steps):
            if len(points) == 0 or self.problem.budget.is_over:
                break
            # Rows that take long are few or out of reach; a single way of each is enough then.
            there, onward = self._step(points, beam if step < _WIDE_STEPS else 1)
            reached.append(there)
            open_rows = ~np.isin(onward.row, there.row)
            points = onward.take(open_rows)
            best = best.take(~np.isin(best.row, there.row))
            if len(points):
                first = _first_of(points.row)
                best = best.replace(np.searchsorted(best.row, points.row[first]), points.take(first))
        return _joined(reached) if reached else points.take(slice(0, 0)), best

    def polish(self, points: Points) -> Points:
        """Take back what was not needed, one feature at a time, then move the others as near as they may be.

        Parameters
        ----------
        points : Points
            One a row, each at its target.
        """
        left = np.flatnonzero((points.far > 0).sum(axis=1) > 1)
        for _ in range(2 * points.far.shape[1]):
            if left.size == 0 or self.problem.budget.is_over:
                break
            better, which = self._cheaper(points.take(left))
            points = points.replace(left[which], better)
            left = left[which]
        return points

    def is_there(self, points: Points) -> NDArray[np.bool_]:
        """Tell which points reach their target, by the trees as they were read."""
        parts = [self._worth(part)[1] >= self.goal.target[part.row] for _, part in self._chunks(points)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=bool)

    def _chunks(self, points: Points) -> Iterator[tuple[int, Points]]:
        n_outputs = 1 if self.goal.column is not None else len(self.moves.ensemble.trees.offset)
        size = max(8, min(512, _GRID_VALUES // (self.moves.n_cells * n_outputs + 1)))
        for i in range(0, len(points), size):
            yield i, points.take(slice(i, i + size))

    def _worth(self, points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What every move is worth, and what points are worth now."""
        column = None if self.goal.column is None else self.goal.column[points.row]
        worth = self.goal.worth(self.moves.outputs(points.cells, column), points.row)
        return worth, worth[np.arange(len(points)), points.cells[:, 0] + self.grid.first[0]].copy()

    def _step(self, points: Points, beam: int) -> tuple[Points, Points]:
        """Points at their target after one more move, cheapest first; and of the other rows the best to go on from."""
        arrived: list[_Moves] = []
        going: list[_Moves] = []
        for first, part in self._chunks(points):
            worth, now = self._worth(part)
            self._forbid(worth, part)
            there = self._arriving(worth, part)
            arrived.append(replace(there, point=there.point + first))
            open_points = np.flatnonzero(~np.isin(part.row, part.row[there.point]))
            onward = self._gaining(worth, now, part, open_points, beam)
            going.append(replace(onward, point=onward.point + first))
        there, onward = _joined_moves(arrived), _joined_moves(going)
        there = _best_of_rows(there, points.row[there.point], there.cost, _N_ALTERNATIVES)
        made = self._made(points, onward)
        fresh = _first_of_kind(made)
        onward, made = onward.take(fresh), made.take(fresh)
        order = _best_order(made.row, -onward.worth, beam)
        return self._made(points, there), made.take(order)

    def _forbid(self, worth: NDArray[np.float64], points: Points) -> None:
        """Make moves worthless that the problem does not allow."""
        worth[:, self.grid.invalid] = -np.inf
        space, first = self.problem.space, self.grid.first
        stuck = ~self.problem.changeable[points.row] & space.mutable
        for at in np.flatnonzero(stuck.any(axis=0)):
            worth[stuck[:, at], first[at] : first[at + 1]] = -np.inf
        home = self.home[points.row]
        for j, feature in enumerate(space):
            if feature.direction is None:
                continue
            cell = np.arange(first[j + 1] - first[j])
            present = home[:, j] < len(cell)
            back = cell < home[:, j, None] if feature.direction == "increase" else cell > home[:, j, None]
            worth[:, first[j] : first[j + 1]][back & present[:, None]] = -np.inf

    def _arriving(self, worth: NDArray[np.float64], points: Points) -> _Moves:
        """The cheapest move to the target of each point along each feature that has one."""
        width = worth.shape[1]
        found = np.flatnonzero(worth >= self.goal.target[points.row][:, None])
        point = found // width
        moves = self._priced(points, point, found - point * width, worth.take(found))
        group = point * len(self.problem.space) + self.grid.feature.take(moves.cell)
        return moves.take(_least_of_groups(group, moves.cost))

    def _gaining(
        self,
        worth: NDArray[np.float64],
        now: NDArray[np.float64],
        points: Points,
        open_points: NDArray[np.intp],
        beam: int,
    ) -> _Moves:
        """The best moves of points that cannot arrive yet, along as many features as go on."""
        first = self.grid.first
        most = np.maximum.reduceat(worth[open_points], first[:-1], axis=1)
        gain = most - now[open_points, None]
        n_kept = min(beam, gain.shape[1])
        feature = np.argpartition(-gain, n_kept - 1, axis=1)[:, :n_kept]
        at = np.repeat(np.arange(len(open_points)), n_kept)
        feature = feature.ravel()
        gains = gain[at, feature] > TOLERANCE
        at, feature = at[gains], feature[gains]
        count = first[feature + 1] - first[feature]
        which = np.repeat(np.arange(len(at)), count)
        cell = np.arange(len(which)) - np.repeat(np.cumsum(count) - count - first[feature], count)
        point = open_points[at[which]]
        reachable = worth[point, cell]
        enough = reachable - now[point] >= _GOOD_SHARE * gain[at, feature][which]
        which, point, cell, reachable = which[enough], point[enough], cell[enough], reachable[enough]
        moves = self._priced(points, point, cell, reachable)
        return moves.take(_least_of_groups(which, moves.cost))

    def _priced(
        self, points: Points, point: NDArray[np.intp], cell: NDArray[np.intp], worth: NDArray[np.float64]
    ) -> _Moves:
        feature = self.grid.feature.take(cell)
        far = self._cost(points.row[point], feature, cell)
        cost = points.cost[point] - points.far[point, feature] + far
        return _Moves(point, cell, far, cost, worth)

    def _cost(self, row: NDArray[np.intp], feature: NDArray[np.intp], cell: NDArray[np.intp]) -> NDArray[np.float64]:
        start = self.problem.X[row, feature]
        near = np.minimum(self.grid.distances(start, cell), _EMPTY / 2)
        return np.asarray(_CHANGE + _EMPTY * self.grid.empty(self.problem.label[row], cell) + near)

    def _made(self, points: Points, moves: _Moves) -> Points:
        cells, far = points.cells[moves.point], points.far[moves.point]
        feature = self.grid.feature[moves.cell]
        at = np.arange(len(moves.point))
        row = points.row[moves.point]
        cells[at, feature] = moves.cell - self.grid.first[feature]
        # To where it started is no move any more.
        far[at, feature] = np.where(cells[at, feature] == self.home[row, feature], 0.0, moves.far)
        return Points(row, cells, far)

    def _cheaper(self, points: Points) -> tuple[Points, NDArray[np.intp]]:
        """Points with one feature back where it was, else one nearer; and which points these are of."""
        made: list[Points] = []
        which: list[NDArray[np.intp]] = []
        for first, part in self._chunks(points):
            worth, _ = self._worth(part)
            home = self.home[part.row]
            present = home < self.moves.ensemble.n_cells
            back = worth[np.arange(len(part))[:, None], np.where(present, home, 0) + self.grid.first[:-1]]
            # A value that was missing may stay filled; to empty it again is no move on the grid.
            allowed = (part.far > 0) & present & (back >= self.goal.target[part.row][:, None])
            # The one that leaves the most room for others to follow.
            choice = np.where(allowed, back, -np.inf).argmax(axis=1)
            returning = np.flatnonzero(allowed.any(axis=1))
            cells, far = part.cells.copy(), part.far.copy()
            cells[returning, choice[returning]] = home[returning, choice[returning]]
            far[returning, choice[returning]] = 0.0
            self._forbid(worth, part)
            worth[returning] = -np.inf
            nearer = self._nearer(worth, part)
            moved = self._made(part, nearer)
            cells[nearer.point], far[nearer.point] = moved.cells, moved.far
            changed = np.union1d(returning, nearer.point)
            made.append(Points(part.row, cells, far).take(changed))
            which.append(changed + first)
        return _joined(made), np.concatenate(which)

    def _nearer(self, worth: NDArray[np.float64], points: Points) -> _Moves:
        """For each point the move of a moved feature that saves the most."""
        width = worth.shape[1]
        found = np.flatnonzero(worth >= self.goal.target[points.row][:, None])
        point = found // width
        cell = found - point * width
        is_moved = points.far[point, self.grid.feature.take(cell)] > 0
        point, cell, found = point[is_moved], cell[is_moved], found[is_moved]
        moves = self._priced(points, point, cell, worth.take(found))
        saves = moves.cost < points.cost[moves.point] - 1e-6
        moves = moves.take(saves)
        return moves.take(_least_of_groups(moves.point, moves.cost))


def _least_of_groups(group: NDArray[np.intp], key: NDArray[np.float64]) -> NDArray[np.intp]:
    """Position of the least key of each group, the first of equals; groups stand together."""
    if len(group) == 0:
        return np.zeros(0, dtype=np.intp)
    at = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    least = np.minimum.reduceat(key, at)
    hits = np.flatnonzero(key == np.repeat(least, np.diff(np.append(at, len(group)))))
    return np.asarray(hits[np.append(True, group[hits][1:] != group[hits][:-1])])


def _best_order(row: NDArray[np.intp], key: NDArray[np.float64], n_best: int) -> NDArray[np.intp]:
    """Positions in the order of rows, and within a row of the key, of each the first few."""
    order = np.lexsort((key, row))
    rank = np.arange(len(row)) - np.searchsorted(row[order], row[order])
    return order[rank < n_best]


def _best_of_rows(moves: _Moves, row: NDArray[np.intp], key: NDArray[np.float64], n_best: int) -> _Moves:
    return moves.take(_best_order(row, key, n_best))


def _first_of(row: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where each row begins; rows stand together."""
    return np.flatnonzero(np.append(True, row[1:] != row[:-1])) if len(row) else np.zeros(0, dtype=np.intp)


def _first_of_kind(points: Points) -> NDArray[np.intp]:
    """Positions of distinct points: the same features may have been moved in another order."""
    weights = np.random.default_rng(points.cells.shape[1]).integers(1, 2**62, points.cells.shape[1], dtype=np.int64)
    key = points.cells @ weights
    order = np.lexsort((key, points.row))
    new = np.append(True, (np.diff(key[order]) != 0) | (np.diff(points.row[order]) != 0))[: len(order)]
    return np.sort(order[new])


def _joined(parts: list[Points]) -> Points:
    return Points(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("row", "cells", "far")))


def _joined_moves(parts: list[_Moves]) -> _Moves:
    names = ("point", "cell", "far", "cost", "worth")
    return _Moves(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
