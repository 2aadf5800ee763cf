"""What agents answered, in sentences for a log."""

from __future__ import annotations

from typing import Any

import numpy as np

from coopdistill.cooperation.agent import Agent, Learned
from coopdistill.cooperation.lesson import Lesson

__all__ = ["narrated"]


def narrated(answer: Any) -> list[str]:
    """Say what an agent answered.

    Parameters
    ----------
    answer : object
        An `Agent` that was fitted or judged itself, lessons, or what became of them. Of others nothing is said.

    Returns
    -------
    list of str
        Sentences; of lessons, one for each.
    """
    if isinstance(answer, Agent):
        return [_of_agent(answer)]
    if isinstance(answer, Learned):
        kept = sum(map(len, answer.kept))
        fate = "accepts" if answer.decision.accepted else "declines"
        return [f"{answer.agent.name} {fate} its lessons and keeps {kept} instances: {answer.decision.reason}"]
    if isinstance(answer, list):
        return [_of_lesson(lesson) for lesson in answer if isinstance(lesson, Lesson)]
    return []


def _of_agent(agent: Agent) -> str:
    n_rows = len(agent.rows.y)
    if agent.is_frozen:
        return f"{agent.name} only teaches"
    if agent.answers is None:
        return f"{agent.name}: model of {n_rows} rows, {len(agent.model.space)} features"
    right = int(np.sum(agent.answers.right(agent.model.tolerance)))
    return f"{agent.name} is right about {right} of its {n_rows} rows"


def _of_lesson(lesson: Lesson) -> str:
    pair = f"{lesson.teacher} → {lesson.student}"
    said = f"{pair}: qualified for {lesson.qualified} instances, {lesson.reached} reached, {len(lesson)} sent"
    return f"{said}; not taught: {lesson.why_not}" if lesson.why_not else said
