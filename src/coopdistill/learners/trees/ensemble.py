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

__all__ = ["TreeEnsemble", "tree_ensemble_of"]

_N_CHECKS = 64
_CHECKED = 1e-6
_TRAVERSED_VALUES = 2_000_000


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
