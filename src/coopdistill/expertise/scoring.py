"""What a model is worth on rows: the metric that is the same before and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    mean_absolute_error,
    r2_score,
    recall_score,
    root_mean_squared_error,
)

from coopdistill.exceptions import OptionError, nearest_name

__all__ = ["check_metric", "default_metric", "score"]

_SKEWED = 4.0
"""Classes are skewed where the most frequent has as many times the rows of the rarest."""


def _balanced_accuracy(truth: NDArray[np.intp], predicted: NDArray[np.intp]) -> float:
    return float(recall_score(truth, predicted, labels=np.unique(truth), average="macro"))


def _macro_f1(truth: NDArray[np.intp], predicted: NDArray[np.intp]) -> float:
    return float(f1_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0))


_OF_LABELS: dict[str, Callable[[NDArray[np.intp], NDArray[np.intp]], float]] = {
    "accuracy": accuracy_score,
    "balanced_accuracy": _balanced_accuracy,
    "f1_macro": _macro_f1,
}
_OF_VALUES: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], float]] = {
    "r2": r2_score,
    "neg_mean_absolute_error": lambda truth, predicted: -mean_absolute_error(truth, predicted),
    "neg_root_mean_squared_error": lambda truth, predicted: -root_mean_squared_error(truth, predicted),
}


def default_metric(truth: NDArray[Any], task: str) -> str:
    """Choose the metric for labels or values.

    Parameters
    ----------
    truth : ndarray of shape (n_rows,)
        True labels or values.
    task : {"classification", "regression"}

    Returns
    -------
    str
        ``"r2"`` of values; of labels ``"accuracy"``, or ``"balanced_accuracy"`` where the most frequent class has four
        times the rows of the rarest.

    Examples
    --------
    >>> default_metric(np.array([0, 0, 0, 0, 1]), "classification")
    'balanced_accuracy'
    """
    if task == "regression":
        return "r2"
    counts = np.unique(truth, return_counts=True)[1]
    return "balanced_accuracy" if counts.max() >= _SKEWED * counts.min() else "accuracy"


def check_metric(metric: object, task: str) -> None:
    """Refuse a metric that is unknown or not for the task.

    Raises
    ------
    OptionError
        Naming the nearest.
    """
    allowed = _OF_VALUES if task == "regression" else _OF_LABELS
    if metric not in allowed:
        raise OptionError(f"metric={metric!r} is none of {task}{nearest_name(metric, allowed)}")


def score(truth: NDArray[Any], predicted: NDArray[Any], metric: str) -> float:
    """Score predicted labels or values.

    Parameters
    ----------
    truth, predicted : ndarray of shape (n_rows,)
        Labels or values.
    metric : str
        Of labels ``"accuracy"``, ``"balanced_accuracy"`` or ``"f1_macro"``; of values ``"r2"``,
        ``"neg_mean_absolute_error"`` or ``"neg_root_mean_squared_error"``.

    Returns
    -------
    float
        The greater the better.

    Examples
    --------
    >>> score(np.array(["a", "b"], dtype=object), np.array(["a", "a"], dtype=object), "accuracy")
    0.5
    """
    if metric in _OF_VALUES:
        return float(_OF_VALUES[metric](truth.astype(np.float64), predicted.astype(np.float64)))
    check_metric(metric, "classification")
    positions: dict[object, int] = {}
    as_positions = [
        np.array([positions.setdefault(label, len(positions)) for label in labels.tolist()], dtype=np.intp)
        for labels in (truth, predicted)
    ]
    return float(_OF_LABELS[metric](*as_positions))
