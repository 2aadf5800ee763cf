"""A marker says whether somebody works on a run, and looking at it disturbs nobody."""

from __future__ import annotations

import errno
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from coopdistill.report import run_marker
from coopdistill.report.run_marker import UNFINISHED, RunMarker, is_at_work

NOW = datetime.now(UTC)


def looking(folder: Path) -> Any:
    """Hold the lock of a process that only looks; return the file."""
    import fcntl

    file = (folder / UNFINISHED).open("rb")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


@pytest.mark.skipif(os.name == "nt", reason="locks as POSIX has them")
def test_who_looks_is_not_taken_for_who_works(tmp_path: Path) -> None:
    marker = RunMarker(tmp_path)
    marker.begin(NOW)
    assert is_at_work(tmp_path)
    marker.release()
    with looking(tmp_path):
        assert not is_at_work(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="locks as POSIX has them")
def test_who_begins_waits_for_those_who_look_and_not_for_those_who_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / UNFINISHED).touch()
    file = looking(tmp_path)
    monkeypatch.setattr(run_marker.time, "sleep", lambda _: file.close())
    marker = RunMarker(tmp_path)
    marker.begin(NOW, anew=False)
    monkeypatch.setattr(run_marker.time, "sleep", lambda _: None)
    with pytest.raises(FileExistsError):
        RunMarker(tmp_path).begin(NOW, anew=False)
    marker.remove()
    assert list(tmp_path.iterdir()) == []


def test_what_is_finished_is_not_begun_again(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        RunMarker(tmp_path).begin(NOW, anew=False)
    assert list(tmp_path.iterdir()) == []


def test_a_marker_that_cannot_be_written_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> bool:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run_marker, "_held", full)
    with pytest.raises(OSError, match="No space left"):
        RunMarker(tmp_path).begin(NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("system", ["win32", "linux"])
def test_an_open_file_is_neither_removed_nor_moved_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    if sys.platform == "win32" and system != "win32":
        pytest.skip("it cannot be done there")
    monkeypatch.setattr(run_marker, "sys", SimpleNamespace(platform=system))
    (tmp_path / "old").mkdir()
    marker = RunMarker(tmp_path / "old")
    marker.begin(NOW)
    file = marker._file
    assert file is not None
    with marker.moving_to(tmp_path / "new"):
        assert file.closed == (system == "win32")
        (tmp_path / "old").rename(tmp_path / "new")
    marker.remove()
    assert list((tmp_path / "new").iterdir()) == []

    again = RunMarker(tmp_path / "new")
    again.begin(NOW)
    file = again._file
    assert file is not None
    closed_at_removal = []
    unlink = Path.unlink

    def watched(path: Path, missing_ok: bool = False) -> None:
        closed_at_removal.append(file.closed)
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", watched)
    again.remove()
    assert closed_at_removal == [system == "win32"]
