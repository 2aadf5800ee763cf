"""What a command says while it works: on stderr, so that stdout stays for the result."""

from __future__ import annotations

import sys
import warnings
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

__all__ = ["Speech"]


class Speech:
    """Tells of progress and of what the user should know.

    On a terminal phases are bars, elsewhere lines. Warnings become notes, each said once; those that only concern
    the authors of libraries are left out. Use it as a context manager.

    Parameters
    ----------
    quiet : bool, default=False
        Whether to say nothing, only to collect the notes.

    Examples
    --------
    >>> with Speech(quiet=True) as speech:
    ...     warnings.warn("one class has a single row", UserWarning)
    >>> speech.notes
    ['one class has a single row']
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.notes: list[str] = []
        self._quiet = quiet
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Speech:
        self._stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = self._warn
        if not self._quiet and sys.stderr.isatty():
            self._bars = self._stack.enter_context(_bars())
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
        begins = phase not in self._tasks or done == 0
        if self._bars is not None:
            if begins:
                self._tasks[phase] = self._bars.add_task(phase, total=total)
            self._bars.update(self._tasks[phase], completed=done, total=total)
        elif begins and not self._quiet:
            self._say(f"{phase} …")
            self._tasks.setdefault(phase, _NO_BAR)

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

    def _say(self, text: str) -> None:
        if self._bars is not None:
            from rich.text import Text

            self._bars.console.print(Text(text))
        else:
            click.echo(text, err=True)

    def _warn(self, message: Warning | str, *_: Any, **__: Any) -> None:
        self.note(" ".join(str(message).split()))


_NO_BAR: Any = None


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))
