"""A model of trees as cells: between its cuts, along each feature, nothing changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners.model import Model
from coopdistill.learners.trees.cuts import exact_cuts
from coopdistill.learners.trees.inputs import CONSTANT, TreeInputs, last_estimator, tree_inputs_of
from coopdistill.learners.trees.readers import read_trees
from coopdistill.learners.trees.structure import LEAF, Trees, UnreadableError, goes_left, linked
from coopdistill.schema import FeatureSpace

__all__ = ["Leaves", "TreeEnsemble", "tree_ensemble_of"]

_N_CHECKS = 64
_CHECKED = 1e-6
_TRAVERSED_VALUES = 2_000_000


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


@dataclass(frozen=True, eq=False)
class TreeEnsemble:
    """Trees of any library on the features of a space, exact to the last bit of a number.

    Each number is cut into cells, ``(cuts[k - 1], cuts[k]]``; a category is a cell. One cell more stands for the
    missing value. Within a cell the model says the same.

    Parameters
    ----------
    space : FeatureSpace
        Of the encoded rows.
    cuts : tuple of ndarray
        For each feature the ascending cuts; none for categories.
    trees : Trees
        As they were read.
    feature : ndarray of shape (n_nodes,), int
        What each node asks about; `CONSTANT` where all rows go the same way.
    cut : ndarray of shape (n_nodes,), int
        Cells up to this one are on the near side.
    near_left : ndarray of shape (n_nodes,), bool
        Whether the near side is the left.
    missing_left : ndarray of shape (n_nodes,), bool
        Whether a missing value goes to the left.
    code_set : ndarray of shape (n_nodes,), int
        For a category, row of `left_codes`; `LEAF` for a number.
    left_codes : ndarray of shape (n_sets, most categories), bool
        Which categories go to the left.
    task : str
        ``"classification"`` or ``"regression"``.
    noise : float
        How far the library's sums may be off.

    See Also
    --------
    tree_ensemble_of : Makes one of a model.
    """

    space: FeatureSpace
    cuts: tuple[NDArray[np.float64], ...]
    trees: Trees
    feature: NDArray[np.intp]
    cut: NDArray[np.intp]
    near_left: NDArray[np.bool_]
    missing_left: NDArray[np.bool_]
    code_set: NDArray[np.intp]
    left_codes: NDArray[np.bool_]
    task: str
    noise: float

    @cached_property
    def n_cells(self) -> NDArray[np.intp]:
        """Cells of each feature, that of the missing value not counted, shape (n_features,)."""
        counts = [
            len(cuts) + 1 if numeric else count
            for cuts, numeric, count in zip(self.cuts, self.space.numeric, self.space.n_categories, strict=True)
        ]
        return np.array(counts, dtype=np.intp)

    def cells(self, rows: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the cells that encoded rows are in, shape (n_rows, n_features)."""
        cells = np.empty(rows.shape, dtype=np.intp)
        for j, cuts in enumerate(self.cuts):
            value = rows[:, j]
            missing = np.isnan(value)
            here = np.searchsorted(cuts, value) if self.space.numeric[j] else np.where(missing, 0, value)
            cells[:, j] = np.where(missing, self.n_cells[j], here)
        return cells

    def outputs(self, cells: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the sums of leaf values, before the link, at cells, shape (n_rows, n_outputs)."""
        trees = self.trees
        size = max(1, _TRAVERSED_VALUES // len(trees.roots))
        parts = [self._outputs(cells[i : i + size]) for i in range(0, len(cells), size)]
        return np.concatenate(parts) if parts else np.empty((0, len(trees.offset)))

    def _outputs(self, cells: NDArray[np.intp]) -> NDArray[np.float64]:
        trees = self.trees
        node = np.repeat(trees.roots[None, :], len(cells), axis=0)
        row = np.arange(len(cells))[:, None]
        inner = trees.left[node] != LEAF
        while inner.any():
            left = self._goes_left(node, cells[row, self.feature[node]])
            node = np.where(inner, np.where(left, trees.left[node], trees.right[node]), node)
            inner = trees.left[node] != LEAF
        return np.asarray(trees.offset + trees.value[node].sum(axis=1))

    def _goes_left(self, node: NDArray[np.intp], cell: NDArray[np.intp]) -> NDArray[np.bool_]:
        missing = cell == self.n_cells[self.feature[node]]
        left = (cell <= self.cut[node]) == self.near_left[node]
        which = self.code_set[node]
        if len(self.left_codes):
            code = np.minimum(cell, self.left_codes.shape[1] - 1)
            left = np.where(which != LEAF, self.left_codes[which, code], left)
        return np.asarray(np.where(missing, self.missing_left[node], left))

    def scores(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the model's own scores of encoded rows are, shape (n_rows, n_scores)."""
        outputs = self.outputs(self.cells(rows))
        return linked(self.trees.link, outputs, classification=self.task == "classification")

    @cached_property
    def leaves(self) -> Leaves:
        """The leaves that a row can be in."""
        return _leaves_of(self)


def tree_ensemble_of(model: Model, rows: NDArray[np.float64]) -> TreeEnsemble | str:
    """Read the trees of a fitted model.

    What stands in front of the trees is found out by asking it, so it may be of any library: each column that they
    split on must come from one feature, rising or falling with a number, or looked up by a category. That the result
    gives the model's own scores is verified on the rows and on mixtures of them, else there is none.

    Parameters
    ----------
    model : Model
        Fitted; trees of scikit-learn, XGBoost, LightGBM or CatBoost, bare or at the end of a pipeline.
    rows : ndarray of shape (n_rows, n_features), float64
        Encoded rows to ask about.

    Returns
    -------
    TreeEnsemble or str
        Or why there is none.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from coopdistill.learners import as_learner
    >>> from coopdistill.schema import Codec, infer_feature_space
    >>> X, y = np.array([[0.0], [1.5], [3.0], [4.5]]), np.array([0, 0, 1, 1])
    >>> tree = make_pipeline(StandardScaler(), DecisionTreeClassifier()).fit(X, y)
    >>> ensemble = tree_ensemble_of(Model("shop", as_learner(tree), Codec.of(X, infer_feature_space(X))), X)
    >>> ensemble.cuts[0].round(6), ensemble.scores(np.array([[2.2], [2.3]]))
    (array([2.25]), array([[1., 0.],
           [0., 1.]]))
    """
    try:
        table, last = last_estimator(model)
        read = read_trees(last)
        trees = read.trees
        used = np.unique(trees.column[~trees.is_leaf])
        inputs = tree_inputs_of(lambda encoded: read.matrix(table(encoded)), model.space, rows, used)
        ensemble = _on_cells(trees, inputs, model.space, model.task, read.noise)
    except UnreadableError as error:
        return str(error)
    except Exception as error:  # a foreign library may have changed its insides; then others work on it
        return f"its trees could not be read ({type(error).__name__}: {error})"
    return ensemble if _agrees(ensemble, model, rows) else "what was read of its trees does not give its own scores"


def _agrees(ensemble: TreeEnsemble, model: Model, rows: NDArray[np.float64]) -> bool:
    few = rows[np.unique(np.linspace(0, len(rows) - 1, _N_CHECKS).astype(np.intp))]
    mixed = np.random.default_rng(0).permuted(few, axis=0)
    rows = np.vstack([few, mixed])
    said = model.scores(rows)
    tolerance = max(_CHECKED, 10.0 * ensemble.noise) * (1.0 + np.abs(said))
    read = ensemble.scores(rows)
    return read.shape == said.shape and bool((np.abs(read - said) <= tolerance).all())


def _on_cells(trees: Trees, inputs: TreeInputs, space: FeatureSpace, task: str, noise: float) -> TreeEnsemble:
    """Trade thresholds of columns for cells of features."""
    inner = ~trees.is_leaf
    feature = np.where(inner, inputs.feature[trees.column], CONSTANT)
    constant = inner & (feature == CONSTANT)
    asks_number = inner & ~constant & space.numeric[feature]
    asks_code = inner & ~constant & ~space.numeric[feature]
    if (asks_number & (trees.category_set != LEAF)).any():
        raise UnreadableError("it splits a number as if it were categories; declare that feature categorical")
    node = np.flatnonzero(asks_number)
    thresholds = np.column_stack([trees.column[node], trees.threshold[node]])
    distinct, which = np.unique(thresholds, axis=0, return_inverse=True)
    column = distinct[:, 0].astype(np.intp)
    number = exact_cuts(inputs, space, column, distinct[:, 1], trees.single)
    cuts = tuple(np.unique(number[inputs.feature[column] == j]) for j in range(len(space)))
    position = np.array(
        [np.searchsorted(cuts[j], cut) for j, cut in zip(inputs.feature[column], number, strict=True)], dtype=np.intp
    )
    cut = np.zeros(len(inner), dtype=np.intp)
    cut[node] = position[which.reshape(-1)]
    code_set, left_codes = _code_sets(trees, inputs, np.flatnonzero(asks_code))
    every = np.flatnonzero(inner)
    missing_left = trees.missing_left.copy()
    missing_left[every] = goes_left(trees, every, inputs.missing[trees.column[every]])
    near_left = np.where(inner, inputs.rises[trees.column], True)
    # All cells are on the near side of what asks about a constant.
    fixed = np.flatnonzero(constant)
    cut[fixed] = np.iinfo(np.intp).max // 2
    near_left[fixed] = missing_left[fixed]
    return TreeEnsemble(space, cuts, trees, feature, cut, near_left, missing_left, code_set, left_codes, task, noise)


def _code_sets(trees: Trees, inputs: TreeInputs, node: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Which categories go to the left at nodes that ask about one, each different question once."""
    which = np.full(len(trees.left), LEAF, dtype=np.intp)
    if len(node) == 0:
        return which, np.zeros((0, 1), dtype=bool)
    sets = goes_left(trees, node[:, None], inputs.codes[trees.column[node]])
    distinct, inverse = np.unique(sets, axis=0, return_inverse=True)
    which[node] = inverse.reshape(-1)
    return which, distinct


@dataclass(frozen=True, eq=False)
class _Paths:
    """Every question on the way to every leaf: the leaf, the node, and whether it lies to the left."""

    leaf: NDArray[np.intp]
    node: NDArray[np.intp]
    left: NDArray[np.bool_]


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


def _leaves_of(ensemble: TreeEnsemble) -> Leaves:
    trees = ensemble.trees
    leaf_nodes = _in_depth_order(trees)
    paths = _paths(trees, leaf_nodes)
    alive = np.ones(len(leaf_nodes), dtype=bool)
    is_fixed = ensemble.feature[paths.node] == CONSTANT
    alive[paths.leaf[is_fixed & (paths.left != ensemble.near_left[paths.node])]] = False
    paths = _Paths(paths.leaf[~is_fixed], paths.node[~is_fixed], paths.left[~is_fixed])
    order = np.lexsort((ensemble.feature[paths.node], paths.leaf))
    leaf, node, left = paths.leaf[order], paths.node[order], paths.left[order]
    feature = ensemble.feature[node]
    near = left == ensemble.near_left[node]
    n_cells = ensemble.n_cells[feature]
    beyond = np.minimum(ensemble.cut[node] + 1, n_cells)
    low, high = np.where(near, 0, beyond), np.where(near, beyond, n_cells)
    is_code = ensemble.code_set[node] != LEAF
    low, high = np.where(is_code, 0, low), np.where(is_code, n_cells, high)
    new = np.ones(len(leaf), dtype=bool)
    new[1:] = (leaf[1:] != leaf[:-1]) | (feature[1:] != feature[:-1])
    at = np.flatnonzero(new)
    if len(at) == 0:
        return _only_roots(trees, leaf_nodes[alive])
    missing = np.asarray(np.logical_and.reduceat(left == ensemble.missing_left[node], at))
    low, high = np.maximum.reduceat(low, at), np.minimum.reduceat(high, at)
    codes, takes = _taken_codes(ensemble, node, left, at)
    high = np.maximum(low, high)
    empty = ~missing & np.where(codes != LEAF, ~np.asarray(takes.any(axis=1))[codes], low == high)
    alive[leaf[at[empty]]] = False
    kept = alive[leaf[at]]
    count = np.bincount(leaf[at], minlength=len(leaf_nodes))[alive]
    return Leaves(
        tree=(np.searchsorted(trees.roots, leaf_nodes, side="right") - 1)[alive],
        value=trees.value[leaf_nodes[alive]],
        first_pair=np.concatenate([[0], np.cumsum(count)]).astype(np.intp),
        feature=feature[at][kept],
        low=low[kept],
        high=high[kept],
        missing=missing[kept],
        codes=codes[kept],
        takes=takes,
    )


def _only_roots(trees: Trees, leaf_nodes: NDArray[np.intp]) -> Leaves:
    none = np.zeros(0, dtype=np.intp)
    tree = np.arange(len(leaf_nodes))
    first = np.zeros(len(leaf_nodes) + 1, dtype=np.intp)
    empty = np.zeros((1, 1), dtype=bool)
    return Leaves(tree, trees.value[leaf_nodes], first, none, none, none, none.astype(bool), none, empty)


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
