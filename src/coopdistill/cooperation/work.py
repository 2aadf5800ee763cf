"""Runs independent pieces of work, in processes or one after another, with the same results."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np

from coopdistill.cooperation.checkpoints import Checkpoints, packed_answer, unpacked_answer
from coopdistill.cooperation.narration import narrated
from coopdistill.cooperation.progress import Progress
from coopdistill.exceptions import CoopdistillWarning, line_outside
from coopdistill.interrupts import interrupts_last
from coopdistill.one_thread import one_thread
from coopdistill.processes import in_processes

__all__ = ["Task", "run_all"]

_LOG = logging.getLogger(__name__)

T = TypeVar("T")

Task: TypeAlias = tuple[Callable[..., T], tuple[Any, ...]]
"""A function and its arguments."""

_Heard: TypeAlias = list[tuple[Any, ...]]
"""Warnings: what they say, their category, and where they came from."""

_WARNINGS = "warnings"


def run_all(
    phase: str,
    tasks: Sequence[Task[T]],
    *,
    n_jobs: int | None,
    progress: Progress,
    keys: Sequence[str] | None = None,
    checkpoints: Checkpoints | None = None,
) -> list[T]:
    """Run functions on their arguments and return what they return, in order.

    Numerical libraries get one thread each: with another number of them, sums may end in other last bits.

    Parameters
    ----------
    phase : str
        What `progress` is told.
    tasks : sequence of (callable, tuple)
        Functions with their arguments.
    n_jobs : int, optional
        Processes, as joblib counts them.
    progress : callable
        Told the phase, the pieces done and all of them.
    keys : sequence of str, optional
        Of tasks that are questions to agents, each of its own: under them answers are kept.
    checkpoints : Checkpoints, optional
        Where. What it knows already is not asked again.

    Returns
    -------
    list
    """
    kept_at: Sequence[str | None] = [None] * len(tasks) if keys is None or checkpoints is None else keys
    known = [_recalled(checkpoints, key, task) for key, task in zip(kept_at, tasks, strict=True)]
    progress(phase, 0, len(tasks))
    lacking = [task for task, found in zip(tasks, known, strict=True) if found is None]
    results: list[T] = []
    already: dict[Any, Any] = {}
    with in_processes(_alone, lacking, n_jobs=n_jobs) as made:
        for key, found in zip(kept_at, known, strict=True):
            result, heard = next(made) if found is None else found
            if found is None and key is not None and checkpoints is not None:
                _keep(checkpoints, key, result, heard)
            for message, category, filename, line in heard:
                if issubclass(category, CoopdistillWarning):
                    filename, line = line_outside()  # what this library says is about what it was asked for
                # With a registry the same warning of many refits is shown once, as it would be within one process.
                warnings.warn_explicit(message, category, filename, line, registry=already)
            results.append(result)
            if _LOG.isEnabledFor(logging.INFO):
                for sentence in narrated(result):
                    _LOG.info("%s%s", sentence, "" if found is None else " (kept from before)")
            progress(phase, len(results), len(tasks))
    return results


def _alone(call: Callable[..., T], given: tuple[Any, ...]) -> tuple[T, _Heard]:
    """Run one piece; hand its warnings back, which would be lost in another process."""
    with interrupts_last(), one_thread(), warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        result = call(*given)
    return result, [(str(w.message), w.category, w.filename, w.lineno) for w in heard]


def _keep(checkpoints: Checkpoints, key: str, answer: Any, heard: _Heard) -> None:
    arrays = packed_answer(answer)
    if arrays is not None:
        said = [message for message, category, *_ in heard if issubclass(category, UserWarning)]
        checkpoints.keep(key, {**arrays, _WARNINGS: np.array(json.dumps(said))})


def _recalled(checkpoints: Checkpoints | None, key: str | None, task: Task[Any]) -> tuple[Any, _Heard] | None:
    arrays = None if checkpoints is None or key is None else checkpoints.recall(key)
    if arrays is None:
        return None
    try:
        # What has a key is a question, and so a bound method of the agent that was asked.
        answer = unpacked_answer(arrays, task[0].__self__)  # type: ignore[attr-defined]  # a Callable may have none
        said = json.loads(str(arrays[_WARNINGS]))
    except (KeyError, ValueError):
        return None  # of no use, so it is asked again
    return answer, [(message, CoopdistillWarning, __file__, 0) for message in said]
