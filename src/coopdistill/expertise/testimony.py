"""What others' rows say of a model: whoever is right at home alone may be right by mistake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.expertise.answers import Answers

__all__ = ["Testimony", "heard_together", "testimony_of"]

_FEWEST = 5
"""Fewer values than this say nothing of a correlation."""


@dataclass(frozen=True, eq=False)
class Testimony:
    """How far beyond chance a model is right on somebody's rows.

    It is about each class that the model knows; in regression there is one entry, for all values.

    Parameters
    ----------
    can_tell : ndarray of shape (n_classes,), bool
        Whether the rows can tell: they are of the class, and of another, too.
    excess : ndarray of shape (n_classes,), float64
        Of a class: how many more of the rows that the model puts in it belong there than of as many drawn at random. Of
        values: Fisher's z of the correlation of prediction and truth, divided by its variance.
    """

    can_tell: NDArray[np.bool_]
    excess: NDArray[np.float64]

    @property
    def is_confirmed(self) -> NDArray[np.bool_]:
        """Where the model is right more often than by chance, shape (n_classes,)."""
        return np.asarray(self.excess > 0)

    def __add__(self, other: Testimony) -> Testimony:
        return Testimony(self.can_tell | other.can_tell, self.excess + other.excess)


def testimony_of(answers: Answers, y: NDArray[Any], classes: NDArray[Any]) -> Testimony:
    """See what rows say of a model that has not seen them.

    Parameters
    ----------
    answers : Answers
        What the model said of them.
    y : ndarray of shape (n_rows,)
        Their true labels or values.
    classes : ndarray of shape (n_classes,)
        Those that the model knows. Of values it is not read.

    Returns
    -------
    Testimony

    Examples
    --------
    >>> y = np.array(["ill", "ill", "well", "well"], dtype=object)
    >>> testimony_of(Answers.of_labels(y, y, np.ones(4)), y, np.unique(y)).excess
    array([1., 1.])
    """
    return _of_values(answers, y) if answers.score is None else _of_labels(answers, y, classes)


def _of_labels(answers: Answers, y: NDArray[Any], classes: NDArray[Any]) -> Testimony:
    named = np.array([np.sum(answers.predicted == label) for label in classes], dtype=np.float64)
    hits = np.array([np.sum((answers.predicted == label) & (y == label)) for label in classes], dtype=np.float64)
    own = np.array([np.sum(y == label) for label in classes], dtype=np.float64)
    can_tell = (own > 0) & (own < len(y))
    # Counts are divided last, for a model of one answer to be no better than chance to the last bit.
    return Testimony(can_tell, np.where(can_tell, hits - named * own / max(len(y), 1), 0.0))


def _of_values(answers: Answers, y: NDArray[Any]) -> Testimony:
    predicted, truth = answers.predicted.astype(np.float64), y.astype(np.float64)
    if len(truth) < _FEWEST or np.ptp(truth) == 0:
        return Testimony(np.array([False]), np.zeros(1))
    # A perfect correlation has no end; one of 0.999 is as good.
    correlation = np.corrcoef(predicted, truth)[0, 1] if np.ptp(predicted) > 0 else 0.0
    z = np.arctanh(np.clip(correlation, -0.999, 0.999))
    return Testimony(np.array([True]), np.array([(len(truth) - 3) * z]))


def heard_together(testimonies: Sequence[Testimony]) -> Testimony | None:
    """Add up what others' rows say of one model.

    Parameters
    ----------
    testimonies : sequence of Testimony
        One of each participant that was asked.

    Returns
    -------
    Testimony or None
        None if nobody was asked.

    Examples
    --------
    >>> y = np.array(["ill", "ill", "well", "well"], dtype=object)
    >>> adversary = np.array(["well", "well", "ill", "ill"], dtype=object)
    >>> testimony = testimony_of(Answers.of_labels(adversary, y, np.zeros(4)), y, np.unique(y))
    >>> heard_together([testimony, testimony]).excess
    array([-2., -2.])
    """
    return sum(testimonies[1:], start=testimonies[0]) if testimonies else None
