"""Where trees are surest of a class, whatever row one comes from."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.problem import TOLERANCE, Budget
from coopdistill.counterfactuals.trees.cells import CellGrid
from coopdistill.counterfactuals.trees.goal import class_worth, output_of
from coopdistill.counterfactuals.trees.moves import TreeMoves

__all__ = ["Peaks"]

_LEAST_POINTS, _MOST_POINTS = 8, 64
_LEAVES = 200_000
"""Leaves of all points together: of large ensembles fewer points are followed."""

_STEPS = 60
_STEPS_OF_CHILDREN = 6
_GENERATIONS = 60
_PATIENCE = 8
_DRAWN_FEATURES = 2


class Peaks:
    """Points at which trees are surest of each class; looked for once, when first asked for.

    Random points go uphill one feature at a time, as far as that leads. Then each generation mixes the best of them,
    feature by feature, with a few features drawn anew, and goes uphill again, until several bring nothing better.

    Parameters
    ----------
    moves : TreeMoves
        Of a classifier.
    """

    def __init__(self, moves: TreeMoves) -> None:
        self._moves = moves
        self._found: dict[int, NDArray[np.intp]] = {}
        self._looking = threading.Lock()

    def of(self, label: int, budget: Budget) -> NDArray[np.intp]:
        """Return the cells of the surest points that were found, surest first.

        Parameters
        ----------
        label : int
            Column of the teacher's scores.
        budget : Budget
            When its time is over, what has been found by then is returned, and not kept.

        Returns
        -------
        ndarray of shape (n_points, n_features), int
        """
        with self._looking:
            if label in self._found:
                return self._found[label]
            found = _Population(self._moves, label, budget).evolved()
            if not budget.is_over:
                self._found[label] = found
            return found


class _Population:
    """Points that are improved together."""

    def __init__(self, moves: TreeMoves, label: int, budget: Budget) -> None:
        self._moves, self._label, self._budget = moves, label, budget
        self._grid = CellGrid(moves.ensemble, moves.first_cell, None)
        self._rng = np.random.default_rng(0)
        self._options = _options(self._grid)
        one_output = output_of(moves.ensemble.trees.link, np.zeros(1, dtype=np.intp)) is not None
        leaves = moves.leaves.value
        n_values = len(leaves) if one_output else leaves.size
        self._n_points = int(np.clip(_LEAVES // n_values, _LEAST_POINTS, _MOST_POINTS))

    def evolved(self) -> NDArray[np.intp]:
        points, worth = self._uphill(self._drawn(), _STEPS)
        waited = 0
        for _ in range(_GENERATIONS):
            most = worth.max()
            made, made_worth = self._uphill(self._children(points), _STEPS_OF_CHILDREN)
            points, worth = self._best(np.vstack([points, made]), np.append(worth, made_worth))
            waited = 0 if worth[0] > most + TOLERANCE else waited + 1
            if waited == _PATIENCE or self._budget.is_over:
                break
        return points

    def _drawn(self) -> NDArray[np.intp]:
        return np.column_stack([self._rng.choice(cells, self._n_points) for cells in self._options])

    def _children(self, points: NDArray[np.intp]) -> NDArray[np.intp]:
        mothers, fathers = self._rng.integers(0, len(points), (2, self._n_points))
        shape = (self._n_points, points.shape[1])
        children = np.where(self._rng.random(shape) < 0.5, points[mothers], points[fathers])
        return np.where(self._rng.random(shape) < _DRAWN_FEATURES / shape[1], self._drawn(), children)

    def _best(
        self, points: NDArray[np.intp], worth: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The best of distinct points, best first."""
        distinct = np.unique(points, axis=0, return_index=True)[1]
        best = distinct[np.argsort(-worth[distinct], kind="stable")[: self._n_points]]
        return points[best], worth[best]

    def _uphill(self, points: NDArray[np.intp], n_steps: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Points moved along the feature that gains the most, again and again; and what they are worth there."""
        points, worth = points.copy(), np.full(len(points), -np.inf)
        going = np.arange(len(points))
        for _ in range(n_steps):
            after = self._worth(points[going])
            worth[going] = after[:, -1]
            after[:, self._grid.invalid] = -np.inf
            cell = after[:, :-1].argmax(axis=1)
            most = after[np.arange(len(going)), cell]
            up = most > worth[going] + TOLERANCE
            going, cell = going[up], cell[up]
            if going.size == 0 or self._budget.is_over:
                break
            feature = self._grid.feature[cell]
            points[going, feature] = cell - self._grid.first[feature]
            worth[going] = most[up]
        return points, worth

    def _worth(self, points: NDArray[np.intp]) -> NDArray[np.float64]:
        """What points are worth after every move of one feature, and at last as they are."""
        link = self._moves.ensemble.trees.link
        label = np.full(len(points), self._label)
        return class_worth(link, self._moves.outputs(points, output_of(link, label)), label)


def _options(grid: CellGrid) -> list[NDArray[np.intp]]:
    """The cells that each feature may be in; all where it may not change, as a row may be in any of them."""
    usable = np.ones(int(grid.first[-1]), dtype=bool)
    usable[grid.invalid] = False
    parts = np.split(usable, grid.first[1:-1])
    return [np.flatnonzero(part) if part.any() else np.arange(len(part)) for part in parts]
