"""The folder that a run leaves, written so that it never looks finished before it is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from coopdistill.atomic_file import write_atomically
from coopdistill.exceptions import InputError, OutputError, RunError, warn
from coopdistill.report.replacement import folder_beside, remove_abandoned, remove_replaced, take_place
from coopdistill.report.run_files import (
    CHECKPOINTS,
    MODELS,
    REPORT,
    RESULT,
    STAGED_MODELS,
    SUMMARY,
    SUMMARY_TEXT,
    TRANSFERS,
    VIRTUAL_INSTANCES,
    remove_empty,
    remove_run,
    stamp_of,
)
from coopdistill.report.run_marker import UNFINISHED, RunMarker, is_at_work
from coopdistill.report.run_target import begun_run, check_target

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["REPORT", "RESULT", "SUMMARY", "SUMMARY_TEXT", "UNFINISHED", "RunFolder", "read_run"]


class RunFolder:
    """A folder in which one run is being written.

    As long as it is, the file ``UNFINISHED`` lies in it. Files appear whole or not at all, and ``result.json`` comes
    last. A run that replaces an earlier one is written beside it, and takes its place when it is complete.
    Use it as a context manager: input that turns out to be wrong before any work was kept leaves no trace; else a
    failure or an interruption leaves what there is, marked as unfinished; of a run that replaces another, only what it
    takes to go on with it. What no run wrote is never removed.

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
    RunError
        If later on it cannot be written any more, such as on a disk that is full.

    Examples
    --------
    >>> import tempfile
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
        self._begun = begun_run(self._target, shown=self.path, force=force) if resume else None
        if self._begun is None:
            self._replaces = check_target(self._target, shown=self.path, force=force)
        else:
            self._replaces = self._begun != self._target
            if self._replaces:  # which the run that goes on was allowed to
                check_target(self._target, shown=self.path, force=True)
        self._seen = stamp_of(self._target)
        self._made: list[Path] = []
        self._complete = False

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
            self._folder = self._made_folder() if self._begun is None else self._begun
            self._marker = RunMarker(self._folder)
            self._marker.begin(self.began, anew=self._begun is None)
        except OSError as error:
            remove_empty(self._made)
            raise OutputError(f"{str(self.path)!r}{self._why_not(error)}") from error
        try:
            self._refuse_changes()
        except OutputError:
            if self.resumes:
                self._marker.release()
            else:
                self._marker.remove()
            remove_empty(self._made)
            raise
        # Of a run that was interrupted while it wrote its models; it writes them again.
        remove_run(self._folder, within=STAGED_MODELS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._marker.release()
        if self._complete or self.resumes or self.checkpoints.is_dir():
            return
        if self._replaces or isinstance(error, InputError):
            remove_run(self._folder)
            remove_empty(self._made)

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
        # What lies in `models` is the run's own only if a result names it, so until there is one they lie elsewhere.
        place = f"{STAGED_MODELS}{name.removeprefix(MODELS)}" if name.startswith(f"{MODELS}/") else name
        with self._failing_as_a_run():
            write_atomically(self._folder / place, lambda path: path.write_bytes(content))

    def write_tables(self, transfers: pd.DataFrame, virtual_instances: pd.DataFrame) -> None:
        """Write who taught whom, and what was taught.

        Parameters
        ----------
        transfers, virtual_instances : DataFrame
            As `CooperativeDistillation` gives them.
        """
        self.write_text(TRANSFERS, transfers.to_csv(index=False, lineterminator="\n"))
        storable = _storable(virtual_instances)
        with self._failing_as_a_run():
            write_atomically(self._folder / VIRTUAL_INSTANCES, lambda path: storable.to_parquet(path, index=False))

    def finish(self, result: dict[str, Any]) -> None:
        """Write the result, take the marker away, and put the folder in its place.

        Parameters
        ----------
        result : dict
            What `read_run` will give back. What lies in ``models`` is the run's own as far as this names it, as
            `make_result` does.
        """
        self.write_text(RESULT, as_json(result) + "\n")
        self._complete = True  # and stays, whatever fails from here on
        with self._failing_as_a_run():
            self._unstage_models()
            earlier = self._take_place() if self._replaces else None
            # Only where it belongs, for without a marker nobody would find it elsewhere.
            self._marker.remove()
        remove_run(self._folder, within=CHECKPOINTS)
        kept = None if earlier is None else remove_replaced(earlier, self._seen)
        if kept is not None:
            warn(
                f"{str(self.path)!r} was changed while its new run was written: what was put there meanwhile is now in "
                f"{str(kept)!r}"
            )

    def _made_folder(self) -> Path:
        if self._replaces:
            remove_abandoned(self._target)
            self._made = [folder_beside(self._target)]
            return self._made[0]
        self._made = [folder for folder in (self._target, *self._target.parents) if not folder.exists()]
        self._target.mkdir(parents=True, exist_ok=True)
        return self._target

    def _why_not(self, error: OSError) -> str:
        if isinstance(error, FileExistsError):
            return ": another run has just begun there; choose another --out"
        if isinstance(error, FileNotFoundError) and self.resumes:
            return ": the run to go on with has just been finished or removed"
        return f" cannot be written: {error.strerror or error}; choose another folder: --out"

    def _refuse_changes(self) -> None:
        """Refuse what was done there between the first look and the moment from which others see this run."""
        if self._replaces:
            check_target(self._target, shown=self.path, force=True, but=self._folder)
            changed = stamp_of(self._target) != self._seen
        else:
            changed = not self.resumes and [path.name for path in self._target.iterdir()] != [UNFINISHED]
        if changed:
            raise OutputError(
                f"{str(self.path)!r}: something has just been written there; choose another --out, or see what it is, "
                "and replace it with --force"
            )

    def _unstage_models(self) -> None:
        staged = self._folder / STAGED_MODELS
        for path in sorted(staged.iterdir()) if staged.is_dir() else ():
            (self._folder / MODELS).mkdir(exist_ok=True)
            os.replace(path, self._folder / MODELS / path.name)
        remove_empty([staged])

    def _take_place(self) -> Path | None:
        """Put the folder in the place of the earlier run; return where that is now."""
        if is_at_work(self._target):
            raise RunError(
                f"{str(self.path)!r}: another run is being written there; this one is complete in {str(self._folder)!r}"
            )
        with self._marker.moving_to(self._target):
            earlier = take_place(self._folder, self._target)
        self._folder, self._replaces = self._target, False
        return earlier

    @contextmanager
    def _failing_as_a_run(self) -> Iterator[None]:
        """Say of what cannot be written that the run failed: there was nothing wrong with its input."""
        try:
            yield
        except OSError as error:
            can_go_on = self.resumes or self.checkpoints.is_dir()
            raise RunError(
                f"{str(self.path)!r} cannot be written: {error.strerror or error}; mend that, then "
                + ("go on with the run by --resume" if can_go_on else "run it again with --force")
            ) from error


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


def _storable(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn columns of several types, which a Parquet file cannot hold, into text."""
    mixed = {
        name: column.map(str, na_action="ignore")
        for name, column in frame.items()
        if column.dtype == object and len(set(column.dropna().map(type))) > 1
    }
    return frame.assign(**{str(name): column for name, column in mixed.items()}) if mixed else frame
