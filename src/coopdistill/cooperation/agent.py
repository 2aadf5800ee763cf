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
from coopdistill.cooperation.lesson import Lesson, drop_duplicates
from coopdistill.cooperation.repertoire import Repertoire, make_repertoire
from coopdistill.counterfactuals import Generator
from coopdistill.exceptions import RunError
from coopdistill.expertise import (
    LEAST_LIFT,
    Answers,
    Expertise,
    OwnRows,
    answer_out_of_fold,
    answers_of,
    default_metric,
    expertise_of,
    in_need,
    qualified,
    score,
)
from coopdistill.learners import Model, with_new_categories
from coopdistill.participants import Participant, prepare
from coopdistill.schema import FeatureSpace
from coopdistill.seeds import derive_seed

__all__ = ["Agent", "Learned", "Settings", "SharedRows", "SharedVerdict"]


@dataclass(frozen=True)
class Settings:
    """What all agents of a cooperation agree on.

    Parameters
    ----------
    alpha : float
    tolerance : float or None
        In regression, up to which error a prediction counts as right; None: each one's median error.
    focus : str
        ``"wrong"``, ``"unsure"`` or ``"all"``.
    expertise : str
        ``"out-of-fold"`` or ``"in-sample"``.
    generator : str or Generator
    acceptance : str
    seed : int
        The run's.
    """

    alpha: float
    tolerance: float | None
    focus: str
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
    known : FeatureSpace, optional
        What its model knew before it met categories of others. Default: what it knows.
    """

    settings: Settings
    model: Model
    rows: OwnRows
    expertise: Expertise | None = None
    known: FeatureSpace | None = None

    @classmethod
    def of(cls, participant: Participant, settings: Settings) -> Agent:
        """Prepare a participant: encode its rows, fit its model where it is not fitted."""
        prepared = prepare(participant, seed=settings.seed)
        return cls(settings, prepared.model, OwnRows.untaught(prepared.X, prepared.y, prepared.weight))

    @property
    def name(self) -> str:
        """The participant's."""
        return self.model.name

    @property
    def is_frozen(self) -> bool:
        """Whether it has no rows, and so only teaches."""
        return len(self.rows.y) == 0

    @property
    def as_teacher(self) -> Model:
        """Its model as it teaches: no counterfactual goes where categories are that only others had rows of."""
        if self.known is None:
            return self.model
        return replace(self.model, codec=replace(self.model.codec, space=self.known))

    def meet(self, spaces: list[FeatureSpace]) -> Agent:
        """Answer: these are others' feature spaces; read their categories as they are, where your model takes them."""
        model = with_new_categories(self.model, spaces, self.rows.X)
        return replace(self, model=model, known=self.model.space)

    def judge(self, round_: int) -> Agent:
        """Find out what it is right about on its own rows."""
        if self.is_frozen:
            return self
        if self.settings.expertise == "in-sample":
            answers = answers_of(self.model, self.rows.X, self.rows.y)
        else:
            seed = derive_seed(self.settings.seed, "expertise", self.name, round_)
            answers = answer_out_of_fold(self.model, self.rows, seed=seed)
        model = replace(self.model, tolerance=self._tolerance(answers))
        return replace(self, model=model, expertise=self._expertise(answers))

    def teach(self, students: list[Model], round_: int) -> list[Lesson]:
        """Answer: here are students' models; where am I qualified to teach each, and what do I send?"""
        need = [
            self._need(answers_of(student, student.read(self.rows.X, self.model.space), self.rows.y), student)
            for student in students
        ]
        where = [
            qualified(self._judged.answers.right(student.tolerance), needed)
            for student, needed in zip(students, need, strict=True)
        ]
        competent = self._judged.competent
        repertoire = self._repertoire(self.as_teacher, self.rows.X, self.rows.y, [w & competent for w in where], round_)
        return [repertoire.lesson(student, w, competent) for student, w in zip(students, where, strict=True)]

    def study(self, teacher: Model, round_: int) -> list[Lesson]:
        """Answer: here is a teacher's model; where is it qualified to teach me, and what do I learn from it?"""
        as_teacher = teacher.read(self.rows.X, self.model.space)
        expertise = self._expertise(answers_of(teacher, as_teacher, self.rows.y))
        where = qualified(expertise.answers.right(self.model.tolerance), self._need(self._judged.answers, self.model))
        competent = expertise.competent
        repertoire = self._repertoire(teacher, as_teacher, self.rows.y, [where & competent], round_)
        own = np.arange(len(self.rows.y))
        return [repertoire.lesson(self.model, where, competent, as_student=self.rows.X, own=own)]

    def share(self) -> SharedRows:
        """Hand its rows to everyone."""
        return SharedRows(self.name, self.model.space, self.rows.X, self.rows.y)

    def judge_shared(self, pool: list[SharedRows]) -> SharedVerdict:
        """Answer: how far off am I on the shared rows, and where must I be taught? On its own ones as judged."""
        as_student = self._answers_of_shared(self.model, pool)
        as_teacher = as_student if self.known is None else self._answers_of_shared(self.as_teacher, pool)
        need = [self._need(answers, self.model) for answers in as_student]
        return SharedVerdict(np.concatenate([answers.error for answers in as_teacher]), np.concatenate(need))

    def _answers_of_shared(self, model: Model, pool: list[SharedRows]) -> list[Answers]:
        return [
            self._judged.answers
            if shared.owner == self.name
            else answers_of(model, model.read(shared.X, shared.space), shared.y)
            for shared in pool
        ]

    def teach_shared(
        self, students: list[Model], pool: list[SharedRows], where: list[NDArray[np.bool_]], round_: int
    ) -> list[Lesson]:
        """Answer: here are students' models and where I am qualified among the shared rows; what do I send each?"""
        teacher = self.as_teacher
        X = np.vstack([s.X if s.owner == self.name else teacher.read(s.X, s.space) for s in pool])
        y = np.concatenate([s.y for s in pool])
        competent = expertise_of(answers_of(teacher, X, y), y, least_lift=self._least_lift).competent
        repertoire = self._repertoire(teacher, X, y, [w & competent for w in where], round_)
        return [
            repertoire.lesson(student, w, competent, own=_own_rows(student, pool))
            for student, w in zip(students, where, strict=True)
        ]

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
        model = taught.refit(self.model, np.arange(len(self.rows.y)), seed=refit_seed)
        return Learned(replace(self, model=model, rows=taught, expertise=None), decision, kept)

    def score(self, model: Model, metric: str | None = None) -> float:
        """Answer: here is a model; what is it worth on my rows?"""
        predicted = model.predict(model.read(self.rows.X, self.model.space))
        return score(self.rows.y, predicted, metric or default_metric(self.rows.y, model.task))

    @property
    def _judged(self) -> Expertise:
        if self.expertise is None:
            raise RunError(f"agent {self.name!r} was asked before it judged its own rows")
        return self.expertise

    def _expertise(self, answers: Answers) -> Expertise:
        return expertise_of(answers, self.rows.y, least_lift=self._least_lift)

    @property
    def _least_lift(self) -> float | None:
        """In-sample expertise, the published way, asks for no more than being right."""
        return None if self.settings.expertise == "in-sample" else LEAST_LIFT

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
        round_: int,
    ) -> Repertoire:
        return make_repertoire(
            teacher,
            X,
            y,
            np.logical_or.reduce(wanted),
            alpha=self.settings.alpha,
            generator=self.settings.generator,
            seed=derive_seed(self.settings.seed, "teach", teacher.name, round_),
            # A later round's instances are made of nearly the same rows: two summaries could be subtracted.
            summarised=round_ == 1,
        )


def _own_rows(student: Model, pool: list[SharedRows]) -> NDArray[np.intp]:
    """Which row of the student's each shared row is, -1 for others' rows."""
    return np.concatenate([np.arange(len(s.y)) if s.owner == student.name else np.full(len(s.y), -1) for s in pool])


class SharedVerdict(NamedTuple):
    """What one participant says of all shared rows.

    Parameters
    ----------
    error : ndarray of shape (n_rows,), float64
        How far off it is; see `Answers`.
    need : ndarray of shape (n_rows,), bool
        Where it is to be taught.
    """

    error: NDArray[np.float64]
    need: NDArray[np.bool_]


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
