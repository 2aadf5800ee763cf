"""The leaves of trees, each with what a row has to be to get there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners.trees.ensemble import TreeEnsemble
from coopdistill.learners.trees.inputs import CONSTANT
from coopdistill.learners.trees.structure import LEAF, Trees

__all__ = ["Leaves", "leaves_of"]


@dataclass(frozen=True, eq=False)
class Leaves:
    """The leaves, each with what it asks of the features on its path.

    A pair is a leaf and a feature on its path; the pairs of a leaf stand together, in the order of the features.

    Parameters
    ----------
    tree : ndarray of shape (n_leaves,), int
        In ascending order.
    value : ndarray of shape (n_leaves, n_outputs), float64
    first_pair : ndarray of shape (n_leaves + 1,), int
        Where the pairs of each leaf begin.
    feature : ndarray of shape (n_pairs,), int
    low, high : ndarray of shape (n_pairs,), int
        The leaf takes numbers of cells ``low`` to ``high - 1``.
    missing : ndarray of shape (n_pairs,), bool
        Whether it takes missing values.
    codes : ndarray of shape (n_pairs,), int
        For a category, row of `takes`; `LEAF` for a number.
    takes : ndarray of shape (n_sets, most categories), bool
        Sets of categories.
    """

    tree: NDArray[np.intp]
    value: NDArray[np.float64]
    first_pair: NDArray[np.intp]
    feature: NDArray[np.intp]
    low: NDArray[np.intp]
    high: NDArray[np.intp]
    missing: NDArray[np.bool_]
    codes: NDArray[np.intp]
    takes: NDArray[np.bool_]


def leaves_of(ensemble: TreeEnsemble) -> Leaves:
    """Return the leaves that a row can be in, tree by tree.

    Parameters
    ----------
    ensemble : TreeEnsemble
    """
    trees = ensemble.trees
    nodes = _in_depth_order(trees)
    paths = _paths(trees, nodes)
    is_fixed = ensemble.feature[paths.node] == CONSTANT
    can_be = np.ones(len(nodes), dtype=bool)
    can_be[paths.leaf[is_fixed & (paths.left != ensemble.near_left[paths.node])]] = False
    pairs = _pairs(ensemble, paths.take(~is_fixed))
    can_be[pairs.leaf[pairs.is_empty()]] = False
    kept = can_be[pairs.leaf]
    count = np.bincount(pairs.leaf, minlength=len(nodes))[can_be]
    return Leaves(
        tree=(np.searchsorted(trees.roots, nodes, side="right") - 1)[can_be],
        value=trees.value[nodes[can_be]],
        first_pair=np.concatenate([[0], np.cumsum(count)]).astype(np.intp),
        feature=pairs.feature[kept],
        low=pairs.low[kept],
        high=pairs.high[kept],
        missing=pairs.missing[kept],
        codes=pairs.codes[kept],
        takes=pairs.takes,
    )


@dataclass(frozen=True, eq=False)
class _Paths:
    """Every question on the way to every leaf: the leaf, the node, and whether it lies to the left."""

    leaf: NDArray[np.intp]
    node: NDArray[np.intp]
    left: NDArray[np.bool_]

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> _Paths:
        return _Paths(self.leaf[which], self.node[which], self.left[which])


@dataclass(frozen=True, eq=False)
class _Pairs:
    """What each leaf asks of each feature on its path; see `Leaves`."""

    leaf: NDArray[np.intp]
    feature: NDArray[np.intp]
    low: NDArray[np.intp]
    high: NDArray[np.intp]
    missing: NDArray[np.bool_]
    codes: NDArray[np.intp]
    takes: NDArray[np.bool_]

    def is_empty(self) -> NDArray[np.bool_]:
        """Tell which take nothing at all."""
        takes_none = ~np.asarray(self.takes.any(axis=1))
        return np.asarray(~self.missing & np.where(self.codes != LEAF, takes_none[self.codes], self.low == self.high))


def _paths(trees: Trees, leaf_nodes: NDArray[np.intp]) -> _Paths:
    parent: NDArray[np.intp] = np.full(len(trees.left), LEAF, dtype=np.intp)
    inner = np.flatnonzero(~trees.is_leaf)
    parent[trees.left[inner]], parent[trees.right[inner]] = inner, inner
    leaf, now = np.arange(len(leaf_nodes)), leaf_nodes
    steps: list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]] = []
    while leaf.size:
        above = parent[now]
        going = above != LEAF
        leaf, now, above = leaf[going], now[going], above[going]
        steps.append((leaf, above, trees.left[above] == now))
        now = above
    return _Paths(*(np.concatenate(parts) for parts in zip(*steps, strict=True)))


def _pairs(ensemble: TreeEnsemble, paths: _Paths) -> _Pairs:
    """Put together what the questions of a path ask of one feature."""
    paths = paths.take(np.lexsort((ensemble.feature[paths.node], paths.leaf)))
    leaf, node, left = paths.leaf, paths.node, paths.left
    feature = ensemble.feature[node]
    is_near = left == ensemble.near_left[node]
    is_code = ensemble.code_set[node] != LEAF
    n_cells = ensemble.n_cells[feature]
    beyond = np.minimum(ensemble.cut[node] + 1, n_cells)
    low = np.where(is_near | is_code, 0, beyond)
    high = np.where(is_near & ~is_code, beyond, n_cells)
    new = np.ones(len(leaf), dtype=bool)
    new[1:] = (leaf[1:] != leaf[:-1]) | (feature[1:] != feature[:-1])
    at = np.flatnonzero(new)
    low, high = np.maximum.reduceat(low, at), np.minimum.reduceat(high, at)
    missing = np.asarray(np.logical_and.reduceat(left == ensemble.missing_left[node], at))
    codes, takes = _taken_codes(ensemble, node, left, at)
    return _Pairs(leaf[at], feature[at], low, np.maximum(low, high), missing, codes, takes)


def _taken_codes(
    ensemble: TreeEnsemble, node: NDArray[np.intp], left: NDArray[np.bool_], at: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Sets of categories of pairs; every distinct set once."""
    which = ensemble.code_set[node]
    is_code = (which != LEAF)[at]
    codes = np.full(len(at), LEAF, dtype=np.intp)
    if not is_code.any():
        return codes, np.zeros((1, 1), dtype=bool)
    sets = np.where(left[:, None], ensemble.left_codes[which], ~ensemble.left_codes[which])
    taken = np.logical_and.reduceat(sets, at, axis=0)[is_code]
    # Beyond the categories of its own feature a set takes nothing.
    n_codes = ensemble.n_cells[ensemble.feature[node[at[is_code]]]]
    taken &= np.arange(taken.shape[1]) < n_codes[:, None]
    distinct, inverse = np.unique(taken, axis=0, return_inverse=True)
    codes[is_code] = inverse.reshape(-1)
    return codes, distinct


def _in_depth_order(trees: Trees) -> NDArray[np.intp]:
    """Leaves tree by tree from left to right, so that neighbours share most of their path."""
    key = np.zeros(len(trees.left), dtype=np.float64)
    width = np.zeros(len(trees.left), dtype=np.float64)
    key[trees.roots], width[trees.roots] = np.arange(len(trees.roots)), 1.0
    level = trees.roots
    while level.size:
        level = level[trees.left[level] != LEAF]
        half = width[level] / 2
        for child, step in ((trees.left[level], 0.0), (trees.right[level], half)):
            key[child], width[child] = key[level] + step, half
        level = np.concatenate([trees.left[level], trees.right[level]])
    leaf_nodes = np.flatnonzero(trees.is_leaf)
    return leaf_nodes[np.argsort(key[leaf_nodes], kind="stable")]
