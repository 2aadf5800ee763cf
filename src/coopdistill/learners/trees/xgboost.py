"""Trees of XGBoost's estimators."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from coopdistill.learners.trees.numbers import column_numbers, matrix_of
from coopdistill.learners.trees.structure import LEAF, Trees, TreesOf, UnreadableError, numbered_through

__all__ = ["xgboost_trees"]

_NOISE = 1e-5
_MORE_CODES = 1024
"""Categories beyond those that any split names; all of them go to the left."""

_LINKS = {
    "binary:logistic": "sigmoid",
    "reg:logistic": "sigmoid",
    "multi:softprob": "softmax",
    "multi:softmax": "softmax",
    "count:poisson": "exp",
    "reg:gamma": "exp",
    "reg:tweedie": "exp",
    "reg:squarederror": "identity",
    "reg:absoluteerror": "identity",
    "reg:pseudohubererror": "identity",
    "reg:quantileerror": "identity",
}


def xgboost_trees(estimator: Any) -> TreesOf:
    """Read the trees of a fitted XGBoost classifier or regressor.

    Raises
    ------
    UnreadableError
        If its booster is linear or drops trees, its objective is unknown, or leaves hold vectors.

    Examples
    --------
    >>> from xgboost import XGBRegressor  # doctest: +SKIP
    >>> xgboost_trees(XGBRegressor(n_estimators=3).fit(X, y)).trees.roots.shape  # doctest: +SKIP
    (3,)
    """
    booster = estimator.get_booster()
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    objective = learner["objective"]["name"]
    if learner["gradient_booster"]["name"] != "gbtree":
        raise UnreadableError(f"its booster is {learner['gradient_booster']['name']!r}, not 'gbtree'")
    if objective not in _LINKS:
        raise UnreadableError(f"its objective {objective!r} is unknown here")
    model = learner["gradient_booster"]["model"]
    n_outputs = max(1, int(learner["learner_model_param"]["num_class"]))
    grown = _used_rounds(estimator, model)
    if any(int(tree["tree_param"]["size_leaf_vector"]) > 1 for tree, _ in grown):
        raise UnreadableError("its leaves hold vectors")
    missing = getattr(estimator, "missing", np.nan)
    trees = _joined(grown, n_outputs, _offset(learner, objective, n_outputs), _LINKS[objective])
    return TreesOf(trees, lambda table: _matrix(table, missing), noise=_NOISE)


def _matrix(table: Any, missing: float | None) -> NDArray[np.float64]:
    if isinstance(table, pd.DataFrame):
        matrix = np.column_stack([column_numbers(table[name]) for name in table.columns])
    else:
        matrix = matrix_of(table)
    return matrix if missing is None or np.isnan(missing) else np.where(matrix == missing, np.nan, matrix)


def _used_rounds(estimator: Any, model: Any) -> list[tuple[Any, int]]:
    """The trees that predictions use, each with its output: up to the best round, if training was stopped early."""
    try:
        n_rounds = int(estimator.best_iteration) + 1
    except AttributeError:
        n_rounds = len(model["iteration_indptr"]) - 1
    n_trees = model["iteration_indptr"][n_rounds]
    return list(zip(model["trees"][:n_trees], model["tree_info"][:n_trees], strict=True))


def _offset(learner: Any, objective: str, n_outputs: int) -> NDArray[np.float64]:
    said = np.array(json.loads(learner["learner_model_param"]["base_score"]), dtype=np.float64)
    link = _LINKS[objective]
    margin = logit(said) if link == "sigmoid" else np.log(said) if link == "exp" else said
    return np.asarray(np.broadcast_to(margin, (n_outputs,)), dtype=np.float64)


def _joined(grown: list[tuple[Any, int]], n_outputs: int, offset: NDArray[np.float64], link: str) -> Trees:
    sizes = [len(tree["left_children"]) for tree, _ in grown]
    roots, shift = numbered_through(sizes)

    def stacked(name: str, dtype: Any) -> NDArray[Any]:
        return np.concatenate([np.asarray(tree[name], dtype=dtype) for tree, _ in grown])

    left, right = stacked("left_children", np.intp), stacked("right_children", np.intp)
    condition = stacked("split_conditions", np.float32)
    leaf = left == LEAF
    categorical = (stacked("split_type", np.intp) == 1) & ~leaf
    category_set, left_categories = _category_sets(grown, roots, len(left))
    values = np.zeros((len(left), n_outputs))
    output = np.repeat(np.array([output for _, output in grown]), sizes)
    values[np.arange(len(left)), output] = np.where(leaf, condition, 0.0)
    # It asks whether a number is less, which is: at most the next smaller number of single precision.
    threshold = np.nextafter(condition, np.float32(-np.inf)).astype(np.float64)
    return Trees(
        left=np.where(leaf, LEAF, left + shift),
        right=np.where(leaf, LEAF, right + shift),
        column=np.where(leaf, 0, stacked("split_indices", np.intp)),
        threshold=np.where(leaf | categorical, np.nan, threshold),
        missing_left=stacked("default_left", np.intp).astype(bool),
        category_set=category_set,
        left_categories=left_categories,
        value=values,
        roots=roots,
        offset=offset,
        link=link,
        single=True,
    )


def _category_sets(
    grown: list[tuple[Any, int]], roots: NDArray[np.intp], n_nodes: int
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Sets of categories; the file lists those that go to the right."""
    which = np.full(n_nodes, LEAF, dtype=np.intp)
    rights: list[list[int]] = []
    for (tree, _), root in zip(grown, roots, strict=True):
        segments = zip(tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True)
        for node, first, size in segments:
            which[root + node] = len(rights)
            rights.append(tree["categories"][first : first + size])
    n_codes = max((max(codes, default=0) for codes in rights), default=-1) + 1
    left = np.ones((len(rights), n_codes + _MORE_CODES if rights else 0), dtype=bool)
    for row, codes in enumerate(rights):
        left[row, codes] = False
    return which, left
