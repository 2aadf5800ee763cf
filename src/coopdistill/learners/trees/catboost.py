"""Trees of CatBoost's estimators."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners.trees.numbers import matrix_of
from coopdistill.learners.trees.structure import LEAF, Trees, TreesOf, UnreadableError, joined_trees

__all__ = ["catboost_trees"]

_LINKS = {
    "Logloss": "sigmoid",
    "CrossEntropy": "sigmoid",
    "MultiClass": "softmax",
    "Poisson": "exp",
    "Tweedie": "exp",
    "RMSE": "identity",
    "MAE": "identity",
    "Quantile": "identity",
    "MAPE": "identity",
    "Huber": "identity",
}
_MISSING_RIGHT = "AsTrue"


def catboost_trees(estimator: Any) -> TreesOf:
    """Read the trees of a fitted CatBoost classifier or regressor on numbers.

    Raises
    ------
    UnreadableError
        If a split is on categories or text, trees are not symmetric, or the loss is unknown.

    Examples
    --------
    >>> from catboost import CatBoostRegressor  # doctest: +SKIP
    >>> catboost_trees(CatBoostRegressor(iterations=3, verbose=0).fit(X, y)).trees.roots.shape  # doctest: +SKIP
    (3,)
    """
    loss = str(estimator.get_all_params().get("loss_function", "")).partition(":")[0]
    if loss not in _LINKS:
        raise UnreadableError(f"its loss {loss!r} is unknown here")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        estimator.save_model(str(path), format="json")
        model = json.loads(path.read_text())
    if "oblivious_trees" not in model:
        raise UnreadableError("its trees are not symmetric")
    scale, offset = model["scale_and_bias"]
    outputs = np.asarray(offset, dtype=np.float64).reshape(-1)
    floats = {feature["feature_index"]: feature for feature in model["features_info"].get("float_features", [])}
    read = [_tree(tree, floats, float(scale), outputs, _LINKS[loss]) for tree in model["oblivious_trees"]]
    return TreesOf(joined_trees(read), matrix_of)


def _tree(tree: Any, floats: Any, scale: float, offset: NDArray[np.float64], link: str) -> Trees:
    """A symmetric tree: one split a level, the first of them the lowest bit of a leaf's number."""
    splits = tree["splits"] or []
    if any(split["split_type"] != "FloatFeature" for split in splits):
        raise UnreadableError("some of its splits are on categories or text")
    depth = len(splits)
    n_inner = 2**depth - 1
    # Nodes are numbered level by level; the last split stands at the root, so that leaves come in their order.
    level = np.floor(np.log2(np.arange(n_inner) + 1)).astype(np.intp)
    at = [splits[depth - 1 - i] for i in range(depth)]
    column = np.array([floats[split["float_feature_index"]]["flat_feature_index"] for split in at], dtype=np.intp)
    # It asks whether a number is greater than the border, in single precision.
    border = np.array([np.float32(split["border"]) for split in at], dtype=np.float64)
    right = [floats[s["float_feature_index"]]["nan_value_treatment"] == _MISSING_RIGHT for s in at]
    n_leaves = 2**depth
    children = 2 * np.arange(n_inner) + 1
    values = np.zeros((n_inner + n_leaves, len(offset)))
    values[n_inner:] = scale * np.asarray(tree["leaf_values"], dtype=np.float64).reshape(n_leaves, len(offset))

    def padded(inner: NDArray[Any], fill: Any) -> NDArray[Any]:
        return np.concatenate([inner, np.full(n_leaves, fill, dtype=inner.dtype)])

    return Trees(
        left=padded(children, LEAF),
        right=padded(children + 1, LEAF),
        column=padded(column[level], 0) if depth else np.zeros(1, dtype=np.intp),
        threshold=padded(border[level], np.nan) if depth else np.full(1, np.nan),
        missing_left=padded(~np.array(right, dtype=bool)[level], False) if depth else np.zeros(1, dtype=bool),
        category_set=np.full(n_inner + n_leaves, LEAF, dtype=np.intp),
        left_categories=np.zeros((0, 0), dtype=bool),
        value=values,
        roots=np.zeros(1, dtype=np.intp),
        offset=offset,
        link=link,
        single=True,
    )
