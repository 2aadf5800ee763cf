"""Numerical libraries on one thread each, so that sums end in the same last bits on every machine."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from threadpoolctl import ThreadpoolController

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit the numerical libraries that are imported by now to one thread each, until the block ends.

    Examples
    --------
    >>> import numpy as np
    >>> from threadpoolctl import threadpool_info
    >>> with one_thread():
    ...     {library["num_threads"] for library in threadpool_info()} <= {1}
    True
    """
    with _libraries(len(sys.modules)).limit(limits=1):
        yield


@lru_cache(maxsize=1)
def _libraries(_n_imported: int) -> ThreadpoolController:
    """Find the numerical libraries of this process; again once more was imported, for that takes milliseconds."""
    with _interrupts_wait():
        return ThreadpoolController()


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Let Ctrl-C wait until the block ends.

    The linker calls back once a library; there Python can only print an interrupt and forget it, and the user has
    pressed the keys in vain.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    waiting = []
    signal.signal(signal.SIGINT, lambda number, _frame: waiting.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if waiting:
        before(waiting[0], sys._getframe())
