"""How far off the difference of two models' scores on the same test rows may be."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def contributions(truth: NDArray[Any], predicted: NDArray[Any], metric: str) -> NDArray[np.float64]:
    """Split a score into what each test row adds to it; in R², up to a constant.

    Parameters
    ----------
    truth, predicted : ndarray of shape (n_rows,)
    metric : {"accuracy", "balanced_accuracy", "r2"}

    Returns
    -------
    ndarray of shape (n_rows,), float64
    """
    if metric == "r2":
        values = truth.astype(np.float64)
        return -((predicted.astype(np.float64) - values) ** 2) / np.sum((values - values.mean()) ** 2)
    right = np.array([a == b for a, b in zip(truth.tolist(), predicted.tolist(), strict=True)], dtype=np.float64)
    if metric == "accuracy":
        return right / len(truth)
    _, codes, counts = np.unique(truth, return_inverse=True, return_counts=True)
    return np.asarray(right / (counts[codes] * len(counts)))


def error_of_difference(truth: NDArray[Any], before: NDArray[Any], after: NDArray[Any], metric: str) -> float:
    """Return the standard error of the paired difference of two scores, for test rows drawn at random.

    Parameters
    ----------
    truth, before, after : ndarray of shape (n_rows,)
        True labels or values, and what each model predicts.
    metric : {"accuracy", "balanced_accuracy", "r2"}

    Returns
    -------
    float
        In the unit of the score. 0 where no prediction changed.
    """
    difference = contributions(truth, after, metric) - contributions(truth, before, metric)
    return float(np.sqrt(len(truth)) * np.std(difference, ddof=1))
