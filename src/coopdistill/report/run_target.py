"""Where a run may be written: what may lie there already, and what is left of one that was interrupted."""

from __future__ import annotations

from pathlib import Path

from coopdistill.exceptions import OutputError
from coopdistill.report.replacement import is_at_work_beside, unfinished_beside
from coopdistill.report.run_files import RESULT, others_in
from coopdistill.report.run_marker import UNFINISHED, is_at_work

__all__ = ["begun_run", "check_target"]


def check_target(target: Path, *, shown: Path, force: bool, but: Path | None = None) -> bool:
    """Say whether an earlier run is to be replaced; refuse everything but that and an absent or empty folder.

    Parameters
    ----------
    target, shown : Path
        The folder, and how the user calls it.
    force : bool
        Whether an earlier run may be replaced.
    but : Path, optional
        The folder beside it of the run that asks.

    Returns
    -------
    bool

    Raises
    ------
    OutputError
        If something else is there, a run that may not be replaced, or one that is being written.
    """
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
    _refuse_at_work(target, shown, but=but)
    if not force:
        state = "an unfinished run" if UNFINISHED in present else "a run"
        how = "go on with it by --resume" if UNFINISHED in present else "choose another --out"
        if UNFINISHED not in present and unfinished_beside(target) is not None:
            how = "go on with the interrupted run that was to replace it by --resume, choose another --out"
        raise OutputError(f"{str(shown)!r} already holds {state}; {how}, or replace it with --force")
    others = others_in(target)
    if others:
        raise OutputError(
            f"{str(shown)!r} holds {others[0]!r}, which no run wrote and which would be removed with the run there; "
            "move it, or choose another --out"
        )
    return True


def begun_run(target: Path, *, shown: Path, force: bool) -> Path | None:
    """Find the interrupted run to go on with: where it belongs, or beside the one that it was to replace.

    Parameters
    ----------
    target, shown : Path
        The folder, and how the user calls it.
    force : bool
        Whether a finished run there may be replaced if there is none to go on with.

    Returns
    -------
    Path or None
        Its folder; None if there is none.

    Raises
    ------
    OutputError
        If a run is being written there, or is finished and may not be replaced.
    """
    _refuse_at_work(target, shown)
    begun = unfinished_beside(target)
    holds_one = (target / RESULT).is_file() or (target / UNFINISHED).is_file()
    if begun is not None:
        return begun if holds_one or not target.exists() else None
    if (target / UNFINISHED).is_file():
        return target
    if holds_one and not force:
        raise OutputError(
            f"{str(shown)!r} holds a finished run, so there is nothing to go on with; run it again with --force"
        )
    return None


def _refuse_at_work(target: Path, shown: Path, *, but: Path | None = None) -> None:
    if is_at_work(target) or is_at_work_beside(target, but=but):
        raise OutputError(f"{str(shown)!r}: a run is being written there just now; choose another --out")
