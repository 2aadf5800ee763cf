"""What stdout and stderr cannot take costs a character, or ends with a sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

RESULT = {
    "name": "two",
    "metric": "accuracy",
    "n_test_rows": 30,
    "participants": {"Köln": {"before": 0.75, "after": 0.5}, "Łódź": {"before": 0.5, "after": 0.5}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "result.json").write_text(json.dumps(RESULT), encoding="utf-8")
    return tmp_path


def told(
    folder: Path, *arguments: str, encoding: str = "utf-8", stdout: int | IO[bytes] = subprocess.PIPE, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "coopdistill.cli", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": encoding, **variables},
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_what_cannot_be_encoded_is_replaced(folder: Path, encoding: str) -> None:
    done = told(folder, "report", "run", encoding=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "?25.0" in done.stdout.decode(encoding)
    assert ("Köln" in done.stdout.decode(encoding)) == (encoding == "cp1252")
    assert told(folder, "reproduce", "--help", encoding=encoding).returncode == 0


def test_json_is_escaped_rather_than_changed(folder: Path) -> None:
    done = told(folder, "report", "run", "--json", encoding="cp1252")
    assert json.loads(done.stdout.decode("cp1252")) == RESULT


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full, as Linux has it")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [("report", "run"), ("report", "run", "--json"), ("--help",)])
def test_a_full_disk_is_one_sentence(folder: Path, arguments: tuple[str, ...], unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = told(folder, *arguments, stdout=full, PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 1
    assert done.stderr.decode() == ("Error: the output cannot be written: No space left on device; lead it elsewhere\n")


@pytest.mark.skipif(os.name == "nt", reason="pipes as POSIX has them")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [("report", "run"), ("report", "run", "--json"), ("--help",)])
def test_a_closed_pipe_is_quiet(folder: Path, arguments: tuple[str, ...], unbuffered: str) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        assert told(folder, *arguments, stdout=write, PYTHONUNBUFFERED=unbuffered).stderr == b""
    finally:
        os.close(write)
