"""Numerical libraries on one thread each, so that sums end in the same last bits on every machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from threadpoolctl import ThreadpoolController

from coopdistill.interrupts import interrupts_wait

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
    with interrupts_wait():  # the linker calls back for each library, which lets no exception through
        return ThreadpoolController()
