"""stdout and stderr, where they cannot take what a command says."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import TextIO

import click

__all__ = ["end_of_streams", "make_lenient"]

_STRICT = ("strict", "surrogateescape")
"""How streams treat what their encoding lacks, by failing."""
_WRITERS = ("click", "rich")
"""Who writes to them, and to nothing else."""


def make_lenient() -> None:
    """Let stdout and stderr write a mark for what their encoding lacks: a minus on an old terminal is no failure."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in _STRICT:
            stream.reconfigure(errors="replace")


def end_of_streams(error: OSError) -> bool:
    """Tell whether an error is that stdout or stderr cannot be written, such as on a full disk, and if so say it.

    Of a pipe that was closed, as by ``| head``, nothing is said: whoever closed it wanted no more.

    Parameters
    ----------
    error : OSError
        From a command.

    Returns
    -------
    bool
    """
    failing = [stream for stream in (sys.stdout, sys.stderr) if not _is_written(stream)]
    if not failing and not _was_writing(error):
        return False
    for stream in failing:
        _lead_nowhere(stream)
    if error.errno != errno.EPIPE:
        with suppress(OSError):
            click.echo(f"Error: the output cannot be written: {error.strerror or error}; lead it elsewhere", err=True)
    return True


def _is_written(stream: TextIO) -> bool:
    """What was kept as it could not be written fails again."""
    try:
        stream.flush()
    except OSError:
        return False
    return True


def _was_writing(error: OSError) -> bool:
    """Streams without a buffer keep nothing, so look at who was writing."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0] in _WRITERS


def _lead_nowhere(stream: TextIO) -> None:
    """Python writes what was kept once more at the end, and would complain again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
