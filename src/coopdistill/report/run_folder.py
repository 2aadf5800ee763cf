"""The folder that a run leaves, written so that it never looks finished before it is."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from coopdistill.atomic_file import PARTIAL, write_atomically
from coopdistill.exceptions import InputError, OutputError
from coopdistill.report.run_marker import UNFINISHED, RunMarker, is_at_work, remove_abandoned, unfinished_beside

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["REPORT", "RESULT", "SUMMARY", "SUMMARY_TEXT", "UNFINISHED", "RunFolder", "read_run"]

RESULT = "result.json"
REPORT = "report.html"
SUMMARY = "summary.json"
SUMMARY_TEXT = "summary.md"
TRANSFERS = "transfers.csv"
VIRTUAL_INSTANCES = "virtual_instances.parquet"
MODELS = "models"
CHECKPOINTS = "checkpoints"
"""What an interrupted run needs to go on; a finished one has none."""

_OF_A_RUN = frozenset(
    {UNFINISHED, RESULT, REPORT, SUMMARY, SUMMARY_TEXT, TRANSFERS, VIRTUAL_INSTANCES, MODELS, CHECKPOINTS, ".DS_Store"}
)


class RunFolder:
    """A folder in which one run is being written.

    As long as it is, the file ``UNFINISHED`` lies in it. Files appear whole or not at all, and ``result.json`` comes
    last. A run that replaces an earlier one is written beside it, and takes its place when it is complete.
    Use it as a context manager: input that turns out to be wrong leaves no trace, a failure or an interruption
    leaves what there is, marked as unfinished; of a run that replaces another, only what it takes to go on with it.

    Parameters
    ----------
    path : Path
        Where the run belongs; absent or empty, or with ``force`` an earlier run.
    force : bool, default=False
        Whether an earlier run there may be replaced.
    resume : bool, default=False
        Whether to go on with a run that was interrupted there, if there is one.

    Raises
    ------
    OutputError
        If something else is there, or the folder cannot be written.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp()) / "run"
    >>> with RunFolder(path) as run:
    ...     run.finish({"seed": 0})
    >>> read_run(path)
    {'seed': 0}
    """

    def __init__(self, path: str | Path, *, force: bool = False, resume: bool = False) -> None:
        self.path = Path(path)
        self.began = datetime.now(UTC)
        self._target = self.path.resolve()
        self._begun = _begun_run(self._target, shown=self.path, force=force) if resume else None
        if self._begun is None:
            self._replaces = _check_target(self._target, shown=self.path, force=force)
        else:
            self._replaces = self._begun != self._target
        self._finished = False

    @property
    def resumes(self) -> bool:
        """Whether it goes on with a run that was interrupted."""
        return self._begun is not None

    @property
    def checkpoints(self) -> Path:
        """The folder for what it takes to go on, should the run be interrupted."""
        return self._folder / CHECKPOINTS

    def __enter__(self) -> RunFolder:
        try:
            self._existed = self._target.is_dir()
            self._folder = self._made_folder() if self._begun is None else self._begun
            self._marker = RunMarker(self._folder)
            self._marker.begin(self.began, anew=self._begun is None)
        except FileExistsError:
            raise OutputError(f"{str(self.path)!r}: another run has just begun there; choose another --out") from None
        except OSError as error:
            raise OutputError(
                f"{str(self.path)!r} cannot be written: {error.strerror or error}; choose another folder: --out"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._marker.release()
        if self._finished or self.resumes:
            return
        if self._replaces:
            if not (isinstance(error, KeyboardInterrupt) and self.checkpoints.is_dir()):
                shutil.rmtree(self._folder, ignore_errors=True)
        elif isinstance(error, InputError):
            self._undo()

    def write_text(self, name: str, text: str) -> None:
        """Write a text file, whole or not at all.

        Parameters
        ----------
        name : str
            Its path in the folder.
        text : str
        """
        self.write_bytes(name, text.encode())

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all.

        Parameters
        ----------
        name : str
            Its path in the folder.
        content : bytes
        """
        write_atomically(self._folder / name, lambda path: path.write_bytes(content))

    def write_tables(self, transfers: pd.DataFrame, virtual_instances: pd.DataFrame) -> None:
        """Write who taught whom, and what was taught.

        Parameters
        ----------
        transfers, virtual_instances : DataFrame
            As `CooperativeDistillation` gives them.
        """
        self.write_text(TRANSFERS, transfers.to_csv(index=False, lineterminator="\n"))
        storable = _storable(virtual_instances)
        write_atomically(self._folder / VIRTUAL_INSTANCES, lambda path: storable.to_parquet(path, index=False))

    def finish(self, result: dict[str, Any]) -> None:
        """Write the result, take the marker away, and put the folder in its place.

        Parameters
        ----------
        result : dict
            What `read_run` will give back.
        """
        self.write_text(RESULT, as_json(result) + "\n")
        shutil.rmtree(self.checkpoints, ignore_errors=True)
        self._marker.remove()
        self._finished = True
        if self._replaces:
            _swap(self._folder, self._target)

    def _made_folder(self) -> Path:
        if self._replaces:
            remove_abandoned(self._target)
            return Path(tempfile.mkdtemp(prefix=f"{self._target.name}.unfinished-", dir=self._target.parent))
        self._target.mkdir(parents=True, exist_ok=True)
        return self._target

    def _undo(self) -> None:
        for name in _OF_A_RUN:
            path = self._folder / name
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        if not self._existed:
            self._folder.rmdir()


def read_run(path: str | Path) -> dict[str, Any]:
    """Read the result of a finished run.

    Parameters
    ----------
    path : str or Path
        Its folder.

    Returns
    -------
    dict
        The content of ``result.json``.

    Raises
    ------
    OutputError
        If the folder holds no run, or an unfinished or damaged one.
    """
    path = Path(path)
    if not path.is_dir():
        raise OutputError(f"there is no folder {str(path)!r}; name the folder that a run was written to")
    if (path / UNFINISHED).exists():
        raise OutputError(
            f"{str(path)!r} holds a run that was not finished; go on with it by --resume, or begin again by --force"
        )
    if not (path / RESULT).is_file():
        raise OutputError(f"{str(path)!r} holds no run: there is no {RESULT} in it; name the folder of a run")
    try:
        result = json.loads((path / RESULT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OutputError(f"{str(path / RESULT)!r} is damaged: {error}; run again with --force") from error
    if not isinstance(result, dict):
        raise OutputError(f"{str(path / RESULT)!r} is damaged: it is no JSON object; run again with --force")
    return result


def as_json(result: dict[str, Any]) -> str:
    """Render a result as JSON that every reader accepts.

    Parameters
    ----------
    result : dict
        Plain data without NaN.

    Returns
    -------
    str
    """
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False)


def _check_target(target: Path, *, shown: Path, force: bool) -> bool:
    """Say whether an earlier run is to be replaced; refuse everything but that and an absent or empty folder."""
    try:
        present = sorted(p.name for p in target.iterdir()) if target.exists() else []
    except NotADirectoryError:
        raise OutputError(f"{str(shown)!r} is a file; --out takes a folder") from None
    except OSError as error:
        raise OutputError(f"{str(shown)!r} cannot be read: {error.strerror}; choose another --out") from error
    if not present:
        return False
    if RESULT not in present and UNFINISHED not in present:
        raise OutputError(f"{str(shown)!r} is not empty and holds no run; choose another --out")
    _refuse_at_work(target, shown)
    if not force:
        state = "an unfinished run" if UNFINISHED in present else "a run"
        how = "go on with it by --resume" if UNFINISHED in present else "choose another --out"
        raise OutputError(f"{str(shown)!r} already holds {state}; {how}, or replace it with --force")
    foreign = next((n for n in present if n not in _OF_A_RUN and not n.endswith(PARTIAL)), None)
    if foreign is not None:
        raise OutputError(
            f"{str(shown)!r} holds {foreign!r}, which no run wrote and --force would remove; "
            "move it, or choose another --out"
        )
    return True


def _begun_run(target: Path, *, shown: Path, force: bool) -> Path | None:
    """Find the interrupted run to go on with: where it belongs, or beside the one that it was to replace."""
    _refuse_at_work(target, shown)
    begun = unfinished_beside(target) if target.parent.is_dir() else None
    if begun is None and (target / UNFINISHED).is_file():
        return target
    if not (target / RESULT).is_file() and not (target / UNFINISHED).is_file():
        return None
    if begun is None and not force:
        raise OutputError(
            f"{str(shown)!r} holds a finished run, so there is nothing to go on with; run it again with --force"
        )
    return begun


def _refuse_at_work(target: Path, shown: Path) -> None:
    if is_at_work(target):
        raise OutputError(f"{str(shown)!r}: a run is being written there just now; choose another --out")


def _swap(complete: Path, target: Path) -> None:
    """Put a complete folder in the place of an earlier one; at each moment at least one of both is there whole."""
    complete.chmod(target.stat().st_mode & 0o777)
    earlier = Path(tempfile.mkdtemp(prefix=f"{target.name}.replaced-", dir=target.parent))
    os.replace(target, earlier / target.name)
    try:
        os.replace(complete, target)
    except OSError:
        os.replace(earlier / target.name, target)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def _storable(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn columns of several types, which a Parquet file cannot hold, into text."""
    mixed = {
        name: column.map(str, na_action="ignore")
        for name, column in frame.items()
        if column.dtype == object and len(set(column.dropna().map(type))) > 1
    }
    return frame.assign(**{str(name): column for name, column in mixed.items()}) if mixed else frame
