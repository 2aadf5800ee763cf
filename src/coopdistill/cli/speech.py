"""What a command says while it works: on stderr, so that stdout stays for the result."""

from __future__ import annotations

import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from coopdistill.cli.duration import about

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

__all__ = ["PhaseLines", "Speech"]

_IN_OUR_WORDS = {
    "The number of unique classes is greater than 50%": (
        "more than half of the rows have a class of their own: is the target the right column? Values are predicted "
        'with task = "regression"'
    )
}
"""What scikit-learn says over and over of a table, by how it begins, and what is said of it once."""


class Speech:
    """Tells of progress and of what the user should know.

    On a terminal phases are bars with the time left and what was done last, elsewhere lines. Warnings become notes,
    each said once; those that only concern the authors of libraries are left out. Use it as a context manager.

    Parameters
    ----------
    quiet : bool, default=False
        Whether to say nothing, only to collect the notes.
    verbose : bool, default=False
        Whether to say what each participant answers.

    Examples
    --------
    >>> with Speech(quiet=True) as speech:
    ...     warnings.warn("one class has a single row", UserWarning)
    >>> speech.notes
    ['one class has a single row']
    """

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self.notes: list[str] = []
        self._quiet = quiet
        self._verbose = verbose
        self._bars: Bars | None = None
        self._lines = PhaseLines(self._say)
        self._tasks: dict[str, TaskID] = {}
        self._phase: str | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Speech:
        self._stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = self._warn
        if not self._quiet:
            if sys.stderr.isatty():
                self._bars = self._stack.enter_context(_bars())
            self._stack.enter_context(_heard(self._hear))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def progress(self, phase: str, done: int, total: int) -> None:
        """Tell how far a phase has come.

        Parameters
        ----------
        phase : str
            What is being done.
        done, total : int
            Its pieces.
        """
        if self._bars is not None:
            if phase not in self._tasks or done == 0:
                # A phase comes again in every round, with a bar of its own.
                self._tasks[phase] = self._bars.add_task(phase, total=total, last="")
            # What is said afterwards is of no phase, and would stay beside the bar for good.
            self._phase = phase if done < total else None
            self._bars.update(self._tasks[phase], completed=done, total=total)
            if done == total:
                self._bars.update(self._tasks[phase], last="")
        elif not self._quiet:
            self._lines.tell(phase, done, total)

    def note(self, text: str) -> None:
        """Say what the user should know, once.

        Parameters
        ----------
        text : str
            A sentence.
        """
        if text not in self.notes:
            self.notes.append(text)
            if not self._quiet:
                self._say(f"note: {text}")

    def _hear(self, sentence: str) -> None:
        """What an answer was is said, or shown for as long as it is the last."""
        if self._verbose:
            self._say(f"  {sentence}")
        elif self._bars is not None and self._phase is not None:
            self._bars.update(self._tasks[self._phase], last=sentence)

    def _say(self, text: str) -> None:
        if self._bars is not None:
            from rich.text import Text

            self._bars.console.print(Text(text))
        else:
            click.echo(text, err=True)

    def _warn(self, message: Warning | str, *_: Any, **__: Any) -> None:
        text = " ".join(str(message).split())
        self.note(next((ours for start, ours in _IN_OUR_WORDS.items() if text.startswith(start)), text))


class PhaseLines:
    """Tells of progress in lines: when a phase begins, and every now and then how long it will take.

    Parameters
    ----------
    say : callable
        Is given a line.
    every : float, default=10.0
        Seconds between two lines on the same phase, at the least.

    Examples
    --------
    >>> lines = PhaseLines(print, every=0.0)
    >>> for done in range(3):
    ...     lines.tell("teaching", done, 2)
    teaching …
    teaching: 1 of 2, less than a second left
    """

    def __init__(self, say: Callable[[str], object], *, every: float = 10.0) -> None:
        self._say = say
        self._every = every
        self._phase: str | None = None
        self._began = self._last = 0.0

    def tell(self, phase: str, done: int, total: int) -> None:
        """Tell how far a phase has come.

        Parameters
        ----------
        phase : str
        done, total : int
            Its pieces.
        """
        now = time.monotonic()
        if phase != self._phase or done == 0:
            self._phase, self._began, self._last = phase, now, now
            self._say(f"{phase} …")
        elif done < total and now - self._last >= self._every:
            self._last = now
            left = about((now - self._began) / done * (total - done))
            self._say(f"{phase}: {done} of {total}, {left} left")


@contextmanager
def _heard(hear: Callable[[str], None]) -> Iterator[None]:
    """Hand what the package logs to a function, as long as the context lasts."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            hear(record.getMessage())

    logger, ear = logging.getLogger("coopdistill"), Ear(logging.INFO)
    level = logger.level
    logger.addHandler(ear)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.fields[last]}", markup=False, style="dim"),
    )
    return Progress(*columns, console=Console(stderr=True))
