"""What one teacher sends one student."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.cooperation.changes import Changes
from coopdistill.expertise import OwnRows
from coopdistill.schema import row_keys

__all__ = ["OF_INSTANCES", "Lesson", "drop_duplicates", "taught"]

OF_INSTANCES = ("X", "y", "before", "target", "after", "distance", "source", "part")
"""Fields of a lesson with an entry for each instance."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """Virtual instances from a teacher for a student, and how many rows they came from.

    Parameters
    ----------
    teacher, student : str
        Their names.
    qualified, generated, reached : int
        Instances that could be made of the rows on which the teacher is qualified; those that were; those of them that
        are to be taught.
    X : ndarray of shape (n_instances, n_student_features), float64
        In the student's feature space; only those that count as reached and are no copy of a row there.
    y : ndarray of shape (n_instances,)
        Labels.
    before, target, after : ndarray of shape (n_instances,), float64
        The teacher's score of the label: on the row, asked for, on the virtual instance.
    distance : ndarray of shape (n_instances,), float64
        From the row, in the teacher's spreads.
    source : ndarray of shape (n_instances,), int
        The student's own row that each came from, -1 where it came from another's.
    part : ndarray of shape (n_instances,), int8
        In which part of its owner's rows the row was that each came from; see `parts_of`.
    changes : Changes
        How what the teacher made, and is surer of, differs from the rows that it was made from.
    lacking : ndarray of shape (n_student_features,), bool
        Features of the student's that the teacher did not tell of: it lacks them.
    why_not : str
        Why some of the rows that it is qualified on were not taught; nothing where all were.
    """

    teacher: str
    student: str
    qualified: int
    generated: int
    reached: int
    X: NDArray[np.float64]
    y: NDArray[Any]
    before: NDArray[np.float64]
    target: NDArray[np.float64]
    after: NDArray[np.float64]
    distance: NDArray[np.float64]
    source: NDArray[np.intp]
    part: NDArray[np.int8]
    changes: Changes
    lacking: NDArray[np.bool_]
    why_not: str

    def __len__(self) -> int:
        return len(self.y)

    def only(self, which: NDArray[np.bool_]) -> Lesson:
        """Return the lesson with some of its instances."""
        if which.all():
            return self
        return replace(self, **{name: getattr(self, name)[which] for name in OF_INSTANCES})

    @property
    def without_sources(self) -> Lesson:
        """Return the lesson as it may be kept: which rows instances were made from matters only while it is taught."""
        return replace(self, source=np.full(len(self), -1))


def drop_duplicates(lessons: list[Lesson], known: NDArray[np.float64], known_y: NDArray[Any]) -> list[Lesson]:
    """Keep each virtual instance once over all lessons of a student (§ Method, step 4).

    Parameters
    ----------
    lessons : list of Lesson
        Of one student; the first that holds an instance keeps it.
    known : ndarray of shape (n_known, n_features), float64
        Instances that the student has already.
    known_y : ndarray of shape (n_known,)

    Returns
    -------
    list of Lesson
    """
    seen = pd.DataFrame(
        {
            "instance": np.concatenate([row_keys(known), *(row_keys(lesson.X) for lesson in lessons)]),
            "label": np.concatenate([known_y, *(lesson.y for lesson in lessons)]),
        }
    )
    is_new = ~seen.duplicated().to_numpy()
    ends = np.cumsum([len(known), *map(len, lessons)])
    return [lesson.only(is_new[end - len(lesson) : end]) for lesson, end in zip(lessons, ends[1:], strict=True)]


def taught(rows: OwnRows, lessons: list[Lesson], *, from_own_rows: bool) -> OwnRows:
    """Return a student's rows with what it would be taught.

    Parameters
    ----------
    rows : OwnRows
    lessons : list of Lesson
        Of that student.
    from_own_rows : bool
        Whether what teachers lack is to be taken from own rows.

    Returns
    -------
    OwnRows
    """
    lacking = [np.broadcast_to(lesson.lacking & from_own_rows, lesson.X.shape) for lesson in lessons]
    return replace(
        rows,
        taught_X=np.vstack([rows.taught_X, *(lesson.X for lesson in lessons)]),
        taught_y=np.concatenate([rows.taught_y, *(lesson.y for lesson in lessons)]),
        taught_from=np.concatenate([rows.taught_from, *(lesson.source for lesson in lessons)]),
        taught_lacking=np.vstack([rows.taught_lacking, *lacking]),
    )
