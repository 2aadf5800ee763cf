"""An agent as a teacher: what it knows, and what it makes of that for others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.agent.resident import Resident
from coopdistill.cooperation.consortium import parts_of
from coopdistill.cooperation.lesson import Lesson
from coopdistill.cooperation.repertoire import Repertoire, make_repertoire
from coopdistill.cooperation.sharing import SharedRows, SharedVerdict, own_places
from coopdistill.expertise import (
    LEAST_LIFT,
    Answers,
    Testimony,
    Trust,
    answer_out_of_fold,
    answers_of,
    heard_together,
    in_need,
    qualified,
    trust_in,
)
from coopdistill.learners import Model
from coopdistill.seeds import derive_seed

__all__ = ["Teacher"]


class Teacher(Resident):
    """An agent that makes virtual instances, of its own rows or of shared ones."""

    @property
    def as_teacher(self) -> Model:
        """Its model as it teaches: no counterfactual goes where categories are that only others had rows of."""
        if self.known is None:
            return self.model
        return replace(self.model, codec=replace(self.model.codec, space=self.known))

    def judge(self, testimonies: list[Testimony], round_: int) -> Self:
        """Answer: here is what others say of your model; what are you right about on your own rows?

        It takes fits to find out, so it does not where nothing depends on it: others have told of all that it teaches.
        """
        if self.is_frozen or not self._must_judge(testimonies):
            return replace(self, answers=None)
        if self.settings.expertise == "in-sample":
            answers = answers_of(self.model, self.rows.X, self.rows.y)
        else:
            seed = derive_seed(self.settings.seed, "expertise", self.name, round_)
            answers = answer_out_of_fold(self.model, self.rows, seed=seed)
        model = replace(self.model, tolerance=self._tolerance(answers))
        return replace(self, model=model, answers=answers)

    def teach(self, students: list[Model], testimonies: list[Testimony], round_: int) -> list[Lesson]:
        """Answer: here are students' models, and what others say of yours; what do you send each?"""
        said = [self._said_by(student) for student in students]
        where = [self._where(self.answers, answers, student) for answers, student in zip(said, students, strict=True)]
        heard = self._with_vouched(testimonies)
        trust = [self._trust(self.as_teacher, self.answers, answers, heard, self._was_taught) for answers in said]
        wanted = [w & t.granted for w, t in zip(where, trust, strict=True)]
        repertoire = self._repertoire(self.as_teacher, self.rows.X, self.rows.y, wanted, self._part, round_)
        return [repertoire.lesson(student, w, t) for student, w, t in zip(students, where, trust, strict=True)]

    def study(self, teacher: Model, testimonies: list[Testimony], round_: int) -> list[Lesson]:
        """Answer: here is a teacher's model, and what others say of it; what do you learn from it?"""
        as_teacher = teacher.read(self.rows.X, self.model.space)
        said = answers_of(teacher, as_teacher, self.rows.y)
        where = self._where(said, self.answers, self.model)
        # On its own rows the student is hardly ever beaten; a teacher need not be, to be of use elsewhere.
        trust = self._trust(teacher, said, None, testimonies)
        repertoire = self._repertoire(teacher, as_teacher, self.rows.y, [where & trust.granted], self._part, round_)
        own = np.arange(len(self.rows.y))
        return [repertoire.lesson(self.model, where, trust, as_student=self.rows.X, own=own)]

    def share(self) -> SharedRows:
        """Hand its rows to everyone."""
        return SharedRows(self.name, self.model.space, self.rows.X, self.rows.y)

    def judge_shared(self, pool: list[SharedRows]) -> SharedVerdict:
        """Answer: how far off am I on the shared rows, and where must I be taught? On its own ones as judged."""
        as_student = self._answers_of_shared(self.model, pool)
        as_teacher = as_student if self.known is None else self._answers_of_shared(self.as_teacher, pool)
        need = [self._need(answers, self.model) for answers in as_student]
        return SharedVerdict(np.concatenate([answers.error for answers in as_teacher]), np.concatenate(need))

    def teach_shared(
        self, students: list[Model], pool: list[SharedRows], where: list[NDArray[np.bool_]], round_: int
    ) -> list[Lesson]:
        """Answer: here are students' models and where I am qualified among the shared rows; what do I send each?"""
        teacher = self.as_teacher
        is_read = np.concatenate([np.full(len(s.y), s.can_be_read_by(teacher)) for s in pool])
        where, pool = [w[is_read] for w in where], [s for s in pool if s.can_be_read_by(teacher)]
        X = np.vstack([s.X if s.owner == self.name else teacher.read(s.X, s.space) for s in pool])
        y = np.concatenate([s.y for s in pool])
        said = Answers.joined(self._answers_of_shared(teacher, pool))
        trust = trust_in(said, y, least_lift=self._least_lift)
        part = np.concatenate([parts_of(len(s.y), seed=self.settings.seed, owner=s.owner) for s in pool])
        repertoire = self._repertoire(teacher, X, y, [w & trust.granted for w in where], part, round_)
        return [
            repertoire.lesson(student, w, trust, own=own_places(student.name, pool))
            for student, w in zip(students, where, strict=True)
        ]

    def _answers_of_shared(self, model: Model, pool: list[SharedRows]) -> list[Answers]:
        return [self._judged if shared.owner == self.name else shared.answers_of(model) for shared in pool]

    @property
    def _least_lift(self) -> float | None:
        """In-sample expertise, the published way, asks for no more than being right."""
        return None if self.settings.expertise == "in-sample" else LEAST_LIFT

    def _must_judge(self, testimonies: list[Testimony]) -> bool:
        if self.model.task == "regression" or self.settings.asks_own_rows or self._was_taught:
            return True
        heard = heard_together(self._with_vouched(testimonies))
        settled = set() if heard is None else set(self.model.classes[heard.settles].tolist())
        return not settled.issuperset(self.rows.y.tolist())

    def _with_vouched(self, testimonies: list[Testimony]) -> list[Testimony]:
        """What others' rows say of its model, and others' models of its rows."""
        return testimonies if self.vouched is None else [*testimonies, self.vouched]

    def _trust(
        self,
        teacher: Model,
        said: Answers | None,
        by_student: Answers | None,
        testimonies: list[Testimony],
        was_taught: bool = False,
    ) -> Trust:
        return trust_in(
            said,
            self.rows.y,
            student=by_student if self.settings.hears_others else None,
            classes=teacher.classes,
            testimonies=testimonies,
            least_lift=self._least_lift,
            was_taught=was_taught,
        )

    def _where(self, by_teacher: Answers | None, by_student: Answers | None, student: Model) -> NDArray[np.bool_]:
        """Which own rows a lesson may start from."""
        anywhere = np.ones(len(self.rows.y), dtype=bool)
        right = anywhere if by_teacher is None else by_teacher.right(student.tolerance)
        need = anywhere if by_student is None else self._need(by_student, student)
        return qualified(right, need, self.settings.qualification)

    def _need(self, answers: Answers, student: Model) -> NDArray[np.bool_]:
        return in_need(answers.right(student.tolerance), answers.sureness(student.tolerance), self.settings.focus)

    def _tolerance(self, answers: Answers) -> float:
        """In regression what was asked for, or the median error: half of its own rows a student gets right."""
        if self.model.task == "classification":
            return 0.0
        return float(np.median(answers.error)) if self.settings.tolerance is None else self.settings.tolerance

    def _repertoire(
        self,
        teacher: Model,
        X: NDArray[np.float64],
        y: NDArray[Any],
        wanted: list[NDArray[np.bool_]],
        part: NDArray[np.int8],
        round_: int,
    ) -> Repertoire:
        return make_repertoire(
            teacher,
            X,
            y,
            np.logical_or.reduce(wanted),
            part,
            alpha=self.settings.alpha,
            qualification=self.settings.qualification,
            generator=self.settings.generator,
            per_row=self.settings.instances_per_row,
            seed=derive_seed(self.settings.seed, "teach", teacher.name, round_),
            # A later round's instances are made of nearly the same rows: two summaries could be subtracted.
            summarised=round_ == 1,
        )
