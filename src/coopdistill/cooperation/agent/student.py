"""An agent as a student: what it becomes by lessons, and whether it keeps that."""

from __future__ import annotations

from dataclasses import replace
from typing import Generic, NamedTuple, Self, TypeVar

import numpy as np

from coopdistill.cooperation.acceptance import Decision, confirm, consult, decide
from coopdistill.cooperation.agent.resident import Resident
from coopdistill.cooperation.committee import FEWEST_MEMBERS, agreed, tempered
from coopdistill.cooperation.consortium import Comparison
from coopdistill.cooperation.drafts import Drafts, how_many_drafts
from coopdistill.cooperation.lesson import Lesson, drop_duplicates, taught
from coopdistill.expertise import OwnRows
from coopdistill.learners import Model
from coopdistill.seeds import derive_seed

__all__ = ["Learned", "Student"]

A = TypeVar("A", bound=Resident)


class Learned(NamedTuple, Generic[A]):
    """What became of the lessons of one student.

    Parameters
    ----------
    agent : Agent
        With the refitted model, or as it was.
    decision : Decision
    kept : list of Lesson
        What is left of each lesson, in their order.
    """

    agent: A
    decision: Decision
    kept: list[Lesson]

    @classmethod
    def nothing(cls, agent: A, decision: Decision, lessons: list[Lesson]) -> Learned[A]:
        """Tell of an agent that stays as it is, and keeps nothing of its lessons."""
        return cls(agent, decision, [lesson.only(np.zeros(len(lesson), dtype=bool)) for lesson in lessons])


class Student(Resident):
    """An agent that is refitted with what it was sent."""

    def draft(self, lessons: list[Lesson], round_: int) -> Drafts | None:
        """Answer: what would you become by parts of these lessons, that others may compare? None: as you are."""
        kept = drop_duplicates(lessons, self.rows.taught_X, self.rows.taught_y)
        if sum(map(len, kept)) == 0:
            return None
        n_parts = how_many_drafts(sum(map(len, kept)), self.model.task)
        model = self._taught(kept).prepared(self.model, seed=self._refit_seed(round_))
        without = ([lesson.only(lesson.part % n_parts != part) for lesson in kept] for part in range(n_parts))
        return Drafts(tuple(self._refitted(self._taught(lessons), round_, model) for lessons in without))

    def learn(
        self, lessons: list[Lesson], comparisons: list[Comparison], committee: list[Drafts], round_: int
    ) -> Learned[Self]:
        """Answer: here are virtual instances, and models to ask about them; refit, and keep the result if it is better.

        Duplicates are dropped.
        """
        kept = drop_duplicates(lessons, self.rows.taught_X, self.rows.taught_y)
        if sum(map(len, kept)) == 0:
            return Learned(self, Decision(True, "there was nothing new to learn"), kept)
        seed = derive_seed(self.settings.seed, "accept", self.name, round_)
        taught = self._taught(kept)
        decision = decide(self.settings.acceptance, self.model, self.rows, taught, comparisons, seed=seed)
        if not decision.accepted:
            return Learned.nothing(self, decision, kept)
        to_fit = taught
        if len(committee) >= FEWEST_MEMBERS:
            own, new = np.arange(len(self.rows.y)), slice(len(self.rows.taught_y), None)
            X = taught.completed(self.model, own, seed=self._refit_seed(round_))[new]
            kept, left_out = agreed(kept, committee, X, self.model.space)
            taught, decision = self._taught(kept), replace(decision, reason=decision.reason + left_out)
            to_fit = self._tempered(taught, committee)
        model = self._refitted(to_fit, round_)
        return Learned(replace(self, model=model, rows=taught, answers=None, visitors={}, vouched=None), decision, kept)

    def settle(self, decision: Decision, comparisons: list[Comparison]) -> Decision:
        """Answer: here is what others say of your refitted model; do you keep it?"""
        return confirm(decision, comparisons, n_rows=len(self.rows), error_at_home=self._error_at_home)

    def consult(self, comparisons: list[Comparison]) -> Decision:
        """Answer: here is what others say of all models asked together; do you ask them, in place of yours alone?"""
        return consult(comparisons, n_rows=len(self.rows), error_at_home=self._error_at_home)

    @property
    def _error_at_home(self) -> float | None:
        """The mean squared error of its model on own rows that it has not seen, where that is known."""
        unseen = self.answers if self.settings.expertise == "out-of-fold" else None
        return None if unseen is None else float(unseen.squared_error.mean())

    def _taught(self, lessons: list[Lesson]) -> OwnRows:
        """Own rows with what they would be taught."""
        return taught(self.rows, lessons, from_own_rows=self.settings.imputation == "hot-deck")

    def _tempered(self, rows: OwnRows, committee: list[Drafts]) -> OwnRows:
        """Rows as a student of values is refitted with them."""
        if self.model.task == "classification":
            return rows
        others = [drafts for drafts in committee if drafts.first.name != self.name]
        return replace(rows, y=tempered(rows.y, others, rows.X, self.model.space, self._part))

    def _refitted(self, rows: OwnRows, round_: int, model: Model | None = None) -> Model:
        return rows.refit(model or self.model, np.arange(len(rows.y)), seed=self._refit_seed(round_))

    def _refit_seed(self, round_: int) -> int:
        return derive_seed(self.settings.seed, "refit", self.name, round_)
