"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

__all__ = ["PARTIAL", "write_atomically"]

PARTIAL = ".partial"
"""How a file ends that is still being written."""


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there when it is complete, and on the disk.

    Whenever the process is killed, what was at `path` is still there or all of the new file is; what may be left
    besides is a file that ends in ``.partial``, which the next call replaces.

    Parameters
    ----------
    path : Path
        Its place; the folder is made.
    write : callable
        Takes the path to write to.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "note.txt"
    >>> write_atomically(path, lambda partial: partial.write_text("whole"))
    >>> path.read_text()
    'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    try:
        write(partial)
        # Without this, a machine that loses power may keep the new name and lose what it names.
        with partial.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
