"""Who can exchange what with whom, and what they tell each other before they begin."""

from __future__ import annotations

import warnings

from coopdistill.cooperation.agent import Agent
from coopdistill.cooperation.record import Disclosure
from coopdistill.cooperation.rounds import Pair, Run
from coopdistill.exceptions import AlignmentError, CoopdistillWarning, ParticipantError, TableError
from coopdistill.schema import Alignment, FeatureSpace

__all__ = ["meet", "pairs_of"]


def pairs_of(agents: dict[str, Agent]) -> list[Pair]:
    """Return teachers and students that share a feature.

    Parameters
    ----------
    agents : dict of str to Agent

    Returns
    -------
    list of (str, str)
        In the order of students, then of teachers.

    Raises
    ------
    ParticipantError
        If someone shares no feature with anyone.
    """
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


def meet(agents: dict[str, Agent], pairs: list[Pair], run: Run, disclosures: list[Disclosure]) -> dict[str, Agent]:
    """Let every student hear of the categories that its teachers know and it does not.

    Parameters
    ----------
    agents : dict of str to Agent
    pairs : list of (str, str)
    run : Run
    disclosures : list of Disclosure
        Grows.

    Returns
    -------
    dict of str to Agent
    """
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
