"""Whether being right is expertise or just the base rate."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_LIFT", "competence", "value_competence"]

LEAST_LIFT = 0.1
"""Share of the way from base rate to certainty that predictions of a class must be worth."""


def value_competence(error: NDArray[np.float64], y: NDArray[Any]) -> float:
    """Measure what predicted values are worth beyond the mean: the share of the variance that they explain.

    Parameters
    ----------
    error, y : ndarray of shape (n_rows,)
        Absolute errors on rows that the model has not seen, and true values.

    Returns
    -------
    float
        At most 1; 0 or less for a model that knows no more than the mean, or where all values are alike.

    Examples
    --------
    >>> value_competence(np.array([1.0, 1.0]), np.array([0.0, 4.0]))
    0.75
    """
    variance = float(np.var(y.astype(np.float64)))
    return 1.0 - float(np.mean(error**2)) / variance if variance > 0 else 0.0


def competence(predicted: NDArray[Any], y: NDArray[Any]) -> dict[Any, float]:
    """Measure, for each class, what a model's predictions of it are worth beyond the base rate.

    Where nineteen of twenty patients are ill, a model that calls everyone ill is right nineteen times of twenty, and
    knows nothing. The lift of a class is (precision − base rate) / (1 − base rate): 0 for such a model, 1 for
    one that is never wrong when it names the class.

    Parameters
    ----------
    predicted, y : ndarray of shape (n_rows,)
        Labels predicted for rows that the model has not seen, and true ones.

    Returns
    -------
    dict of label to float
        Lift of each class in `y`, at most 1; 0 for a class that is never predicted or the only one.

    Examples
    --------
    >>> y = np.array(["ill", "ill", "ill", "well"], dtype=object)
    >>> competence(np.array(["ill", "ill", "ill", "ill"], dtype=object), y)
    {'ill': 0.0, 'well': 0.0}
    >>> competence(y, y)
    {'ill': 1.0, 'well': 1.0}
    """
    lifts: dict[Any, float] = {}
    for label in sorted(set(y.tolist())):
        named = predicted == label
        base = float(np.mean(y == label))
        worth = named.any() and base < 1.0
        precision = float(np.mean(y[named] == label)) if worth else base
        lifts[label] = (precision - base) / (1.0 - base) if worth else 0.0
    return lifts
