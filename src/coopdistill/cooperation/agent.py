"""A participant's own agent: the only one that touches its rows.

Questions come from the coordinator and answers go back to it; both are plain values, so that they could
as well cross a wire. Of the answers only models, lessons, sums over rows, marks of right and wrong on shared rows
and, where that was agreed, rows leave the participant.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.acceptance import Decision, confirm, consult, decide
from coopdistill.cooperation.committee import FEWEST_MEMBERS, agreed, tempered
from coopdistill.cooperation.consortium import Comparison, compare, parts_of
from coopdistill.cooperation.drafts import Drafts, how_many_drafts
from coopdistill.cooperation.ensemble import Ensemble
from coopdistill.cooperation.lesson import Lesson, drop_duplicates, taught
from coopdistill.cooperation.repertoire import Repertoire, make_repertoire
from coopdistill.cooperation.settings import Settings
from coopdistill.cooperation.sharing import SharedRows, SharedVerdict, own_places
from coopdistill.cooperation.visits import Visit
from coopdistill.exceptions import RunError
from coopdistill.expertise import (
    LEAST_LIFT,
    Answers,
    OwnRows,
    Testimony,
    Trust,
    answer_out_of_fold,
    answers_and_scores_of,
    answers_of,
    averaged,
    default_metric,
    heard_together,
    in_need,
    qualified,
    score,
    testimony_of,
    trust_in,
)
from coopdistill.learners import Model, with_new_categories
from coopdistill.participants import Participant, prepare
from coopdistill.schema import Alignment, FeatureSpace
from coopdistill.seeds import derive_seed

__all__ = ["Agent", "Heard", "Learned"]


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
    answers : Answers, optional
        What it says of its own rows without having seen them, once `judge` was asked and found that it matters.
    visitors : dict of str to Visit
        Of models that visited in this round.
    vouched : Testimony, optional
        What their scores say of its labels, taken together.
    known : FeatureSpace, optional
        What its model knew before it met categories of others. Default: what it knows.
    """

    settings: Settings
    model: Model
    rows: OwnRows
    answers: Answers | None = None
    visitors: dict[str, Visit] = field(default_factory=dict)
    vouched: Testimony | None = None
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
    def alone(self) -> Agent:
        """Itself without what it knows of visitors, which is much to send to a process where none of it is asked."""
        return replace(self, visitors={})

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

    def hear(self, visitors: list[Model]) -> Heard:
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

    def judge(self, testimonies: list[Testimony], round_: int) -> Agent:
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

    def _answers_of_shared(self, model: Model, pool: list[SharedRows]) -> list[Answers]:
        return [self._judged if shared.owner == self.name else shared.answers_of(model) for shared in pool]

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

    def draft(self, lessons: list[Lesson], round_: int) -> Drafts | None:
        """Answer: what would you become by parts of these lessons, that others may compare? None: as you are."""
        kept = drop_duplicates(lessons, self.rows.taught_X, self.rows.taught_y)
        if sum(map(len, kept)) == 0:
            return None
        n_parts = how_many_drafts(sum(map(len, kept)), self.model.task)
        model = self._taught(kept).prepared(self.model, seed=self._refit_seed(round_))
        without = ([lesson.only(lesson.part % n_parts != part) for lesson in kept] for part in range(n_parts))
        return Drafts(tuple(self._refitted(self._taught(lessons), round_, model) for lessons in without))

    def compare(self, visits: list[tuple[Model, Drafts]]) -> list[Comparison]:
        """Answer: here are models and drafts of what each may become; how much less do these err on your rows?"""
        return [self._compared(before, drafts) for before, drafts in visits]

    def compare_together(self, visitors: list[Model], ensemble: Ensemble) -> list[Comparison]:
        """Answer: here are models, and all that may be asked in their place; how much less do these err on your rows?

        Its own model, which knows these rows by heart, is not asked.
        """
        others = ensemble.without(self.name)
        if not others.models or self.is_frozen:
            return [Comparison()] * len(visitors)
        after = others.answers(self.rows.X, self.model.space, self.rows.y)
        return [self._found(visitor, after) for visitor in visitors]

    def _compared(self, before: Model, drafts: Drafts) -> Comparison:
        visit = self.visitors.get(before.name)
        # What it becomes sees these rows as it did.
        sight = visit.sight if visit else None
        if sight is None:
            sight = drafts.see(self.rows.X, self.model.space)
        return self._found(before, drafts.answers(sight, self.rows.y, self._part))

    def _found(self, before: Model, after: Answers) -> Comparison:
        """Compare what a model says of own rows with what may take its place."""
        # Where nobody was asked to vouch for its labels, they are believed.
        is_vouched = self.vouched is None or self.vouched.is_clear_on_the_whole
        is_whole = not Alignment(self.model.space, before.space).lacking.any()
        return compare(self._said_by(before), after, self.rows.y, is_vouched=is_vouched, is_whole=is_whole)

    def learn(
        self, lessons: list[Lesson], comparisons: list[Comparison], committee: list[Drafts], round_: int
    ) -> Learned:
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

    def score(self, model: Model, metric: str | None = None) -> float:
        """Answer: here is a model; what is it worth on my rows?"""
        predicted = model.predict(model.read(self.rows.X, self.model.space))
        return score(self.rows.y, predicted, metric or default_metric(self.rows.y, model.task))

    @property
    def _error_at_home(self) -> float | None:
        """The mean squared error of its model on own rows that it has not seen, where that is known."""
        unseen = self.answers if self.settings.expertise == "out-of-fold" else None
        return None if unseen is None else float(unseen.squared_error.mean())

    @property
    def _judged(self) -> Answers:
        if self.answers is None:
            raise RunError(f"agent {self.name!r} was asked before it judged its own rows")
        return self.answers

    @property
    def _part(self) -> NDArray[np.int8]:
        return parts_of(len(self.rows.y), seed=self.settings.seed, owner=self.name)

    @property
    def _least_lift(self) -> float | None:
        """In-sample expertise, the published way, asks for no more than being right."""
        return None if self.settings.expertise == "in-sample" else LEAST_LIFT

    def _said_by(self, visitor: Model) -> Answers:
        """What a visiting model says of own rows; whoever was here in this round is not asked again."""
        if visitor.name in self.visitors:
            return self.visitors[visitor.name].answers
        return answers_of(visitor, visitor.read(self.rows.X, self.model.space), self.rows.y)

    @property
    def _was_taught(self) -> bool:
        return len(self.rows.taught_y) > 0

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


class Heard(NamedTuple):
    """What a participant's rows say of models that visited.

    Parameters
    ----------
    agent : Agent
        Which remembers what they said.
    testimonies : list of Testimony
        In the order of the visitors.
    """

    agent: Agent
    testimonies: list[Testimony]


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

    @classmethod
    def nothing(cls, agent: Agent, decision: Decision, lessons: list[Lesson]) -> Learned:
        """Tell of an agent that stays as it is, and keeps nothing of its lessons."""
        return cls(agent, decision, [lesson.only(np.zeros(len(lesson), dtype=bool)) for lesson in lessons])
