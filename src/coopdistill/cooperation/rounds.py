"""A round as the coordinator sees it: who takes part, how questions are asked, and what is written down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from coopdistill.cooperation.agent import Agent
from coopdistill.cooperation.record import Disclosure
from coopdistill.cooperation.settings import Settings
from coopdistill.cooperation.work import Task

__all__ = ["Pair", "Round", "Run", "by_first"]

Pair = tuple[str, str]
"""A teacher and a student."""

T = TypeVar("T")


class Run(Protocol):
    """Asks many agents one question each, and returns their answers in order."""

    def __call__(self, phase: str, tasks: Sequence[Task[T]], keys: Sequence[str] | None = None) -> list[T]:
        """Ask under the name of a phase; see `run_all`."""


@dataclass(frozen=True)
class Round:
    """A round of a cooperation.

    Parameters
    ----------
    number : int
        Counted from 1.
    agents : dict of str to Agent
        As they stand.
    pairs : list of (str, str)
        Teachers and students that share a feature.
    settings : Settings
    run : Run
    disclosures : list of Disclosure
        Grows with what leaves a participant.
    """

    number: int
    agents: dict[str, Agent]
    pairs: list[Pair]
    settings: Settings
    run: Run
    disclosures: list[Disclosure]

    @property
    def students(self) -> list[Agent]:
        """Agents that have rows."""
        return [agent for agent in self.agents.values() if not agent.is_frozen]

    def key(self, question: str, *names: str) -> str:
        """Name a question to an agent as no other is named."""
        return json.dumps([question, self.number, *names])

    def disclose(self, what: str, sender: str, receiver: str, count: int) -> None:
        """Write down what leaves a participant."""
        self.disclosures.append(Disclosure(self.number, what, sender, receiver, count))

    def disclose_model(self, sender: str, receiver: str) -> None:
        """Write down that a model travels.

        It goes with its feature space, whose ranges, spreads and medians are those of the sender's rows.
        """
        self.disclose("feature summary", sender, receiver, len(self.agents[sender].model.space))
        self.disclose("model", sender, receiver, 1)


def by_first(pairs: list[Pair]) -> dict[str, list[str]]:
    """Return all that each is paired with, such as the students of a teacher: it is asked once for all of them."""
    found: dict[str, list[str]] = {}
    for one, other in pairs:
        found.setdefault(one, []).append(other)
    return found
