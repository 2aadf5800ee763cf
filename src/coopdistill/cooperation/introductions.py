"""Who can exchange what with whom, and what they tell each other before they begin."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from coopdistill.cooperation.agent import Agent
from coopdistill.cooperation.record import Disclosure
from coopdistill.cooperation.rounds import Pair, Run
from coopdistill.exceptions import AlignmentError, ParticipantError, TableError, warn
from coopdistill.schema import Alignment, FeatureSpace

__all__ = ["meet", "pairs_between", "pairs_of"]


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
    spaces = {agent.name: agent.model.space for agent in agents.values()}
    pairs, skipped = pairs_between(spaces, [agent.name for agent in agents.values() if agent.is_frozen])
    for (teaching, learning), why in skipped.items():
        warn(f"participant {teaching!r} cannot teach {learning!r}: {why}")
    return pairs


def pairs_between(
    spaces: Mapping[str, FeatureSpace], only_teach: Collection[str] = ()
) -> tuple[list[Pair], dict[Pair, AlignmentError]]:
    """Return teachers and students that share a feature, and why the others cannot teach each other.

    Parameters
    ----------
    spaces : mapping of str to FeatureSpace
        Of each participant.
    only_teach : collection of str
        Who is nobody's student.

    Returns
    -------
    pairs : list of (str, str)
        In the order of students, then of teachers.
    skipped : dict of (str, str) to AlignmentError
        The other teachers and students.

    Raises
    ------
    ParticipantError
        If someone shares no feature with anyone.
    TableError
        If the units of a feature that two share cannot be converted.

    Examples
    --------
    >>> from coopdistill.schema import Feature
    >>> ages, doses = (FeatureSpace((Feature(name=name, kind="integer"),)) for name in ("age", "dose"))
    >>> pairs, skipped = pairs_between({"a": ages, "b": doses, "c": ages, "d": doses}, only_teach=["d"])
    >>> pairs
    [('c', 'a'), ('d', 'b'), ('a', 'c')]
    >>> str(skipped["a", "b"])
    "no shared feature: one side has 'age', the other 'dose'; name the shared ones alike, or declare synonyms"
    """
    pairs: list[Pair] = []
    skipped: dict[Pair, AlignmentError] = {}
    for student, known in spaces.items():
        for teacher, told in spaces.items():
            if teacher == student or student in only_teach:
                continue
            try:
                Alignment(told, known)
                Alignment(known, told)
            except AlignmentError as error:
                skipped[teacher, student] = error
                continue
            except TableError as error:
                raise TableError(f"participants {teacher!r} and {student!r}: {error}") from error
            pairs.append((teacher, student))
    alone = next((name for name in spaces if not any(name in pair for pair in pairs)), None)
    if alone is not None:
        why = next(error for pair, error in skipped.items() if alone in pair)
        raise ParticipantError(f"participant {alone!r} can exchange nothing with the others: {why}")
    return pairs, skipped


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
