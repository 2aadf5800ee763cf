"""In what a teacher is trusted: where being right is more than chance, and more than the student knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.expertise.answers import Answers
from coopdistill.expertise.competence import LEAST_LIFT, competence, value_competence
from coopdistill.expertise.testimony import Testimony, heard_together

__all__ = ["ALL_VALUES", "Trust", "trust_in"]

ALL_VALUES = None
"""In regression, what takes the place of a class."""

_BASE_RATE = "no better than the base rate"
_MEAN = "hardly better than the mean"
_STUDENT = "no better than the student"
_UNCONFIRMED = "not confirmed by others"


@dataclass(frozen=True, eq=False)
class Trust:
    """Of which rows a teacher may teach.

    Parameters
    ----------
    granted : ndarray of shape (n_rows,), bool
    why_not : mapping of label to str
        For each class that it may not teach, why; in regression one entry, under None.
    """

    granted: NDArray[np.bool_]
    why_not: Mapping[Any, str] = field(default_factory=dict)

    def explained(self, y: NDArray[Any], wanted: NDArray[np.bool_]) -> str:
        """Say why some of the rows that were wanted are not taught; nothing where all are.

        Parameters
        ----------
        y : ndarray of shape (n_rows,)
        wanted : ndarray of shape (n_rows,), bool

        Returns
        -------
        str
        """
        refused = set(y[wanted & ~self.granted].tolist())
        if not refused:
            return ""
        if ALL_VALUES in self.why_not:
            return self.why_not[ALL_VALUES]
        by_reason: dict[str, list[str]] = {}
        for label, reason in self.why_not.items():
            if label in refused:
                by_reason.setdefault(reason, []).append(repr(label))
        return "; ".join(f"{', '.join(labels)}: {reason}" for reason, labels in by_reason.items())


def trust_in(
    answers: Answers | None,
    y: NDArray[Any],
    *,
    student: Answers | None = None,
    classes: NDArray[Any] | None = None,
    testimonies: Sequence[Testimony] = (),
    least_lift: float | None = LEAST_LIFT,
    was_taught: bool = False,
) -> Trust:
    """Tell in what a teacher is trusted.

    A class is taught if others confirm it: others' rows that the teacher's model is right about it more often than by
    chance, and others' models that its rows are what their labels say. Where others cannot tell, or confirm it by less
    than a standard error, it is taught if the teacher's predictions of own rows are worth more than the base rate.
    Values are taught if the teacher is nearer to them than the student, or, where nothing is known of the student,
    than the mean; and if others confirm them.

    Parameters
    ----------
    answers : Answers, optional
        What the teacher said of rows that it has not seen. None, where testimonies settle all classes of the rows.
    y : ndarray of shape (n_rows,)
        Their true labels or values.
    student : Answers, optional
        What the student said of them.
    classes : ndarray of shape (n_classes,), optional
        Those that the teacher knows: what the entries of testimonies are about. Of values it is not read.
    testimonies : sequence of Testimony
        What others' rows say of the teacher's model, and what others' models say of its rows, see `averaged`. If there
        are none, it is taken at its own word.
    least_lift : float, optional
        Below which lift a model knows no more than the base rate. None: being right is enough, as in the paper.
    was_taught : bool, default=False
        Whether the teacher has learned from others. They will find it right then whatever its own rows say, and from
        these it teaches; so it must do for its own rows as well.

    Returns
    -------
    Trust

    Examples
    --------
    >>> ill = np.array([1, 1, 1, 0])
    >>> everyone_is_ill = Answers.of_labels(np.array([1, 1, 1, 1]), ill, np.array([0.8, 0.8, 0.8, 0.2]))
    >>> trust = trust_in(everyone_is_ill, ill)
    >>> trust.granted
    array([False, False, False, False])
    >>> trust.explained(ill, np.ones(4, dtype=bool))
    '0, 1: no better than the base rate'
    """
    if least_lift is None:
        return Trust(np.ones(len(y), dtype=bool))
    heard = heard_together(testimonies)
    if answers is not None and answers.score is None:
        reason = _doubt_of_values(answers, y, student, heard, least_lift, was_taught)
        return Trust(np.full(len(y), not reason), {ALL_VALUES: reason} if reason else {})
    lifts = {} if answers is None else competence(answers.predicted, y)
    own = {label: _BASE_RATE for label, lift in lifts.items() if lift < least_lift}
    told = {} if classes is None or heard is None else _told(classes, heard)
    unconfirmed = {label: _UNCONFIRMED for label, is_confirmed in told.items() if not is_confirmed}
    why_not = {label: reason for label, reason in own.items() if was_taught or label not in told} | unconfirmed
    return Trust(np.array([label not in why_not for label in y.tolist()], dtype=bool), why_not)


def _told(classes: NDArray[Any], heard: Testimony) -> dict[Any, bool]:
    """Of which classes others settle whether they are taught, and whether they confirm them."""
    return dict(zip(classes[heard.settles].tolist(), heard.is_confirmed[heard.settles].tolist(), strict=True))


def _doubt_of_values(
    answers: Answers,
    y: NDArray[Any],
    student: Answers | None,
    heard: Testimony | None,
    least_lift: float,
    was_taught: bool,
) -> str:
    if (student is None or was_taught) and value_competence(answers.error, y) < least_lift:
        return _MEAN
    if student is not None and np.mean(answers.error**2) >= np.mean(student.error**2):
        return _STUDENT
    confirmed = heard is None or not heard.can_tell[0] or heard.is_confirmed[0]
    return "" if confirmed else _UNCONFIRMED
