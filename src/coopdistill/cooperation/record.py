"""What was transferred and what was disclosed, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.cooperation.lesson import Lesson
from coopdistill.exceptions import AlignmentError
from coopdistill.learners import Model
from coopdistill.schema import Alignment, as_frame, common_library, stacked

__all__ = ["Disclosure", "disclosure_table", "instance_table", "shared_table", "transfer_table"]

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
        ``"category names"``, ``"feature summary"``, ``"model"``, ``"testimony"``, ``"virtual instances"``,
        ``"change summary"``, ``"draft"``, ``"comparison"``, ``"scores"`` or ``"rows"``.
    sender, receiver : str
        Names of participants; ``"everyone"`` for all of them.
    count : int
        How many names, models, drafts, instances, scores or rows; features, of a summary; classes, of a testimony or a
        comparison.
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
        Columns teacher, student, qualified, generated, reached, kept, reason.
    """
    pair = ["teacher", "student"]
    rows = [
        [lesson.teacher, lesson.student, lesson.qualified, lesson.generated, lesson.reached, kept, lesson.why_not]
        for lesson, kept in lessons
    ]
    table = pd.DataFrame(rows, columns=[*pair, *_COUNTS, "reason"]).astype(dict.fromkeys(_COUNTS, np.int64))
    merged = dict.fromkeys(_COUNTS, "sum") | {"reason": _each_once}
    return table.groupby(pair, sort=True, as_index=False).agg(merged)


def _each_once(reasons: pd.Series) -> str:
    return "; ".join(dict.fromkeys(reason for reason in reasons if reason))


def shared_table(teachers: Mapping[str, Model], students: Mapping[str, Model]) -> pd.DataFrame:
    """Return what features each teacher shares with each student.

    Parameters
    ----------
    teachers, students : dict of str to Model

    Returns
    -------
    DataFrame
        Columns teacher, student, n_shared, features: the student's names of them, in its order, as a tuple.
    """
    rows = [
        [teacher, student, len(shared), shared]
        for teacher, teaching in sorted(teachers.items())
        for student, learning in sorted(students.items())
        if teacher != student
        for shared in [_shared(teaching, learning)]
    ]
    return pd.DataFrame(rows, columns=["teacher", "student", "n_shared", "features"])


def _shared(teacher: Model, student: Model) -> tuple[str, ...]:
    try:
        return tuple(name for _, name in Alignment(teacher.space, student.space).shared)
    except AlignmentError:
        return ()


def instance_table(lessons: Iterable[Lesson], models: Mapping[str, Model]) -> Any:
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
        score_before, score_target, score_after, distance. Of the students' own library, where that is one, else of
        pandas. Without instances it has the same columns and no rows.
    """
    library = common_library(model.codec.container for model in models.values())
    parts = [_instances(lesson, models[lesson.student], library) for lesson in lessons if len(lesson)]
    # Where there are none, those made up tell what columns and dtypes there would be.
    shown = parts or [_made_up(name, model, library) for name, model in models.items()]
    table: Any = pd.concat(shown, ignore_index=True) if library is None else stacked(shown)
    ordered = table[[name for name in table.columns if name not in _ABOUT] + _ABOUT]
    ordered = ordered if parts else ordered.head(0)
    return ordered if library is None else ordered.to_native()


def _instances(lesson: Lesson, model: Model, library: Any) -> Any:
    """A lesson as a frame of pandas, or of narwhals if a library is given."""
    scores = [lesson.before, lesson.target, lesson.after]
    return _described(lesson.X, [lesson.y, lesson.teacher, lesson.student, *scores, lesson.distance], model, library)


def _made_up(name: str, model: Model, library: Any) -> Any:
    """One instance of a student's, of no meaning, as a frame."""
    label = np.zeros(1) if model.task == "regression" else model.classes[:1]
    row = np.nan_to_num(model.space.fill_codes())[None, :]
    return _described(row, [label, name, name, *(np.zeros(1) for _ in range(4))], model, library)


def _described(X: NDArray[np.float64], about: list[Any], model: Model, library: Any) -> Any:
    """Encoded rows, and what there is to be said about them, as a frame."""
    rows = model.codec.decode(X)
    frame: Any = as_frame(rows) if library is None else nw.from_native(rows, eager_only=True)
    # A feature may itself be called "label"; the instance's own columns keep their names.
    clashing = {name: f"{name} (feature)" for name in _ABOUT if name in frame.columns}
    if library is None:
        return frame.rename(columns=clashing).assign(**dict(zip(_ABOUT, about, strict=True)))
    columns = [
        nw.lit(value).alias(name) if isinstance(value, str) else nw.new_series(name, value.tolist(), backend=library)
        for name, value in zip(_ABOUT, about, strict=True)
    ]
    return frame.rename(clashing).with_columns(*columns)
