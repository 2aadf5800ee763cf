"""A run that replaces another is written beside it, and takes its place when it is complete."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from coopdistill.report.run_files import Stamp, remove_empty, remove_run, stamp_of
from coopdistill.report.run_marker import UNFINISHED, is_at_work

__all__ = [
    "folder_beside",
    "is_at_work_beside",
    "remove_abandoned",
    "remove_replaced",
    "take_place",
    "unfinished_beside",
]

_BESIDE = ".unfinished-"
_REPLACED = ".replaced-"


def folder_beside(target: Path) -> Path:
    """Make the folder in which a run is written that is to replace another.

    Parameters
    ----------
    target : Path
        Where it belongs.

    Returns
    -------
    Path
    """
    return Path(tempfile.mkdtemp(prefix=target.name + _BESIDE, dir=target.parent))


def unfinished_beside(target: Path) -> Path | None:
    """Find a run that was to replace another one, and was interrupted.

    Parameters
    ----------
    target : Path
        Where it belongs.

    Returns
    -------
    Path or None
        The latest, if there are several.
    """
    found = [path for path in _beside(target) if not is_at_work(path)]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def is_at_work_beside(target: Path, *, but: Path | None = None) -> bool:
    """Tell whether a process is writing a run that is to replace another.

    Parameters
    ----------
    target : Path
        Where it belongs.
    but : Path, optional
        A folder that does not count.

    Returns
    -------
    bool
    """
    return any(is_at_work(path) for path in _beside(target) if path != but)


def remove_abandoned(target: Path) -> None:
    """Remove what interrupted runs left beside the run that they were to replace.

    Parameters
    ----------
    target : Path
        Where they belong.
    """
    for path in _beside(target):
        if not is_at_work(path):
            remove_run(path)
            remove_empty([path])


def take_place(complete: Path, target: Path) -> Path | None:
    """Put a complete folder in the place of an earlier one; at each moment at least one of both is there whole.

    Parameters
    ----------
    complete, target : Path

    Returns
    -------
    Path or None
        Where the earlier folder is now; None if there was none.

    Raises
    ------
    OSError
        If it cannot be done; both are where they were.
    """
    likeness = target if target.exists() else target.parent
    complete.chmod(likeness.stat().st_mode & 0o777)
    if not target.exists():
        os.replace(complete, target)
        return None
    aside = Path(tempfile.mkdtemp(prefix=target.name + _REPLACED, dir=target.parent))
    earlier = aside / target.name
    try:
        os.replace(target, earlier)
        os.replace(complete, target)
    except BaseException:
        if not target.exists():
            os.replace(earlier, target)
        remove_empty([aside])
        raise
    return earlier


def remove_replaced(earlier: Path, stamp: Stamp) -> Path | None:
    """Remove the run that was replaced, and nothing that nobody agreed to lose.

    Parameters
    ----------
    earlier : Path
        From `take_place`.
    stamp : tuple
        Of the run that was to be replaced. Another one is left as it is.

    Returns
    -------
    Path or None
        The folder, if something in it is kept.
    """
    if stamp_of(earlier) == stamp:
        remove_run(earlier)
    remove_empty([earlier, earlier.parent])
    return earlier if earlier.exists() else None


def _beside(target: Path) -> list[Path]:
    if not target.parent.is_dir():
        return []
    prefix = target.name + _BESIDE
    return [path for path in target.parent.iterdir() if path.name.startswith(prefix) and (path / UNFINISHED).is_file()]
