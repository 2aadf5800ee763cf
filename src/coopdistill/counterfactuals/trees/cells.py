"""The cells that trees cut the features into: what a move into one costs, and which value it takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.problem import Reference
from coopdistill.learners.trees.ensemble import TreeEnsemble

__all__ = ["CellGrid"]

_INSIDE = 1e-3
"""How far inside a cell a value is to lie, in spreads; at the most in its middle."""


_PIECE_VALUES = 2_000_000
"""Values of reference rows that are looked at together: there may be a million rows."""


class CellGrid:
    """All cells of all features, one after the other.

    Parameters
    ----------
    ensemble : TreeEnsemble
    reference : Reference, optional
        Rows that tell which cells are populated.
    first : ndarray of shape (n_features + 1,), int
        Where the cells of each feature begin.

    Attributes
    ----------
    feature : ndarray of shape (n_grid,), int
    low, high : ndarray of shape (n_grid,), float64
        Least and greatest value of a cell that is within the range; whole where the feature is.
    invalid : ndarray of int
        Cells without such a value, of a feature that may not change, or of one that no tree asks about.
    """

    def __init__(self, ensemble: TreeEnsemble, first: NDArray[np.intp], reference: Reference | None) -> None:
        space = ensemble.space
        self.first = first
        self.feature = np.repeat(np.arange(len(space)), ensemble.n_cells)
        low, high = _ends(ensemble)
        low, high = np.maximum(low, space.low[self.feature]), np.minimum(high, space.high[self.feature])
        whole = space.integer[self.feature]
        self.low, self.high = np.where(whole, np.ceil(low), low), np.where(whole, np.floor(high), high)
        # What has no end at all is the only cell of a feature that no tree asks about.
        has_end = np.isfinite(self.low) | np.isfinite(self.high)
        usable = space.mutable[self.feature] & (self.low <= self.high) & has_end
        self.invalid = np.flatnonzero(~usable)
        numeric = space.numeric[self.feature]
        inside = np.minimum(_INSIDE * space.spread[self.feature], (self.high - self.low) / 2)
        self._inside = np.where(numeric & ~whole & usable, inside, 0.0)
        self._worth = np.where(numeric, 1.0 / space.spread[self.feature], 0.0)
        self._flat = np.where(numeric, 0.0, 1.0)
        self._fill = np.nan_to_num(space.fill_codes())
        self._empty = _empty_cells(ensemble, first, reference)

    def values(self, start: NDArray[np.float64], cell: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the nearest value of a cell to where a row started, a little inside.

        Parameters
        ----------
        start : ndarray of shape (n,), float64
            Values of the features that the cells are of; for a missing one the usual value is what is near.
        cell : ndarray of shape (n,), int
        """
        start = np.where(np.isnan(start), self._fill[self.feature[cell]], start)
        inside = self._inside[cell]
        low, high = self.low[cell], self.high[cell]
        return np.where(start < low, low + inside, np.where(start > high, high - inside, start))

    def distances(self, start: NDArray[np.float64], cell: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return how far that is, in spreads; another category, or a value instead of none, counts 1."""
        away = np.maximum(self.low.take(cell) - start, start - self.high.take(cell))
        away += self._inside.take(cell)
        far = np.maximum(away, 0.0) * self._worth.take(cell) + self._flat.take(cell)
        return np.where(np.isnan(start), 1.0, far)

    def empty(self, label: NDArray[np.intp], cell: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return 1 where no reference row of a class has a value in a cell, else 0."""
        if self._empty is None:
            return np.zeros(len(cell))
        return self._empty[np.minimum(label, len(self._empty) - 1), cell]


def _ends(ensemble: TreeEnsemble) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lows: list[NDArray[np.float64]] = []
    highs: list[NDArray[np.float64]] = []
    for j, cuts in enumerate(ensemble.cuts):
        if ensemble.space.numeric[j]:
            # A cell begins with the number after the cut, and ends with the next cut itself.
            lows.append(np.append(-np.inf, np.nextafter(cuts, np.inf)))
            highs.append(np.append(cuts, np.inf))
        else:
            codes = np.arange(ensemble.n_cells[j], dtype=np.float64)
            lows.append(codes)
            highs.append(codes)
    return np.concatenate(lows), np.concatenate(highs)


def _empty_cells(
    ensemble: TreeEnsemble, first: NDArray[np.intp], reference: Reference | None
) -> NDArray[np.float64] | None:
    """For each class, 1 where a cell holds no value of its reference rows."""
    if reference is None or len(reference.X) == 0:
        return None
    # One class more than there are: none of its cells is populated.
    empty = np.ones((int(reference.label.max()) + 2, int(first[-1])))
    size = max(1, _PIECE_VALUES // reference.X.shape[1])
    for piece in (slice(i, i + size) for i in range(0, len(reference.X), size)):
        cells = ensemble.cells(reference.X[piece])
        row, feature = np.nonzero(cells < ensemble.n_cells)
        empty[reference.label[piece][row], first[feature] + cells[row, feature]] = 0.0
    return empty
