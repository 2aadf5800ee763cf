"""Runs the cells of experiments under the eyes of the user, and writes what they came to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coopdistill.cli.duration import about, spoken_time

if TYPE_CHECKING:
    from coopdistill.experiments import Cell

__all__ = ["run_or_stop", "write_texts"]


def run_or_stop(cells: Sequence[Cell], out: Path, *, n_jobs: int) -> None:
    """Run the cells that a folder lacks, and say on stderr how far it is.

    Parameters
    ----------
    cells : sequence of Cell
    out : Path
    n_jobs : int

    Raises
    ------
    KeyboardInterrupt
        If it was interrupted; with what to do next.
    """
    from coopdistill.experiments import run_cells

    try:
        run_cells(cells, out, n_jobs=n_jobs, tell=_Clock().tell)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Interrupted; the same command goes on from here.") from None


def write_texts(folder: Path, contents: dict[str, str]) -> None:
    """Write files into a folder, each as a whole.

    Parameters
    ----------
    folder : Path
    contents : dict of str to str
        By their names.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    from coopdistill.atomic_file import write_atomically
    from coopdistill.exceptions import OutputError

    try:
        for name, content in contents.items():
            write_atomically(folder / name, partial(Path.write_text, data=content, encoding="utf-8"))
    except OSError as error:
        raise OutputError(
            f"{str(folder)!r} cannot be written: {error.strerror or error}; choose another folder: --out"
        ) from error


class _Clock:
    """Says on stderr what is finished, and how long the rest will take at that pace."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def tell(self, cell: Cell | None, done: int, total: int) -> None:
        if cell is None:
            click.echo(f"{total} to run", err=True)
            return
        passed = time.monotonic() - self._began
        left = passed / done * (total - done)
        click.echo(f"{done} of {total}, {spoken_time(passed)} passed, {about(left)} left: {cell}", err=True)
