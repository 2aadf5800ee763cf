"""Runs independent pieces of work, in processes or one after another, with the same results."""

from __future__ import annotations

import json
import logging
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import current_process
from typing import Any, TypeAlias, TypeVar

import numpy as np
from joblib import Parallel, delayed

from coopdistill.cooperation.checkpoints import Checkpoints, packed_answer, unpacked_answer
from coopdistill.cooperation.narration import narrated
from coopdistill.cooperation.progress import Progress
from coopdistill.exceptions import CoopdistillWarning
from coopdistill.interrupts import interrupts_last
from coopdistill.one_thread import one_thread

__all__ = ["Task", "leave_interrupts_to_the_parent", "run_all"]

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
    made = _made([task for task, found in zip(tasks, known, strict=True) if found is None], n_jobs)
    results: list[T] = []
    already: dict[Any, Any] = {}
    for key, found in zip(kept_at, known, strict=True):
        result, heard = next(made) if found is None else found
        if found is None and key is not None and checkpoints is not None:
            _keep(checkpoints, key, result, heard)
        for message, category, filename, line in heard:
            # With a registry the same warning of many refits is shown once, as it would be within one process.
            warnings.warn_explicit(message, category, filename, line, registry=already)
        results.append(result)
        if _LOG.isEnabledFor(logging.INFO):
            for sentence in narrated(result):
                _LOG.info("%s%s", sentence, "" if found is None else " (kept from before)")
        progress(phase, len(results), len(tasks))
    return results


def _made(tasks: Sequence[Task[T]], n_jobs: int | None) -> Iterator[tuple[T, _Heard]]:
    if not tasks:
        return iter(())
    made: Iterator[tuple[T, _Heard]] = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_alone)(call, given) for call, given in tasks
    )
    return made


def _alone(call: Callable[..., T], given: tuple[Any, ...]) -> tuple[T, _Heard]:
    """Run one piece; hand its warnings back, which would be lost in another process."""
    leave_interrupts_to_the_parent()
    with interrupts_last(), one_thread(), warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        result = call(*given)
    return result, [(str(w.message), w.category, w.filename, w.lineno) for w in heard]


def leave_interrupts_to_the_parent() -> None:
    """Make a worker process of joblib ignore Ctrl-C, which a terminal sends to it as well.

    The process that gave it work ends it; otherwise it would print a traceback of its own.
    """
    is_worker = current_process().name.startswith("LokyProcess")
    if is_worker and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


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
