"""What one teacher sends one student."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals import Generator, Reference, generate
from coopdistill.learners import Model
from coopdistill.schema import Alignment

__all__ = ["Lesson", "Source", "drop_duplicates", "empty_lesson", "make_lesson"]


@dataclass(frozen=True, eq=False)
class Lesson:
    """Virtual instances from a teacher for a student, and how many rows they came from.

    Parameters
    ----------
    teacher, student : str
        Their names.
    qualified, generated, reached : int
        Rows on which the teacher is qualified; those worked on; those whose target was reached.
    X : ndarray of shape (n_instances, n_student_features), float64
        In the student's feature space; only those that reached their target and are no copy of a row there.
    y : ndarray of shape (n_instances,)
        Labels.
    before, target, after : ndarray of shape (n_instances,), float64
        The teacher's score of the label: on the row, asked for, on the virtual instance.
    distance : ndarray of shape (n_instances,), float64
        From the row, in the teacher's spreads.
    source : ndarray of shape (n_instances,), int
        The student's own row that each came from, -1 where it came from another's.
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

    def __len__(self) -> int:
        return len(self.y)

    def only(self, which: NDArray[np.bool_]) -> Lesson:
        """Return the lesson with some of its instances."""
        parts = {
            name: getattr(self, name)[which] for name in ("X", "y", "before", "target", "after", "distance", "source")
        }
        return replace(self, **parts)


@dataclass(frozen=True, eq=False)
class Source:
    """Rows that lessons start from, in the teacher's space.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_teacher_features), float64
    y : ndarray of shape (n_rows,)
    as_student : ndarray of shape (n_rows, n_student_features), float64, optional
        The same rows as the student knows them: features that the teacher lacks keep their values.
    own : ndarray of shape (n_rows,), int
        Which row of the student's each is, -1 for another's.
    reference : Reference
        What a generator may walk between.
    """

    X: NDArray[np.float64]
    y: NDArray[Any]
    as_student: NDArray[np.float64] | None
    own: NDArray[np.intp]
    reference: Reference


def empty_lesson(teacher: str, student: Model, source: Source, n_qualified: int) -> Lesson:
    """Return the lesson of a teacher that has nothing to teach."""
    none = np.zeros(0)
    X, sources = np.empty((0, len(student.space))), np.zeros(0, dtype=np.intp)
    return Lesson(teacher, student.name, n_qualified, 0, 0, X, source.y[:0], none, none, none, none, sources)


def make_lesson(
    teacher: Model,
    student: Model,
    source: Source,
    qualified: NDArray[np.bool_],
    competent: NDArray[np.bool_],
    *,
    alpha: float,
    generator: str | Generator,
    seed: int,
) -> Lesson:
    """Let a teacher encode what it knows where it is qualified.

    Parameters
    ----------
    teacher, student : Model
    source : Source
        Rows to start from.
    qualified : ndarray of shape (n_rows,), bool
        On which of them the teacher is qualified.
    competent : ndarray of shape (n_rows,), bool
        On which of them its being right is more than the base rate; only there it teaches.
    alpha : float
        In (0, 1].
    generator : str or Generator
    seed : int

    Returns
    -------
    Lesson
        In the student's feature space.
    """
    n_qualified = int(qualified.sum())
    chosen = np.flatnonzero(qualified & competent)
    if chosen.size == 0:
        return empty_lesson(teacher.name, student, source, n_qualified)
    made = generate(
        teacher,
        source.X[chosen],
        source.y[chosen],
        alpha=alpha,
        generator="segments" if generator == "auto" and len(source.reference.X) > 1 else generator,
        reference=source.reference,
        seed=seed,
    )
    reached = made.status == "reached"
    kept = chosen[reached]
    base = None if source.as_student is None else source.as_student[kept]
    keep_missing = None if student.keep_missing is None else np.array(student.keep_missing)
    alignment = Alignment(teacher.space, student.space)
    aligned = alignment.apply(made.X[reached], base=base, keep_missing=keep_missing)
    # What differs from a row only in features that the student lacks would be that row, sent as it is.
    rows = alignment.apply(source.X, base=source.as_student, keep_missing=keep_missing)
    copied = replace(source.reference, X=rows).contains(aligned)
    return Lesson(
        teacher=teacher.name,
        student=student.name,
        qualified=n_qualified,
        generated=int((made.status != "failed").sum()),
        reached=len(kept),
        X=aligned,
        y=source.y[kept],
        before=made.before[reached],
        target=made.target[reached],
        after=made.after[reached],
        distance=made.distance[reached],
        source=source.own[kept],
    ).only(~copied)


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
    seen = {_key(row, label) for row, label in zip(known, known_y.tolist(), strict=True)}
    kept = []
    for lesson in lessons:
        which = np.zeros(len(lesson), dtype=bool)
        for i, (row, label) in enumerate(zip(lesson.X, lesson.y.tolist(), strict=True)):
            key = _key(row, label)
            which[i] = key not in seen
            seen.add(key)
        kept.append(lesson.only(which))
    return kept


def _key(row: NDArray[np.float64], label: object) -> tuple[bytes, object]:
    return (row + 0.0).tobytes(), label
