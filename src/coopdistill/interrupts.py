"""Ctrl-C where it would be lost: what is called catches it, or cannot raise it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interrupts_last", "interrupts_wait"]


@contextmanager
def interrupts_last() -> Iterator[None]:
    """Interrupt once more at the end of the block what has caught an interrupt within.

    scikit-learn's multilayer perceptrons and skorch's networks take Ctrl-C to mean that they shall train no further,
    and return half trained; the user means to stop everything.

    Examples
    --------
    >>> try:
    ...     with interrupts_last():
    ...         try:
    ...             signal.raise_signal(signal.SIGINT)
    ...         except KeyboardInterrupt:
    ...             print("caught")
    ... except KeyboardInterrupt:
    ...     print("interrupted")
    caught
    interrupted
    """
    with _handled(at_once=True):
        yield


@contextmanager
def interrupts_wait() -> Iterator[None]:
    """Let an interrupt wait until the block ends, in which Python could only print it and forget it.

    Examples
    --------
    >>> try:
    ...     with interrupts_wait():
    ...         signal.raise_signal(signal.SIGINT)
    ...         print("ended")
    ... except KeyboardInterrupt:
    ...     print("interrupted")
    ended
    interrupted
    """
    with _handled(at_once=False):
        yield


@contextmanager
def _handled(*, at_once: bool) -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    # Only the main thread is interrupted, and nobody is who ignores it or leaves it to the system.
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    waiting: list[tuple[int, FrameType | None]] = []

    def note(number: int, frame: FrameType | None) -> None:
        waiting.append((number, frame))
        if at_once:
            before(number, frame)
            waiting.clear()  # nothing was raised that could be caught

    try:
        signal.signal(signal.SIGINT, note)
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if waiting:
        before(*waiting[0])
