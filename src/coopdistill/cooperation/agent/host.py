"""An agent as a host: what it says of models that visit its rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Generic, NamedTuple, Self, TypeVar

from coopdistill.cooperation.agent.resident import Resident
from coopdistill.cooperation.consortium import Comparison, compare
from coopdistill.cooperation.drafts import Drafts
from coopdistill.cooperation.ensemble import Ensemble
from coopdistill.cooperation.visits import Visit
from coopdistill.expertise import (
    Answers,
    Testimony,
    answers_and_scores_of,
    averaged,
    default_metric,
    score,
    testimony_of,
)
from coopdistill.learners import Model, Sight
from coopdistill.schema import Alignment

__all__ = ["Heard", "Host"]

A = TypeVar("A", bound=Resident)


class Heard(NamedTuple, Generic[A]):
    """What a participant's rows say of models that visited.

    Parameters
    ----------
    agent : Agent
        Which remembers what they said.
    testimonies : list of Testimony
        In the order of the visitors.
    """

    agent: A
    testimonies: list[Testimony]


class Host(Resident):
    """An agent that models of others visit."""

    def hear(self, visitors: list[Model]) -> Heard[Self]:
        """Answer: here are models; how far beyond chance is each right on your rows?"""
        visits, testimonies, vouched, y = dict[str, Visit](), [], [], self.rows.y
        for visitor in visitors:
            sight = visitor.see(visitor.read(self.rows.X, self.model.space))
            answers, scores = answers_and_scores_of(visitor, sight, y)
            visits[visitor.name] = Visit.of(answers, sight, len(visitors))
            testimonies.append(testimony_of(scores, y, visitor.classes, about=visitor.classes))
            vouched.append(testimony_of(scores, y, visitor.classes, about=self.model.classes))
        # Whoever was here in an earlier round has learned since.
        return Heard(replace(self, visitors=visits, vouched=averaged(vouched)), testimonies)

    def compare(self, visits: list[tuple[Model, Drafts]]) -> list[Comparison]:
        """Answer: here are models and drafts of what each may become; how much less do these err on your rows?"""
        return [self._compared(before, drafts) for before, drafts in visits]

    def compare_together(self, visitors: list[Model], ensemble: Ensemble) -> list[Comparison]:
        """Answer: here are models, and others that may be asked together; how much less do these err on your rows?"""
        after = ensemble.answers(self._sight_of, self.rows.y)
        return [self._found(visitor, after) for visitor in visitors]

    def score(self, model: Model, metric: str | None = None) -> float:
        """Answer: here is a model; what is it worth on my rows?"""
        predicted = model.predict(model.read(self.rows.X, self.model.space))
        return score(self.rows.y, predicted, metric or default_metric(self.rows.y, model.task))

    def _compared(self, before: Model, drafts: Drafts) -> Comparison:
        sight = self._sight_of(drafts.first)
        return self._found(before, drafts.answers(sight, self.rows.y, self._part))

    def _sight_of(self, visitor: Model) -> Sight:
        """Own rows as a visitor sees them: as what it was saw them, if that visited in this round."""
        visit = self.visitors.get(visitor.name)
        if visit is not None and visit.sight is not None:
            return visit.sight
        return visitor.see(visitor.read(self.rows.X, self.model.space))

    def _found(self, before: Model, after: Answers) -> Comparison:
        """Compare what a model says of own rows with what may take its place."""
        # Where nobody was asked to vouch for its labels, they are believed.
        is_vouched = self.vouched is None or self.vouched.is_clear_on_the_whole
        is_whole = not Alignment(self.model.space, before.space).lacking.any()
        return compare(self._said_by(before), after, self.rows.y, is_vouched=is_vouched, is_whole=is_whole)
