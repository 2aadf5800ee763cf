"""The command line from outside: exit status, streams, and what lies in the folder afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes

from called import called
from coopdistill import load

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")

STUDY = """\
[study]
target = "y"

[[participants]]
name = "north"
data = "north.csv"
learner = "decision-tree"

[[participants]]
name = "south"
data = "south.csv"
learner = "naive-bayes"

[test]
data = "test.csv"
"""

Command = Callable[..., "subprocess.CompletedProcess[str]"]


def command_line(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "coopdistill.cli", *map(str, arguments)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three data files and a study that runs."""
    rng = np.random.default_rng(0)
    for name in ("north", "south", "test"):
        rows = rng.normal(size=(40, 2))
        labels = np.where(rows.sum(axis=1) + rng.normal(size=40) * 0.3 > 0, "yes", "no")
        lines = [f"{a:.3f},{b:.3f},{y}" for (a, b), y in zip(rows, labels, strict=True)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["a,b,y", *lines]), encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path


@pytest.fixture
def coopdistill(folder: Path) -> Command:
    """Run the command in that folder."""

    def started(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command_line(*arguments), cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )

    return started


@pytest.fixture
def refusing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Call the command in that folder, where it is to refuse."""
    monkeypatch.chdir(folder)
    return called


def test_run_leaves_what_is_promised(folder: Path, coopdistill: Command) -> None:
    done = coopdistill("run", "study.toml", "--out", "out")
    assert done.returncode == 0, done.stderr
    out = folder / "out"
    assert {p.name for p in out.iterdir()} == {
        "cooperation.zip",
        "models",
        "report.html",
        "result.json",
        "summary.json",
        "summary.md",
        "transfers.csv",
        "virtual_instances.parquet",
    }
    assert {p.name for p in (out / "models").iterdir()} == {"north.skops", "south.skops"}
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert {"versions", "seed", "options", "participants", "transfers", "disclosures", "seconds"} <= result.keys()
    for participant in result["participants"].values():
        assert all(0 <= participant[key] <= 1 for key in ("before", "after", "together", "pooled", "average"))
        assert participant["accepted"] in (True, False)
    assert load(out / "cooperation.zip").consults_ == {name: False for name in result["participants"]}
    transfers = pd.read_csv(out / "transfers.csv")
    assert len(pd.read_parquet(out / "virtual_instances.parquet")) == transfers["kept"].sum()
    assert "Report: out/report.html" in done.stdout
    assert "teaching …" in done.stderr


def test_json_is_all_that_stdout_gets(folder: Path, coopdistill: Command) -> None:
    done = coopdistill("run", "study.toml", "--out", "out", "--json")
    assert json.loads(done.stdout) == json.loads((folder / "out" / "result.json").read_text(encoding="utf-8"))


def test_quiet_says_nothing(folder: Path, coopdistill: Command) -> None:
    done = coopdistill("run", "study.toml", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (folder / "study-run" / "result.json").is_file()


def test_the_same_study_gives_the_same_instances(folder: Path, coopdistill: Command) -> None:
    for out in ("one", "two"):
        assert coopdistill("run", "study.toml", "--out", out, "--quiet").returncode == 0
    one, two = (pd.read_parquet(folder / out / "virtual_instances.parquet") for out in ("one", "two"))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_data_may_lie_elsewhere(folder: Path, coopdistill: Command, tmp_path_factory: pytest.TempPathFactory) -> None:
    study = tmp_path_factory.mktemp("elsewhere") / "study.toml"
    study.write_text(STUDY, encoding="utf-8")
    assert coopdistill("run", study, "--data", ".", "--out", "out", "--quiet").returncode == 0
    absent = coopdistill("run", study, "--data", "nowhere", "--out", "other")
    assert absent.returncode == 2
    assert "--data" in absent.stderr


def test_a_run_is_not_written_over(folder: Path, coopdistill: Command) -> None:
    assert coopdistill("run", "study.toml", "--out", "out", "--quiet").returncode == 0
    before = {p: p.read_bytes() for p in (folder / "out").rglob("*") if p.is_file()}
    again = coopdistill("run", "study.toml", "--out", "out")
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert {p: p.read_bytes() for p in (folder / "out").rglob("*") if p.is_file()} == before
    assert coopdistill("run", "study.toml", "--out", "out", "--force", "--quiet").returncode == 0
    assert sorted(p.name for p in folder.iterdir() if p.is_dir()) == ["out"]


def test_force_never_touches_what_is_no_run(folder: Path, coopdistill: Command) -> None:
    done = coopdistill("run", "study.toml", "--out", ".", "--force")
    assert done.returncode == 2
    assert "holds no run" in done.stderr
    assert (folder / "study.toml").read_text(encoding="utf-8") == STUDY


def test_a_failed_replacement_keeps_the_earlier_run(folder: Path, coopdistill: Command) -> None:
    assert coopdistill("run", "study.toml", "--out", "out", "--quiet").returncode == 0
    before = (folder / "out" / "result.json").read_bytes()
    (folder / "study.toml").write_text(STUDY.replace("north.csv", "gone.csv"), encoding="utf-8")
    assert coopdistill("run", "study.toml", "--out", "out", "--force").returncode == 2
    assert (folder / "out" / "result.json").read_bytes() == before
    assert sorted(p.name for p in folder.iterdir() if p.is_dir()) == ["out"]


BAD_STUDIES = {
    "unknown key": ('learner = "decision-tree"', 'lerner = "decision-tree"', "line 7", "did you mean 'learner'"),
    "unknown table": ("[test]", "[feautres.a]\nunit = 'm'\n\n[test]", "line 14", "did you mean 'features'"),
    "unknown option": ('target = "y"', 'target = "y"\nalhpa = 1', "line 3", "did you mean 'alpha'"),
    "unknown learner": ('"decision-tree"', '"decision-tre"', "line 7", "did you mean 'decision-tree'"),
    "unknown parameter": ('"decision-tree"', '"decision-tree"\nparameters = {max_dept = 3}', "line 8", "'max_depth'"),
    "wrong parameter": ('"decision-tree"', '"decision-tree"\nparameters = {max_depth = "x"}', "line 8", "Got 'x'"),
    "absent file": ("north.csv", "nort.csv", "line 6", "did you mean 'north.csv'"),
    "unknown target": ('target = "y"', 'target = "yy"', "line 2", "did you mean 'y'"),
    "unknown column": ('"decision-tree"', '"decision-tree"\ndrop = ["aa"]', "line 8", "did you mean 'a'"),
    "unknown feature": ("[test]", "[features.aa]\nunit = 'm'\n\n[test]", "line 14", "did you mean 'a'"),
    "unknown choice": ('target = "y"', 'target = "y"\ninstances_from = "techer"', "line 3", "did you mean 'teacher'"),
    "alpha too great": ('target = "y"', 'target = "y"\nalpha = 1.5', "line 3", "at most 1"),
    "alpha zero": ('target = "y"', 'target = "y"\nalpha = 0', "line 3", "above 0"),
    "no instances": ('target = "y"', 'target = "y"\ninstances_per_row = 0', "line 3", "instances_per_row = 0"),
    "wrong type": ('target = "y"', 'target = "y"\nrounds = "two"', "line 3", "rounds = 'two'"),
    "two of one name": ('name = "south"', 'name = "north"', "line 10", "named 'north'"),
    "no TOML": ("[study]", "[study", "line 1", "not valid TOML"),
    "code": ('learner = "naive-bayes"', 'model = "os.system"', "line 12", "no file of a model"),
}


@pytest.mark.parametrize("case", BAD_STUDIES)
def test_a_bad_study_is_refused_with_its_line(folder: Path, refusing: Command, case: str) -> None:
    old, new, line, message = BAD_STUDIES[case]
    assert old in STUDY
    (folder / "study.toml").write_text(STUDY.replace(old, new, 1), encoding="utf-8")
    refused(refusing("run", "study.toml", "--out", "out"), folder, line, message)


BAD_DATA = {
    "missing label": ("a,b,y\n1,2,yes\n3,4,\n", "labels are missing"),
    "one class": ("a,b,y\n1,2,yes\n3,4,yes\n", "class"),
    "no shared feature": ("c,d,y\n1,2,yes\n3,4,no\n5,6,yes\n7,9,no\n", "no shared feature"),
    "empty": ("", "is empty"),
    "ragged": ("a,b,y\n1,2,yes\n3,4,no,5\n", "line 3"),
    "infinite": ("a,b,y\n1,inf,yes\n3,4,no\n", "infinite"),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_rows_are_refused(folder: Path, refusing: Command, case: str) -> None:
    text, message = BAD_DATA[case]
    (folder / "north.csv").write_text(text, encoding="utf-8")
    if case == "one class":
        (folder / "south.csv").write_text(text, encoding="utf-8")
    refused(refusing("run", "study.toml", "--out", "out"), folder, message)


def test_one_participant_is_too_few(folder: Path, coopdistill: Command) -> None:
    (folder / "study.toml").write_text(STUDY[: STUDY.index('[[participants]]\nname = "south"')], encoding="utf-8")
    refused(coopdistill("run", "study.toml", "--out", "out"), folder, "two or more")


def test_an_absent_study_names_the_nearest(folder: Path, coopdistill: Command) -> None:
    refused(coopdistill("run", "studi.toml", "--out", "out"), folder, "did you mean 'study.toml'")
    refused(coopdistill("run", "nowhere.toml", "--out", "out"), folder, "; there is 'study.toml'")


@pytest.mark.parametrize(
    "arguments", [["rnu"], ["run"], ["demo", "--seed", "-1"], ["report", "nowhere"], ["report", "."]]
)
def test_bad_usage_is_bad_input(folder: Path, refusing: Command, arguments: list[str]) -> None:
    refused(refusing(*arguments), folder)


def refused(done: subprocess.CompletedProcess[str], folder: Path, *messages: str) -> None:
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for message in messages:
        assert message in done.stderr
    assert not any(path.is_dir() for path in folder.iterdir())


def started_slowly(folder: Path, *more: str) -> subprocess.Popen[str]:
    """Start a run that takes long, and wait until it works."""
    slow = STUDY.replace('"decision-tree"', '"random-forest"\nparameters = {n_estimators = 5000}')
    (folder / "slow.toml").write_text(slow, encoding="utf-8")
    process = subprocess.Popen(
        command_line("run", "slow.toml", "--out", "out", *more), cwd=folder, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("fitting")
    time.sleep(0.5)
    return process


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_says_that_it_is_unfinished(folder: Path, coopdistill: Command, how: signal.Signals) -> None:
    process = started_slowly(folder)
    process.send_signal(how)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in stderr
    assert "has not finished" in (folder / "out" / "UNFINISHED").read_text(encoding="utf-8")
    assert not (folder / "out" / "result.json").exists()
    for command in (["report", "out"], ["run", "study.toml", "--out", "out"]):
        done = coopdistill(*command)
        assert done.returncode == 2
        assert "--force" in done.stderr
    assert coopdistill("run", "study.toml", "--out", "out", "--force", "--quiet").returncode == 0
    assert not (folder / "out" / "UNFINISHED").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_replacement_keeps_the_earlier_run(
    folder: Path, coopdistill: Command, how: signal.Signals
) -> None:
    assert coopdistill("run", "study.toml", "--out", "out", "--quiet").returncode == 0
    before = (folder / "out" / "result.json").read_bytes()
    process = started_slowly(folder, "--force")
    process.send_signal(how)
    process.communicate(timeout=60)
    assert (folder / "out" / "result.json").read_bytes() == before
    assert not (folder / "out" / "UNFINISHED").exists()


def test_a_study_of_values_is_run_by_regressors(tmp_path: Path, coopdistill: Command) -> None:
    frame = load_diabetes(as_frame=True).frame
    test = np.arange(len(frame)) % 3 == 0
    low = frame["bmi"] < 0
    for name, part in (("low", frame[low & ~test]), ("high", frame[~low & ~test]), ("test", frame[test])):
        part.to_csv(tmp_path / f"{name}.csv", index=False)
    study = """\
[study]
target = "target"

[[participants]]
name = "low"
data = "low.csv"
learner = "ridge"

[[participants]]
name = "high"
data = "high.csv"
learner = "random-forest"
parameters = {n_estimators = 10}

[test]
data = "test.csv"
"""
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    done = coopdistill("run", "study.toml", "--out", "values", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["metric"] == "r2"
    gains = [one["after"] - one["before"] for one in result["participants"].values()]
    assert np.mean(gains) > 0
    assert pd.read_parquet(tmp_path / "values" / "virtual_instances.parquet")["label"].dtype.kind == "f"


def test_report_renders_again(folder: Path, coopdistill: Command) -> None:
    assert coopdistill("run", "study.toml", "--out", "out", "--quiet").returncode == 0
    page = (folder / "out" / "report.html").read_bytes()
    (folder / "out" / "report.html").unlink()
    done = coopdistill("report", "out", "--json")
    assert done.returncode == 0
    assert done.stdout == (folder / "out" / "result.json").read_text(encoding="utf-8")
    assert (folder / "out" / "report.html").read_bytes() == page
    (folder / "out" / "result.json").write_text("[", encoding="utf-8")
    assert coopdistill("report", "out").returncode == 2


def test_a_report_is_not_replaced_by_a_poorer_one(folder: Path, refusing: Command) -> None:
    out = folder / "out"
    out.mkdir()
    (out / "result.json").write_text('{"name": "two", "participants": {"a": {}}}', encoding="utf-8")
    assert refusing("report", "out").returncode == 0
    (out / "summary.json").unlink()
    (out / "report.html").write_text("rich", encoding="utf-8")
    refused = refusing("report", "out")
    assert refused.returncode == 2
    assert "'out/summary.json' is missing" in refused.stderr
    assert (out / "report.html").read_text(encoding="utf-8") == "rich"
    (out / "summary.json").write_text('{"format": 99}', encoding="utf-8")
    refused = refusing("report", "out")
    assert refused.returncode == 2
    assert refused.stderr.count("run again") == 1
    assert "but of format 99; run again" in refused.stderr
    assert (out / "report.html").read_text(encoding="utf-8") == "rich"


def test_a_model_that_carries_rows_is_said_not_to_be_saved(folder: Path, refusing: Command) -> None:
    (folder / "study.toml").write_text(STUDY.replace('"naive-bayes"', '"nearest-neighbours"'), encoding="utf-8")
    done = refusing("run", "study.toml", "--out", "out")
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert "the model of 'south' is not saved: it carries rows that it was trained on" in told
    assert "south' is not saved" in (folder / "out" / "summary.md").read_text(encoding="utf-8")
    result = json.loads((folder / "out" / "result.json").read_text(encoding="utf-8"))
    assert "'south'" in result["cooperation"]["withheld"]
    assert not (folder / "out" / "cooperation.zip").exists()


def test_demo(folder: Path, coopdistill: Command) -> None:
    done = coopdistill("demo", "--out", "out", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert len({p["learner"] for p in result["participants"].values()}) == 3
    assert len({p["n_features"] for p in result["participants"].values()}) == 2
    assert result["notes"] == []
    assert "warn" not in done.stderr.lower()


def test_help_and_version_are_quick_and_light(coopdistill: Command) -> None:
    assert all(name in coopdistill("--help").stdout for name in ("demo", "run", "report"))
    assert coopdistill("--version").stdout.startswith("coopdistill ")
    code = "import sys, coopdistill.cli.main; assert not {'pandas', 'sklearn', 'rich'} & sys.modules.keys()"
    subprocess.run([command_line()[0], "-c", code], check=True, timeout=60)


def test_every_command_has_an_example(coopdistill: Command) -> None:
    for command in ("demo", "init", "check", "run", "report", "reproduce", "completion"):
        usage, _, more = coopdistill(command, "--help").stdout.rpartition("\n\n")
        assert "Usage: coopdistill" in usage
        assert f"coopdistill {command}" in more


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(coopdistill: Command, shell: str) -> None:
    assert "_COOPDISTILL_COMPLETE" in coopdistill("completion", shell).stdout
    asked = {"bash": ("coopdistill ch", "1"), "zsh": ("coopdistill ch", "1"), "fish": ("coopdistill ch", "ch")}[shell]
    environment = {**os.environ, "_COOPDISTILL_COMPLETE": f"{shell}_complete"}
    environment.update(zip(("COMP_WORDS", "COMP_CWORD"), asked, strict=True))
    done = subprocess.run(command_line(), env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "check" in done.stdout
