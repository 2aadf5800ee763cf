"""``coopdistill reproduce`` from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from called import called
from coopdistill.datasets.source import DATA_VARIABLE


def command_line(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "coopdistill.cli", "reproduce", *map(str, arguments)]


def run(folder, *arguments, **environment):
    return subprocess.run(
        command_line(*arguments),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )


QUICK = ("4", "--small", "--seeds", "1", "--n-jobs", "1", "--method", "untaught", "--method", "average", "--out", "out")


def test_tables_and_the_rows_behind_them(tmp_path, data_folder):
    done = run(tmp_path, *QUICK)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "out" / "experiment-4"
    assert {"rows.csv", "table.csv", "table.md", "transfers.csv"} <= {path.name for path in folder.iterdir()}
    assert (folder / "table.md").read_text(encoding="utf-8") in done.stdout
    assert "| before |" in done.stdout
    rows = pd.read_csv(folder / "rows.csv")
    assert rows.groupby("method")["participant"].count().to_dict() == {"average": 3, "untaught": 3}
    table = pd.read_csv(folder / "table.csv").set_index(["method", "participant"])["mean"]
    assert table["untaught", "mean"] == pytest.approx(100 * rows[rows["method"] == "untaught"]["score"].mean())
    summary = (tmp_path / "out" / "summary.md").read_text(encoding="utf-8")
    assert "2 methods have scores in all of 1 setting (1 seed in each)" in summary
    assert "## Each method against: before" in summary
    assert ("(ranks.svg)" in summary) == (tmp_path / "out" / "ranks.svg").exists()
    assert "2 to run" in done.stderr
    assert "2 of 2" in done.stderr
    assert "about 0 s left" in done.stderr
    again = run(tmp_path, *QUICK, "--json")
    assert "0 to run" in again.stderr
    told = json.loads(again.stdout)
    assert [line["participant"] for line in told["4"]][-2:] == ["mean", "median"]
    assert set(told["together"]["ranks"]) == {"untaught", "average"}
    # Of what is finished the same tables can be made, in the order of the methods, and nothing is run.
    table = (folder / "table.md").read_text(encoding="utf-8")
    finished = called("reproduce", "all", "--small", "--finished", "--out", tmp_path / "out")
    assert finished.returncode == 0, finished.stderr
    assert (folder / "table.md").read_text(encoding="utf-8") == table
    assert "to run" not in finished.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["7"], "'7'"),
        (["3", "--seeds", "0"], "--seeds"),
        (["3", "--n-jobs", "0"], "--n-jobs 0"),
        (["3", "--method", "untauht"], "did you mean 'untaught'"),
        (["3", "--out", "taken"], "holds no reproduction"),
        (["3", "--finished", "--out", "new"], "'new' holds no result of experiment 3 yet"),
        (["3", "--finished", "--method", "pooled"], "leave out --method"),
        (["2", "--n-jobs", "1", "--seeds", "1", "--method", "untaught"], "cannot be downloaded without an account"),
    ],
)
def test_bad_input(tmp_path, monkeypatch, arguments, message):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    done = called("reproduce", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")
def test_an_interrupted_run_says_how_to_go_on(tmp_path, data_folder):
    arguments = ("4", "--seeds", "50", "--n-jobs", "1", "--method", "defaults", "--out", "out")
    with subprocess.Popen(command_line(*arguments), cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        cells = tmp_path / "out" / "cells"
        while process.poll() is None and not (cells.is_dir() and any(cells.glob("*.json"))):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "the same command goes on from here" in said
    assert "Traceback" not in said
