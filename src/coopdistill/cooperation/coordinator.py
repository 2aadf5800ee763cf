"""Asks agents, in rounds, and passes their answers on. It never reads a row."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from coopdistill.cooperation.acceptance import Decision, asks_others, is_better
from coopdistill.cooperation.agent import Agent, Learned
from coopdistill.cooperation.checkpoints import Checkpoints
from coopdistill.cooperation.consortium import Comparison
from coopdistill.cooperation.consultation import Consultation, consult_all
from coopdistill.cooperation.drafts import Drafts
from coopdistill.cooperation.introductions import meet, pairs_of
from coopdistill.cooperation.lesson import Lesson
from coopdistill.cooperation.narration import verdict
from coopdistill.cooperation.progress import Progress
from coopdistill.cooperation.record import Disclosure
from coopdistill.cooperation.rounds import Pair, Round, by_first
from coopdistill.cooperation.settings import Settings
from coopdistill.cooperation.teaching import teach
from coopdistill.cooperation.work import Task, run_all
from coopdistill.expertise import Testimony, heard_together
from coopdistill.participants import Participant

__all__ = ["Outcome", "cooperate"]

_LOG = logging.getLogger(__name__)

T = TypeVar("T")


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
    consultation : Consultation
        Who is to ask all models together.
    """

    before: dict[str, Agent]
    after: dict[str, Agent]
    lessons: list[tuple[Lesson, int]] = field(default_factory=list)
    kept: list[Lesson] = field(default_factory=list)
    decisions: dict[str, Decision] = field(default_factory=dict)
    disclosures: list[Disclosure] = field(default_factory=list)
    rounds: int = 0
    consultation: Consultation = field(default_factory=lambda: Consultation([], {}))

    @property
    def taught(self) -> set[str]:
        """Who kept anything that it was sent."""
        return {lesson.student for lesson, n_kept in self.lessons if n_kept}

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
    pairs = pairs_of(agents)
    disclosures: list[Disclosure] = []
    agents = meet(agents, pairs, run, disclosures)
    outcome = Outcome(before=dict(agents), after=agents, disclosures=disclosures)
    first: tuple[Round, dict[str, list[Testimony]]] | None = None
    for number in range(1, rounds + 1):
        outcome.rounds = number
        round_, heard = _hear(Round(number, outcome.after, pairs, settings, run, disclosures))
        round_ = _judge(round_, heard)
        first = first or (round_, heard)
        lessons = teach(round_, heard)
        drafts = _draft(round_, lessons)
        compared = _compare(round_, drafts)
        if not _learn(round_, lessons, compared, _committees(round_, heard, drafts, compared), outcome):
            break
    if first is not None:
        outcome.consultation = consult_all(*first, outcome.after, outcome.taught)
    return outcome


def _hear(round_: Round) -> tuple[Round, dict[str, list[Testimony]]]:
    """What others' rows say of each model. Models visit there anyway, as teachers or as students."""
    if not round_.settings.hears_others:
        return round_, {}
    agents, heard = dict(round_.agents), dict[str, list[Testimony]]()
    visits = by_first([(student, teacher) for teacher, student in round_.pairs])
    asked = [(agents[host].hear, ([agents[name].model for name in guests],)) for host, guests in visits.items()]
    for (host, guests), (agent, testimonies) in zip(visits.items(), round_.run("hearing others", asked), strict=True):
        agents[host] = agent
        for guest, testimony in zip(guests, testimonies, strict=True):
            heard.setdefault(guest, []).append(testimony)
            round_.disclose("testimony", host, guest, len(testimony.excess))
    return replace(round_, agents=agents), heard


def _judge(round_: Round, heard: dict[str, list[Testimony]]) -> Round:
    """Everyone finds out what it is right about on its own rows, where that matters."""
    agents = round_.agents
    keys = [round_.key("judge", name) for name in agents]
    asked = [(agent.judge, (heard.get(name, []), round_.number)) for name, agent in agents.items()]
    judged = round_.run("finding expertise", asked, keys)
    return replace(round_, agents={agent.name: agent for agent in judged})


def _draft(round_: Round, lessons: dict[Pair, Lesson]) -> dict[str, Drafts]:
    """Every student makes drafts of what it would become, where others are to compare them."""
    if not asks_others(round_.settings.acceptance):
        return {}
    students = [student.alone for student in round_.students]
    made = round_.run("drafting", [(s.draft, (_received(lessons, s.name), round_.number)) for s in students])
    return {student.name: draft for student, draft in zip(students, made, strict=True) if draft is not None}


def _compare(round_: Round, drafts: dict[str, Drafts], phase: str = "comparing") -> dict[str, list[Comparison]]:
    """Every student visits the others by its drafts."""
    # Whose rows a student can read is whom it could teach.
    visits = [(student, host) for student, host in round_.pairs if student in drafts]
    agents, hosted = round_.agents, by_first([(host, student) for student, host in visits])
    asked = [
        (agents[host].compare, ([(agents[student].model, drafts[student]) for student in students],))
        for host, students in hosted.items()
    ]
    compared: dict[Pair, Comparison] = {}
    for (host, students), comparisons in zip(hosted.items(), round_.run(phase, asked), strict=True):
        compared |= {(student, host): one for student, one in zip(students, comparisons, strict=True)}
    found: dict[str, list[Comparison]] = {}
    for student, host in visits:
        found.setdefault(student, []).append(compared[student, host])
        round_.disclose("draft", student, host, len(drafts[student].models))
        round_.disclose("comparison", host, student, len(compared[student, host].tallies))
    return found


def _committees(
    round_: Round,
    heard: dict[str, list[Testimony]],
    drafts: dict[str, Drafts],
    compared: dict[str, list[Comparison]],
) -> dict[str, list[Drafts]]:
    """Whom each student asks about what it was sent: all whose drafts are better than they were, by these drafts.

    And, as they are, whom others' rows confirm. All of them have visited it.
    """
    improved = {name for name in drafts if is_better(compared.get(name, ()))}
    said = {name: heard_together(testimonies) for name, testimonies in heard.items() if name not in improved}
    confirmed = [name for name, testimony in said.items() if testimony is not None and testimony.is_confirmed.any()]
    members = {name: drafts[name] for name in improved}
    members |= {name: Drafts.of_one(round_.agents[name].model) for name in confirmed}
    asked = {student.name: [student.name] for student in round_.students if student.name in compared}
    for teacher, student in round_.pairs:
        if student in asked:
            asked[student].append(teacher)
    return {student: [members[name] for name in names if name in members] for student, names in asked.items()}


def _received(lessons: dict[Pair, Lesson], student: str) -> list[Lesson]:
    return [lesson for (_, name), lesson in lessons.items() if name == student]


def _learn(
    round_: Round,
    lessons: dict[Pair, Lesson],
    compared: dict[str, list[Comparison]],
    committees: dict[str, list[Drafts]],
    outcome: Outcome,
) -> bool:
    """Every student refits with what it was sent, where that is acceptable; tell whether anything was kept."""
    students = [student.alone for student in round_.students]
    received = [_received(lessons, student.name) for student in students]
    asked = [
        (student.learn, (sent, compared.get(student.name, []), committees.get(student.name, []), round_.number))
        for student, sent in zip(students, received, strict=True)
    ]
    after, any_kept = dict(round_.agents), False
    learned = _confirm(round_, round_.run("refitting", asked))
    for student, sent, (agent, decision, kept) in zip(students, received, learned, strict=True):
        _LOG.info("%s", verdict(Learned(agent, decision, kept)))
        after[student.name] = agent
        outcome.decisions[student.name] = decision
        outcome.lessons.extend((lesson, len(k)) for lesson, k in zip(sent, kept, strict=True))
        outcome.kept.extend(lesson.without_sources for lesson in kept if len(lesson))
        any_kept = any_kept or any(map(len, kept))
    outcome.after = after
    return any_kept


def _confirm(round_: Round, learned: list[Learned[Agent]]) -> list[Learned[Agent]]:
    """Every refitted model visits those who compared its drafts; it is kept if they find it better, too."""
    if not asks_others(round_.settings.acceptance):
        return learned
    refitted = {one.agent.name: Drafts.of_one(one.agent.model) for one in learned if any(map(len, one.kept))}
    compared = _compare(round_, refitted, "comparing again")
    settled = []
    for one in learned:
        before = round_.agents[one.agent.name]
        decision = before.settle(one.decision, compared.get(one.agent.name, []))
        keeps = decision.accepted == one.decision.accepted
        settled.append(one._replace(decision=decision) if keeps else Learned.nothing(before, decision, one.kept))
    return settled
