"""Trees of LightGBM's estimators."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.learners.trees.numbers import column_numbers, matrix_of
from coopdistill.learners.trees.structure import LEAF, Trees, TreesOf, UnreadableError, joined_trees

__all__ = ["lightgbm_trees"]

_LINKS = {
    "binary": "sigmoid",
    "cross_entropy": "sigmoid",
    "multiclass": "softmax",
    "poisson": "exp",
    "gamma": "exp",
    "tweedie": "exp",
    "regression": "identity",
    "regression_l1": "identity",
    "huber": "identity",
    "fair": "identity",
    "quantile": "identity",
    "mape": "identity",
}
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_NO_MISSING, _ZERO_IS_MISSING = 0, 1

_ZERO = float(np.float32(1e-35))
"""Numbers that are no farther from zero are zero to it."""


def lightgbm_trees(estimator: Any) -> TreesOf:
    """Read the trees of a fitted LightGBM classifier or regressor.

    Raises
    ------
    UnreadableError
        If its objective is unknown, its leaves hold linear models, or zeros count as missing.

    Examples
    --------
    >>> from lightgbm import LGBMRegressor  # doctest: +SKIP
    >>> lightgbm_trees(LGBMRegressor(n_estimators=3).fit(X, y)).trees.roots.shape  # doctest: +SKIP
    (3,)
    """
    text = estimator.booster_.model_to_string()
    head, *sections = text.split("\n\n\nend of trees")[0].split("\nTree=")
    facts = dict(line.partition("=")[::2] for line in head.splitlines())
    objective, *options = facts.get("objective", "custom").split()
    if objective not in _LINKS or "sqrt" in options:
        raise UnreadableError(f"its objective {' '.join([objective, *options])!r} is unknown here")
    n_outputs = int(facts["num_tree_per_iteration"])
    steepness = next((float(option.partition(":")[2]) for option in options if option.startswith("sigmoid:")), 1.0)
    is_mean = "average_output" in head.splitlines()
    scale = steepness / (max(1, len(sections) // n_outputs) if is_mean else 1)
    read = [_tree(section, i % n_outputs, n_outputs, scale, _LINKS[objective]) for i, section in enumerate(sections)]
    return TreesOf(joined_trees(read), _matrix_of(text))


def _matrix_of(text: str) -> Any:
    tail = text.rpartition("pandas_categorical:")[2].strip()
    known = json.loads(tail) if tail and tail != "null" else []

    def matrix(table: Any) -> NDArray[np.float64]:
        if not isinstance(table, pd.DataFrame):
            return matrix_of(table)
        left = iter(known)
        return np.column_stack([column_numbers(_as_in_training(table[name], left)) for name in table.columns])

    return matrix


def _as_in_training(column: Any, known: Iterator[Any]) -> Any:
    """A categorical column with the categories of training, of which the next are its own."""
    return column.cat.set_categories(next(known)) if isinstance(column.dtype, pd.CategoricalDtype) else column


def _tree(section: str, output: int, n_outputs: int, scale: float, link: str) -> Trees:
    facts = dict(line.partition("=")[::2] for line in section.splitlines())
    if facts.get("is_linear", "0").strip() == "1":
        raise UnreadableError("its leaves hold linear models")

    def numbers(name: str, dtype: Any) -> NDArray[Any]:
        return np.array(facts.get(name, "").split(), dtype=np.float64).astype(dtype)

    n_leaves = int(facts["num_leaves"])
    n_inner = n_leaves - 1
    kind = numbers("decision_type", np.intp)
    missing = kind >> 2
    if (missing == _ZERO_IS_MISSING).any():
        raise UnreadableError("zeros count as missing")
    categorical = (kind & _CATEGORICAL) != 0
    threshold = numbers("threshold", np.float64)
    # Where no value was missing in training, a missing one is read as zero; of categories, as unknown.
    default_left = np.where(missing == _NO_MISSING, threshold >= 0.0, (kind & _DEFAULT_LEFT) != 0) & ~categorical
    left_categories = _category_sets(numbers("cat_boundaries", np.intp), numbers("cat_threshold", np.uint32))
    values = np.zeros((n_inner + n_leaves, n_outputs))
    values[n_inner:, output] = scale * numbers("leaf_value", np.float64)

    def padded(inner: NDArray[Any], fill: Any) -> NDArray[Any]:
        return np.concatenate([inner, np.full(n_leaves, fill, dtype=inner.dtype)])

    def child(name: str) -> NDArray[np.intp]:
        at = numbers(name, np.intp)
        # Leaves are numbered -1, -2, …; here they come after the others.
        return padded(np.where(at < 0, n_inner + ~at, at), LEAF)

    return Trees(
        left=child("left_child"),
        right=child("right_child"),
        column=padded(numbers("split_feature", np.intp), 0),
        threshold=padded(np.where(categorical, np.nan, _around_zero(threshold)), np.nan),
        missing_left=padded(default_left, False),
        category_set=padded(np.where(categorical, threshold, LEAF).astype(np.intp), LEAF),
        left_categories=left_categories,
        value=values,
        roots=np.zeros(1, dtype=np.intp),
        offset=np.zeros(n_outputs),
        link=link,
        single=False,
    )


def _around_zero(threshold: NDArray[np.float64]) -> NDArray[np.float64]:
    """Thresholds that part numbers as they do after numbers next to zero have become zero."""
    threshold = np.where((threshold >= -_ZERO) & (threshold < 0.0), np.nextafter(-_ZERO, -np.inf), threshold)
    return np.where((threshold >= 0.0) & (threshold < _ZERO), _ZERO, threshold)


def _category_sets(boundaries: NDArray[np.intp], words: NDArray[np.uint32]) -> NDArray[np.bool_]:
    n_words = np.diff(boundaries) if len(boundaries) else np.zeros(0, dtype=np.intp)
    left = np.zeros((len(n_words), 32 * int(n_words.max(initial=0))), dtype=bool)
    bits = ((words[:, None] >> np.arange(32, dtype=np.uint32)) & np.uint32(1)).astype(bool)
    for row, (first, count) in enumerate(zip(boundaries, n_words, strict=False)):
        left[row, : 32 * count] = bits[first : first + count].ravel()
    return left
