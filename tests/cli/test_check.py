"""What is said before a run is what the run does."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from coopdistill.cli.forecast.exchange import expected_exchanges
from coopdistill.cli.forecast.outlook import look_ahead
from coopdistill.cli.forecast.trial import Estimate, estimate_time
from coopdistill.cli.job import Job
from coopdistill.cli.main import main
from coopdistill.cli.studies.study import read_study
from coopdistill.cli.studies.study_job import job_of
from coopdistill.cooperation import CooperativeDistillation
from coopdistill.datasets import make_clinics
from coopdistill.participants import Participant
from coopdistill.schema import Feature, FeatureSpace, infer_feature_space

STUDY = """\
[study]
target = "y"
instances_from = "{instances_from}"

[[participants]]
name = "north"
data = "north.csv"
learner = "naive-bayes"

[[participants]]
name = "south"
data = "south.csv"
learner = "decision-tree"

[[participants]]
name = "east"
data = "east.csv"
learner = "decision-tree"

[test]
data = "test.csv"
"""


def table(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"]).round(4)
    frame["colour"] = rng.choice(["red", "blue", "green"] if seed else ["red", "blue"], n)
    return frame.assign(y=np.where(frame["a"] + frame["b"] > 0, "yes", "no"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    table(60, 0).to_csv(tmp_path / "north.csv", index=False)
    table(40, 1).drop(columns="b").to_csv(tmp_path / "south.csv", index=False)
    table(30, 2).rename(columns={"c": "d"}).to_csv(tmp_path / "east.csv", index=False)
    table(50, 3).to_csv(tmp_path / "test.csv", index=False)
    (tmp_path / "study.toml").write_text(STUDY.format(instances_from="teacher"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "study.toml", *arguments])


def looked_at(folder: Path) -> Job:
    return job_of(read_study(folder / "study.toml"))


@pytest.mark.filterwarnings("ignore:.*keeps its model:coopdistill.CoopdistillWarning")
@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
def test_what_would_leave_is_what_leaves(folder: Path, instances_from: str) -> None:
    (folder / "study.toml").write_text(STUDY.format(instances_from=instances_from), encoding="utf-8")
    job = looked_at(folder)
    expected = look_ahead(job).exchanges
    happened = job.cooperation.fit(job.participants).disclosures_
    said = {(e.what, e.sender, e.receiver): e for e in expected}
    assert len(said) == len(expected)
    sent = {(d.what, d.sender, d.receiver): d.count for d in _summed(happened).itertuples()}
    assert {key for key, e in said.items() if not e.at_most} <= sent.keys() <= said.keys()
    for key, count in sent.items():
        assert count <= said[key].count if said[key].at_most else count == said[key].count


@pytest.mark.parametrize("n_more", [0, 1])
def test_of_models_that_are_kept_and_of_those_that_only_teach_no_more_leaves_either(n_more: int) -> None:
    clinics = make_clinics(random_state=0)
    participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    space = infer_feature_space(clinics.test.X)
    participants += [Participant("only teaches", GaussianNB().fit(*clinics.test), feature_space=space)][:n_more]
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    spaces = {one.name: space for one in participants}
    n_rows = {one.name: 0 if one.is_frozen else len(one.y) for one in participants}
    pairs = [(a, b) for a in spaces for b in spaces if a != b and n_rows[b]]
    most = {
        (one.what, one.sender, one.receiver): one.count
        for one in expected_exchanges(spaces, n_rows, 2, pairs, cooperation)
    }
    sent = {(d.what, d.sender, d.receiver): d.count for d in _summed(cooperation.disclosures_).itertuples()}
    assert sent.keys() <= most.keys()
    assert all(count <= most[key] for key, count in sent.items())
    assert any(count == most[key] == 6 for key, count in sent.items() if key[0] == "comparison")


def _summed(disclosures: pd.DataFrame) -> pd.DataFrame:
    return disclosures.groupby(["what", "sender", "receiver"], as_index=False)["count"].sum()


def test_what_is_found_is_told_and_is_json(folder: Path) -> None:
    found = json.loads(check("--json", "--no-estimate").stdout)
    assert {p["name"]: (p["rows"], p["features"]) for p in found["participants"]} == {
        "north": (60, 4),
        "south": (40, 3),
        "east": (30, 4),
    }
    pair = next(p for p in found["pairs"] if {p["first"], p["second"]} == {"east", "north"})
    assert (pair["first"], pair["shared"]) == ("east", ["a", "b", "colour"])
    assert (pair["only_first"], pair["only_second"]) == (["d"], ["c"])
    assert sum(sum(p["classes"].values()) for p in found["participants"]) == 130
    assert found["estimate"] is None
    told = check("--no-estimate")
    assert told.exit_code == 0
    assert all(word in told.stdout for word in ("north", "virtual instances", "at most 120", "Next: coopdistill run"))
    assert not [path for path in folder.iterdir() if path.is_dir()]


def test_the_time_is_measured_by_trials(folder: Path) -> None:
    found = json.loads(check("--json").stdout)["estimate"]
    assert 0 < found["low"] <= found["high"]
    assert "rows" in found["method"]
    nothing = estimate_time(looked_at(folder), budget=1e-9)
    assert isinstance(nothing, Estimate)
    assert nothing.high is None


class Watched(CooperativeDistillation):
    """Notes who took part, and does nothing else."""

    trials: ClassVar[list[list[Participant]]] = []

    def fit(self, participants):
        self.trials.append(participants)
        return self


def test_a_trial_has_two_rows_of_each_class_and_rows_in_their_order(folder: Path) -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([f"class {i}" for i in range(40)], 10)
    labels[0] = "once"
    X = pd.DataFrame({"a": rng.normal(size=400)})
    taking_part = [Participant(name, GaussianNB(), X, rng.permutation(labels)) for name in ("one", "two")]
    Watched.trials.clear()
    estimate_time(replace(looked_at(folder), cooperation=Watched(), participants=taking_part, X_test=None))
    assert len(Watched.trials) > 1
    for trial in Watched.trials:
        for all_rows, some in zip(taking_part, trial, strict=True):
            assert some.X.index.is_monotonic_increasing
            assert some.y.tolist() == all_rows.y[some.X.index].tolist()
            counts = pd.Series(some.y).value_counts()
            assert counts["once"] == 1
            assert (counts.drop("once") >= 2).all()
            assert len(counts) == 41
    assert len(Watched.trials[0][0].X) < 25 + 2 * 41


WARNED = {
    "a class only one has": ("east.csv", lambda f: f.assign(y=f["y"].where(f.index > 5, "maybe")), "only 'east' has"),
    "few rows": ("east.csv", lambda f: f.head(20), "'east' has 20 rows"),
    "a spelling": (
        "east.csv",
        lambda f: f.assign(y=f["y"].replace("no", "No ")),
        "'no' and 'No ' differ in spelling only",
    ),
    "a spelling of the test": (
        "test.csv",
        lambda f: f.assign(y=f["y"].str.upper()),
        "'no' and 'NO' differ in spelling",
    ),
    "a single row of a class": ("east.csv", lambda f: f.assign(y=f["y"].where(f.index > 0, "once")), "single row"),
    "many missing": ("east.csv", lambda f: f.assign(a=f["a"].where(f.index > 15)), "lacks 53% of its values"),
    "constant": ("east.csv", lambda f: f.assign(a=1), "same value everywhere"),
    "decimal commas": ("east.csv", lambda f: f.assign(d=[f"{x},5" for x in range(len(f))]), 'decimal = ","'),
    "an identifier": ("east.csv", lambda f: f.assign(case_id=range(len(f))), 'drop = ["case_id"]'),
    "known test rows": ("test.csv", lambda f: table(60, 0), "among the rows of 'north'"),
    "lacking columns": ("test.csv", lambda f: f.drop(columns="colour"), "lack 'colour' of 'north'"),
    "new class": ("test.csv", lambda f: f.assign(y="never"), "classes that no participant has: 'never'"),
}


@pytest.mark.parametrize("case", WARNED)
def test_what_looks_wrong_is_said(folder: Path, case: str) -> None:
    name, changed, message = WARNED[case]
    changed(pd.read_csv(folder / name)).to_csv(folder / name, index=False)
    checked = check("--no-estimate", "--json")
    assert checked.exit_code == 0, checked.output
    assert any(message in warning for warning in json.loads(checked.stdout)["warnings"])


def test_many_classes_are_one_warning(folder: Path) -> None:
    for name in ("north", "south", "east"):
        frame = pd.read_csv(folder / f"{name}.csv")
        frame.assign(y=[f"{name} {i // 2}" for i in range(len(frame))]).to_csv(folder / f"{name}.csv", index=False)
    warnings = json.loads(check("--no-estimate", "--json").stdout)["warnings"]
    assert sum(warning.startswith("only 'north' has rows of the classes") for warning in warnings) == 1
    assert sum("learn of" in warning for warning in warnings) == 3
    assert any("'north 12' and 25 more; the others can learn of them" in warning for warning in warnings)


def test_equal_numbers_are_one_class(folder: Path) -> None:
    for name, words in (("north", (0, 1)), ("south", (0.0, 1.0)), ("east", (False, True)), ("test", (0, 1))):
        frame = pd.read_csv(folder / f"{name}.csv")
        frame.assign(y=frame["y"].map(dict(zip(("no", "yes"), words, strict=True)))).to_csv(
            folder / f"{name}.csv", index=False
        )
    found = json.loads(check("--no-estimate", "--json").stdout)
    assert len({label for one in found["participants"] for label in one["classes"]}) == 2
    assert any("False is taken for 0, and True for 1" in warning for warning in found["warnings"])


def test_what_is_next_can_be_typed(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory) -> None:
    study = tmp_path_factory.mktemp("else where") / "my study.toml"
    (folder / "study.toml").rename(study)
    told = CliRunner().invoke(main, ["check", str(study), "--no-estimate", "--data", "."]).stdout
    (line,) = [line for line in told.splitlines() if line.startswith("Next: ")]
    assert shlex.split(line) == ["Next:", "coopdistill", "run", str(study), "--data", "."]


def test_nothing_is_warned_of_where_nothing_is_wrong(folder: Path) -> None:
    warnings = json.loads(check("--no-estimate", "--json").stdout)["warnings"]
    assert [w for w in warnings if "lack" not in w] == []


REFUSED = {
    "no shared feature": ("east.csv", "p,q,y\n1,2,yes\n3,4,no\n5,6,yes\n", "line 15", "no shared feature"),
    "infinite": ("south.csv", "a,c,colour,y\n1,inf,red,yes\n1,2,red,no\n", "line 12", "infinite"),
    "missing label": ("south.csv", "a,c,colour,y\n1,2,red,yes\n1,2,red,\n", "line 12", "labels are missing"),
    "other labels": ("south.csv", "a,c,colour,y\n1,2,red,1\n1,2,red,0\n", "study.toml", "same labels everywhere"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_run_refuses_is_refused_with_its_line(folder: Path, case: str) -> None:
    name, content, *messages = REFUSED[case]
    (folder / name).write_text(content, encoding="utf-8")
    refused = check("--no-estimate")
    assert refused.exit_code == 2, refused.output
    for message in messages:
        assert message in refused.output


def test_units_that_do_not_convert_are_refused_in_the_words_of_run(folder: Path) -> None:
    text = STUDY.format(instances_from="teacher")
    for name, unit in (("south", "kg"), ("east", "lb")):
        text = text.replace(f'name = "{name}"', f'name = "{name}"\nfeatures.a.unit = "{unit}"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    refused = check("--no-estimate")
    assert refused.exit_code == 2
    assert "line 10, [[participants]] 'south': participants 'south' and 'east': feature 'a' is in" in refused.output
    assert refused.output == CliRunner().invoke(main, ["run", "study.toml", "--quiet"]).output


def test_what_only_teaches_is_not_compared_with_what_only_teaches(folder: Path) -> None:
    job = looked_at(folder)
    model = DecisionTreeClassifier().fit(np.eye(2), ["no", "yes"])
    spaces = [
        FeatureSpace((Feature(name="a", kind="continuous", unit=unit), Feature(name="b", kind="continuous")))
        for unit in ("kg", "lb")
    ]
    frozen = [Participant(f"old {i}", model, feature_space=space) for i, space in enumerate(spaces)]
    pairs = look_ahead(replace(job, participants=[*job.participants, *frozen])).pairs
    assert len(pairs) == 9
    assert not any({"old 0", "old 1"} == {pair.first, pair.second} for pair in pairs)
