"""Rows on the way, as the cells that they are in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Moves", "Points"]


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

    def distinct(self) -> NDArray[np.intp]:
        """Return positions without duplicates: the same features may have been moved in another order."""
        weights = np.random.default_rng(self.cells.shape[1]).integers(1, 2**62, self.cells.shape[1], dtype=np.int64)
        key = self.cells @ weights
        order = np.lexsort((key, self.row))
        new = np.append(True, (np.diff(key[order]) != 0) | (np.diff(self.row[order]) != 0))[: len(order)]
        return np.sort(order[new])

    @staticmethod
    def joined(parts: list[Points]) -> Points:
        """Put points together, at least one part of them."""
        return Points(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("row", "cells", "far")))


@dataclass(frozen=True, eq=False)
class Moves:
    """Moves of points into cells, one feature each.

    Parameters
    ----------
    point : ndarray of shape (n,), int
        Position of the point that each moves.
    cell : ndarray of shape (n,), int
        Where to, on the grid of all features' cells.
    far : ndarray of shape (n,), float64
        What the moved feature costs there.
    cost : ndarray of shape (n,), float64
        What the moved point costs in all.
    worth : ndarray of shape (n,), float64
        What it is worth.
    """

    point: NDArray[np.intp]
    cell: NDArray[np.intp]
    far: NDArray[np.float64]
    cost: NDArray[np.float64]
    worth: NDArray[np.float64]

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> Moves:
        """Return some of them."""
        return Moves(self.point[which], self.cell[which], self.far[which], self.cost[which], self.worth[which])

    @staticmethod
    def joined(parts: list[Moves], firsts: list[int]) -> Moves:
        """Put moves of parts of the points together, at least one; `firsts` are where these parts begin."""
        names = ("cell", "far", "cost", "worth")
        point = np.concatenate([part.point + first for part, first in zip(parts, firsts, strict=True)])
        return Moves(point, *(np.concatenate([getattr(part, name) for part in parts]) for name in names))
