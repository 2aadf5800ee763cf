"""The file that says that a run is not finished, and whether anybody still works on it."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path

__all__ = ["UNFINISHED", "RunMarker", "is_at_work", "remove_abandoned", "unfinished_beside"]

UNFINISHED = "UNFINISHED"
"""Its name."""

_BESIDE = ".unfinished-"


class RunMarker:
    """Lies in the folder of a run as long as that is not finished.

    The process that writes the run holds a lock on it, which ends with the process, however that ends.

    Parameters
    ----------
    folder : Path
        The run's.

    Examples
    --------
    >>> import tempfile
    >>> from datetime import UTC
    >>> folder = Path(tempfile.mkdtemp())
    >>> marker = RunMarker(folder)
    >>> marker.begin(datetime.now(UTC))
    >>> is_at_work(folder)
    True
    >>> marker.release()
    >>> is_at_work(folder), (folder / UNFINISHED).exists()
    (False, True)
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / UNFINISHED
        self._file: TextIOWrapper | None = None

    def begin(self, began: datetime, *, anew: bool = True) -> None:
        """Write it, and hold it.

        Parameters
        ----------
        began : datetime
        anew : bool, default=True
            Whether there must be none yet.

        Raises
        ------
        FileExistsError
            If there is one, or another process holds it.
        """
        self._file = self._path.open("x" if anew else "a", encoding="utf-8")
        if not _locked(self._file):
            self._file.close()
            self._file = None
            raise FileExistsError(str(self._path))
        self._file.truncate(0)
        self._file.write(
            f"This run began {began.isoformat(timespec='seconds')} (process {os.getpid()}) and has not finished.\n"
            "If that process is gone, the run was interrupted or failed: what lies here is not a result.\n"
            "`--resume` goes on with it where it stopped.\n"
        )
        self._file.flush()

    def release(self) -> None:
        """Let it go; the file stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """Say that the run is finished."""
        self._path.unlink()
        self.release()


def is_at_work(folder: Path) -> bool:
    """Tell whether a process is writing a run there; where the system knows no locks, always False.

    Parameters
    ----------
    folder : Path
        Of a run.

    Returns
    -------
    bool
    """
    try:
        with (folder / UNFINISHED).open("r+", encoding="utf-8") as file:
            return not _locked(file)
    except OSError:
        return False


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


def remove_abandoned(target: Path) -> None:
    """Remove what interrupted runs left beside the run that they were to replace.

    Parameters
    ----------
    target : Path
        Where they belong.
    """
    for path in _beside(target):
        if not is_at_work(path):
            shutil.rmtree(path, ignore_errors=True)


def _beside(target: Path) -> list[Path]:
    prefix = target.name + _BESIDE
    return [path for path in target.parent.iterdir() if path.name.startswith(prefix) and (path / UNFINISHED).is_file()]


def _locked(file: TextIOWrapper) -> bool:
    """Lock a file for this process; False if another one has."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True
