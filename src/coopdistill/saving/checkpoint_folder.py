"""A folder that keeps the answers of agents until a run is finished; nothing in it is unpickled."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.atomic_file import write_atomically
from coopdistill.exceptions import OutputError, RunError

__all__ = ["CheckpointFolder"]

_ORIGIN = "origin.json"
_KEY = "key"


class CheckpointFolder:
    """Keeps arrays in files that appear whole or not at all.

    Parameters
    ----------
    path : Path
        A folder of its own; made when something is kept.
    origin : mapping of str to str
        What the arrays depend on, and a digest or version of it.

    Raises
    ------
    OutputError
        If it holds arrays of another origin.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "checkpoints"
    >>> CheckpointFolder(path, {"the study": "a1"}).keep("north", {"error": np.array([0.0, 1.0])})
    >>> CheckpointFolder(path, {"the study": "a1"}).recall("north")
    {'error': array([0., 1.])}
    >>> CheckpointFolder(path, {"the study": "b2"})
    Traceback (most recent call last):
    coopdistill.exceptions.OutputError: the study is not what it was when the run began, so the run cannot go on; ...
    """

    def __init__(self, path: Path, origin: Mapping[str, str]) -> None:
        self._path = path
        self._origin = dict(origin)
        if path.is_dir():
            self._check_origin()

    def recall(self, key: str) -> dict[str, NDArray[Any]] | None:
        """Return what was kept under a key; None where nothing was, or it cannot be read.

        Parameters
        ----------
        key : str

        Returns
        -------
        dict of str to ndarray, or None
        """
        try:
            with np.load(io.BytesIO(self._file(key).read_bytes()), allow_pickle=False) as kept:
                arrays = dict(kept)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return arrays if str(arrays.pop(_KEY, "")) == key else None

    def keep(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays under a key.

        Parameters
        ----------
        key : str
        arrays : mapping of str to ndarray
            None of Python objects.

        Raises
        ------
        OutputError
            If they hold Python objects.
        RunError
            If they cannot be written, such as on a disk that is full; what was kept before stays.
        """
        kept: dict[str, Any] = {**arrays, _KEY: np.array(key)}

        def write(path: Path) -> None:
            with path.open("wb") as file:
                np.savez(file, **kept)

        # NumPy would pickle these; before 2.1 `savez` cannot be told not to.
        unfit = [name for name, values in arrays.items() if values.dtype.hasobject]
        if unfit:
            raise OutputError(f"arrays of Python objects cannot be kept: {', '.join(unfit)}")
        try:
            if not (self._path / _ORIGIN).exists():
                text = json.dumps(self._origin, indent=2)
                write_atomically(self._path / _ORIGIN, lambda path: path.write_text(text, encoding="utf-8"))
            write_atomically(self._file(key), write)
        except OSError as error:
            raise RunError(
                f"{str(self._path)!r} cannot be written: {error.strerror or error}; mend that, then go on with the run "
                "by --resume"
            ) from error

    def _file(self, key: str) -> Path:
        return self._path / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npz"

    def _check_origin(self) -> None:
        try:
            origin = json.loads((self._path / _ORIGIN).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return  # nothing was kept before the run was interrupted
        except (OSError, ValueError):
            origin = {}
        changed = [what for what in self._origin if self._origin[what] != dict(origin).get(what)]
        if changed:
            *most, last = changed
            which = f"{', '.join(most)} and {last} are not what they were" if most else f"{last} is not what it was"
            raise OutputError(f"{which} when the run began, so the run cannot go on; begin again with --force")
