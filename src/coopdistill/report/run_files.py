"""The files that a run writes into its folder, told from what others put there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from coopdistill.atomic_file import PARTIAL
from coopdistill.report.run_marker import UNFINISHED

__all__ = [
    "CHECKPOINTS",
    "COOPERATION",
    "MODELS",
    "REPORT",
    "RESULT",
    "STAGED_MODELS",
    "SUMMARY",
    "SUMMARY_TEXT",
    "TRANSFERS",
    "VIRTUAL_INSTANCES",
    "Stamp",
    "others_in",
    "remove_empty",
    "remove_run",
    "stamp_of",
]

RESULT = "result.json"
REPORT = "report.html"
SUMMARY = "summary.json"
SUMMARY_TEXT = "summary.md"
TRANSFERS = "transfers.csv"
VIRTUAL_INSTANCES = "virtual_instances.parquet"
COOPERATION = "cooperation.zip"
MODELS = "models"
STAGED_MODELS = MODELS + PARTIAL
"""Where models lie until there is a result that names them."""
CHECKPOINTS = "checkpoints"
"""What an interrupted run needs to go on; a finished one has none."""

Stamp: TypeAlias = tuple[tuple[int, int, int] | None, ...]
"""Tells the run that a folder holds from a later one there."""

_FILES = frozenset({UNFINISHED, RESULT, REPORT, SUMMARY, SUMMARY_TEXT, TRANSFERS, VIRTUAL_INSTANCES, COOPERATION})
_FOLDERS = (MODELS, STAGED_MODELS, CHECKPOINTS)
_CHECKPOINT = re.compile(r"origin\.json|[0-9a-f]{32}\.npz")
_OF_THE_SYSTEM = ".DS_Store"


def others_in(folder: Path) -> list[str]:
    """List what lies in the folder of a run, and was not written by it.

    Of the files in ``models`` those are the run's that its result names.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of str
        Names, those in a folder of the run's with that before a slash.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("result.json", "notes.txt"):
    ...     _ = (folder / name).write_text("{}")
    >>> others_in(folder)
    ['notes.txt']
    """
    models = _named_models(folder)
    return [name for name in _entries(folder) if not _is_own(name, models)]


def remove_run(folder: Path, *, within: str = "") -> None:
    """Remove the files of a run, and its folders where nothing else is in them; what cannot be removed stays.

    Parameters
    ----------
    folder : Path
        It stays, too.
    within : str, default=""
        The folder in it that is to be cleared. Default: all.
    """
    models = _named_models(folder)
    own = [name for name in _entries(folder) if name.startswith(within) and _is_own(name, models)]
    # What tells that here is a run goes last, so that the rest is still known as its own should this be interrupted.
    for name in sorted(own, key=lambda name: name in (RESULT, UNFINISHED)):
        with suppress(OSError):
            (folder / name).unlink()
    for name in (name for name in _FOLDERS if name.startswith(within)):
        remove_empty([folder / name])


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove folders in their order, but for those in which something is.

    Parameters
    ----------
    folders : iterable of Path
        They may be absent.
    """
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def stamp_of(folder: Path) -> Stamp:
    """Return what tells the run that a folder holds from a later one there.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    tuple
        It stays the same when the folder is moved.
    """
    return tuple(_stamp(folder / name) for name in (RESULT, UNFINISHED))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _entries(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if path.name in _FOLDERS and path.is_dir() and not path.is_symlink():
            yield from (f"{path.name}/{inner.name}" for inner in sorted(path.iterdir()))
        else:
            yield path.name


def _is_own(entry: str, models: set[str]) -> bool:
    folder, _, name = entry.removesuffix(PARTIAL).rpartition("/")
    if name == _OF_THE_SYSTEM or folder == STAGED_MODELS:
        return True
    if folder == CHECKPOINTS:
        return _CHECKPOINT.fullmatch(name) is not None
    return entry in models if folder == MODELS else name in _FILES


def _named_models(folder: Path) -> set[str]:
    """The files of models that the result of a run names."""
    try:
        result = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        return {str(one["model"].get("file")) for one in result["participants"].values()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()
