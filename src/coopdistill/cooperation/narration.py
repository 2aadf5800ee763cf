"""What agents answered, in sentences for a log."""

from __future__ import annotations

from typing import Any

import numpy as np

from coopdistill.cooperation.acceptance import Decision
from coopdistill.cooperation.agent import Agent, Learned
from coopdistill.cooperation.lesson import Lesson
from coopdistill.plural import plural

__all__ = ["consultation", "narrated", "verdict"]


def narrated(answer: Any) -> list[str]:
    """Say what an agent answered.

    Parameters
    ----------
    answer : object
        An `Agent` that was fitted or judged itself, lessons, or what became of them for now: whether they are kept is
        settled later, and said by `verdict`. Of others nothing is said.

    Returns
    -------
    list of str
        Sentences; of lessons, one for each.
    """
    if isinstance(answer, Agent):
        return [_of_agent(answer)]
    if isinstance(answer, Learned):
        kept = sum(map(len, answer.kept))
        return [f"{answer.agent.name} was refitted with {plural(kept, 'instance')}"] if kept else []
    if isinstance(answer, list):
        return [_of_lesson(lesson) for lesson in answer if isinstance(lesson, Lesson)]
    return []


def verdict(learned: Learned[Agent]) -> str:
    """Say what a student made of its lessons in the end.

    Parameters
    ----------
    learned : Learned
        After whoever had to agree was asked.

    Returns
    -------
    str
        A sentence.
    """
    name, reason, kept = learned.agent.name, learned.decision.reason, sum(map(len, learned.kept))
    if not learned.decision.accepted:
        return f"{name} declines its lessons and keeps its model: {reason}"
    if not kept:
        return f"{name} keeps its model: {reason}"
    return f"{name} accepts its lessons and keeps {plural(kept, 'instance')}: {reason}"


def consultation(name: str, decision: Decision) -> str:
    """Say whether a participant is to ask all models together.

    Parameters
    ----------
    name : str
    decision : Decision

    Returns
    -------
    str
        A sentence.
    """
    if decision.accepted:
        return f"{name} is to ask all together: {decision.reason}"
    return f"{name} predicts alone: {decision.reason}"


def _of_agent(agent: Agent) -> str:
    n_rows = len(agent.rows.y)
    if agent.is_frozen:
        return f"{agent.name} only teaches"
    if agent.answers is None:
        return f"{agent.name}: model of {plural(n_rows, 'row')}, {plural(len(agent.model.space), 'feature')}"
    right = int(np.sum(agent.answers.right(agent.model.tolerance)))
    return f"{agent.name} is right about {right} of its {plural(n_rows, 'row')}"


def _of_lesson(lesson: Lesson) -> str:
    pair = f"{lesson.teacher} → {lesson.student}"
    qualified = plural(lesson.qualified, "instance")
    said = f"{pair}: qualified for {qualified}, {lesson.reached} reached, {len(lesson)} sent"
    return f"{said}; not taught: {lesson.why_not}" if lesson.why_not else said
