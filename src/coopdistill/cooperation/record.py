"""What was transferred and what was disclosed, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from coopdistill.cooperation.lesson import Lesson
from coopdistill.learners import Model
from coopdistill.schema import as_frame

__all__ = ["Disclosure", "disclosure_table", "instance_table", "transfer_table"]

_COUNTS = ["qualified", "generated", "reached", "kept"]
_ABOUT = ["label", "teacher", "student", "score_before", "score_target", "score_after", "distance"]


@dataclass(frozen=True)
class Disclosure:
    """Something that left a participant.

    Parameters
    ----------
    round : int
        Counted from 1.
    what : str
        ``"feature summary"``, ``"model"``, ``"virtual instances"``, ``"scores"`` or ``"rows"``.
    sender, receiver : str
        Names of participants; ``"everyone"`` for all of them.
    count : int
        How many models, instances, scores or rows; features, of a summary.
    """

    round: int
    what: str
    sender: str
    receiver: str
    count: int


def disclosure_table(disclosures: Iterable[Disclosure]) -> pd.DataFrame:
    """Return disclosures as a table, a row each."""
    names = [field.name for field in fields(Disclosure)]
    return pd.DataFrame([[getattr(d, name) for name in names] for d in disclosures], columns=names)


def transfer_table(lessons: Iterable[tuple[Lesson, int]]) -> pd.DataFrame:
    """Return what each teacher gave each student, summed over rounds.

    Parameters
    ----------
    lessons : iterable of (Lesson, int)
        Lessons and how many of their instances were kept.

    Returns
    -------
    DataFrame
        Columns teacher, student, qualified, generated, reached, kept.
    """
    rows = [
        [lesson.teacher, lesson.student, lesson.qualified, lesson.generated, lesson.reached, kept]
        for lesson, kept in lessons
    ]
    table = pd.DataFrame(rows, columns=["teacher", "student", *_COUNTS]).astype(dict.fromkeys(_COUNTS, np.int64))
    return table.groupby(["teacher", "student"], sort=True, as_index=False)[_COUNTS].sum()


def instance_table(lessons: Iterable[Lesson], models: dict[str, Model]) -> pd.DataFrame:
    """Return virtual instances as a table: features as the student knows them, then what they are.

    Parameters
    ----------
    lessons : iterable of Lesson
        Those that were kept.
    models : dict of str to Model
        The students', which know their containers.

    Returns
    -------
    DataFrame
        The features of all students; a feature that a student lacks is missing. Then label, teacher, student,
        score_before, score_target, score_after, distance.
    """
    parts = []
    for lesson in lessons:
        model = models[lesson.student]
        frame = as_frame(model.codec.decode(lesson.X))
        # A feature may itself be called "label"; the instance's own columns keep their names.
        frame = frame.rename(columns={name: f"{name} (feature)" for name in _ABOUT if name in frame.columns})
        scores = [lesson.before, lesson.target, lesson.after]
        about: list[Any] = [lesson.y, lesson.teacher, lesson.student, *scores, lesson.distance]
        parts.append(frame.assign(**dict(zip(_ABOUT, about, strict=True))))
    filled = [part for part in parts if len(part)] or parts[:1]
    if not filled:
        return pd.DataFrame(columns=_ABOUT)
    table = pd.concat(filled, ignore_index=True)
    return table[[name for name in table.columns if name not in _ABOUT] + _ABOUT]
