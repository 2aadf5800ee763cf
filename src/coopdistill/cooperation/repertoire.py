"""What a teacher has to say of some rows, worked out once for all of its students."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.changes import ALL_VALUES, Changes, no_changes, summarise_changes
from coopdistill.cooperation.lesson import Lesson
from coopdistill.counterfactuals import Generated, Generator, Reference, generate, reference_of
from coopdistill.learners import Model
from coopdistill.schema import Alignment

__all__ = ["Repertoire", "make_repertoire"]


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
    place : ndarray of shape (n_rows,), int
        Where each row is found in `made`, -1 where nothing was made of it.
    made : Generated
    changes : Changes
        One for all students: if two were told of groups that differ in a single row, that row could be worked out.
    """

    teacher: Model
    X: NDArray[np.float64]
    y: NDArray[Any]
    reference: Reference
    place: NDArray[np.intp]
    made: Generated
    changes: Changes

    def lesson(
        self,
        student: Model,
        qualified: NDArray[np.bool_],
        worth_teaching: NDArray[np.bool_],
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
        worth_teaching : ndarray of shape (n_rows,), bool
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
        chosen = np.flatnonzero(qualified & worth_teaching)
        status = self.made.status[self.place[chosen]]
        kept = chosen[status == "reached"]
        made = self.place[kept]
        keep_missing = None if student.keep_missing is None else np.array(student.keep_missing)
        alignment = Alignment(self.teacher.space, student.space)
        base = None if as_student is None else as_student[kept]
        lesson = Lesson(
            teacher=self.teacher.name,
            student=student.name,
            qualified=int(qualified.sum()),
            generated=int((status != "failed").sum()),
            reached=len(kept),
            X=alignment.apply(self.made.X[made], base=base, keep_missing=keep_missing),
            y=self.y[kept],
            before=self.made.before[made],
            target=self.made.target[made],
            after=self.made.after[made],
            distance=self.made.distance[made],
            source=np.full(len(kept), -1) if own is None else own[kept],
            changes=self.changes,
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
    *,
    alpha: float,
    generator: str | Generator,
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
    alpha : float
        In (0, 1].
    generator : str or Generator
    seed : int
    summarised : bool, default=True
        Whether changes are summarised.

    Returns
    -------
    Repertoire
    """
    rows = np.flatnonzero(wanted)
    reference = reference_of(teacher, X, y)
    made = generate(
        teacher,
        X[rows],
        y[rows],
        alpha=alpha,
        generator="segments" if generator == "auto" and len(reference.X) > 1 else generator,
        reference=reference,
        seed=seed,
        ids=rows,
        certainty=_certainty(teacher, reference),
    )
    place = np.full(len(y), -1)
    place[rows] = np.arange(len(rows))
    changes = _changes(teacher, X[rows], y[rows], made) if summarised else no_changes(X.shape[1])
    return Repertoire(teacher, X, y, reference, place, made, changes)


def _changes(teacher: Model, X: NDArray[np.float64], y: NDArray[Any], made: Generated) -> Changes:
    reached = made.status == "reached"
    labels = y[reached] if teacher.task == "classification" else np.full(int(reached.sum()), ALL_VALUES, dtype=object)
    return summarise_changes(X[reached], made.X[reached], labels, teacher.space)


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
