"""Asks agents, in rounds, and passes their answers on. It never reads a row."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from coopdistill.cooperation.acceptance import Decision, asks_others
from coopdistill.cooperation.agent import Agent
from coopdistill.cooperation.checkpoints import Checkpoints
from coopdistill.cooperation.consortium import Comparison
from coopdistill.cooperation.lesson import Lesson
from coopdistill.cooperation.progress import Progress
from coopdistill.cooperation.record import Disclosure
from coopdistill.cooperation.settings import Settings
from coopdistill.cooperation.sharing import SharedRows
from coopdistill.cooperation.work import Task, run_all
from coopdistill.exceptions import AlignmentError, CoopdistillWarning, ParticipantError, TableError
from coopdistill.expertise import Testimony, qualified
from coopdistill.participants import Participant
from coopdistill.schema import Alignment, FeatureSpace

__all__ = ["Outcome", "cooperate"]

Pair = tuple[str, str]
T = TypeVar("T")

Asked = dict[tuple[Pair, ...], Task[list[Lesson]]]
"""The question that brings the lessons of some pairs."""


class Run(Protocol):
    """Asks many agents one question each, and returns their answers in order."""

    def __call__(self, phase: str, tasks: Sequence[Task[T]], keys: Sequence[str] | None = None) -> list[T]: ...


@dataclass(eq=False)
class Outcome:
    """What a cooperation left behind.

    Parameters
    ----------
    before, after : dict of str to Agent
        Agents as they began and ended.
    lessons : list of (Lesson, int)
        Everything taught, and how much of it was kept.
    kept : list of Lesson
        What the students were refitted with.
    decisions : dict of str to Decision
        The last of each student.
    disclosures : list of Disclosure
    rounds : int
        Rounds that were run.
    """

    before: dict[str, Agent]
    after: dict[str, Agent]
    lessons: list[tuple[Lesson, int]] = field(default_factory=list)
    kept: list[Lesson] = field(default_factory=list)
    decisions: dict[str, Decision] = field(default_factory=dict)
    disclosures: list[Disclosure] = field(default_factory=list)
    rounds: int = 0

    def disappointments(self) -> list[str]:
        """Say whom cooperation cannot help, and why."""
        if not any(len(lesson) for lesson, _ in self.lessons):
            doubts = dict.fromkeys(
                f"{lesson.teacher}: {lesson.why_not}" for lesson, _ in self.lessons if lesson.why_not
            )
            why = "; ".join(doubts) or "no teacher has anything that a student lacks"
            return [f"nobody can teach anybody anything ({why})"]
        return [
            f"participant {name!r} would be made worse by its lessons and keeps its model ({decision.reason})"
            for name, decision in self.decisions.items()
            if decision.harmful
        ]


def cooperate(
    participants: list[Participant],
    settings: Settings,
    *,
    instances_from: str,
    rounds: int,
    n_jobs: int | None,
    progress: Progress,
    checkpoints: Checkpoints | None = None,
) -> Outcome:
    """Let participants teach each other.

    Parameters
    ----------
    participants : list of Participant
        In order of their names.
    settings : Settings
    instances_from : str
        ``"teacher"``, ``"student"`` or ``"everyone"``.
    rounds : int
        How many at the most; a round in which nothing is kept is the last.
    n_jobs : int, optional
        Processes for fitting, teaching and refitting.
    progress : callable
        Told the phase, the pieces done and all of them.
    checkpoints : Checkpoints, optional
        Where answers are kept, so that a run that was interrupted does not ask again.

    Returns
    -------
    Outcome

    Raises
    ------
    ParticipantError
        If someone shares no feature with anyone.
    """

    def run(phase: str, tasks: Sequence[Task[T]], keys: Sequence[str] | None = None) -> list[T]:
        return run_all(phase, tasks, n_jobs=n_jobs, progress=progress, keys=keys, checkpoints=checkpoints)

    made = run("fitting", [(Agent.of, (participant, settings)) for participant in participants])
    agents = {agent.name: agent for agent in made}
    pairs = _pairs(agents)
    disclosures: list[Disclosure] = []
    agents = _meet(agents, pairs, run, disclosures)
    outcome = Outcome(before=dict(agents), after=agents, disclosures=disclosures)
    for round_ in range(1, rounds + 1):
        outcome.rounds = round_
        keys = [_key("judge", round_, name) for name in agents]
        judged = run("finding expertise", [(agent.judge, (round_,)) for agent in agents.values()], keys)
        agents = {agent.name: agent for agent in judged}
        heard: dict[str, list[Testimony]] = {}
        # Whoever shares rows tells of them by its scores; in-sample expertise, as published, is taken at its own word.
        if instances_from != "everyone" and settings.expertise != "in-sample":
            agents, heard = _hear(agents, pairs, round_, run, outcome.disclosures)
        lessons = _teach(agents, pairs, heard, settings, instances_from, round_, run, outcome.disclosures)
        compared = (
            _compare(agents, pairs, lessons, round_, run, outcome.disclosures)
            if asks_others(settings.acceptance)
            else {}
        )
        agents, any_kept = _learn(agents, lessons, compared, round_, run, outcome)
        outcome.after = agents
        if not any_kept:
            break
    return outcome


def _key(question: str, round_: int, *names: str) -> str:
    """Name a question to an agent as no other is named."""
    return json.dumps([question, round_, *names])


def _pairs(agents: dict[str, Agent]) -> list[Pair]:
    """Teachers and students that share a feature."""
    pairs: list[Pair] = []
    skipped: dict[Pair, AlignmentError] = {}
    for student in agents.values():
        for teacher in agents.values():
            if teacher.name == student.name or student.is_frozen:
                continue
            try:
                Alignment(teacher.model.space, student.model.space)
                Alignment(student.model.space, teacher.model.space)
            except AlignmentError as error:
                skipped[teacher.name, student.name] = error
                continue
            except TableError as error:
                raise TableError(f"participants {teacher.name!r} and {student.name!r}: {error}") from error
            pairs.append((teacher.name, student.name))
    alone = [name for name in agents if not any(name in pair for pair in pairs)]
    if alone:
        why = next(error for pair, error in skipped.items() if alone[0] in pair)
        raise ParticipantError(f"participant {alone[0]!r} can exchange nothing with the others: {why}")
    for (teaching, learning), why in skipped.items():
        message = f"participant {teaching!r} cannot teach {learning!r}: {why}"
        warnings.warn(message, CoopdistillWarning, stacklevel=2)
    return pairs


def _meet(agents: dict[str, Agent], pairs: list[Pair], run: Run, disclosures: list[Disclosure]) -> dict[str, Agent]:
    """Every student hears of the categories that its teachers know and it does not."""
    heard: dict[str, list[FeatureSpace]] = {}
    for teacher, student in pairs:
        space = agents[teacher].model.space
        n_unknown = sum(map(len, Alignment(space, agents[student].model.space).unknown_categories.values()))
        if n_unknown:
            heard.setdefault(student, []).append(space)
            disclosures.append(Disclosure(1, "category names", teacher, student, n_unknown))
    if not heard:
        return agents
    met = run("meeting categories", [(agents[name].meet, (spaces,)) for name, spaces in heard.items()])
    return {**agents, **{agent.name: agent for agent in met}}


def _teach(
    agents: dict[str, Agent],
    pairs: list[Pair],
    heard: dict[str, list[Testimony]],
    settings: Settings,
    instances_from: str,
    round_: int,
    run: Run,
    disclosures: list[Disclosure],
) -> dict[Pair, Lesson]:
    """One lesson for each pair."""
    if instances_from == "everyone":
        asked = _shared_tasks(agents, pairs, settings.qualification, round_, run, disclosures)
    else:
        asked = _private_tasks(agents, pairs, heard, instances_from, round_, disclosures)
    keys = [_key("teach", round_, *(name for pair in these for name in pair)) for these in asked]
    answers = run("teaching", list(asked.values()), keys)
    given = {
        pair: lesson
        for these, answer in zip(asked, answers, strict=True)
        for pair, lesson in zip(these, answer, strict=True)
    }
    lessons = {pair: given[pair] for pair in pairs}
    for (teacher, student), lesson in lessons.items():
        if instances_from == "everyone" or (instances_from == "teacher" and not agents[teacher].is_frozen):
            disclosures.append(Disclosure(round_, "virtual instances", teacher, student, len(lesson)))
            if len(lesson.changes):
                n_features = lesson.changes.share.shape[1]
                disclosures.append(Disclosure(round_, "change summary", teacher, student, n_features))
    return lessons


def _hear(
    agents: dict[str, Agent], pairs: list[Pair], round_: int, run: Run, disclosures: list[Disclosure]
) -> tuple[dict[str, Agent], dict[str, list[Testimony]]]:
    """What others' rows say of each model. Models visit there anyway, as teachers or as students."""
    visits = _by_first([(student, teacher) for teacher, student in pairs])
    asked = [(agents[host].hear, ([agents[name].model for name in guests],)) for host, guests in visits.items()]
    after, heard = dict(agents), dict[str, list[Testimony]]()
    for (host, guests), (agent, testimonies) in zip(visits.items(), run("hearing others", asked), strict=True):
        after[host] = agent
        for guest, testimony in zip(guests, testimonies, strict=True):
            heard.setdefault(guest, []).append(testimony)
            disclosures.append(Disclosure(round_, "testimony", host, guest, len(testimony.excess)))
    return after, heard


def _private_tasks(
    agents: dict[str, Agent],
    pairs: list[Pair],
    heard: dict[str, list[Testimony]],
    instances_from: str,
    round_: int,
    disclosures: list[Disclosure],
) -> Asked:
    """No row travels: students' models visit a teacher, or a teacher's model each of its students."""
    # A frozen teacher has no rows of its own to start from.
    visiting = [pair for pair in pairs if instances_from == "student" or agents[pair[0]].is_frozen]
    asked: Asked = {}
    for teacher, student in visiting:
        disclosures.extend(_travelling(agents[teacher], student, round_))
        given = (agents[teacher].as_teacher, heard.get(teacher, []), round_)
        asked[((teacher, student),)] = (agents[student].study, given)
    for teacher, students in _by_first([pair for pair in pairs if pair not in visiting]).items():
        disclosures.extend(part for name in students for part in _travelling(agents[name], teacher, round_))
        models = [agents[name].model for name in students]
        asked[tuple((teacher, name) for name in students)] = (
            agents[teacher].teach,
            (models, heard.get(teacher, []), round_),
        )
    return asked


def _by_first(pairs: list[Pair]) -> dict[str, list[str]]:
    """All that each is paired with, such as the students of a teacher: it is asked once for all of them."""
    found: dict[str, list[str]] = {}
    for one, other in pairs:
        found.setdefault(one, []).append(other)
    return found


def _travelling(sender: Agent, receiver: str, round_: int) -> tuple[Disclosure, Disclosure]:
    """A model goes with its feature space, whose ranges, spreads and medians are those of the sender's rows."""
    summary = Disclosure(round_, "feature summary", sender.name, receiver, len(sender.model.space))
    return summary, Disclosure(round_, "model", sender.name, receiver, 1)


def _shared_tasks(
    agents: dict[str, Agent],
    pairs: list[Pair],
    qualification: str,
    round_: int,
    run: Run,
    disclosures: list[Disclosure],
) -> Asked:
    """The published way: rows are pooled, everyone says what of them it is right about."""
    pool: list[SharedRows] = [agent.share() for agent in agents.values() if not agent.is_frozen]
    disclosures.extend(Disclosure(round_, "rows", shared.owner, "everyone", len(shared.y)) for shared in pool)
    keys = [_key("judge shared", round_, name) for name in agents]
    verdicts = run("finding expertise", [(agent.judge_shared, (pool,)) for agent in agents.values()], keys)
    verdict = dict(zip(agents, verdicts, strict=True))
    asked: Asked = {}
    for teacher, students in _by_first(pairs).items():
        models = [agents[name].model for name in students]
        error = verdict[teacher].error
        where = [qualified(error <= m.tolerance, verdict[m.name].need, qualification) for m in models]
        for name in students:
            disclosures.append(Disclosure(round_, "scores", name, teacher, len(verdict[name].need)))
            disclosures.extend(_travelling(agents[name], teacher, round_))
        asked[tuple((teacher, name) for name in students)] = (
            agents[teacher].teach_shared,
            (models, pool, where, round_),
        )
    return asked


def _compare(
    agents: dict[str, Agent],
    pairs: list[Pair],
    lessons: dict[Pair, Lesson],
    round_: int,
    run: Run,
    disclosures: list[Disclosure],
) -> dict[str, list[Comparison]]:
    """Every student visits the others by drafts of what it would become."""
    students = {agent.name: agent for agent in agents.values() if not agent.is_frozen}
    made = run("drafting", [(s.draft, (_received(lessons, s.name), round_)) for s in students.values()])
    drafts = {name: draft for name, draft in zip(students, made, strict=True) if draft is not None}
    # Whose rows a student can read is whom it could teach.
    visits = [(student, host) for student, host in pairs if student in drafts]
    asked = [(agents[host].compare, (agents[student].model, drafts[student])) for student, host in visits]
    found: dict[str, list[Comparison]] = {}
    for (student, host), comparison in zip(visits, run("comparing", asked), strict=True):
        found.setdefault(student, []).append(comparison)
        disclosures.append(Disclosure(round_, "draft", student, host, len(drafts[student])))
        disclosures.append(Disclosure(round_, "comparison", host, student, 1))
    return found


def _received(lessons: dict[Pair, Lesson], student: str) -> list[Lesson]:
    return [lesson for (_, name), lesson in lessons.items() if name == student]


def _learn(
    agents: dict[str, Agent],
    lessons: dict[Pair, Lesson],
    compared: dict[str, list[Comparison]],
    round_: int,
    run: Run,
    outcome: Outcome,
) -> tuple[dict[str, Agent], bool]:
    """Every student refits with what it was sent, where that is acceptable."""
    students = [agent for agent in agents.values() if not agent.is_frozen]
    received = [_received(lessons, student.name) for student in students]
    asked = [
        (student.learn, (sent, compared.get(student.name, []), round_))
        for student, sent in zip(students, received, strict=True)
    ]
    learned = run("refitting", asked)
    after = dict(agents)
    for student, sent, (agent, decision, kept) in zip(students, received, learned, strict=True):
        after[student.name] = agent
        outcome.decisions[student.name] = decision
        outcome.lessons.extend((lesson, len(k)) for lesson, k in zip(sent, kept, strict=True))
        outcome.kept.extend(lesson for lesson in kept if len(lesson))
    return after, any(len(lesson) for _, _, kept in learned for lesson in kept)
