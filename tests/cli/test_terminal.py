"""The command line as it is seen: in a terminal, where things are asked and redrawn."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

if os.name == "nt":
    pytest.skip("pseudo-terminals as POSIX has them", allow_module_level=True)

from cli.terminals import Terminal

COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7][0-9;]*m")
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
REDRAWN = re.compile(r"\x1b\[(1A|2K)")

STUDY = """\
[study]
target = "y"
n_jobs = {n_jobs}

[[participants]]
name = "north"
data = "north.csv"
learner = "decision-tree"

[[participants]]
name = "south"
data = "south.csv"
learner = "random-forest"
parameters = {{ n_estimators = {trees} }}

[test]
data = "test.csv"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in ("north", "south", "test"):
        rows = rng.normal(size=(60, 2))
        labels = np.where(rows.sum(axis=1) + rng.normal(size=60) * 0.3 > 0, "yes", "no")
        lines = [f"{i},{a:.3f},{b:.3f},{y}" for i, ((a, b), y) in enumerate(zip(rows, labels, strict=True))]
        (tmp_path / f"{name}.csv").write_text("\n".join(["case_id,a,b,y", *lines]), encoding="utf-8")
    return tmp_path


def write_study(folder: Path, *, trees: int = 5, n_jobs: int = 1) -> None:
    (folder / "study.toml").write_text(STUDY.format(trees=trees, n_jobs=n_jobs), encoding="utf-8")


def test_progress_is_redrawn_and_the_result_stays(folder: Path) -> None:
    write_study(folder)
    terminal = Terminal("run", "study.toml", folder=folder)
    assert terminal.end() == 0
    assert REDRAWN.search(terminal.shown)
    assert COLOUR.search(terminal.shown)
    for shown in ("fitting", "teaching", "refitting", "2/2", "Report: study-run/report.html"):
        assert shown in terminal.shown
    assert "\x1b[?25h" in terminal.shown  # the cursor is back


def test_no_colour_where_none_is_wanted(folder: Path) -> None:
    write_study(folder)
    terminal = Terminal("run", "study.toml", folder=folder, NO_COLOR="1")
    assert terminal.end() == 0
    assert not COLOUR.search(terminal.shown)
    assert "Report: study-run/report.html" in terminal.shown


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_ctrl_c_ends_with_one_sentence_that_says_how_to_go_on(folder: Path, n_jobs: int) -> None:
    write_study(folder, trees=1000, n_jobs=n_jobs)
    terminal = Terminal("run", "study.toml", folder=folder)
    terminal.wait_for("finding expertise")
    while not list(folder.glob("study-run/checkpoints/*.npz")):
        terminal.wait_for("expertise")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.shown
    last = SEQUENCE.sub("", terminal.shown).splitlines()[-1]
    assert last == "Interrupted; coopdistill run study.toml --out study-run --resume goes on from here."
    assert terminal.shown.count("Interrupted") == 1
    assert "\x1b[?25h" in terminal.shown


def test_init_asks_and_understands(folder: Path) -> None:
    terminal = Terminal("init", folder=folder)
    terminal.wait_for("for testing only")
    assert "[3]" in terminal.shown or terminal.wait_for("[3]") is None
    terminal.type("7\n")
    terminal.wait_for("is none of them")
    terminal.type("1 2\n")
    terminal.wait_for("is more than one")
    terminal.type("\n")
    terminal.wait_for("do the models predict? [y]")
    assert "it has 2 values and it is the last column of every file" in terminal.shown
    terminal.type("yy\n")
    terminal.wait_for("did you mean 'y'?")
    terminal.type("y\n")
    terminal.wait_for("to be left out?")
    terminal.type("\n")
    terminal.wait_for("Learner of 'north'")
    terminal.type("random-forst\n")
    terminal.wait_for("did you mean 'random-forest'?")
    terminal.type("naive-bayes\n")
    terminal.wait_for("Learner of 'south'")
    terminal.type("\n")
    assert terminal.end() == 0
    study = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    assert [p["learner"] for p in study["participants"]] == ["naive-bayes", "logistic-regression"]
    assert all(p["drop"] == ["case_id"] for p in study["participants"])
    assert study["study"]["target"] == "y"
    assert study["test"]["data"] == "test.csv"


def test_ctrl_c_at_a_question_writes_nothing(folder: Path) -> None:
    terminal = Terminal("init", folder=folder)
    terminal.wait_for("for testing only")
    terminal.interrupt()
    assert terminal.end() == 130
    assert "nothing was written" in terminal.shown
    assert "Traceback" not in terminal.shown
    assert not (folder / "study.toml").exists()
