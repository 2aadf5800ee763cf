"""What rows say of a model that has not seen them: whoever is right at home alone may be right by mistake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Testimony", "averaged", "heard_together", "testimony_of"]

LEAST_STANDARD_ERRORS = 1.0
"""By which a model must be right more often than by chance for nothing else to be asked."""

_FEWEST = 5
"""Fewer values than this say nothing of a correlation."""


@dataclass(frozen=True, eq=False)
class Testimony:
    """How far beyond chance a model is right on somebody's rows.

    It is about some classes; in regression there is one entry, for all values.

    Parameters
    ----------
    can_tell : ndarray of shape (n_classes,), bool
        Whether the rows can tell: they are of the class, and of another, too, and the model knows it.
    excess : ndarray of shape (n_classes,), float64
        Of a class: if the model had to name as many rows as there are of it, how many more of them would belong there
        than of as many drawn at random. Of values: Fisher's z of the correlation of prediction and truth, divided by
        its variance.
    variance : ndarray of shape (n_classes,), float64
        Of the excess, if the model knew nothing.
    """

    can_tell: NDArray[np.bool_]
    excess: NDArray[np.float64]
    variance: NDArray[np.float64]

    @property
    def is_confirmed(self) -> NDArray[np.bool_]:
        """Where the model is right more often than by chance, shape (n_classes,)."""
        return np.asarray(self.excess > 0)

    @property
    def settles(self) -> NDArray[np.bool_]:
        """Where nothing else need be asked, shape (n_classes,): it is not confirmed, or clearly.

        What is confirmed by no more than chance may do is left open.
        """
        clearly = self.excess > LEAST_STANDARD_ERRORS * np.sqrt(self.variance)
        return np.asarray(self.can_tell & (clearly | ~self.is_confirmed))

    @property
    def is_clear_on_the_whole(self) -> bool:
        """Whether all classes taken together are confirmed by more than chance may do."""
        return bool(self.excess.sum() > LEAST_STANDARD_ERRORS * np.sqrt(self.variance.sum()))

    def __add__(self, other: Testimony) -> Testimony:
        return Testimony(self.can_tell | other.can_tell, self.excess + other.excess, self.variance + other.variance)


def testimony_of(
    scores: NDArray[np.float64], y: NDArray[Any], classes: NDArray[Any], *, about: NDArray[Any]
) -> Testimony:
    """See what rows say of a model that has not seen them.

    A model whose rows at home are nearly all of one class names that class everywhere; that it is surer of it where it
    is true is knowledge all the same. So it is not counted what it names, but which rows it is surest of: of a class
    with m rows those m that have the greatest scores. Of rows that tie for the last places each counts its share.

    Parameters
    ----------
    scores : ndarray of shape (n_rows, n_model_classes), float64
        What the model said of the rows; its predictions, shape (n_rows, 1), of values.
    y : ndarray of shape (n_rows,)
        Their true labels or values.
    classes : ndarray of shape (n_model_classes,)
        What the columns of the scores are about; of values there are none.
    about : ndarray of shape (n_classes,)
        Which classes to testify about. Of values it is not read.

    Returns
    -------
    Testimony

    Examples
    --------
    >>> y = np.array(["ill", "ill", "well", "well"], dtype=object)
    >>> scores = np.array([[0.99, 0.01], [0.98, 0.02], [0.97, 0.03], [0.96, 0.04]])  # surer where it is true
    >>> classes = np.array(["ill", "well"], dtype=object)
    >>> testimony_of(scores, y, classes, about=classes).excess
    array([1., 1.])
    """
    if len(classes) == 0:
        return _of_values(scores[:, 0], y.astype(np.float64))
    columns = {label: column for column, label in enumerate(classes.tolist())}
    said = [_of_class(scores, columns.get(label), y == label) for label in about]
    can_tell, excess, variance = zip(*said, strict=True)
    return Testimony(np.array(can_tell), np.array(excess, dtype=np.float64), np.array(variance, dtype=np.float64))


def _of_class(scores: NDArray[np.float64], column: int | None, belongs: NDArray[np.bool_]) -> tuple[bool, float, float]:
    """Whether rows can tell of a class, by how much its surest rows beat chance, and the variance of chance."""
    n_rows, n_own = len(belongs), int(belongs.sum())
    n_others = n_rows - n_own
    if column is None or n_own == 0 or n_others == 0:
        return False, 0.0, 0.0
    score = scores[:, column]
    last = np.partition(score, n_others)[n_others]
    surer, tied = score > last, score == last
    n_tied, places = np.count_nonzero(tied), n_own - np.count_nonzero(surer)
    # In whole numbers, divided last: a model that tells no rows apart is no better than chance to the last bit.
    hits_by_ties = np.count_nonzero(surer & belongs) * n_tied + places * np.count_nonzero(tied & belongs)
    excess = (hits_by_ties * n_rows - n_own**2 * n_tied) / (n_tied * n_rows)
    # Hits of a draw without replacement follow the hypergeometric distribution.
    return True, excess, (n_own * n_others / n_rows) ** 2 / (n_rows - 1)


def _of_values(predicted: NDArray[np.float64], truth: NDArray[np.float64]) -> Testimony:
    if len(truth) < _FEWEST or np.ptp(truth) == 0:
        return Testimony(np.array([False]), np.zeros(1), np.zeros(1))
    # A perfect correlation has no end; one of 0.999 is as good.
    correlation = np.corrcoef(predicted, truth)[0, 1] if np.ptp(predicted) > 0 else 0.0
    z = np.arctanh(np.clip(correlation, -0.999, 0.999))
    weight = float(len(truth) - 3)
    return Testimony(np.array([True]), np.array([weight * z]), np.array([weight]))


def heard_together(testimonies: Sequence[Testimony]) -> Testimony | None:
    """Add up what different rows say of one model.

    Parameters
    ----------
    testimonies : sequence of Testimony
        About the same classes.

    Returns
    -------
    Testimony or None
        None if there is none.

    Examples
    --------
    >>> y, classes = np.array(["ill", "ill", "well", "well"], dtype=object), np.array(["ill", "well"], dtype=object)
    >>> adversary = np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    >>> testimony = testimony_of(adversary, y, classes, about=classes)
    >>> heard_together([testimony, testimony]).excess
    array([-2., -2.])
    """
    return sum(testimonies[1:], start=testimonies[0]) if testimonies else None


def averaged(testimonies: Sequence[Testimony]) -> Testimony | None:
    """Take the mean of what the same rows say of several models; their errors have much in common.

    Parameters
    ----------
    testimonies : sequence of Testimony
        About the same classes. Of each class those count that can tell.

    Returns
    -------
    Testimony or None
        None if there is none.
    """
    together = heard_together(testimonies)
    if together is None:
        return None
    n_told = np.maximum(np.sum([one.can_tell for one in testimonies], axis=0), 1)
    return Testimony(together.can_tell, together.excess / n_told, together.variance / n_told)
