"""What trees say after each move of a single feature, for all moves at once and without the trees' library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners.trees.ensemble import TreeEnsemble
from coopdistill.learners.trees.leaves import Leaves, leaves_of
from coopdistill.learners.trees.structure import LEAF

__all__ = ["TreeMoves"]

_WORD = 64
_BLOCK_LEAVES = 4096
"""Leaves that are looked at together: their bits stay in a processor's cache."""

_TABLE_VALUES = 50_000_000
"""Leaves times features up to which a table tells the pair of each; beyond, it is searched for."""


@dataclass(frozen=True, eq=False)
class _Runs:
    """Cells that the pairs of leaf and feature take, as runs; most have one, a set of categories may have more."""

    first: NDArray[np.intp]
    start: NDArray[np.intp]
    stop: NDArray[np.intp]
    is_single: bool


@dataclass(frozen=True, eq=False)
class _Block:
    """Some leaves, and which of them each state of each feature rules out, as bits.

    Parameters
    ----------
    first : int
        The first of its leaves.
    features : ndarray of int
        Those on the paths of its leaves.
    state : tuple of ndarray
        For each of these, row of `excluded` for each cell.
    excluded : ndarray of shape (n_states, n_words), uint64
        One bit a leaf.
    present : ndarray of shape (n_words,), uint64
        One for each leaf, zero for what fills up the last words.
    pair : ndarray of shape (n_leaves, n_block_features), int, optional
        The pair of a leaf and a feature; None where that would be large.
    """

    first: int
    features: NDArray[np.intp]
    state: tuple[NDArray[np.intp], ...]
    excluded: NDArray[np.uint64]
    present: NDArray[np.uint64]
    pair: NDArray[np.intp] | None


@dataclass(frozen=True, eq=False)
class _Reach:
    """For some rows: the leaf that each is in, tree by tree, and the leaves that one feature keeps it from."""

    here: NDArray[np.intp]
    row: NDArray[np.intp]
    leaf: NDArray[np.intp]
    pair: NDArray[np.intp]


class TreeMoves:
    """An ensemble made ready for the question: what if one feature were in another cell?

    A row gets into a leaf by moving feature j alone exactly if j is the only feature on the leaf's path whose cell the
    leaf does not take. Which leaves lack one feature, and no more, is found by bits, 64 leaves at a time; each
    changes the sum by its value less that of the tree's present leaf, on a run of cells, which adds up over all
    leaves in one pass over the grid of cells.

    Parameters
    ----------
    ensemble : TreeEnsemble

    Attributes
    ----------
    first_cell : ndarray of shape (n_features + 1,), int
        Where the cells of each feature begin on the grid.
    leaves : Leaves
        The leaves that a row can be in.
    """

    def __init__(self, ensemble: TreeEnsemble) -> None:
        self.ensemble = ensemble
        self.first_cell = np.concatenate([[0], np.cumsum(ensemble.n_cells)]).astype(np.intp)
        self.leaves = leaves = leaves_of(ensemble)
        self._flat_value = np.ascontiguousarray(leaves.value).ravel()
        self._runs = _runs_of(leaves, self.first_cell)
        self._blocks = _blocks_of(ensemble, leaves)

    @property
    def n_cells(self) -> int:
        """Size of the grid."""
        return int(self.first_cell[-1])

    def outputs(self, cells: NDArray[np.intp], column: NDArray[np.intp] | None) -> NDArray[np.float64]:
        """Return outputs after every move of a single feature.

        Parameters
        ----------
        cells : ndarray of shape (n_rows, n_features), int
            Where the rows are.
        column : ndarray of shape (n_rows,), int, optional
            The one output of each row that matters. Default: all.

        Returns
        -------
        ndarray of shape (n_columns, n_rows, n_grid + 1), float64
            The last: where nothing is moved.
        """
        reach = self._reach(cells)
        offset = self.ensemble.trees.offset
        if column is None:
            return np.stack([self._moved(reach, k, offset[k]) for k in range(len(offset))])
        return self._moved(reach, column[:, None], offset[column])[None]

    def _moved(self, reach: _Reach, column: Any, offset: Any) -> NDArray[np.float64]:
        n_trees = reach.here.shape[1]
        value, n_outputs = self._flat_value, self.leaves.value.shape[1]
        here = value.take(reach.here * n_outputs + column)
        gain = value.take(reach.leaf * n_outputs + (column if np.ndim(column) == 0 else column.take(reach.row)))
        gain -= here.take(reach.row * n_trees + self.leaves.tree.take(reach.leaf))
        return self._spread(reach, gain, here.sum(axis=1) + offset)

    def _spread(self, reach: _Reach, gain: NDArray[np.float64], here: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lay gains on the runs of their pairs, as steps up and down that are then added up along the grid."""
        n_rows, width = len(here), self.n_cells + 1
        row, run = reach.row, reach.pair
        if not self._runs.is_single:
            count = self._runs.first[run + 1] - self._runs.first[run]
            which = np.repeat(np.arange(len(run)), count)
            run = np.arange(len(which)) - np.repeat(np.cumsum(count) - count - self._runs.first[run], count)
            row, gain = row[which], gain[which]
        at = row * width
        steps = np.bincount(at + self._runs.start.take(run), weights=gain, minlength=n_rows * width)
        steps -= np.bincount(at + self._runs.stop.take(run), weights=gain, minlength=n_rows * width)
        grid = np.asarray(steps, dtype=np.float64).reshape(n_rows, width)
        grid[:, 0] += here
        np.cumsum(grid, axis=1, out=grid)
        grid[:, -1] = here
        return grid

    def _reach(self, cells: NDArray[np.intp]) -> _Reach:
        here = np.zeros((len(cells), len(self.ensemble.trees.roots)), dtype=np.intp)
        parts = [self._reach_in(block, cells, here) for block in self._blocks]
        row, leaf, pair = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return _Reach(here, row, leaf, pair)

    def _reach_in(
        self, block: _Block, cells: NDArray[np.intp], here: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """What of a block rows may get to: the row, the leaf and the pair in the way; writes where rows are."""
        n_rows, n_words = len(cells), block.excluded.shape[1]
        once = np.zeros((n_rows, n_words), dtype=np.uint64)
        twice = np.zeros_like(once)
        # The number of the one feature, bit by bit; of no meaning where there are two.
        digits = [np.zeros_like(once) for _ in range(max(1, int(len(block.features) - 1).bit_length()))]
        both = np.empty_like(once)
        for k, j in enumerate(block.features):
            out = block.excluded.take(block.state[k].take(cells[:, j]), axis=0)
            np.bitwise_and(once, out, out=both)
            twice |= both
            once |= out
            for bit, digit in enumerate(digits):
                if k >> bit & 1:
                    digit |= out
        width = n_words * _WORD
        row, leaf = np.divmod(np.flatnonzero(_bits(~once & block.present).view(bool)), width)
        here[row, self.leaves.tree.take(leaf + block.first)] = leaf + block.first
        which = np.zeros(n_rows * width, dtype=np.uint8 if len(digits) <= 8 else np.uint16)
        for bit, digit in enumerate(digits):
            which |= _bits(digit).astype(which.dtype, copy=False) << bit
        found = np.flatnonzero(_bits(once & ~twice).view(bool))
        row = found // width
        leaf = found - row * width
        return row, leaf + block.first, self._pair(block, leaf, which.take(found).astype(np.intp))

    def _pair(self, block: _Block, leaf: NDArray[np.intp], which: NDArray[np.intp]) -> NDArray[np.intp]:
        if block.pair is not None:
            return np.asarray(block.pair.take(leaf * block.pair.shape[1] + which))
        # The pairs of a leaf are in the order of its features, so halving finds the one.
        first, last = self.leaves.first_pair[block.first + leaf], self.leaves.first_pair[block.first + leaf + 1]
        wanted = block.features[which]
        while (last - first > 1).any():
            middle = (first + last) // 2
            right = self.leaves.feature[np.minimum(middle, len(self.leaves.feature) - 1)] <= wanted
            right &= last - first > 1
            first, last = np.where(right, middle, first), np.where(right, last, np.maximum(middle, first + 1))
        return first


def _bits(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """One number 0 or 1 a bit, lowest first, in one row."""
    return np.unpackbits(words.view(np.uint8), axis=None, bitorder="little")


def _runs_of(leaves: Leaves, first_cell: NDArray[np.intp]) -> _Runs:
    base = first_cell[leaves.feature]
    is_code = leaves.codes != LEAF
    if not is_code.any():
        first = np.arange(len(base) + 1)
        return _Runs(first, (base + leaves.low), (base + leaves.high), True)
    takes = np.pad(leaves.takes, ((0, 0), (1, 1))).astype(np.int8)
    starts, stops = (np.nonzero(np.diff(takes, axis=1) == step) for step in (1, -1))
    first_of_set = np.searchsorted(starts[0], np.arange(len(takes) + 1))
    count = np.where(is_code, np.diff(first_of_set)[leaves.codes], 1)
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.intp)
    pair = np.repeat(np.arange(len(base)), count)
    of_set = np.minimum(first_of_set[leaves.codes[pair]] + np.arange(len(pair)) - first[pair], len(starts[1]) - 1)
    start = np.where(is_code[pair], starts[1][of_set], leaves.low[pair])
    stop = np.where(is_code[pair], stops[1][of_set], leaves.high[pair])
    return _Runs(first, (base[pair] + start), (base[pair] + stop), bool((count == 1).all()))


def _blocks_of(ensemble: TreeEnsemble, leaves: Leaves) -> list[_Block]:
    n_leaves = len(leaves.tree)
    has_table = n_leaves * len(ensemble.n_cells) <= _TABLE_VALUES
    starts = range(0, n_leaves, _BLOCK_LEAVES)
    return [_block(ensemble, leaves, first, min(first + _BLOCK_LEAVES, n_leaves), has_table) for first in starts]


def _block(ensemble: TreeEnsemble, leaves: Leaves, first: int, stop: int, has_table: bool) -> _Block:
    pairs = slice(int(leaves.first_pair[first]), int(leaves.first_pair[stop]))
    feature = leaves.feature[pairs]
    leaf = np.repeat(np.arange(stop - first), np.diff(leaves.first_pair[first : stop + 1]))
    features, which = np.unique(feature, return_inverse=True)
    order = np.argsort(which, kind="stable")
    parts = np.split(order, np.searchsorted(which[order], np.arange(1, len(features))))
    n_words = -(-(stop - first) // _WORD)
    tables: list[NDArray[np.uint64]] = []
    states: list[NDArray[np.intp]] = []
    n_states = 0
    for j, part in zip(features, parts if len(features) else [], strict=True):
        state, excluded = _exclusions(leaves, part + pairs.start, int(ensemble.n_cells[j]))
        dense = np.zeros((len(excluded), n_words * _WORD), dtype=bool)
        dense[:, leaf[part]] = excluded
        tables.append(np.packbits(dense, axis=1, bitorder="little").view(np.uint64))
        states.append(state + n_states)
        n_states += len(excluded)
    pair = None
    if has_table:
        pair = np.zeros((stop - first, max(1, len(features))), dtype=np.intp)
        pair[leaf, which] = np.arange(pairs.start, pairs.stop)
    table = np.concatenate(tables) if tables else np.zeros((0, n_words), dtype=np.uint64)
    present = np.packbits(np.arange(n_words * _WORD) < stop - first, bitorder="little").view(np.uint64)
    return _Block(first, features, tuple(states), table, present, pair)


def _exclusions(leaves: Leaves, pairs: NDArray[np.intp], n_cells: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The state that each cell of a feature is in, and which pairs each state excludes.

    Cells that no pair tells apart share a state; the last is the missing value's.
    """
    codes = leaves.codes[pairs]
    if (codes != LEAF).any():
        excluded = ~leaves.takes[codes, :n_cells].T
        state = np.arange(n_cells + 1)
    else:
        low, high = leaves.low[pairs], leaves.high[pairs]
        begins = np.unique(np.concatenate([[0], low, high]))
        begins = begins[begins < n_cells]
        excluded = (begins[:, None] < low) | (begins[:, None] >= high)
        state = np.append(np.searchsorted(begins, np.arange(n_cells), side="right") - 1, len(begins))
    return state, np.vstack([excluded, ~leaves.missing[pairs]])
