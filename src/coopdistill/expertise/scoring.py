"""What a model is worth on rows: the metric that is the same before and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, recall_score

from coopdistill.exceptions import OptionError, nearest_name

__all__ = ["METRICS", "check_metric", "score_labels"]


def _balanced_accuracy(truth: NDArray[np.intp], predicted: NDArray[np.intp]) -> float:
    return float(recall_score(truth, predicted, labels=np.unique(truth), average="macro"))


def _macro_f1(truth: NDArray[np.intp], predicted: NDArray[np.intp]) -> float:
    return float(f1_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0))


METRICS: dict[str, Callable[[NDArray[np.intp], NDArray[np.intp]], float]] = {
    "accuracy": accuracy_score,
    "balanced_accuracy": _balanced_accuracy,
    "f1_macro": _macro_f1,
}
"""By scikit-learn's names; the greater the better."""


def check_metric(metric: object) -> None:
    """Refuse an unknown metric.

    Raises
    ------
    OptionError
        Naming the nearest.
    """
    if metric not in METRICS:
        raise OptionError(f"unknown metric={metric!r}{nearest_name(metric, METRICS)}")


def score_labels(truth: NDArray[Any], predicted: NDArray[Any], metric: str = "accuracy") -> float:
    """Score predicted labels.

    Parameters
    ----------
    truth, predicted : ndarray of shape (n_rows,)
        Labels.
    metric : str, default="accuracy"
        One of `METRICS`.

    Returns
    -------
    float
        The greater the better.

    Examples
    --------
    >>> score_labels(np.array(["a", "b"], dtype=object), np.array(["a", "a"], dtype=object))
    0.5
    """
    check_metric(metric)
    positions: dict[object, int] = {}
    as_positions = [
        np.array([positions.setdefault(label, len(positions)) for label in labels.tolist()], dtype=np.intp)
        for labels in (truth, predicted)
    ]
    return float(METRICS[metric](*as_positions))
