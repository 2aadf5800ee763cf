"""A run that was killed half-way goes on, to the result that it would have had."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coopdistill.cli.origin import origin_of
from coopdistill.cli.studies.study import read_study
from coopdistill.exceptions import OutputError
from coopdistill.report.run_folder import RunFolder, read_run
from coopdistill.saving.checkpoint_folder import CheckpointFolder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")

STUDY = """\
[study]
target = "y"
rounds = 2

[[participants]]
name = "north"
data = "north.csv"
learner = "decision-tree"

[[participants]]
name = "south"
data = "south.csv"
learner = "random-forest"
parameters = { n_estimators = 60 }

[test]
data = "test.csv"
"""


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "coopdistill.cli", "run", "study.toml", *map(str, arguments)]


def done(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), cwd=folder, capture_output=True, text=True, timeout=240, check=False)


def killed(folder: Path, how: signal.Signals, *arguments: object) -> str:
    """Kill a run as soon as it has kept an answer; return what it said last."""
    process = subprocess.Popen(command(*arguments), cwd=folder, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 120
    while not list(folder.glob("out*/checkpoints/*.npz")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL), said
    return said


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    rng = np.random.default_rng(0)
    for name in ("north", "south", "test"):
        rows = rng.normal(size=(40, 2))
        labels = np.where(rows.sum(axis=1) + rng.normal(size=40) * 0.3 > 0, "yes", "no")
        lines = [f"{a:.3f},{b:.3f},{y}" for (a, b), y in zip(rows, labels, strict=True)]
        (folder / f"{name}.csv").write_text("\n".join(["a,b,y", *lines]), encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    whole = done(folder, "--out", "out", "--quiet")
    assert whole.returncode == 0, whole.stderr
    return folder


@pytest.fixture
def folder(uninterrupted: Path, tmp_path: Path) -> Path:
    for path in uninterrupted.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    return tmp_path


def same(one: Path, other: Path) -> None:
    results = [read_run(path) for path in (one, other)]
    for result in results:
        for varying in ("began", "seconds", "command"):
            result.pop(varying)
    assert results[0] == results[1]
    tables = [pd.read_parquet(path / "virtual_instances.parquet") for path in (one, other)]
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    assert sorted(p.name for p in one.iterdir()) == sorted(p.name for p in other.iterdir())


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_killed_run_goes_on_to_the_same_result(folder: Path, uninterrupted: Path, how: signal.Signals) -> None:
    said = killed(folder, how, "--out", "out")
    assert "Traceback" not in said
    if how == signal.SIGINT:
        assert said.splitlines()[-1].endswith("--resume goes on from here.")
    resumed = done(folder, "--out", "out", "--resume", "--verbose")
    assert resumed.returncode == 0, resumed.stderr
    assert "kept from before" in resumed.stderr
    same(folder / "out", uninterrupted / "out")


def test_a_replacement_killed_half_way_goes_on_or_is_cleared_away(folder: Path, uninterrupted: Path) -> None:
    shutil.copytree(uninterrupted / "out", folder / "out")
    before = (folder / "out" / "result.json").read_bytes()
    killed(folder, signal.SIGKILL, "--out", "out", "--force")
    assert (folder / "out" / "result.json").read_bytes() == before
    (beside,) = folder.glob("out.unfinished-*")
    kept = folder / "kept"
    shutil.copytree(beside, kept)
    resumed = done(folder, "--out", "out", "--resume", "--quiet")
    assert resumed.returncode == 0, resumed.stderr
    assert (folder / "out" / "result.json").read_bytes() != before
    same(folder / "out", uninterrupted / "out")
    assert not list(folder.glob("out.*"))
    shutil.move(kept, beside)
    with pytest.raises(KeyError), RunFolder(folder / "out", force=True):
        raise KeyError
    assert not list(folder.glob("out.*"))


def test_what_has_changed_since_is_said(folder: Path) -> None:
    origin = origin_of(read_study(folder / "study.toml"))
    run = RunFolder(folder / "out").__enter__()
    CheckpointFolder(run.checkpoints, origin).keep("some answer", {"error": np.zeros(1)})
    run.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    with (folder / "north.csv").open("a", encoding="utf-8") as file:
        file.write("\n1,2,yes\n")
    refused = done(folder, "--out", "out", "--resume")
    assert refused.returncode == 2
    assert "'north.csv' is not what it was when the run began" in refused.stderr
    assert "--force" in refused.stderr
    assert (folder / "out" / "UNFINISHED").exists()


def test_answers_depend_on_what_makes_them_and_on_nothing_else(folder: Path) -> None:
    origin = origin_of(read_study(folder / "study.toml"))
    for old, new in (('"y"\n', '"y"\nname = "other"\n'), ('"y"\n', '"y"\nn_jobs = 2\n'), ("[test]", "# hm\n[test]")):
        (folder / "study.toml").write_text(STUDY.replace(old, new), encoding="utf-8")
        assert origin_of(read_study(folder / "study.toml")) == origin
    for old, new in (("rounds = 2", "rounds = 3"), ("= 60", "= 61"), ('"y"\n', '"y"\nseed = 1\n')):
        (folder / "study.toml").write_text(STUDY.replace(old, new), encoding="utf-8")
        changed = origin_of(read_study(folder / "study.toml"))
        assert [what for what in origin if origin[what] != changed[what]] == ["the study"]


def test_resume_begins_where_nothing_was_begun_and_refuses_what_is_finished(folder: Path, uninterrupted: Path) -> None:
    with RunFolder(folder / "new", resume=True) as run:
        run.finish({"seed": 0})
    with pytest.raises(OutputError, match=r"finished run.*--force"):
        RunFolder(folder / "new", resume=True)
    with pytest.raises(OutputError, match="holds no run"):
        RunFolder(folder, resume=True)


def test_nobody_joins_a_run_that_is_being_written(folder: Path) -> None:
    with RunFolder(folder / "out") as run:
        for options in ({"resume": True}, {"force": True}):
            with pytest.raises(OutputError, match="just now"):
                RunFolder(folder / "out", **options)
        run.finish({"seed": 0})


def test_a_damaged_checkpoint_is_none(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path / "checkpoints", {})
    folder.keep("north", {"error": np.arange(3.0)})
    (file,) = tmp_path.glob("checkpoints/*.npz")
    content = file.read_bytes()
    for damaged in (b"", content[: len(content) // 2], b"\x80\x04N."):
        file.write_bytes(damaged)
        assert folder.recall("north") is None
    file.write_bytes(content)
    assert folder.recall("south") is None
    assert folder.recall("north") is not None
