"""What participants say together of an instance, once all of them have learned a part.

A draft is not taught what was made from one part of everybody's rows, and so has not been told of instances that were
made from that. Drafts visit everybody to be compared, so a student has them at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.drafts import Drafts
from coopdistill.cooperation.lesson import Lesson
from coopdistill.schema import FeatureSpace

__all__ = ["FEWEST_MEMBERS", "agreed", "contradicts", "tempered", "values_by"]

FEWEST_MEMBERS = 3
"""Of two, neither outvotes the other."""

LEAST_SHARE = 0.5
"""Of the greatest mean score, that of a label which is not contradicted: near a boundary two are about as good."""

SHARE_OF_OWN = 0.5
"""Of a student's own value of a row, where others have one for it, too."""


def agreed(
    lessons: Sequence[Lesson], committee: Sequence[Drafts], X: NDArray[np.float64], space: FeatureSpace
) -> tuple[list[Lesson], str]:
    """Return lessons as a committee would have them.

    A label is that of the row which an instance was made from; what is clearly contradicted is left out, unless that
    is everything. A value belongs to the row alone; that of the instance is what the committee says.

    Parameters
    ----------
    lessons : sequence of Lesson
        Of one student.
    committee : sequence of Drafts
        One at the least.
    X : ndarray of shape (n_instances, n_features), float64
        The instances of all lessons, nothing lacking.
    space : FeatureSpace
        Of the instances.

    Returns
    -------
    lessons : list of Lesson
    said : str
        How much was left out; nothing where nothing was.
    """
    part = np.concatenate([lesson.part for lesson in lessons])
    ends = np.cumsum([len(lesson) for lesson in lessons])[:-1]
    if committee[0].task == "regression":
        values = np.split(values_by(committee, X, space, part), ends)
        return [replace(lesson, y=value) for lesson, value in zip(lessons, values, strict=True)], ""
    y = np.concatenate([lesson.y for lesson in lessons])
    stays = ~contradicts(committee, X, y, space, part)
    if stays.all() or not stays.any():
        return list(lessons), ""
    left_out = f"; {np.count_nonzero(~stays)} of {len(stays)} instances are left out: others contradict them"
    return [lesson.only(part) for lesson, part in zip(lessons, np.split(stays, ends), strict=True)], left_out


def contradicts(
    committee: Sequence[Drafts], X: NDArray[np.float64], y: NDArray[Any], space: FeatureSpace, part: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Ask a committee about labelled instances, each member by the draft that has not been told of them.

    Parameters
    ----------
    committee : sequence of Drafts
        Of classifiers.
    X : ndarray of shape (n_instances, n_features), float64
    y : ndarray of shape (n_instances,)
        Their labels.
    space : FeatureSpace
        Of the instances.
    part : ndarray of shape (n_instances,), int8
        From which part of the rows each was made.

    Returns
    -------
    ndarray of shape (n_instances,), bool
        Where the mean score of another label is more than twice that of theirs.
    """
    classes = np.unique(np.concatenate([y, *(drafts.classes for drafts in committee)]))
    total = np.sum([drafts.scores(drafts.see(X, space), part, classes) for drafts in committee], axis=0)
    own = total[np.arange(len(y)), np.searchsorted(classes, y)]
    return np.asarray(own < LEAST_SHARE * total.max(axis=1))


def values_by(
    committee: Sequence[Drafts], X: NDArray[np.float64], space: FeatureSpace, part: NDArray[np.int8]
) -> NDArray[np.float64]:
    """Return the mean value that a committee of regressors gives to instances; see `contradicts`.

    Returns
    -------
    ndarray of shape (n_instances,), float64
    """
    said = [drafts.scores(drafts.see(X, space), part, drafts.classes)[:, 0] for drafts in committee]
    return np.asarray(np.mean(said, axis=0))


def tempered(
    y: NDArray[np.float64],
    committee: Sequence[Drafts],
    X: NDArray[np.float64],
    space: FeatureSpace,
    part: NDArray[np.int8],
) -> NDArray[np.float64]:
    """Return a student's own values halfway to what others say of its rows.

    A value that was measured is one draw of what might have been. Others, who have not seen it, tell of the rest.

    Parameters
    ----------
    y : ndarray of shape (n_rows,), float64
        Of the student's own rows.
    committee : sequence of Drafts
        Of regressors, the student's own not among them: it knows its rows by heart. Without any, values stay.
    X : ndarray of shape (n_rows, n_features), float64
    space : FeatureSpace
        Of the rows.
    part : ndarray of shape (n_rows,), int8
        In which part each row is.

    Returns
    -------
    ndarray of shape (n_rows,), float64
    """
    if not committee:
        return y
    return np.asarray(SHARE_OF_OWN * y + (1.0 - SHARE_OF_OWN) * values_by(committee, X, space, part))
