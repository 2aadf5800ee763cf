"""What agents answered, as arrays that can be kept, so that an interrupted run goes on where it stopped.

Only answers are kept that consist of arrays: what participants found out about their own rows, and lessons. Models are
not: they are fitted again, which by the same seed gives the same ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.agent import Agent
from coopdistill.cooperation.changes import Changes
from coopdistill.cooperation.lesson import OF_INSTANCES, Lesson
from coopdistill.cooperation.sharing import SharedVerdict
from coopdistill.expertise import Answers

__all__ = ["Arrays", "Checkpoints", "packed_answer", "unpacked_answer"]

Arrays = Mapping[str, NDArray[Any]]
"""Named arrays, none of them of Python objects."""

_LESSON_TEXTS = ("teacher", "student", "why_not")
_LESSON_COUNTS = ("qualified", "generated", "reached")
_LESSON_ARRAYS = (*OF_INSTANCES, "lacking")
_CHANGES_ARRAYS = tuple(field.name for field in fields(Changes))
_OBJECTS = ":objects"


class Checkpoints(Protocol):
    """Keeps arrays under keys.

    Whoever makes one sees to it that it holds nothing of other participants, options or versions.
    """

    def recall(self, key: str) -> Arrays | None:
        """Return what was kept under a key, or None."""

    def keep(self, key: str, arrays: Arrays) -> None:
        """Keep arrays under a key."""


def packed_answer(answer: Any) -> dict[str, NDArray[Any]] | None:
    """Turn an agent's answer into arrays.

    Parameters
    ----------
    answer : object
        Of `Agent.judge`, `Agent.judge_shared`, or one that brings lessons.

    Returns
    -------
    dict of str to ndarray, or None
        None where labels are of a type that JSON does not know.
    """
    try:
        if isinstance(answer, Agent):
            return _packed_answers(answer)
        if isinstance(answer, SharedVerdict):
            return dict(answer._asdict())
        return _packed_lessons(answer)
    except TypeError:
        return None


def unpacked_answer(arrays: Arrays, asked: Agent) -> Any:
    """Turn arrays into the answer that they were.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        From `packed_answer`.
    asked : Agent
        Who gave the answer.

    Returns
    -------
    Agent, SharedVerdict or list of Lesson

    Raises
    ------
    KeyError, ValueError
        If they are none.
    """
    if "tolerance" in arrays:
        return _unpacked_answers(arrays, asked)
    if "need" in arrays:
        return SharedVerdict(arrays["error"], arrays["need"])
    return _unpacked_lessons(arrays)


def _packed_answers(agent: Agent) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {"tolerance": np.array(agent.model.tolerance)}
    if agent.answers is not None:
        arrays |= {"error": agent.answers.error} | _storable("predicted", agent.answers.predicted)
        if agent.answers.score is not None:
            arrays["score"] = agent.answers.score
    return arrays


def _unpacked_answers(arrays: Arrays, agent: Agent) -> Agent:
    if "error" not in arrays:
        return agent  # it has no rows to be judged on
    answers = Answers(_restored("predicted", arrays), arrays["error"], arrays.get("score"))
    return replace(agent, model=replace(agent.model, tolerance=float(arrays["tolerance"])), answers=answers)


def _packed_lessons(lessons: Sequence[Lesson]) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {"lessons": np.array(len(lessons))}
    for i, lesson in enumerate(lessons):
        for name in (*_LESSON_TEXTS, *_LESSON_COUNTS, *_LESSON_ARRAYS):
            arrays |= _storable(f"{i}.{name}", np.asarray(getattr(lesson, name)))
        for name in _CHANGES_ARRAYS:
            arrays |= _storable(f"{i}.changes.{name}", getattr(lesson.changes, name))
    return arrays


def _unpacked_lessons(arrays: Arrays) -> list[Lesson]:
    return [_unpacked_lesson(f"{i}.", arrays) for i in range(int(arrays["lessons"]))]


def _unpacked_lesson(prefix: str, arrays: Arrays) -> Lesson:
    parts: dict[str, Any] = {name: str(arrays[prefix + name]) for name in _LESSON_TEXTS}
    parts |= {name: int(arrays[prefix + name]) for name in _LESSON_COUNTS}
    parts |= {name: _restored(prefix + name, arrays) for name in _LESSON_ARRAYS}
    changes = Changes(**{name: _restored(f"{prefix}changes.{name}", arrays) for name in _CHANGES_ARRAYS})
    return Lesson(**parts, changes=changes)


def _storable(name: str, values: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """An array of Python objects is kept as the text of a list."""
    if values.dtype != object:
        return {name: values}
    return {name + _OBJECTS: np.array(json.dumps(values.tolist()))}


def _restored(name: str, arrays: Arrays) -> NDArray[Any]:
    if name in arrays:
        return arrays[name]
    values = json.loads(str(arrays[name + _OBJECTS]))
    restored = np.empty(len(values), dtype=object)
    restored[:] = values
    return restored
