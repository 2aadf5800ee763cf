"""What a teacher has to say of some rows, worked out once for all of its students."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.changes import ALL_VALUES, Changes, no_changes, summarise_changes
from coopdistill.cooperation.lesson import Lesson
from coopdistill.counterfactuals import (
    Generated,
    Generator,
    NearGenerator,
    Reference,
    SegmentGenerator,
    finds_several,
    generate,
    reference_of,
)
from coopdistill.expertise import Trust, answers_of
from coopdistill.learners import Model
from coopdistill.schema import Alignment

__all__ = ["PER_ROW", "Repertoire", "make_repertoire", "most_of_a_row"]

PER_ROW = {"classification": 2, "regression": 1}
"""Instances of a row. Its label holds on either side of it; how its value changes there, nobody knows."""

ENOUGH = 3_000
"""Instances of all rows that suffice: many rows tell of each other's surroundings."""

NEAR = NearGenerator(n_steps=5, closest=0.2, farthest=0.5)
"""Where an instance with a label stands: towards another row or away from it, by a quarter to nine twentieths."""


def most_of_a_row(given: int | None, generator: str | Generator, task: str, n_rows: int) -> int:
    """Return how many instances a teacher makes of a row at the most.

    Parameters
    ----------
    given : int, optional
        What was asked for. None: `PER_ROW` of the task, or fewer where all together are `ENOUGH`.
    generator : str or Generator
    task : {"classification", "regression"}
    n_rows : int
        How many rows there are.
    """
    if generator != "auto" and not finds_several(generator):
        return 1
    return max(1, min(PER_ROW[task], ENOUGH // max(n_rows, 1))) if given is None else given


@dataclass(frozen=True, eq=False)
class Repertoire:
    """A teacher's counterfactuals of some rows, from which it makes lessons.

    What it says of a row does not depend on who listens, nor on what else it was asked.

    Parameters
    ----------
    teacher : Model
    X : ndarray of shape (n_rows, n_teacher_features), float64
        In the teacher's space.
    y : ndarray of shape (n_rows,)
    reference : Reference
        What the generator could walk between.
    made_from : ndarray of shape (n_made,), int
        From which row each of `made` is. Of a row there may be several.
    made : Generated
    good : ndarray of shape (n_made,), bool
        Which of `made` are fit to be taught.
    error : ndarray of shape (n_made,), float64
        How far off the teacher is about each; 0 where that does not matter.
    part : ndarray of shape (n_rows,), int8
        See `Lesson`.
    changes : Changes
        One for all students: if two were told of groups that differ in a single row, that row could be worked out.
    per_row : int
        How many could be made of each row.
    """

    teacher: Model
    X: NDArray[np.float64]
    y: NDArray[Any]
    reference: Reference
    made_from: NDArray[np.intp]
    made: Generated
    good: NDArray[np.bool_]
    error: NDArray[np.float64]
    part: NDArray[np.int8]
    changes: Changes
    per_row: int

    def lesson(
        self,
        student: Model,
        qualified: NDArray[np.bool_],
        trust: Trust,
        *,
        as_student: NDArray[np.float64] | None = None,
        own: NDArray[np.intp] | None = None,
    ) -> Lesson:
        """Encode for one student what the teacher knows where it is qualified.

        Parameters
        ----------
        student : Model
        qualified : ndarray of shape (n_rows,), bool
            On which rows the teacher is qualified.
        trust : Trust
            On which of them it teaches.
        as_student : ndarray of shape (n_rows, n_student_features), float64, optional
            The rows as the student knows them: features that the teacher lacks keep their values. Default: it does not.
        own : ndarray of shape (n_rows,), int, optional
            Which row of the student's each is, -1 for another's. Default: none is.

        Returns
        -------
        Lesson
            In the student's feature space.
        """
        wanted = (qualified & trust.granted)[self.made_from]
        made = np.flatnonzero(wanted & self.good & (self.error <= student.tolerance))
        kept = self.made_from[made]
        keep_missing = None if student.keep_missing is None else np.array(student.keep_missing)
        alignment = Alignment(self.teacher.space, student.space)
        base = None if as_student is None else as_student[kept]
        lesson = Lesson(
            teacher=self.teacher.name,
            student=student.name,
            qualified=int(qualified.sum()) * self.per_row,
            generated=int(np.count_nonzero(wanted & (self.made.status != "failed"))),
            reached=len(kept),
            X=alignment.apply(self.made.X[made], base=base, keep_missing=keep_missing),
            y=self.y[kept],
            before=self.made.before[made],
            target=self.made.target[made],
            after=self.made.after[made],
            distance=self.made.distance[made],
            source=np.full(len(kept), -1) if own is None else own[kept],
            part=self.part[kept],
            changes=self.changes,
            lacking=alignment.lacking if base is None else np.zeros(len(student.space), dtype=bool),
            why_not=trust.explained(self.y, qualified),
        )
        if len(lesson) == 0:
            return lesson
        # What differs from a row only in features that the student lacks would be that row, sent as it is.
        rows = alignment.apply(self.X, base=as_student, keep_missing=keep_missing)
        return lesson.only(~replace(self.reference, X=rows).contains(lesson.X))


def make_repertoire(
    teacher: Model,
    X: NDArray[np.float64],
    y: NDArray[Any],
    wanted: NDArray[np.bool_],
    part: NDArray[np.int8],
    *,
    alpha: float,
    qualification: str,
    generator: str | Generator,
    per_row: int | None,
    seed: int,
    summarised: bool = True,
) -> Repertoire:
    """Let a teacher generate counterfactuals.

    Parameters
    ----------
    teacher : Model
    X : ndarray of shape (n_rows, n_teacher_features), float64
        Rows between which the generator may walk, in the teacher's space.
    y : ndarray of shape (n_rows,)
        Their labels.
    wanted : ndarray of shape (n_rows,), bool
        Of which rows counterfactuals are wanted.
    part : ndarray of shape (n_rows,), int8
        See `Lesson`.
    alpha : float
        In (0, 1].
    qualification : {"instance", "row"}
        What is fit to be taught: a point that the teacher is right about; or one that reached its target.
    generator : str or Generator
    per_row : int, optional
        How many of each row at the most, where the generator finds several. None: see `most_of_a_row`.
    seed : int
    summarised : bool, default=True
        Whether changes are summarised.

    Returns
    -------
    Repertoire
    """
    rows = np.flatnonzero(wanted)
    reference = reference_of(teacher, X, y)
    per_row = most_of_a_row(per_row, generator, teacher.task, len(y))
    if generator == "auto" and len(reference.X) > 1:
        stays_near = qualification == "instance" and teacher.task == "classification"
        generator = NEAR if stays_near else SegmentGenerator()
    ways = per_row if finds_several(generator) else 1
    made_from = np.tile(rows, ways)
    made = generate(
        teacher,
        X[made_from],
        y[made_from],
        alpha=alpha,
        generator=generator,
        reference=reference,
        seed=seed,
        ids=made_from,
        certainty=_certainty(teacher, reference),
        way=np.repeat(np.arange(ways), len(rows)) if ways > 1 else None,
    )
    good, error = _judged(teacher, made, y[made_from], qualification)
    first = slice(len(rows))
    if summarised:
        changes = _changes(teacher, X[rows], y[rows], made.part(first), good[first])
    else:
        changes = no_changes(X.shape[1])
    return Repertoire(teacher, X, y, reference, made_from, made, good, error, part, changes, ways)


def _judged(
    teacher: Model, made: Generated, y: NDArray[Any], qualification: str
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Tell what is fit to be taught, and how far off the teacher is there."""
    if qualification == "row":
        return made.status == "reached", np.zeros(len(y))
    good = made.status != "failed"
    error = np.full(len(y), np.inf)
    error[good] = answers_of(teacher, made.X[good], y[good]).error
    return good if teacher.task == "regression" else good & (error == 0), error


def _changes(
    teacher: Model, X: NDArray[np.float64], y: NDArray[Any], made: Generated, good: NDArray[np.bool_]
) -> Changes:
    # What it takes to be surer, where that is what an instance is.
    good = good & (made.status != "moved")
    labels = y[good] if teacher.task == "classification" else np.full(int(good.sum()), ALL_VALUES, dtype=object)
    return summarise_changes(X[good], made.X[good], labels, teacher.space)


def _certainty(teacher: Model, reference: Reference) -> NDArray[np.float64] | None:
    """For each class, the score at which a teacher that has margins and no probabilities counts as certain.

    Its margins have no natural end: those of some never come near the score 1, however sure it is. So its surest row
    of the class is as sure as it gets.
    """
    if teacher.task == "regression" or teacher.learner.capabilities.probabilities:
        return None
    surest = np.zeros(len(teacher.classes))
    np.maximum.at(surest, reference.label, reference.score)
    return np.where(surest > 0, surest, 1.0)
