"""Whether being right is expertise or just the base rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.expertise.answers import Answers

__all__ = ["LEAST_LIFT", "Expertise", "competence", "expertise_of", "value_competence"]

LEAST_LIFT = 0.1
"""Share of the way from base rate to certainty that predictions of a class must be worth."""


@dataclass(frozen=True, eq=False)
class Expertise:
    """What a model says of some rows, and on which of them its being right is more than the base rate.

    Parameters
    ----------
    answers : Answers
        Of rows that it has not seen, unless in-sample was asked for.
    competent : ndarray of shape (n_rows,), bool
        Where its predictions, in classification those of the row's class, are worth more than the base rate.
    """

    answers: Answers
    competent: NDArray[np.bool_]


def expertise_of(answers: Answers, y: NDArray[Any], *, least_lift: float | None = LEAST_LIFT) -> Expertise:
    """See a model's answers as expertise.

    Parameters
    ----------
    answers : Answers
        What it said of some rows.
    y : ndarray of shape (n_rows,)
        Their true labels or values.
    least_lift : float, optional
        Below which lift a model is not competent. None: being right is enough, as in the paper.

    Returns
    -------
    Expertise

    Examples
    --------
    >>> ill = np.array([1, 1, 1, 0])
    >>> everyone_is_ill = Answers.of_labels(np.array([1, 1, 1, 1]), ill, np.array([0.8, 0.8, 0.8, 0.2]))
    >>> expertise_of(everyone_is_ill, ill).competent
    array([False, False, False, False])
    """
    if least_lift is None:
        return Expertise(answers, np.ones(len(y), dtype=bool))
    if answers.score is None:
        return Expertise(answers, np.full(len(y), value_competence(answers.error, y) >= least_lift))
    lifts = competence(answers.predicted, y)
    return Expertise(answers, np.array([lifts[label] >= least_lift for label in y.tolist()], dtype=bool))


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
