"""LightGBM's models, in LightGBM's text."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners.libraries.library import is_of
from coopdistill.saving.foreign.foreign_part import Dumped, ForeignPart, class_named, is_fitted, plain_state
from coopdistill.saving.tree_positions import check_positions

__all__ = ["LightGBMPart"]

_CLASSES = ("LGBMClassifier", "LGBMRegressor")
_CATEGORICAL = 1
_OF_LEAVES = ("leaf_value", "leaf_weight", "leaf_count")
_OF_NODES = (
    *("left_child", "right_child", "split_feature", "decision_type", "threshold"),
    *("split_gain", "internal_value", "internal_weight", "internal_count"),
)


class LightGBMPart(ForeignPart):
    """A classifier or regressor of LightGBM."""

    name = "LightGBM"
    suffix = "lightgbm.txt"

    def holds(self, part: Any) -> bool:
        """Tell whether a part is an estimator of LightGBM, fitted or not."""
        return is_of(part, "lightgbm") and hasattr(type(part), "booster_")

    def dump(self, part: Any) -> Dumped:
        """Take an estimator apart; trees beyond the best iteration go along."""
        state = plain_state(part, "lightgbm", _CLASSES, without=("_Booster",))
        if not is_fitted(part):
            return Dumped(state, b"")
        booster = part.booster_
        text = booster.model_to_string(num_iteration=-1)
        _check(text)
        return Dumped({**state, "best_iteration": int(booster.best_iteration)}, text.encode())

    def load(self, state: dict[str, Any], content: bytes, *, architecture: Any) -> Any:
        """Check the trees, and let LightGBM read them."""
        made = class_named("lightgbm", _CLASSES, state["class"])()
        vars(made).update(state["attributes"])
        if content:
            text = content.decode()
            _check(text)
            made._Booster = _booster(text, int(state["best_iteration"]))
        return made


def _booster(text: str, best_iteration: int) -> Any:
    import lightgbm

    booster = lightgbm.Booster(model_str=text)
    booster.best_iteration = best_iteration
    return booster


def _check(text: str) -> None:
    """Refuse text whose numbers would lead LightGBM's parser, or a tree, out of what is there."""
    head, *_ = text.partition("\nTree=")
    facts = _facts(head)
    sizes = _whole(facts.get("tree_sizes", ""))
    start = len(head) + 1
    n_features = int(facts["max_feature_idx"]) + 1
    if len(facts["feature_names"].split()) != n_features or len(facts["feature_infos"].split()) != n_features:
        raise ValueError(f"it does not name its {n_features} features")
    n_outputs = int(facts["num_tree_per_iteration"])
    if n_outputs < 1 or len(sizes) % n_outputs or int(facts["num_class"]) < 1:
        raise ValueError(f"its {len(sizes)} trees are no rounds of {n_outputs}")
    for i, size in enumerate(sizes.tolist()):
        section = text[start : start + size]
        if size < 1 or not section.startswith(f"Tree={i}\n") or section.count("Tree=") != 1:
            raise ValueError(f"tree {i} is not where it says")
        _check_tree(_facts(section), n_features)
        start += size
    if not text[start:].startswith("end of trees"):
        raise ValueError("its trees do not end where it says")


def _check_tree(tree: dict[str, str], n_features: int) -> None:
    n_leaves = int(tree["num_leaves"])
    if int(tree.get("is_linear", "0")):
        raise ValueError("linear models in leaves are not read; train it without linear_tree")
    if n_leaves < 1 or len(tree["leaf_value"].split()) != n_leaves:
        raise ValueError(f"a tree in it has other than the {n_leaves} leaves that it names")
    if n_leaves == 1:
        return
    left, right, feature, kind = (
        _whole(tree[name]) for name in ("left_child", "right_child", "split_feature", "decision_type")
    )
    lengths = {name: len(tree[name].split()) for name in (*_OF_LEAVES, *_OF_NODES) if name in tree}
    if any(length != n_leaves - (name in _OF_NODES) for name, length in lengths.items()):
        raise ValueError(f"a tree in it has other nodes than its {n_leaves} leaves need")
    # A leaf is the complement of its number; as if leaves stood after all nodes, one rule holds for both.
    n_nodes = n_leaves - 1
    ends = [np.where(child < 0, n_nodes - 1 - child, child) for child in (left, right)]
    to_left, to_right, asked = (np.concatenate([values, np.zeros(n_leaves, np.int64)]) for values in (*ends, feature))
    check_positions(to_left, to_right, asked, n_features, leaf=np.arange(n_nodes + n_leaves) >= n_nodes)
    thresholds = tree["threshold"].split()
    _check_categories(tree, [thresholds[i] for i in np.flatnonzero(kind & _CATEGORICAL)])


def _check_categories(tree: dict[str, str], positions: list[str]) -> None:
    n_sets = int(tree["num_cat"])
    bounds = _whole(tree.get("cat_boundaries", "")) if n_sets else np.zeros(1, np.int64)
    n_words = len(tree.get("cat_threshold", "").split()) if n_sets else 0
    is_whole = len(bounds) == n_sets + 1 and bounds[0] == 0 and bounds[-1] == n_words
    if not is_whole or (np.diff(bounds) < 0).any():
        raise ValueError("a tree in it has other categories than it names")
    if any(not 0 <= float(position) < n_sets for position in positions):
        raise ValueError("a tree in it asks for categories that are not there")


def _facts(section: str) -> dict[str, str]:
    facts: dict[str, str] = {}
    for line in section.splitlines():
        name, _, value = line.partition("=")
        if name in facts and name:
            raise ValueError(f"it says {name!r} twice")
        facts[name] = value
    return facts


def _whole(text: str) -> NDArray[np.int64]:
    return np.array([int(word) for word in text.split()], dtype=np.int64)
