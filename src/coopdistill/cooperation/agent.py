"""A participant's own agent: the only one that touches its rows.

Questions come from the coordinator and answers go back to it; both are plain values, so that they could
as well cross a wire. Of the answers only models, lessons, marks of right and wrong on shared rows and,
where that was agreed, rows leave the participant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.acceptance import Decision, decide
from coopdistill.cooperation.lesson import Lesson, Source, drop_duplicates, make_lesson
from coopdistill.counterfactuals import Generator, reference_of
from coopdistill.exceptions import RunError
from coopdistill.expertise import (
    LEAST_LIFT,
    Expertise,
    OwnRows,
    expertise_of,
    predict_out_of_fold,
    qualified,
    score_labels,
)
from coopdistill.learners import Model
from coopdistill.participant import Participant, prepare
from coopdistill.schema import FeatureSpace
from coopdistill.seeds import derive_seed

__all__ = ["Agent", "Learned", "Settings", "SharedRows"]


@dataclass(frozen=True)
class Settings:
    """What all agents of a cooperation agree on.

    Parameters
    ----------
    alpha : float
    expertise : str
        ``"out-of-fold"`` or ``"in-sample"``.
    generator : str or Generator
    acceptance : str
    seed : int
        The run's.
    """

    alpha: float
    expertise: str
    generator: str | Generator
    acceptance: str
    seed: int


@dataclass(frozen=True, eq=False)
class SharedRows:
    """Rows that a participant hands to everyone: the published way, and a disclosure of rows.

    Parameters
    ----------
    owner : str
    space : FeatureSpace
        Of the rows.
    X : ndarray of shape (n_rows, n_features), float64
        Encoded.
    y : ndarray of shape (n_rows,)
    """

    owner: str
    space: FeatureSpace
    X: NDArray[np.float64]
    y: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Agent:
    """A participant's own agent.

    Parameters
    ----------
    settings : Settings
    model : Model
        The participant's model as it stands.
    rows : OwnRows
        Its rows; they never leave but through `share`.
    expertise : Expertise, optional
        What it is right about, once `judge` was asked.
    """

    settings: Settings
    model: Model
    rows: OwnRows
    expertise: Expertise | None = None

    @classmethod
    def of(cls, participant: Participant, settings: Settings) -> Agent:
        """Prepare a participant: encode its rows, fit its model where it is not fitted."""
        prepared = prepare(participant, seed=settings.seed)
        return cls(settings, prepared.model, OwnRows.untaught(prepared.X, prepared.y))

    @property
    def name(self) -> str:
        """The participant's."""
        return self.model.name

    @property
    def is_frozen(self) -> bool:
        """Whether it has no rows, and so only teaches."""
        return len(self.rows.y) == 0

    def judge(self, round_: int) -> Agent:
        """Find out what it is right about on its own rows."""
        if self.is_frozen:
            return self
        if self.settings.expertise == "in-sample":
            return replace(self, expertise=self._expertise(self.model.predict(self.rows.X)))
        seed = derive_seed(self.settings.seed, "expertise", self.name, round_)
        return replace(self, expertise=self._expertise(predict_out_of_fold(self.model, self.rows, seed=seed)))

    def teach(self, student: Model, round_: int) -> Lesson:
        """Answer: here is a student's model; where am I qualified to teach it, and what do I send?"""
        predicted = student.predict(student.read(self.rows.X, self.model.space))
        where = qualified(self._judged.right, predicted == self.rows.y)
        reference = reference_of(self.model, self.rows.X, self.rows.y)
        source = Source(self.rows.X, self.rows.y, None, np.full(len(self.rows.y), -1), reference)
        return self._lesson(self.model, student, source, where, self._judged.competent, round_)

    def study(self, teacher: Model, round_: int) -> Lesson:
        """Answer: here is a teacher's model; where is it qualified to teach me, and what do I learn from it?"""
        as_teacher = teacher.read(self.rows.X, self.model.space)
        expertise = self._expertise(teacher.predict(as_teacher))
        where = qualified(expertise.right, self._judged.right)
        reference = reference_of(teacher, as_teacher, self.rows.y)
        source = Source(as_teacher, self.rows.y, self.rows.X, np.arange(len(self.rows.y)), reference)
        return self._lesson(teacher, self.model, source, where, expertise.competent, round_)

    def share(self) -> SharedRows:
        """Hand its rows to everyone."""
        return SharedRows(self.name, self.model.space, self.rows.X, self.rows.y)

    def judge_shared(self, pool: list[SharedRows]) -> NDArray[np.bool_]:
        """Answer: what of the shared rows am I right about? On its own ones as `judge` found."""
        return np.concatenate(
            [
                self._judged.right
                if shared.owner == self.name
                else self.model.predict(self.model.read(shared.X, shared.space)) == shared.y
                for shared in pool
            ]
        )

    def teach_shared(self, student: Model, pool: list[SharedRows], where: NDArray[np.bool_], round_: int) -> Lesson:
        """Answer: here is a student's model and where I am qualified among the shared rows; what do I send?"""
        X = np.vstack([s.X if s.owner == self.name else self.model.read(s.X, s.space) for s in pool])
        y = np.concatenate([s.y for s in pool])
        own = np.concatenate([np.arange(len(s.y)) if s.owner == student.name else np.full(len(s.y), -1) for s in pool])
        source = Source(X, y, None, own, reference_of(self.model, X, y))
        # Everyone's rows show what a teacher is worth; in-sample expertise, the published way, asks no further.
        least = None if self.settings.expertise == "in-sample" else LEAST_LIFT
        competent = expertise_of(self.model.predict(X), y, least_lift=least).competent
        return self._lesson(self.model, student, source, where, competent, round_)

    def learn(self, lessons: list[Lesson], round_: int) -> Learned:
        """Answer: here are virtual instances; drop duplicates, refit, and keep the result if it is acceptable."""
        kept = drop_duplicates(lessons, self.rows.taught_X, self.rows.taught_y)
        if sum(map(len, kept)) == 0:
            return Learned(self, Decision(True, "there was nothing new to learn"), kept)
        taught = replace(
            self.rows,
            taught_X=np.vstack([self.rows.taught_X, *(lesson.X for lesson in kept)]),
            taught_y=np.concatenate([self.rows.taught_y, *(lesson.y for lesson in kept)]),
            taught_from=np.concatenate([self.rows.taught_from, *(lesson.source for lesson in kept)]),
        )
        seed = derive_seed(self.settings.seed, "accept", self.name, round_)
        decision = decide(self.settings.acceptance, self.model, self.rows, taught, seed=seed)
        if not decision.accepted:
            return Learned(self, decision, [lesson.only(np.zeros(len(lesson), dtype=bool)) for lesson in kept])
        refit_seed = derive_seed(self.settings.seed, "refit", self.name, round_)
        model = self.model.refit(*taught.training(np.arange(len(self.rows.y))), seed=refit_seed)
        return Learned(replace(self, model=model, rows=taught, expertise=None), decision, kept)

    def score(self, model: Model, metric: str = "accuracy") -> float:
        """Answer: here is a model; what is it worth on my rows?"""
        predicted = model.predict(model.read(self.rows.X, self.model.space))
        return score_labels(self.rows.y, predicted, metric)

    @property
    def _judged(self) -> Expertise:
        if self.expertise is None:
            raise RunError(f"agent {self.name!r} was asked before it judged its own rows")
        return self.expertise

    def _expertise(self, predicted: NDArray[Any]) -> Expertise:
        least = None if self.settings.expertise == "in-sample" else LEAST_LIFT
        return expertise_of(predicted, self.rows.y, least_lift=least)

    def _lesson(
        self,
        teacher: Model,
        student: Model,
        source: Source,
        where: NDArray[np.bool_],
        competent: NDArray[np.bool_],
        round_: int,
    ) -> Lesson:
        return make_lesson(
            teacher,
            student,
            source,
            where,
            competent,
            alpha=self.settings.alpha,
            generator=self.settings.generator,
            seed=derive_seed(self.settings.seed, "teach", teacher.name, student.name, round_),
        )


class Learned(NamedTuple):
    """What became of the lessons of one student.

    Parameters
    ----------
    agent : Agent
        With the refitted model, or as it was.
    decision : Decision
    kept : list of Lesson
        What is left of each lesson, in their order.
    """

    agent: Agent
    decision: Decision
    kept: list[Lesson]
