"""A study says who takes part; what it gets wrong is said with its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from coopdistill.cli.studies.label_rules import apply_label_rules, check_label_rule
from coopdistill.cli.studies.study import Study, read_study
from coopdistill.cli.studies.study_rows import read_rows
from coopdistill.cli.studies.toml_lines import TomlLines
from coopdistill.exceptions import InputError, LabelError, StudyError
from coopdistill.learners import as_learner

TWO = """\
[study]
target = "y"
{study}
[[participants]]
name = "north"
data = "north.csv"
learner = "decision-tree"
{north}
[[participants]]
name = "south"
data = "south.csv"
learner = "naive-bayes"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "north.csv").write_text("age,km,empty,y\n41,1.5,,0\n67,9,,2\n52,0,,1\n", encoding="utf-8")
    (tmp_path / "south.csv").write_text("age,km,y\n30,2.5,0\n80,3,1\n", encoding="utf-8")
    return tmp_path


def study_of(folder: Path, *, study: str = "", north: str = "", more: str = "") -> Study:
    path = folder / "study.toml"
    path.write_text(TWO.format(study=study, north=north) + more, encoding="utf-8")
    return read_study(path)


def test_features_are_overruled_for_all_and_for_one(folder: Path) -> None:
    north = "[participants.features.km]\nlow = -1\n"
    more = '[features.km]\nunit = "km"\nconversions = {mile = 1.609344}\n[features.age]\nimmutable = true\n'
    one, two = read_rows(study_of(folder, north=north, more=more)).participants
    assert one.feature_space["km"].unit == two.feature_space["km"].unit == "km"
    assert (one.feature_space["km"].low, two.feature_space["km"].low) == (-1, 2.5)
    assert not one.feature_space["age"].mutable


def test_a_one_hot_group_here_is_a_column_there(folder: Path) -> None:
    columns = "red,age,blue,y\n1,41,0,0\n0,67,1,2\n0,52,1,1\n1,33,0,0\n"
    (folder / "north.csv").write_text(columns, encoding="utf-8")
    (folder / "south.csv").write_text("colour,age,y\nred,30,0\nblue,80,1\n", encoding="utf-8")
    more = '[features.colour]\nmutable = false\none_hot = {red = "red", blue = "blue"}\n'
    more += '[features.age]\ndirection = "increase"\nfillable = true\n'
    one, two = read_rows(study_of(folder, more=more)).participants
    assert one.feature_space.names == ("colour", "age")
    assert set(one.feature_space["colour"].categories) == set(two.feature_space["colour"].categories) == {"red", "blue"}
    assert not one.feature_space["colour"].mutable
    assert not two.feature_space["colour"].mutable
    assert not two.feature_space["colour"].one_hot
    assert two.feature_space["age"].direction == "increase"
    assert two.feature_space["age"].fillable
    # A registered learner tells the columns of a group from numbers, wherever they stand in the file.
    fitted = as_learner(one.estimator).refit(one.X, one.y, seed=0)
    shown = fitted.estimator[:-1].transform(one.X)
    np.testing.assert_array_equal(shown[:, 1:], one.X[["red", "blue"]])


def test_columns_without_a_value_are_left_out_and_said(folder: Path) -> None:
    rows = read_rows(study_of(folder, more='[features.empty]\nkind = "integer"\n'))
    assert list(rows.participants[0].X.columns) == ["age", "km"]
    assert rows.notes == ["participant 'north': column 'empty' holds no value and is left out"]


def test_values_that_stand_for_none(folder: Path) -> None:
    rows = read_rows(study_of(folder, more="[features.km]\nmissing = [0]\n"))
    assert rows.participants[0].X["km"].isna().tolist() == [False, False, True]


def test_values_that_stand_for_none_in_one_file_alone(folder: Path) -> None:
    (folder / "test.csv").write_text("age,km,y\n41,0,0\n67,9,2\n", encoding="utf-8")
    more = '[test]\ndata = "test.csv"\n[features.km]\nmissing = [0]\n[features.age]\nmissing = [80]\n'
    rows = read_rows(study_of(folder, north="[participants.features.km]\nmissing = [9]\n", more=more))
    north, south = (participant.X for participant in rows.participants)
    assert north["km"].isna().tolist() == [False, True, False]
    assert north["age"].isna().sum() == 0
    assert south["km"].isna().sum() == 0
    assert south["age"].isna().tolist() == [False, True]
    assert rows.X_test["km"].isna().tolist() == [True, False]
    none = read_rows(study_of(folder, north="[participants.features.km]\nmissing = []\n", more=more))
    assert none.participants[0].X["km"].isna().sum() == 0


def test_keep_and_drop(folder: Path) -> None:
    rows = read_rows(study_of(folder, north='keep = ["km"]', more='drop = ["km"]\n'))
    assert [list(p.X.columns) for p in rows.participants] == [["km"], ["age"]]
    with pytest.raises(StudyError, match="contradict"):
        study_of(folder, north='keep = ["km"]\ndrop = ["age"]')


def test_labels_by_rule(folder: Path) -> None:
    rows = read_rows(study_of(folder, more='[labels]\nwell = "== 0"\nill = [1, 2]\n'))
    assert rows.participants[0].y.tolist() == ["well", "ill", "ill"]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ('well = "== 0"\nill = "> 1"', "the value 1 means no label"),
        ('well = "<= 1"\nill = ">= 1"', "'well' and 'ill' at once"),
        ('well = "== 0"', "one label only"),
        ('well = "import os"\nill = "> 0"', "is no rule"),
        ('well = []\nill = "> 0"', "empty"),
    ],
)
def test_rules_that_do_not_divide_the_values(folder: Path, rules: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_rows(study_of(folder, more=f"[labels]\n{rules}\n"))


def test_a_rule_needs_numbers() -> None:
    with pytest.raises(LabelError, match="list the values"):
        apply_label_rules(pd.Series(["yes", "no"]), {"a": "> 0", "b": "< 0"})


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(-1e6, 1e6))
def test_a_threshold_divides_every_number(values: list[float], threshold: float) -> None:
    rules = {"low": check_label_rule(f"< {threshold!r}"), "high": check_label_rule(f">= {threshold!r}")}
    labels = apply_label_rules(pd.Series(values), rules)
    assert labels.tolist() == ["low" if value < threshold else "high" for value in values]


def test_all_mistakes_are_said_at_once(folder: Path) -> None:
    with pytest.raises(StudyError, match="3 mistakes") as caught:
        study_of(folder, study="alpha = 2\nseed = -1", north="header = 1")
    text = str(caught.value)
    assert all(line in text for line in ("line 3", "line 4", "line 9"))
    assert "pydantic" not in text


def test_a_saved_model_takes_part(folder: Path) -> None:
    X = pd.DataFrame({"age": [1, 2, 3, 4], "km": [1.0, 2.0, 3.0, 4.0]})
    model = DecisionTreeClassifier().fit(X, [0, 0, 1, 1])
    skops.io.dump(model, folder / "north.skops")
    text = TWO.format(study="", north="").replace('learner = "decision-tree"', 'model = "north.skops"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    loaded = read_rows(read_study(folder / "study.toml")).participants[0].estimator
    assert np.array_equal(loaded.predict(X), model.predict(X))


def test_a_model_without_rows_needs_its_features(folder: Path) -> None:
    skops.io.dump(DecisionTreeClassifier().fit([[1, 2], [3, 4]], [0, 1]), folder / "old.skops")
    frozen = '[[participants]]\nname = "old"\nmodel = "old.skops"\n'
    with pytest.raises(StudyError, match="needs its features described"):
        read_rows(study_of(folder, more=frozen))
    with pytest.raises(StudyError, match="needs its kind"):
        read_rows(study_of(folder, more=frozen + "[participants.features.age]\nlow = 0\n"))
    described = "".join(f'[participants.features.{name}]\nkind = "continuous"\n' for name in ("age", "km"))
    participant = read_rows(study_of(folder, more=frozen + described)).participants[2]
    assert participant.is_frozen
    assert participant.feature_space.names == ("age", "km")


@pytest.mark.parametrize(
    ("study", "learners", "task"),
    [
        ("", ("decision-tree", "mlp"), "classification"),
        ('task = "regression"', ("decision-tree", "mlp"), "regression"),
        ("", ("ridge", "mlp"), "regression"),
        ("", ("mlp", "naive-bayes"), "classification"),
        ('target = "km"', ("decision-tree", "mlp"), "regression"),  # 1.5 is no class
    ],
)
def test_the_task_is_said_or_told_by_learners_and_targets(
    folder: Path, study: str, learners: tuple[str, str], task: str
) -> None:
    text = TWO.format(study=study, north="")
    if "target" in study:
        text = text.replace('target = "y"\n', "")
    text = text.replace("decision-tree", learners[0]).replace("naive-bayes", learners[1])
    (folder / "study.toml").write_text(text, encoding="utf-8")
    for participant in read_rows(read_study(folder / "study.toml")).participants:
        assert as_learner(participant.estimator).task == task


def test_a_learner_for_another_task_is_refused_with_its_line(folder: Path) -> None:
    with pytest.raises(StudyError, match=r"line 12.*'south'.*'naive-bayes' is not for regression"):
        read_rows(study_of(folder, study='task = "regression"'))
    with pytest.raises(StudyError, match="labels make classes"):
        study_of(folder, study='task = "regression"', more='[labels]\nwell = "== 0"\nill = "> 0"\n')


def test_a_pipeline_may_be_refitted_whole(folder: Path) -> None:
    one, two = read_rows(study_of(folder, north="refit_preprocessing = true")).participants
    assert one.refit_preprocessing
    assert not two.refit_preprocessing


def test_untrusted_types_are_named_and_not_made(folder: Path) -> None:
    skops.io.dump(FunctionTransformer(print), folder / "north.skops")
    text = TWO.format(study="", north="").replace('learner = "decision-tree"', 'model = "north.skops"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=r"line 7.*not trusted: .*print"):
        read_rows(read_study(folder / "study.toml"))


def test_a_file_that_came_out_as_one_column_names_what_divides_it(folder: Path) -> None:
    with pytest.raises(StudyError, match=r"""line 6.*one column, 'age,km,empty,y'; .* delimiter = ","$"""):
        read_rows(study_of(folder, north='delimiter = ";"'))


def test_a_kind_that_rows_contradict_is_refused_where_it_was_said(folder: Path) -> None:
    (folder / "north.csv").write_text("age,sex,y\n41,f,0\n67,m,1\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"line 13, \[features.sex\]: column 'sex' is declared numeric"):
        read_rows(study_of(folder, more='[features.sex]\nkind = "integer"\n'))
    with pytest.raises(StudyError, match=r"line 8, \[\[participants\]\] 'north'.*declared numeric"):
        read_rows(study_of(folder, north='[participants.features.sex]\nkind = "integer"'))


def with_commas(folder: Path, name: str) -> None:
    (folder / name).write_text("age;km;y\n30;2;0\n80;3,25;1\n", encoding="utf-8")


def test_decimal_commas_that_nobody_declared_are_noted(folder: Path) -> None:
    (folder / "north.csv").write_text("age;km;y\n41;1,5;0\n67;9;1\n", encoding="utf-8")
    with_commas(folder, "south.csv")
    notes = read_rows(study_of(folder)).notes
    assert len(notes) == 2
    assert all("'km' is text that reads as numbers with decimal commas" in note for note in notes)
    assert read_rows(study_of(folder, more='[files]\ndecimal = ","')).notes == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"two or more participants; begin each with a line \[\[participants\]\]"),
        ("participants = 3", "line 1.*two or more participants"),
        ("[study]\nseed = 1\nseed = 2", "line 3.*not valid TOML"),
        ("[study", "line 1: not valid TOML"),
        (
            TWO.format(study="", north="") + "[features]\nage = 3",
            r"line 14, \[features.age\] = 3: it should be a table",
        ),
    ],
)
def test_every_mistake_has_its_line(folder: Path, text: str, message: str) -> None:
    (folder / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        read_study(folder / "study.toml")


def test_what_is_no_study_is_not_proposed_as_one(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "participants"\n', encoding="utf-8")
    with pytest.raises(StudyError, match="coopdistill init") as refusal:
        read_study(tmp_path / "project.toml")
    assert "pyproject" not in str(refusal.value)


FILES = {
    "two characters": ('delimiter = "ab"', r"line 6, .*delimiter: 'ab' is no delimiter"),
    "none": ('delimiter = ""', "line 6, .*delimiter: '' is no delimiter"),
    "a letter with an accent": ('delimiter = "é"', "line 6, .*delimiter: 'é' is no delimiter"),
    "a tab in single quotes": (r"delimiter = '\t'", r"line 6, .*delimiter: write a tab as \"\\t\", in double quotes"),
    "no text": ('encoding = "rot13"', "line 6, .*encoding: unknown encoding 'rot13'"),
    "unknown": ('encoding = "utf-99"', "line 6, .*encoding: unknown encoding 'utf-99'"),
    "names": ('names = ["a"]', r"line 10, .*or say that it has none: header = false$"),
    "no names": ("header = false", r'line 10, .*give the names of its columns: names = \["…"\]$'),
    "another encoding": ('encoding = "ascii"', r'line 10, .*not text in ASCII.*: encoding = "cp1252"$'),
}


@pytest.mark.parametrize("case", FILES)
def test_how_a_file_is_read_is_said_as_a_study_says_it(folder: Path, case: str) -> None:
    said, message = FILES[case]
    (folder / "north.csv").write_text("age,km,y\n41,1.5,zero\n67,9,größer\n", encoding="utf-8")
    text = TWO.format(study=f"\n\n[files]\n{said}\n", north="")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        read_rows(read_study(folder / "study.toml"))


def test_an_infinite_value_is_said_with_its_file_unless_it_is_left_out(folder: Path) -> None:
    (folder / "south.csv").write_text("age,km,y\n30,inf,0\n80,3,1\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"line 11, .*'south.csv': it holds an infinite value in column 'km'"):
        read_rows(study_of(folder))
    assert read_rows(study_of(folder, more='drop = ["km"]\n')).participants[1].X.shape == (2, 1)
    assert read_rows(study_of(folder, more="[features.km]\nmissing = [inf]\n")).participants[1].X["km"].isna().any()


def test_a_measurement_among_classes_is_said_with_file_and_column(folder: Path) -> None:
    (folder / "south.csv").write_text("age,km,y\n30,2.5,10.82\n80,3,1\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"line 11, .*'south.csv', column 'y': it holds 10\.82, which is a measure"):
        read_rows(study_of(folder, study='task = "classification"'))


COMMAS = r"""'{}': column 'km' is text .* commas \('3,25'\), and 'north.csv' has numbers there; say decimal = ",\""""


def test_decimal_commas_against_numbers_are_said_with_file_and_key(folder: Path) -> None:
    with_commas(folder, "south.csv")
    with pytest.raises(StudyError, match="line 11, .*" + COMMAS.format("south.csv")):
        read_rows(study_of(folder))
    assert read_rows(study_of(folder, more='decimal = ","\n')).participants[1].X["km"].tolist() == [2, 3.25]
    assert len(read_rows(study_of(folder, more='[features.km]\nkind = "categorical"\n')).participants) == 2
    with pytest.raises(StudyError, match="numeric and holds '2'; it reads as numbers with decimal commas: say decimal"):
        read_rows(study_of(folder, more='[features.km]\nkind = "continuous"\n'))


def test_decimal_commas_are_seen_under_another_name(folder: Path) -> None:
    (folder / "south.csv").write_text("age;Km;y\n30;2;0\n80;3,25;1\n", encoding="utf-8")
    with pytest.raises(StudyError, match=COMMAS.format("south.csv").replace("'km'", "'Km'")):
        read_rows(study_of(folder, more='[features.Km]\nsynonyms = ["km"]\n'))


def test_decimal_commas_of_the_test_file(folder: Path) -> None:
    with_commas(folder, "test.csv")
    with pytest.raises(StudyError, match=r"line 14, \[test\]: " + COMMAS.format("test.csv")):
        read_rows(study_of(folder, more='[test]\ndata = "test.csv"\n'))


def test_a_study_may_begin_with_a_mark_of_utf_8(folder: Path) -> None:
    (folder / "study.toml").write_text(TWO.format(study="", north=""), encoding="utf-8-sig")
    assert read_study(folder / "study.toml").content.study.target == "y"
    (folder / "study.toml").write_bytes(TWO.format(study='name = "Süd"', north="").encode("cp1252"))
    with pytest.raises(StudyError, match="line 3: not text in UTF-8"):
        read_study(folder / "study.toml")


def test_a_list_over_several_lines_hides_no_table() -> None:
    lines = TomlLines('[a]\nx = [\n    ["b"],\n]\ny = 1\n[c] # here\nz = 2\n')
    assert lines.line_of(("a", "y")) == 5
    assert lines.line_of(("c", "z")) == 7


def test_lines_of_nested_tables() -> None:
    lines = TomlLines('[[a]]\nx = 1\n[a.b."c d"]\ny = 2\n[[a]]\nx = 3\n[a.b]\nz = 4\n')
    assert lines.line_of(("a", 0, "b", "c d", "y")) == 4
    assert lines.line_of(("a", 1, "b", "z")) == 8
    assert lines.line_of(("nowhere",)) is None
