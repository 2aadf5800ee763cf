"""Files become tables, or an error that says which line to mend."""

from __future__ import annotations

import codecs
import pickle
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopdistill.exceptions import ReadingError, TableError
from coopdistill.schema import read_table


def written(folder: Path, text: str, name: str = "north.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_finds_the_delimiter(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in [["age", "dose"], ["41", "0.5"], ["67", "1.5"]])
    frame = read_table(written(tmp_path, text))
    assert frame.to_dict("list") == {"age": [41, 67], "dose": [0.5, 1.5]}


def test_a_comma_inside_values_does_not_confuse(tmp_path: Path) -> None:
    frame = read_table(written(tmp_path, "name;dose\na,b;1\nc;2\n"))
    assert list(frame["name"]) == ["a,b", "c"]


def test_an_ambiguous_delimiter_must_be_given(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b;c\n1,2;3\n")
    with pytest.raises(TableError, match=r"could be divided by any of ',', ';'"):
        read_table(path)
    assert list(read_table(path, delimiter=";").columns) == ["a,b", "c"]


def test_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    assert list(read_table(written(tmp_path, "age\n41\n\n67\n"))["age"]) == [41, 67]


def test_missing_marks_are_missing(tmp_path: Path) -> None:
    frame = read_table(written(tmp_path, "a,b\n1,?\n-9,x\n,y\n"), na_values=["?", "-9"])
    assert frame["a"].isna().tolist() == [False, True, True]
    assert frame["b"].isna().tolist() == [True, False, False]


def test_without_a_header_the_names_are_given(tmp_path: Path) -> None:
    path = written(tmp_path, "41,0.5\n67,1.5\n", "north.data")
    assert list(read_table(path, header=False, names=["age", "dose"])["age"]) == [41, 67]
    with pytest.raises(TableError, match="give the names"):
        read_table(path, header=False)
    with pytest.raises(TableError, match="line 1: 2 values for 3 columns"):
        read_table(path, header=False, names=["a", "b", "c"])
    with pytest.raises(TableError, match="named 'a'"):
        read_table(path, header=False, names=["a", "a"])
    with pytest.raises(ReadingError, match="leave the names out, or say that it has none: header=False") as caught:
        read_table(path, names=["a", "b"])
    assert caught.value.arguments == {"header": False}


def test_what_may_help_is_no_syntax_of_a_study_or_an_option(tmp_path: Path) -> None:
    path = written(tmp_path, "1,2\n3,4\n")
    with pytest.raises(ReadingError) as caught:
        read_table(path)
    assert "=" not in caught.value.wrong
    assert set(caught.value.arguments) == {"header", "names"}
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.arguments == caught.value.arguments


def test_parquet_round_trip(tmp_path: Path) -> None:
    frame = pd.DataFrame({"age": [41, 67], "sex": ["f", "m"]}, index=[7, 9])
    frame.to_parquet(tmp_path / "north.parquet")
    assert read_table(tmp_path / "north.parquet").equals(frame.reset_index(drop=True))


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("", "north.csv", "is empty"),
        ("\n\n", "north.csv", "blank lines only"),
        ("age,dose\n", "north.csv", "no row below it"),
        ("age,dose\n1,2\n\n3\n", "north.csv", "line 4: 1 value for 2 columns"),
        ("age,dose\n1,2\n3,4,5\n", "north.csv", "line 3: 3 values for 2 columns"),
        ("41,0.5\n67,1.5\n", "north.csv", "only numbers where the names"),
        ("age,dose,age\n1,2,3\n", "north.csv", "two columns named 'age'"),
        (",age\n0,41\n", "north.csv", "column 1 has no name"),
        ("age\n41\n", "north.xlsx", "suffix '.xlsx'"),
        ("PAR1 but not quite", "north.parquet", "cannot be read as Parquet"),
        ("", "north.parquet", "is empty"),
    ],
)
def test_refuses_what_is_no_table(tmp_path: Path, text: str, name: str, message: str) -> None:
    path = written(tmp_path, text, name)
    with pytest.raises(TableError, match=message) as caught:
        read_table(path)
    assert name in str(caught.value)


def test_reads_what_a_german_spreadsheet_saves(tmp_path: Path) -> None:
    (tmp_path / "nord.csv").write_bytes("Größe;Ort\n1,75;Köln\n-0,5;Ulm\n".encode("cp1252"))
    frame = read_table(tmp_path / "nord.csv", decimal=",", encoding="cp1252")
    assert frame.to_dict("list") == {"Größe": [1.75, -0.5], "Ort": ["Köln", "Ulm"]}
    (tmp_path / "süd west.csv").write_bytes(codecs.BOM_UTF8 + "Größe;Ort\n1;Köln\n".encode())
    assert list(read_table(tmp_path / "süd west.csv", encoding="UTF8").columns) == ["Größe", "Ort"]


@pytest.mark.parametrize("encoding", ["utf-99", "rot13", "base64", "undefined", ""])
def test_an_unknown_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "north.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(TableError, match=f"unknown encoding '{encoding}'"):
        read_table(tmp_path / "north.csv", encoding=encoding)


@pytest.mark.parametrize("delimiter", ["ab", "", "é", "\n", "\r", '"', "\0", r"\t"])
def test_what_can_divide_nothing_is_refused(tmp_path: Path, delimiter: str) -> None:
    with pytest.raises(TableError, match="it must be one character"):
        read_table(written(tmp_path, "a,b\n1,2\n"), delimiter=delimiter)


@pytest.mark.parametrize("delimiter", [*",;\t|:~ "])
def test_what_can_divide_divides(tmp_path: Path, delimiter: str) -> None:
    path = written(tmp_path, f"a{delimiter}b\n1{delimiter}2\n")
    assert read_table(path, delimiter=delimiter).to_dict("list") == {"a": [1], "b": [2]}


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "north.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(TableError, match=r"north.csv' cannot be read: Permission denied"):
        read_table(path)


def test_refuses_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "north.csv").write_bytes(b"age,name\n41,J\xe9r\xf4me\n")
    with pytest.raises(ReadingError, match=r"north.csv', line 2: not text in UTF-8") as caught:
        read_table(tmp_path / "north.csv")
    assert caught.value.arguments == {"encoding": "cp1252"}


def test_an_absent_file_names_the_nearest(tmp_path: Path) -> None:
    written(tmp_path, "a\n1\n", "north.csv")
    with pytest.raises(TableError, match=r"no file .*did you mean 'north.csv'"):
        read_table(tmp_path / "nort.csv")
    with pytest.raises(TableError, match="no folder"):
        read_table(tmp_path / "nowhere" / "north.csv")
    with pytest.raises(TableError, match="is a folder"):
        read_table(tmp_path)


@given(
    names=st.lists(st.text("abcdefg", min_size=1, max_size=4), min_size=2, max_size=5, unique=True),
    n_rows=st.integers(2, 6),
    spoilt=st.integers(0, 5),
)
def test_the_ragged_line_is_the_one_named(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], n_rows: int, spoilt: int
) -> None:
    lines = [",".join("1" * len(names)) for _ in range(n_rows)]
    lines[spoilt % n_rows] += ",1"
    path = written(tmp_path_factory.mktemp("ragged"), "\n".join([",".join(names), *lines]))
    with pytest.raises(TableError, match=f"line {spoilt % n_rows + 2}: "):
        read_table(path)
