"""XGBoost's models, in XGBoost's JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners.libraries.library import is_of
from coopdistill.saving.foreign.foreign_part import Dumped, ForeignPart, class_named, is_fitted, plain_state
from coopdistill.saving.tree_positions import check_positions

__all__ = ["XGBoostPart"]

_CLASSES = ("XGBClassifier", "XGBRegressor", "XGBRFClassifier", "XGBRFRegressor")
_LEAF = -1
_OF_NODES = (
    *("left_children", "right_children", "parents", "split_indices", "split_conditions", "default_left"),
    *("loss_changes", "sum_hessian"),
)


class XGBoostPart(ForeignPart):
    """A classifier or regressor of XGBoost.

    JSON rather than its binary form: both hold the same numbers to the last bit, and this one can be checked before
    the library's own parser sees it.
    """

    name = "XGBoost"
    suffix = "xgboost.json"

    def holds(self, part: Any) -> bool:
        """Tell whether a part is an estimator of XGBoost, fitted or not."""
        return is_of(part, "xgboost") and hasattr(part, "get_booster")

    def dump(self, part: Any) -> Dumped:
        """Take an estimator apart."""
        state = plain_state(part, "xgboost", _CLASSES, without=("_Booster",))
        return Dumped(state, bytes(part.get_booster().save_raw("json")) if is_fitted(part) else b"")

    def load(self, state: dict[str, Any], content: bytes, *, architecture: Any) -> Any:
        """Check the trees, and let XGBoost read them."""
        made = class_named("xgboost", _CLASSES, state["class"])()
        vars(made).update(state["attributes"])
        if content:
            made._Booster = _booster(content)
        return made


def _booster(content: bytes) -> Any:
    import xgboost

    _check(json.loads(content))
    return xgboost.Booster(model_file=bytearray(content))


def _check(model: Any) -> None:
    learner = model["learner"]
    sizes = learner["learner_model_param"]
    n_features = int(sizes["num_feature"])
    n_outputs = max(int(sizes["num_class"]), int(sizes.get("num_target", 1)), 1)
    booster = learner["gradient_booster"]
    if booster["name"] == "gblinear":
        n_weights = len(booster["model"]["weights"])
        if n_weights != (n_features + 1) * n_outputs:
            raise ValueError(f"it has {n_weights} weights for {n_features} features and {n_outputs} outputs")
        return
    if booster["name"] == "dart" and len(booster["weight_drop"]) != len(booster["gbtree"]["model"]["trees"]):
        raise ValueError("it does not have one weight for each tree")
    _check_trees((booster["gbtree"] if booster["name"] == "dart" else booster)["model"], n_features, n_outputs)


def _check_trees(forest: Any, n_features: int, n_outputs: int) -> None:
    trees = forest["trees"]
    groups = _whole(forest["tree_info"])
    if int(forest["gbtree_model_param"]["num_trees"]) != len(trees) or len(groups) != len(trees):
        raise ValueError(f"it says that it has other than the {len(trees)} trees that it has")
    if ((groups < 0) | (groups >= n_outputs)).any():
        raise ValueError(f"a tree in it adds to an output beyond the {n_outputs}")
    rounds = _whole(forest.get("iteration_indptr", [0, len(trees)]))
    if len(rounds) < 1 or rounds[0] != 0 or rounds[-1] != len(trees) or (np.diff(rounds) < 0).any():
        raise ValueError("its rounds of trees overlap")
    for tree in trees:
        _check_tree(tree, n_features)


def _check_tree(tree: Any, n_features: int) -> None:
    left, right = _whole(tree["left_children"]), _whole(tree["right_children"])
    n_nodes = int(tree["tree_param"]["num_nodes"])
    if n_nodes < 1 or int(tree["tree_param"]["num_feature"]) > n_features:
        raise ValueError(f"a tree in it has {n_nodes} nodes, or more than the {n_features} features")
    width = int(tree["tree_param"].get("size_leaf_vector", 1))
    if any(len(tree[name]) != n_nodes for name in _OF_NODES) or len(tree["base_weights"]) != n_nodes * max(width, 1):
        raise ValueError(f"a tree in it has other than the {n_nodes} nodes that it names")
    check_positions(left, right, _whole(tree["split_indices"]), n_features, leaf=left == _LEAF)
    _check_categories(tree, n_nodes)


def _check_categories(tree: Any, n_nodes: int) -> None:
    nodes, n_categories = _whole(tree.get("categories_nodes", [])), len(tree.get("categories", []))
    starts, sizes = _whole(tree.get("categories_segments", [])), _whole(tree.get("categories_sizes", []))
    if not len(nodes) == len(starts) == len(sizes):
        raise ValueError("a tree in it has categories of other nodes than it names")
    if ((nodes < 0) | (nodes >= n_nodes)).any() or (starts < 0).any() or (sizes < 0).any():
        raise ValueError("a tree in it has categories of a node that is not there")
    if (starts + sizes > n_categories).any() or (_whole(tree.get("categories", [])) < 0).any():
        raise ValueError("a tree in it asks for categories that are not there")
    by_category = np.flatnonzero(_whole(tree.get("split_type", [])) == 1)
    if not np.isin(by_category, nodes).all():
        raise ValueError("a tree in it splits by categories and has none")


def _whole(values: Any) -> NDArray[np.int64]:
    return np.asarray(values, dtype=np.int64).reshape(-1)
