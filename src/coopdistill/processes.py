"""Work in several processes, all of which end with the block that asked for it."""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import current_process
from typing import Any, TypeVar

from joblib import Parallel, delayed

__all__ = ["in_processes"]

T = TypeVar("T")


@contextmanager
def in_processes(
    function: Callable[..., T], pieces: Sequence[tuple[Any, ...]], *, n_jobs: int | None
) -> Iterator[Iterator[T]]:
    """Call a function with each of some arguments, and give what it returns, in order, as it comes.

    Who leaves the block early, by Ctrl-C or an error, leaves no process at work and hears nothing of what was
    cancelled.

    Parameters
    ----------
    function : callable
    pieces : sequence of tuple
        Arguments, a tuple for each call.
    n_jobs : int, optional
        Processes, as joblib counts them.

    Examples
    --------
    >>> with in_processes(pow, [(2, 3), (3, 2)], n_jobs=1) as powers:
    ...     list(powers)
    [8, 9]
    """
    if not pieces:
        yield iter(())
        return
    answers: Generator[T, None, None] = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_called)(function, given) for given in pieces
    )
    with _unheard_stumbling():
        try:
            yield answers
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # joblib counts what it had to cancel
                answers.close()


@contextmanager
def _unheard_stumbling() -> Iterator[None]:
    """Keep quiet about loky's thread that hands out work, where it looks for a piece that was just cancelled.

    It was to end anyway, and is waited for.
    """
    before = threading.excepthook

    def hook(happened: threading.ExceptHookArgs) -> None:
        is_of_loky = happened.thread is not None and happened.thread.name == "ExecutorManagerThread"
        if not (is_of_loky and issubclass(happened.exc_type, KeyError)):
            before(happened)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before


def _called(function: Callable[..., T], given: tuple[Any, ...]) -> T:
    _leave_interrupts_to_the_parent()
    return function(*given)


def _leave_interrupts_to_the_parent() -> None:
    """Make a worker process of joblib ignore Ctrl-C, which a terminal sends to it as well.

    The process that gave it work ends it; otherwise it would print a traceback of its own.
    """
    is_worker = current_process().name.startswith("LokyProcess")
    if is_worker and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
