"""Runs independent pieces of work, in processes or one after another, with the same results."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from coopdistill.cooperation.progress import Progress

__all__ = ["Task", "run_all"]

T = TypeVar("T")

Task: TypeAlias = tuple[Callable[..., T], tuple[Any, ...]]
"""A function and its arguments."""


def run_all(phase: str, tasks: Sequence[Task[T]], *, n_jobs: int | None, progress: Progress) -> list[T]:
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

    Returns
    -------
    list
    """
    progress(phase, 0, len(tasks))
    results: list[T] = []
    already: dict[Any, Any] = {}
    answers = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(_alone)(call, given) for call, given in tasks)
    for result, heard in answers:
        for message, category, filename, line in heard:
            # With a registry the same warning of many refits is shown once, as it would be within one process.
            warnings.warn_explicit(message, category, filename, line, registry=already)
        results.append(result)
        progress(phase, len(results), len(tasks))
    return results


def _alone(call: Callable[..., T], given: tuple[Any, ...]) -> tuple[T, list[tuple[Any, ...]]]:
    """Run one piece; hand its warnings back, which would be lost in another process."""
    with threadpool_limits(limits=1), warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        result = call(*given)
    return result, [(str(w.message), w.category, w.filename, w.lineno) for w in heard]
