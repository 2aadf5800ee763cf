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
    HalfwayGenerator,
    Reference,
    SegmentGenerator,
    finds_several,
    generate,
    nearest_kin,
    reference_of,
)
from coopdistill.expertise import Trust, answers_of
from coopdistill.learners import Model
from coopdistill.schema import Alignment

__all__ = ["PER_ROW", "Repertoire", "make_repertoire", "most_of_a_row"]

PER_ROW = {"classification": 3, "regression": 1}
"""Instances of a row. The label of a row holds on many ways from it; how its value changes on them, nobody knows."""

CLOSEST, FARTHEST = 0.2, 0.5
"""Shares of the way to a neighbour between which an instance with a label is looked for first."""


def most_of_a_row(given: int | None, generator: str | Generator, task: str) -> int:
    """Return how many instances a teacher makes of a row at the most.

    Parameters
    ----------
    given : int, optional
        What was asked for. None: `PER_ROW` of the task.
    generator : str or Generator
    task : {"classification", "regression"}
    """
    if generator != "auto" and not finds_several(generator):
        return 1
    return PER_ROW[task] if given is None else given


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
        Which of `made` came near enough to their target.
    error : ndarray of shape (n_made,), float64
        How far off the teacher is about each; 0 where that does not matter.
    half : ndarray of shape (n_rows,), int8
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
    half: NDArray[np.int8]
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
            half=self.half[kept],
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
    half: NDArray[np.int8],
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
    half : ndarray of shape (n_rows,), int8
        See `Lesson`.
    alpha : float
        In (0, 1].
    qualification : {"instance", "row"}
        What is near enough: a point that the teacher is right about and surer of than of the row; or one that reached
        its target.
    generator : str or Generator
    per_row : int, optional
        How many of each row at the most, where the generator finds several. None: `PER_ROW` of the task.
    seed : int
    summarised : bool, default=True
        Whether changes are summarised.

    Returns
    -------
    Repertoire
    """
    rows = np.flatnonzero(wanted)
    reference = reference_of(teacher, X, y)
    made_by = _Maker(teacher, X, y, alpha, reference, seed, _certainty(teacher, reference))
    per_row = most_of_a_row(per_row, generator, teacher.task)
    stays_on_data = generator == "auto" and len(reference.X) > 1
    if stays_on_data and qualification == "instance" and teacher.task == "classification":
        made = _near(made_by, rows, per_row)
    else:
        made = _several(made_by, rows, SegmentGenerator() if stays_on_data else generator, per_row)
    ways = len(made.status) // len(rows) if len(rows) else per_row
    made_from = np.tile(rows, ways)
    good, error = _judged(teacher, made, y[made_from], qualification)
    first = slice(len(rows))
    if summarised:
        changes = _changes(teacher, X[rows], y[rows], made.part(first), good[first])
    else:
        changes = no_changes(X.shape[1])
    return Repertoire(teacher, X, y, reference, made_from, made, good, error, half, changes, ways)


@dataclass(frozen=True, eq=False)
class _Maker:
    """A teacher with its rows, to be asked for counterfactuals of some of them."""

    teacher: Model
    X: NDArray[np.float64]
    y: NDArray[Any]
    alpha: float
    reference: Reference
    seed: int
    certainty: NDArray[np.float64] | None

    def __call__(
        self,
        rows: NDArray[np.intp],
        by: str | Generator,
        *,
        ids: NDArray[np.intp] | None = None,
        way: NDArray[np.intp] | None = None,
    ) -> Generated:
        return generate(
            self.teacher,
            self.X[rows],
            self.y[rows],
            alpha=self.alpha,
            generator=by,
            reference=self.reference,
            seed=self.seed,
            ids=rows if ids is None else ids,
            certainty=self.certainty,
            way=way,
        )


def _several(made_by: _Maker, rows: NDArray[np.intp], generator: str | Generator, per_row: int) -> Generated:
    """Make one counterfactual of each row; or one of each by the first way of a generator, and so on by the others."""
    if per_row == 1 or not finds_several(generator):
        return made_by(rows, generator)
    return made_by(np.tile(rows, per_row), generator, way=np.repeat(np.arange(per_row), len(rows)))


def _near(made_by: _Maker, rows: NDArray[np.intp], per_row: int) -> Generated:
    """Make counterfactuals of rows with labels: near them, as a label holds there, and not so near as to be them."""
    made = _several(made_by, rows, SegmentGenerator(closest=CLOSEST, farthest=FARTHEST), per_row)
    found = np.flatnonzero(made.status != "failed") % max(len(rows), 1)
    left = np.setdiff1d(np.arange(len(rows)), found)
    made.take(left, made_by(rows[left], SegmentGenerator(closest=CLOSEST)))
    # What is left has no surer row to walk towards: it is met halfway from the row next to it.
    left = left[made.status[left] == "failed"]
    kin = nearest_kin(made_by.X, made_by.y, rows[left], made_by.teacher.space)
    left, kin = left[kin >= 0], kin[kin >= 0]
    made.take(left, made_by(kin, HalfwayGenerator(made_by.X), ids=rows[left]))
    return made


def _judged(
    teacher: Model, made: Generated, y: NDArray[Any], qualification: str
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Tell what came near enough to its target, and how far off the teacher is there."""
    if qualification == "row":
        return made.status == "reached", np.zeros(len(y))
    good = made.status != "failed"
    error = np.full(len(y), np.inf)
    error[good] = answers_of(teacher, made.X[good], y[good]).error
    return good if teacher.task == "regression" else good & (error == 0), error


def _changes(
    teacher: Model, X: NDArray[np.float64], y: NDArray[Any], made: Generated, good: NDArray[np.bool_]
) -> Changes:
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
