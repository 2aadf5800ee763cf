"""Studies are written for files as they come, and then pass."""

from __future__ import annotations

import codecs
import tomllib
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from coopdistill.cli.main import main
from coopdistill.cli.proposal.file_survey import FileSurvey, survey_file
from coopdistill.cli.proposal.init_choices import Choices
from coopdistill.cli.proposal.passed_over import passed_over
from coopdistill.cli.proposal.study_plan import likely_targets, make_plan
from coopdistill.cli.proposal.study_text import study_text
from coopdistill.cli.proposal.table_survey import survey_table
from coopdistill.cli.proposal.target_guess import TargetGuess
from coopdistill.cli.studies.study import parse_study, read_study
from coopdistill.cli.studies.study_rows import read_rows
from coopdistill.participants import check_participants


def patients(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 90, n)
    dose = rng.normal(2, 0.5, n).round(2)
    ill = age / 30 + dose + rng.normal(0, 0.5, n) > 4
    return pd.DataFrame(
        {
            "patient_id": [f"P{seed}{i:04d}" for i in range(n)],
            "age": age,
            "dose": dose,
            "smoker": rng.choice(["yes", "no"], n),
            "outcome": np.where(ill, "ill", "well"),
        }
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three clinics whose files differ in names, columns and in how they were saved; in a folder with a blank."""
    folder = tmp_path / "Drei Kliniken Süd"
    folder.mkdir()
    patients(120, 1).to_csv(folder / "north.csv", index=False)
    south = patients(90, 2).rename(columns={"age": "Age"}).drop(columns="smoker")
    south.assign(Größe=south["dose"] / 2).iloc[:, [0, 1, 2, 4, 3]].to_csv(
        folder / "süd.csv", index=False, sep=";", decimal=",", encoding="cp1252"
    )
    east = patients(60, 3)
    east["dose"] = east["dose"].astype(str).mask(east.index < 5, "?")
    east.to_csv(folder / "east.csv", index=False, encoding="utf-8-sig")
    patients(80, 4).to_csv(folder / "test.csv", index=False)
    monkeypatch.chdir(folder)
    return folder


def coopdistill(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_what_is_written_passes_and_says_why(folder: Path) -> None:
    done = coopdistill("init")
    assert done.exit_code == 0, done.output
    text = (folder / "study.toml").read_text(encoding="utf-8")
    assert "it is called 'outcome', it has 2 values and it is the last column of every file" in " ".join(
        text.replace("\n#", "").split()
    )
    study = tomllib.loads(text)
    assert study["study"]["target"] == "outcome"
    assert study["test"]["data"] == "test.csv"
    by_name = {p["name"]: p for p in study["participants"]}
    assert {name: p.get("decimal") for name, p in by_name.items()} == {"north": None, "süd": ",", "east": None}
    assert by_name["süd"]["encoding"] == "cp1252"
    assert by_name["east"]["na_values"] == ["?"]
    assert all(p["drop"] == ["patient_id"] for p in [*by_name.values(), study["test"]])
    assert study["features"] == {"age": {"synonyms": ["Age"]}, "Age": {"synonyms": ["age"]}}
    rows = read_rows(read_study(folder / "study.toml"))
    south = next(p for p in rows.participants if p.name == "süd")
    assert south.X["Größe"].dtype == south.X["dose"].dtype == np.float64
    check_participants(rows.participants)
    checked = coopdistill("check", "study.toml", "--no-estimate")
    assert checked.exit_code == 0, checked.output


def test_an_earlier_study_is_kept(folder: Path) -> None:
    mine = '[study]\nname = "mine"\n[[participants]'  # as one that is being written, it need not be TOML yet
    (folder / "study.toml").write_text(mine, encoding="utf-8")
    again = coopdistill("init")
    assert again.exit_code == 2
    assert "--force" in again.output
    assert (folder / "study.toml").read_text(encoding="utf-8") == mine
    assert coopdistill("init", "--force").exit_code == 0
    assert tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))["participants"]


@pytest.mark.parametrize("force", [(), ("--force",)])
@pytest.mark.parametrize("out", ["north.csv", "./test.csv", "link.toml"])
def test_no_file_that_was_read_is_written_over(folder: Path, out: str, force: tuple[str, ...]) -> None:
    (folder / "link.toml").symlink_to("north.csv")
    before = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    refused = coopdistill("init", "north.csv", "east.csv", "--test", "test.csv", "--out", out, *force)
    assert refused.exit_code == 2, refused.output
    assert f"{str(Path(out))!r} is one of the files that the study is for" in refused.output
    assert {path.name: path.read_bytes() for path in folder.glob("*.csv")} == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("süd.csv", "a,b\n1,2\n"),
        ("pyproject.toml", '[project]\nname = "clinics"\n'),
        ("notes.md", "A study begins so:\n\n[study]\nseed = 0\n"),
        ("study.toml", "participants: two\n"),
    ],
)
@pytest.mark.parametrize("force", [(), ("--force",)])
def test_only_a_study_is_written_over(folder: Path, name: str, content: str, force: tuple[str, ...]) -> None:
    (folder / name).write_text(content, encoding="utf-8")
    refused = coopdistill("init", "north.csv", "east.csv", "--out", name, *force)
    assert refused.exit_code == 2, refused.output
    assert f"{name!r} is there already and is no study" in refused.output
    assert "--force" not in refused.output
    assert (folder / name).read_text(encoding="utf-8") == content


def test_flags_choose(folder: Path) -> None:
    done = coopdistill(
        *("init", "north.csv", "east.csv", "--target", "smoker", "--no-test", "--drop", "outcome", "--out", "own.toml"),
        *("--learner", "mlp", "--learner", "east=naive-bayes", "--name", 'say "ah"'),
    )
    assert done.exit_code == 0, done.output
    study = tomllib.loads((folder / "own.toml").read_text(encoding="utf-8"))
    assert study["study"]["name"] == 'say "ah"'
    assert study["study"]["target"] == "smoker"
    assert "test" not in study
    assert {p["name"]: (p["learner"], p["drop"]) for p in study["participants"]} == {
        "north": ("mlp", ["outcome"]),
        "east": ("naive-bayes", ["outcome"]),
    }


REFUSED = {
    "no such file": (["nowhere.csv", "north.csv"], "there is no file"),
    "one file": (["north.csv"], "two participants or more"),
    "unknown target": (["--target", "outcom"], "did you mean 'outcome'"),
    "unknown learner": (["--learner", "random-forst"], "did you mean 'random-forest'"),
    "unknown participant": (["--learner", "nort=mlp"], "did you mean 'north'"),
    "unknown column": (["--drop", "patientid"], "did you mean 'patient_id'"),
    "no folder": (["--out", "nowhere/study.toml"], "no folder 'nowhere'"),
    "a folder": (["--out", "."], "is a folder"),
    "contradiction": (["--test", "test.csv", "--no-test"], "contradict"),
    "two characters": (["--delimiter", "ab"], "'--delimiter': 'ab' is no delimiter; it must be one character"),
    "no character": (["--delimiter", ""], "'--delimiter': '' is no delimiter"),
    "an accent": (["--delimiter", "é"], "'--delimiter': 'é' is no delimiter"),
    "a line's end": (["--delimiter", "\n"], "is no delimiter"),
    "no text encoding": (["--encoding", "rot13"], "'--encoding': unknown encoding 'rot13'"),
    "no text encoding either": (["--encoding", "base64"], "'--encoding': unknown encoding 'base64'"),
    "no encoding": (["--encoding", ""], "'--encoding': unknown encoding ''"),
    "another encoding": (["--encoding", "ascii"], "say in which encoding it is: --encoding cp1252"),
    "the target, likely": (["--drop", "outcome"], "'outcome' is what the models predict, so it cannot be left out"),
    "the target, said": (["--target", "age", "--drop", "Age"], "'Age' is what the models predict"),
    "another delimiter": (
        ["north.csv", "east.csv", "--delimiter", ";"],
        "seems to be ',': leave --delimiter out, so that it is found out, or say --delimiter ,",
    ),
    "a column there": (
        ["north.csv", "east.csv", "--delimiter", r"\t", "--target", "outcome"],
        "seems to be ',': leave --delimiter out",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused(folder: Path, case: str) -> None:
    arguments, message = REFUSED[case]
    refused = coopdistill("init", *arguments)
    assert refused.exit_code == 2, refused.output
    assert message in refused.output
    assert not (folder / "study.toml").exists()


@pytest.mark.parametrize("delimiter", ["\t", r"\t"])
def test_a_tab_may_be_typed_as_programs_do(folder: Path, delimiter: str) -> None:
    for name in ("a", "b"):
        patients(60, len(name)).to_csv(folder / f"{name}.txt", index=False, sep="\t")
    done = coopdistill("init", "a.txt", "b.txt", "--delimiter", delimiter)
    assert done.exit_code == 0, done.output
    study = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    assert study["files"]["delimiter"] == "\t"


@pytest.mark.parametrize(
    ("sign", "name", "advice"),
    [
        (";", "a.tsv", "';': rename the file to .csv, so that it is found out, or say --delimiter ';'"),
        ("|", "a.csv", "'|': say --delimiter '|'"),
    ],
)
def test_a_file_that_came_out_as_one_column_names_what_divides_it(
    folder: Path, sign: str, name: str, advice: str
) -> None:
    patients(30, 5).to_csv(folder / name, index=False, sep=sign)
    refused = coopdistill("init", name, "north.csv")
    assert refused.exit_code == 2
    assert f"'{name}' came out as one column" in refused.output
    assert f"what divides it seems to be {advice}\n" in refused.output
    assert not (folder / "study.toml").exists()


def test_what_only_a_study_can_say_is_said_as_a_study_does(folder: Path) -> None:
    (folder / "north.csv").write_text("1,2\n3,4\n", encoding="utf-8")
    refused = coopdistill("init")
    assert refused.exit_code == 2
    assert 'write the study by hand, with header = false, names = ["…"] (the documentation' in refused.output
    (folder / "north.csv").write_text("a,b;c\n1,2;3\n", encoding="utf-8")
    assert "say which: --delimiter ,\n" in coopdistill("init").output


def test_an_infinite_value_is_said_with_its_file(folder: Path) -> None:
    (folder / "north.csv").write_text("age,dose,outcome\n41,inf,ill\n42,1,well\n", encoding="utf-8")
    refused = coopdistill("init")
    assert refused.exit_code == 2
    assert "'north.csv' holds an infinite value in column 'dose'" in refused.output


def test_a_measurement_among_classes_is_said_with_file_and_column(folder: Path) -> None:
    patients(30, 5).assign(outcome=10.82).to_csv(folder / "east.csv", index=False)
    refused = coopdistill("init", "--target", "outcome")
    assert refused.exit_code == 2
    assert "'east.csv', column 'outcome': it holds 10.82, which is a measurement" in refused.output


def without(frame: pd.DataFrame, name: str, n: int) -> pd.DataFrame:
    """The frame with no value in the first rows of a column, or without it."""
    return frame.drop(columns=name) if n == 0 else frame.assign(**{name: frame[name].mask(frame.index < n)})


PASSED_OVER = {
    "a label is missing": ("outcome", 1, "'east.csv' has no value there in 1 row of 60; to predict it, label or"),
    "labels are missing": ("dx", 3, "'east.csv' has no value there in 3 rows of 60; to predict it, label or"),
    "a file lacks it": ("dx", 0, "'east.csv' has no such column; to predict it, add the column or leave the file out"),
}


@pytest.mark.parametrize("case", PASSED_OVER)
def test_a_likely_target_that_is_passed_over_is_said(folder: Path, case: str) -> None:
    target, n_missing, why = PASSED_OVER[case]
    for i, name in enumerate(["north", "east"]):
        frame = patients(60, i).rename(columns={"outcome": target})
        (without(frame, target, n_missing) if i else frame).to_csv(folder / f"{name}.csv", index=False)
    done = coopdistill("init", "north.csv", "east.csv")
    assert done.exit_code == 0, done.output
    text = (folder / "study.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["study"]["target"] == "smoker"
    for said in (done.output, " ".join(text.replace("\n#", "").split())):
        assert f"{target!r} was passed over: {why}" in said
        assert f"and say --target {target}" in said


def answered(folder: Path, *answers: str) -> Result:
    """Plan a study of all tables of a folder, as somebody who answers; Enter is pressed at what else is asked."""

    @click.command()
    def plan() -> None:
        surveys = [survey_file(path) for path in sorted(folder.glob("*.csv"))]
        chosen = Choices("three clinics", asks=True).plan(surveys)
        click.echo(f"{[one.name for one in chosen.participants]} {chosen.test and chosen.test.file.path.name}")

    return CliRunner().invoke(plan, input="".join(f"{answer}\n" for answer in [*answers, *[""] * 9]))


def test_one_file_is_for_testing_and_no_other_answer_is_taken(folder: Path) -> None:
    done = answered(folder, "4 3", "1,1", "4", "1 3")
    assert done.output.splitlines()[-1] == "['east', 'süd'] test.csv", done.output
    for answer in ("4 3", "1,1"):
        assert f"'{answer}' is more than one; name one file, or - for none" in done.output
    assert answered(folder, "-").stdout.splitlines()[-1].endswith(" None")


def test_one_participant_is_asked_about_again(folder: Path) -> None:
    done = answered(folder, "", "1", "2 2", "1 2")
    assert done.output.splitlines()[-1] == "['east', 'north'] test.csv", done.output
    assert done.output.count("cooperation takes two at least; name one more") == 2


def test_the_target_cannot_be_left_out_when_asked_either(folder: Path) -> None:
    done = answered(folder, "", "", "", "patient_id, outcome")
    assert done.exit_code == 0, done.output
    assert "'outcome' is what the models predict, so it cannot be left out" in done.output


def test_what_nobody_would_predict_is_passed_over_in_silence(folder: Path) -> None:
    for i, name in enumerate(["north", "east"]):
        without(patients(60, i), "smoker", i).to_csv(folder / f"{name}.csv", index=False)
    done = coopdistill("init", "north.csv", "east.csv")
    assert done.exit_code == 0, done.output
    assert "passed over" not in done.output
    assert "passed over" not in coopdistill("init", "--force", "--target", "age").output


def test_of_many_columns_that_were_passed_over_three_are_said(tmp_path: Path) -> None:
    frame = pd.DataFrame({f"status_{i}": ["a", "b"] * 5 for i in range(9)})
    whole = FileSurvey(Path("a.csv"), {}, survey_table(frame))
    empty = FileSurvey(Path("b.csv"), {}, survey_table(frame.where(frame == "a")))
    said = passed_over([whole, empty], None)
    assert len(said) == 4
    assert said[-1] == "6 other columns likewise"


def test_without_a_target_what_was_passed_over_is_said(folder: Path) -> None:
    for i, name in enumerate(["north", "east"]):
        frame = patients(60, i)
        frame.apply(lambda column, n=i: column.mask(column.index < n)).to_csv(folder / f"{name}.csv", index=False)
    refused = coopdistill("init", "north.csv", "east.csv")
    assert refused.exit_code == 2
    assert "'outcome' was passed over: 'east.csv' has no value there in 1 row" in refused.output


BROKEN = {
    "empty": b"",
    "binary": bytes(range(256)),
    "blank lines": b"\n\n\n",
    "header only": b"a,b,outcome\n",
    "ragged": b"age,dose,outcome\n1,2,ill\n1,2,3,well\n",
    "two alike": b"age,age,outcome\n1,2,ill\n2,3,well\n",
    "nothing in common": b"x1,x2\n1,2\n3,4\n",
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_refused_by_name(folder: Path, case: str) -> None:
    (folder / "north.csv").write_bytes(BROKEN[case])
    refused = coopdistill("init")
    assert refused.exit_code == 2, refused.output
    assert "Error: " in refused.output
    if case != "nothing in common":
        assert "north.csv" in refused.output
    assert not (folder / "study.toml").exists()


def test_a_study_that_must_be_mended_is_written_and_said_so(folder: Path) -> None:
    for name in ("north.csv", "east.csv", "süd.csv", "test.csv"):
        (folder / name).unlink()
    for name in ("a", "b"):
        (folder / f"{name}.csv").write_text("x,y\n1,1\n2,1\n3,1\n", encoding="utf-8")
    refused = coopdistill("init", "--target", "y")
    assert refused.exit_code == 2
    assert "must be mended" in refused.output
    assert (folder / "study.toml").exists()


def test_values_make_a_regression(tmp_path: Path) -> None:
    files = []
    for seed in (0, 1):
        frame = patients(50, seed).drop(columns="outcome").assign(cost=np.arange(50) * 7.5)
        files.append(FileSurvey(tmp_path / f"{seed}.csv", {}, survey_table(frame)))
    plan = make_plan(files, TargetGuess("cost", (), 0.0), name="costs")
    assert plan.task == "regression"
    assert {one.learner for one in plan.participants} == {"ridge"}


@pytest.mark.parametrize(
    ("columns", "target"),
    [
        ({"Outcome": "ab", "age": "12"}, "Outcome"),  # a name goes before the last place
        ({"late": "01", "age": "123456789ABCDEFGHIJKLMNO"}, "late"),  # few values before many
        ({"x1": "0123", "x2": "0123"}, "x2"),  # of two alike the last
        ({"diagnosis_code": "012", "sex": "01"}, "diagnosis_code"),
    ],
)
def test_the_likeliest_target(columns: dict[str, str], target: str) -> None:
    frame = pd.DataFrame({name: [values[i % len(values)] for i in range(24)] for name, values in columns.items()})
    files = [FileSurvey(Path(f"{i}.csv"), {}, survey_table(frame)) for i in range(2)]
    assert likely_targets(files)[0].name == target


def test_a_column_with_missing_values_is_no_target() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "target": ["x", None, "y"]})
    assert [g.name for g in likely_targets([FileSurvey(Path("a.csv"), {}, survey_table(frame))])] == ["a"]


def test_numbers_here_and_text_there_do_not_meet(tmp_path: Path) -> None:
    frames = [patients(30, 0), patients(30, 1)]
    frames[1]["smoker"] = (frames[1]["smoker"] == "yes").astype(int)
    files = [FileSurvey(tmp_path / f"{i}.csv", {}, survey_table(f)) for i, f in enumerate(frames)]
    plan = make_plan(files, likely_targets(files)[0], name="two")
    assert all(one.dropped["smoker"] == "holds numbers in some files and text in others" for one in plan.participants)


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (codecs.BOM_UTF8 + b"a;b\n1,5;x\n2,5;y\n", {"decimal": ","}),
        ("größe,b\n1.5,x\n".encode("utf-16"), {"encoding": "utf-16"}),
        ("größe,b\n1.5,x\n".encode("latin-1"), {"encoding": "cp1252"}),
        (b"a,b\n1,x\n2,x\n3,x\n4,x\n-,x\n", {"na_values": ["-"]}),
        (b"a,b\n1,x\n2,y\n", {}),
    ],
)
def test_how_a_file_is_read_is_found_out(tmp_path: Path, content: bytes, options: dict[str, Any]) -> None:
    (tmp_path / "north.csv").write_bytes(content)
    found = survey_file(tmp_path / "north.csv")
    assert found.options == options
    first = found.table.columns[0]
    assert first.kind is not None
    assert first.is_number


names = st.text(min_size=1, max_size=12).filter(lambda name: name.strip() and name.isprintable())
cells = st.one_of(st.text(max_size=8), st.integers(-99, 99), st.floats(-9, 9), st.none())


@settings(max_examples=30)
@given(
    st.lists(names, min_size=2, max_size=5, unique_by=lambda name: name.casefold()),
    st.lists(st.lists(cells, min_size=5, max_size=5), min_size=3, max_size=6),
    st.text(max_size=20).filter(lambda name: "\0" not in name and name.isprintable()),
)
def test_any_names_and_values_make_a_study_that_says_them(
    columns: list[str], rows: list[list[Any]], title: str
) -> None:
    frame = pd.DataFrame([row[: len(columns) - 1] for row in rows], columns=columns[:-1], dtype=object)
    frame[columns[-1]] = ["ill" if i % 2 else "well" for i in range(len(rows))]
    files = [FileSurvey(Path(f"{name}.csv"), {}, survey_table(frame)) for name in ("a'b", 'c"d\\e')]
    plan = make_plan(files, TargetGuess(columns[-1], ("it was asked for",), 1.0), name=title)
    study = parse_study(Path("study.toml"), study_text(plan, Path("study.toml")))
    assert study.content.study.target == columns[-1]
    assert study.content.study.name == title
    assert [p.data for p in study.content.participants] == ["a'b.csv", 'c"d\\e.csv']
