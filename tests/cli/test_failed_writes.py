"""What cannot be written, or comes out as wrong late, costs no work that was done."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from called import called
from coopdistill.cli import job
from coopdistill.exceptions import TableError
from coopdistill.report import run_folder
from coopdistill.report.run_folder import read_run
from coopdistill.saving import checkpoint_folder

STUDY = """\
[study]
target = "y"

[[participants]]
name = "north"
data = "north.csv"
learner = "{learners[0]}"

[[participants]]
name = "south"
data = "south.csv"
learner = "{learners[1]}"

[test]
data = "test.csv"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with three data files and a study that runs."""
    rng = np.random.default_rng(0)
    for name in ("north", "south", "test"):
        rows = rng.normal(size=(40, 2))
        lines = [f"{a:.3f},{b:.3f},{'yes' if a + b > 0 else 'no'}" for a, b in rows]
        (tmp_path / f"{name}.csv").write_text("\n".join(["a,b,y", *lines]), encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY.format(learners=("decision-tree", "naive-bayes")), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return called("run", "study.toml", "--out", "out", "--quiet", *arguments)


def failing_from(call: int, monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    """Let a module's writes fail from one of them on."""
    write, calls = module.write_atomically, []

    def written(path: Path, how: Callable[[Path], object]) -> None:
        calls.append(path)
        if len(calls) >= call:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, how)

    monkeypatch.setattr(module, "write_atomically", written)


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    ("module", "call"), [(checkpoint_folder, 4), (run_folder, 1), (run_folder, 3), (run_folder, 7)]
)
def test_a_full_disk_leaves_what_was_done(
    folder: Path, monkeypatch: pytest.MonkeyPatch, module: Any, call: int, force: bool
) -> None:
    options = ["--force"] if force else []
    if force:
        assert run().returncode == 0
    with monkeypatch.context() as patched:
        failing_from(call, patched, module)
        failed = run(*options)
    assert failed.returncode == 1, failed.stderr
    assert "cannot be written: No space left on device" in failed.stderr
    assert "--resume" in failed.stderr
    assert len(failed.stderr.splitlines()) == 1
    (unfinished,) = folder.glob("out*/UNFINISHED")
    assert list(unfinished.parent.glob("checkpoints/*.npz"))
    resumed = run("--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert read_run("out")["participants"].keys() == {"north", "south"}
    assert [path.name for path in folder.iterdir() if path.is_dir()] == ["out"]
    assert {path.name for path in (folder / "out" / "models").iterdir()} == {"north.skops", "south.skops"}


def test_late_wrong_input_leaves_what_was_done(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> None:
        raise TableError("wrong")

    with monkeypatch.context() as patched:
        patched.setattr(job, "_compared", wrong)
        assert run().returncode == 2
    assert list(folder.glob("out/checkpoints/*.npz"))
    assert run("--resume").returncode == 0


LABELS = ("decision-tree", "naive-bayes")
VALUES = ("ridge", "ridge")
BAD_TESTS = {
    "infinite": (LABELS, "a,b,y\n1,inf,yes\n3,4,no\n", "infinite value in column 'b'"),
    "text": (LABELS, "a,b,y\n1,2,yes\n3,high,no\n", "column 'b' is declared numeric and holds"),
    "no shared feature": (LABELS, "c,d,y\n1,2,yes\n3,4,no\n", "no shared feature"),
    "no values": (VALUES, "a,b,y\n1,2,yes\n3,4,no\n", "no finite number"),
    "infinite values": (VALUES, "a,b,y\n1,2,inf\n3,4,5\n", "no finite number"),
}


@pytest.mark.parametrize("case", BAD_TESTS)
@pytest.mark.parametrize("command", ["run", "check"])
def test_test_rows_are_looked_at_before_anything_is_done(folder: Path, case: str, command: str) -> None:
    learners, rows, message = BAD_TESTS[case]
    (folder / "study.toml").write_text(STUDY.format(learners=learners), encoding="utf-8")
    (folder / "test.csv").write_text(rows, encoding="utf-8")
    if learners == VALUES:
        for name in ("north", "south"):
            text = (folder / f"{name}.csv").read_text(encoding="utf-8").replace("yes", "1.5").replace("no", "0.5")
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    refused = run() if command == "run" else called("check", "study.toml")
    assert refused.returncode == 2
    assert "line 15, [test]: 'test.csv': " in refused.stderr
    assert message in refused.stderr
    assert "fitting" not in refused.stderr
    assert not any(path.is_dir() for path in folder.iterdir())


def test_a_participant_that_alone_knows_nothing_of_the_test_rows_is_named(folder: Path) -> None:
    for name, columns in (("south", "a,c,y"), ("test", "b,d,y")):
        text = (folder / f"{name}.csv").read_text(encoding="utf-8")
        (folder / f"{name}.csv").write_text(text.replace("a,b,y", columns), encoding="utf-8")
    refused = run()
    assert refused.returncode == 2
    assert "line 9, [[participants]] 'south': participant 'south' cannot be scored on the test rows" in refused.stderr


def test_bad_input_leaves_no_folder_above(folder: Path) -> None:
    rows = "a,b,y\n1,2,yes\n3,4,yes\n"
    for name in ("north", "south"):
        (folder / f"{name}.csv").write_text(rows, encoding="utf-8")
    refused = called("run", "study.toml", "--out", "q/w/e")
    assert refused.returncode == 2
    assert "class" in refused.stderr
    assert not any(path.is_dir() for path in folder.iterdir())


def test_what_was_put_there_meanwhile_is_said_to_be_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run().returncode == 0
    compared = job._compared

    def noted(*given: Any) -> Any:
        (folder / "out" / "notes.txt").write_text("mine", encoding="utf-8")
        return compared(*given)

    monkeypatch.setattr(job, "_compared", noted)
    done = called("run", "study.toml", "--out", "out", "--force")
    assert done.returncode == 0, done.stderr
    assert "note: 'out' was changed while its new run was written" in done.stderr
    (kept,) = folder.glob("out.replaced-*/out/notes.txt")
    assert str(kept.parent) in done.stderr
    assert kept.read_text(encoding="utf-8") == "mine"


def test_a_study_that_cannot_be_written_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from coopdistill import atomic_file

    failing_from(1, monkeypatch, atomic_file)
    refused = called("init", "--yes", "--out", "new.toml")
    assert refused.returncode == 2
    assert "'new.toml' cannot be written: No space left on device" in refused.stderr
    assert not (folder / "new.toml").exists()
