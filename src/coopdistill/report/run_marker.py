"""The file that says that a run is not finished, and whether anybody still works on it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

__all__ = ["UNFINISHED", "RunMarker", "is_at_work"]

UNFINISHED = "UNFINISHED"
"""Its name."""

_TRIES = 20
_PAUSE = 0.02
"""Seconds between two tries."""


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
        self._file: IO[str] | None = None

    def begin(self, began: datetime, *, anew: bool = True) -> None:
        """Write it, and hold it.

        Parameters
        ----------
        began : datetime
        anew : bool, default=True
            Whether there must be none yet; else there must be one.

        Raises
        ------
        FileExistsError
            If there is one and there must be none, or another process holds it.
        FileNotFoundError
            If there is none and there must be one: the run has been finished.
        """
        file = self._path.open("x" if anew else "r+", encoding="utf-8")
        try:
            if not _held(file):
                raise FileExistsError(str(self._path))
            # Who held it until just now may have finished the run, and the file is gone.
            if not os.path.samestat(os.fstat(file.fileno()), self._path.stat()):
                raise FileExistsError(str(self._path))
            file.truncate(0)
            file.write(
                f"This run began {began.isoformat(timespec='seconds')} (process {os.getpid()}) and has not finished.\n"
                "If that process is gone, the run was interrupted or failed: what lies here is not a result.\n"
                "`--resume` goes on with it where it stopped.\n"
            )
            file.flush()
        except BaseException as error:
            file.close()
            if anew and not isinstance(error, FileExistsError):
                self._path.unlink(missing_ok=True)
            raise
        self._file = file

    def release(self) -> None:
        """Let it go; the file stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """Say that the run is finished."""
        self._release_on_windows()
        self._path.unlink()
        self.release()

    @contextmanager
    def moving_to(self, folder: Path) -> Iterator[None]:
        """Let the run's folder be moved, and go with it.

        Parameters
        ----------
        folder : Path
            Where the run will lie.
        """
        self._release_on_windows()
        yield
        self._path = folder / UNFINISHED

    def _release_on_windows(self) -> None:
        """Close the file where one that is open cannot be removed or moved; elsewhere it is held to the end."""
        if sys.platform == "win32":
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
        with (folder / UNFINISHED).open("rb") as file:
            # Shared, so that those who look are not taken by each other for one who works.
            return not _locked(file, alone=False)
    except OSError:
        return False


def _held(file: IO[Any]) -> bool:
    """Lock a file for this process alone; one that looks is in the way for a moment only, which is waited for."""
    for _ in range(_TRIES):
        if _locked(file, alone=True):
            return True
        time.sleep(_PAUSE)
    return False


def _locked(file: IO[Any], *, alone: bool) -> bool:
    """Lock a file for this process; False if another one has."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True
