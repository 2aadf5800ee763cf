"""What a method returned for a case, and what it cost."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

__all__ = ["Answer", "RefusalError", "one_by_one"]


class RefusalError(Exception):
    """A method cannot work on a case; the text says why."""


class _TimeIsUpError(Exception):
    """Raised inside a method by the alarm."""


@dataclass(frozen=True, eq=False)
class Answer:
    """Counterfactuals of the first rows of a case.

    Attributes
    ----------
    made : list or table
        One row each; None where the method found nothing.
    seconds : float
        Wall-clock time of all of them.
    teacher_rows, teacher_seconds : float or None
        Points that the teacher was asked about, and how long that took; None where nobody counted.
    note : str
        What a reader has to know: cut short, errors.
    """

    made: Any
    n: int
    seconds: float
    teacher_rows: float | None = None
    teacher_seconds: float | None = None
    note: str = ""


def one_by_one(
    n_wanted: int, limit: float, find: Callable[[int], Any], teacher_rows: Callable[[], float] | None = None
) -> Answer:
    """Let a method work on one row after the other, until they or the time are used up."""
    made: list[Any] = []
    errors: list[str] = []
    began, ended = time.perf_counter(), None
    try:
        with _alarm(limit):
            for i in range(n_wanted):
                try:
                    made.append(find(i))
                except (_TimeIsUpError, RefusalError):
                    raise
                except Exception as error:  # whatever a peer raises is a result with a reason
                    errors.append(f"{type(error).__name__}: {error}".splitlines()[0])
                    made.append(None)
                ended = time.perf_counter()
    except _TimeIsUpError:
        if not made:
            spent = time.perf_counter() - began
            return Answer([], 0, spent, note=f"not one row within {limit:.0f} s")
    if errors and len(errors) == len(made):
        raise RefusalError(errors[0])
    assert ended is not None
    note = f"{len(errors)} of {len(made)} rows: {errors[0]}" if errors else ""
    return Answer(made, len(made), ended - began, None if teacher_rows is None else teacher_rows(), note=note)


@contextmanager
def _alarm(limit: float) -> Iterator[None]:
    def ring(*_: Any) -> None:
        raise _TimeIsUpError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
