"""Who is to ask all models together in place of its own."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from coopdistill.cooperation.acceptance import Decision, asks_others
from coopdistill.cooperation.agent import Agent
from coopdistill.cooperation.committee import FEWEST_MEMBERS
from coopdistill.cooperation.consortium import Comparison
from coopdistill.cooperation.ensemble import Ensemble
from coopdistill.cooperation.narration import consultation
from coopdistill.cooperation.rounds import Round, by_first
from coopdistill.expertise import Testimony, heard_together

__all__ = ["Consultation", "consult_all"]

_LOG = logging.getLogger(__name__)


class Consultation(NamedTuple):
    """What became of asking all models together.

    Parameters
    ----------
    members : list of str
        Whose models are asked together, in order.
    decisions : dict of str to Decision
        For each participant, whether it is to ask them, and why.
    """

    members: list[str]
    decisions: dict[str, Decision]


def consult_all(
    round_: Round, heard: Mapping[str, list[Testimony]], after: Mapping[str, Agent], taught: Collection[str]
) -> Consultation:
    """Let others compare every model with all of them asked together.

    Parameters
    ----------
    round_ : Round
        The first one; its agents remember who visited, and what all were before.
    heard : mapping of str to list of Testimony
        What others' rows said of each model then.
    after : mapping of str to Agent
        As they ended.
    taught : collection of str
        Who kept anything that it was sent, in any round.

    Returns
    -------
    Consultation
    """
    members = _members(after, taught, heard)
    if not asks_others(round_.settings.acceptance):
        return Consultation(members, {name: Decision(False, "others were not asked to compare") for name in after})
    if len(members) < FEWEST_MEMBERS:
        why = f"there are fewer than {FEWEST_MEMBERS} models to ask"
        return Consultation(members, dict.fromkeys(after, Decision(False, why)))
    compared = _compare(round_, {name: after[name] for name in members})
    decisions = {name: agent.consult(compared.get(name, [])) for name, agent in round_.agents.items()}
    for name, decision in decisions.items():
        _LOG.info("%s", consultation(name, decision))
    return Consultation(members, decisions)


def _members(names: Iterable[str], taught: Collection[str], heard: Mapping[str, list[Testimony]]) -> list[str]:
    """Whoever learned what others found better, and whom others' rows confirm as it is; all, if there is nobody."""
    said = {name: heard_together(testimonies) for name, testimonies in heard.items()}
    clear = {name for name, testimony in said.items() if testimony is not None and testimony.is_clear_on_the_whole}
    return [name for name in names if name in taught or name in clear] or list(names)


def _compare(round_: Round, members: Mapping[str, Agent]) -> dict[str, list[Comparison]]:
    """Every host compares those whose models it has seen with the members among them, asked together.

    Its own model, which knows its rows by heart, is not asked.
    """
    agents, hosted = round_.agents, by_first([(host, visitor) for visitor, host in round_.pairs])
    others = {
        host: Ensemble(tuple(agent.model for name, agent in members.items() if name in visitors))
        for host, visitors in hosted.items()
    }
    # With its own there are to be enough of them.
    hosts = [host for host, ensemble in others.items() if len(ensemble.models) >= FEWEST_MEMBERS - 1]
    asked = [
        (agents[host].compare_together, ([agents[name].model for name in hosted[host]], others[host])) for host in hosts
    ]
    found: dict[str, list[Comparison]] = {}
    for host, comparisons in zip(hosts, round_.run("asking together", asked), strict=True):
        for visitor, comparison in zip(hosted[host], comparisons, strict=True):
            found.setdefault(visitor, []).append(comparison)
            round_.disclose("comparison", host, visitor, len(comparison.tallies))
    return found
