"""How long work tells that it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Progress", "as_progress"]

Progress = Callable[[str, int, int], None]
"""Called with the phase, the pieces done and all of them."""


@contextmanager
def as_progress(progress: bool | Progress) -> Iterator[Progress]:
    """Make something that can be told of progress.

    Parameters
    ----------
    progress : bool or callable
        False tells nobody, True shows a bar a phase on stderr, a callable is told itself.

    Yields
    ------
    callable
        Takes the phase, the pieces done and all of them.

    Examples
    --------
    >>> with as_progress(print) as tell:
    ...     tell("teaching", 1, 2)
    teaching 1 2
    """
    if callable(progress):
        yield progress
    elif progress:
        with _bars() as tell:
            yield tell
    else:
        yield lambda phase, done, total: None


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        known: dict[str, TaskID] = {}

        def tell(phase: str, done: int, total: int) -> None:
            if done == 0 or phase not in known:
                # A phase comes again in every round, with a bar of its own.
                known[phase] = bars.add_task(phase, total=total)
            bars.update(known[phase], completed=done)

        yield tell
