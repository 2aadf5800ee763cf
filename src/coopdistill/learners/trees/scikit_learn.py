"""Trees of scikit-learn's estimators."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import BaseDecisionTree

from coopdistill.learners.trees.numbers import matrix_of
from coopdistill.learners.trees.structure import LEAF, UNREADABLE, Trees, TreesOf, UnreadableError, numbered_through

__all__ = ["scikit_learn_trees"]

_FORESTS = (ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor)
_BOOSTINGS = (GradientBoostingClassifier, GradientBoostingRegressor)
_HISTOGRAM_BOOSTINGS = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)


def scikit_learn_trees(estimator: Any) -> TreesOf:
    """Read the trees of a fitted tree, forest or boosting.

    Raises
    ------
    UnreadableError
        If it is something else.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> read = scikit_learn_trees(DecisionTreeRegressor().fit([[0.0], [1.0]], [2.0, 3.0]))
    >>> float(read.trees.threshold[0]), read.trees.outputs(np.array([[0.2], [0.7]])).ravel()
    (0.5, array([2., 3.]))
    """
    if getattr(estimator, "n_outputs_", 1) > 1:
        raise UnreadableError("it predicts several outputs")
    if isinstance(estimator, BaseDecisionTree):
        return TreesOf(_forest([estimator], is_classifier(estimator)), matrix_of)
    if isinstance(estimator, _FORESTS):
        return TreesOf(_forest(list(estimator.estimators_), is_classifier(estimator)), matrix_of)
    if isinstance(estimator, _BOOSTINGS):
        return TreesOf(_boosting(estimator), matrix_of)
    if isinstance(estimator, _HISTOGRAM_BOOSTINGS):
        return TreesOf(_histogram_boosting(estimator), lambda table: _preprocessed(estimator, table))
    raise UnreadableError(UNREADABLE)


def _preprocessed(estimator: Any, table: Any) -> NDArray[np.float64]:
    """Categories as the trees number them, and placed first."""
    return np.asarray(estimator._preprocess_X(table, reset=False), dtype=np.float64)


def _forest(members: list[Any], classification: bool) -> Trees:
    trees = [member.tree_ for member in members]
    values = np.concatenate([tree.value[:, 0, :] for tree in trees])
    if classification:
        values = values / values.sum(axis=1, keepdims=True)
    n_outputs = values.shape[1]
    return _joined(trees, values / len(trees), np.zeros(n_outputs), "identity")


def _boosting(estimator: Any) -> Trees:
    if not isinstance(estimator.init_, str | DummyClassifier | DummyRegressor):
        raise UnreadableError(f"its trees start from a {type(estimator.init_).__name__}, not from a constant")
    n_rounds, n_outputs = estimator.estimators_.shape
    trees = [member.tree_ for member in estimator.estimators_.ravel()]
    sizes = np.array([tree.node_count for tree in trees])
    output = np.repeat(np.tile(np.arange(n_outputs), n_rounds), sizes)
    values = np.zeros((len(output), n_outputs))
    leaf = np.concatenate([tree.value[:, 0, 0] for tree in trees])
    # The exponential loss counts margins by halves.
    scale = 2.0 if estimator.loss == "exponential" else 1.0
    values[np.arange(len(output)), output] = scale * estimator.learning_rate * leaf
    link = "identity" if not is_classifier(estimator) else "sigmoid" if n_outputs == 1 else "softmax"
    read = _joined(trees, values, np.zeros(n_outputs), link)
    # The constant that they start from is what is left of any row's margin.
    row = np.zeros((1, estimator.n_features_in_))
    said = estimator.decision_function(row) if is_classifier(estimator) else estimator.predict(row)
    start = scale * np.asarray(said, dtype=np.float64).reshape(1, -1) - read.outputs(row)
    return _joined(trees, values, start[0], link)


def _joined(trees: list[Any], values: NDArray[np.float64], offset: NDArray[np.float64], link: str) -> Trees:
    roots, shift = numbered_through([tree.node_count for tree in trees])

    def stacked(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(tree, name) for tree in trees])

    left, right = stacked("children_left"), stacked("children_right")
    leaf = left == LEAF
    return Trees(
        left=np.where(leaf, LEAF, left + shift),
        right=np.where(leaf, LEAF, right + shift),
        column=np.where(leaf, 0, stacked("feature")).astype(np.intp),
        threshold=np.where(leaf, np.nan, stacked("threshold")),
        missing_left=stacked("missing_go_to_left").astype(bool),
        category_set=np.full(len(left), LEAF, dtype=np.intp),
        left_categories=np.zeros((0, 0), dtype=bool),
        value=values,
        roots=roots,
        offset=offset,
        link=link,
        single=True,
    )


def _histogram_boosting(estimator: Any) -> Trees:
    grown = [tree for each_round in estimator._predictors for tree in each_round]
    n_outputs = len(estimator._predictors[0])
    nodes = np.concatenate([tree.nodes for tree in grown])
    sizes = [len(tree.nodes) for tree in grown]
    roots, shift = numbered_through(sizes)
    leaf = nodes["is_leaf"].astype(bool)
    categorical = nodes["is_categorical"].astype(bool) & ~leaf
    first_set = np.concatenate([[0], np.cumsum([len(tree.raw_left_cat_bitsets) for tree in grown])[:-1]])
    bits = np.concatenate([tree.raw_left_cat_bitsets for tree in grown])
    values = np.zeros((len(nodes), n_outputs))
    output = np.repeat(np.arange(len(grown)) % n_outputs, sizes)
    values[np.arange(len(nodes)), output] = np.where(leaf, nodes["value"], 0.0)
    # An infinite threshold parts the missing from all numbers.
    return Trees(
        left=np.where(leaf, LEAF, nodes["left"].astype(np.intp) + shift),
        right=np.where(leaf, LEAF, nodes["right"].astype(np.intp) + shift),
        column=np.where(leaf, 0, nodes["feature_idx"]).astype(np.intp),
        threshold=np.where(leaf | categorical, np.nan, nodes["num_threshold"]),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        category_set=np.where(categorical, nodes["bitset_idx"] + np.repeat(first_set, sizes), LEAF).astype(np.intp),
        left_categories=_unpacked(bits),
        value=values,
        roots=roots,
        offset=np.asarray(estimator._baseline_prediction, dtype=np.float64).reshape(-1),
        link=_histogram_link(estimator, n_outputs),
        single=False,
    )


def _histogram_link(estimator: Any, n_outputs: int) -> str:
    if is_classifier(estimator):
        return "sigmoid" if n_outputs == 1 else "softmax"
    return "exp" if estimator.loss in ("poisson", "gamma") else "identity"


def _unpacked(bits: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Bit sets of 32-bit words as booleans, shape (n_sets, 256)."""
    spread = (bits[:, :, None] >> np.arange(32, dtype=np.uint32)) & np.uint32(1)
    return np.asarray(spread.astype(bool).reshape(len(bits), 32 * bits.shape[1]))
