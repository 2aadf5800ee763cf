"""A folder never looks finished before it is."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopdistill.atomic_file import write_atomically
from coopdistill.exceptions import OutputError, RunError, TableError
from coopdistill.report.file_names import file_names
from coopdistill.report.run_folder import RunFolder, read_run


def test_unfinished_until_the_result_is_there(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with RunFolder(out) as run:
        run.write_text("report.html", "page")
        assert (out / "UNFINISHED").exists()
        with pytest.raises(OutputError, match="not finished"):
            read_run(out)
        run.finish({"seed": 3})
    assert read_run(out) == {"seed": 3}
    assert {p.name for p in out.iterdir()} == {"report.html", "result.json"}


def test_wrong_input_leaves_no_trace(tmp_path: Path) -> None:
    def attempt(out: Path) -> None:
        with RunFolder(out) as run:
            run.write_text("models/a.skops", "")
            raise TableError("wrong")

    with pytest.raises(TableError):
        attempt(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(TableError):
        attempt(tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_failure_leaves_the_marker(tmp_path: Path) -> None:
    with pytest.raises(RunError), RunFolder(tmp_path / "out"):
        raise RunError("failed")
    assert (tmp_path / "out" / "UNFINISHED").exists()


def test_two_runs_cannot_begin_in_one_folder(tmp_path: Path) -> None:
    first, second = RunFolder(tmp_path / "out"), RunFolder(tmp_path / "out")
    with first as run:
        with pytest.raises(OutputError, match="another run"), second:
            pass
        run.finish({})
    assert read_run(tmp_path / "out") == {}


@pytest.mark.parametrize("error", [RunError("failed"), TableError("wrong"), KeyboardInterrupt()])
def test_a_replacement_that_fails_changes_nothing(tmp_path: Path, error: BaseException) -> None:
    with RunFolder(tmp_path / "out") as run:
        run.finish({"seed": 1})
    with pytest.raises(type(error)), RunFolder(tmp_path / "out", force=True):
        raise error
    assert read_run(tmp_path / "out") == {"seed": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_replacement_comes_whole(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "out") as run:
        run.write_text("transfers.csv", "old")
        run.finish({"seed": 1})
    with RunFolder(tmp_path / "out", force=True) as run:
        assert read_run(tmp_path / "out") == {"seed": 1}
        run.finish({"seed": 2})
    assert read_run(tmp_path / "out") == {"seed": 2}
    assert not (tmp_path / "out" / "transfers.csv").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_what_no_run_wrote_is_never_removed(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "out") as run:
        run.finish({})
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        RunFolder(tmp_path / "out", force=True)
    with pytest.raises(OutputError, match="is a file"):
        RunFolder(tmp_path / "out" / "notes.txt", force=True)


def test_a_failed_write_leaves_the_earlier_file(tmp_path: Path) -> None:
    def torn(path: Path) -> None:
        path.write_text("half", encoding="utf-8")
        raise OSError("no room")

    target = tmp_path / "file"
    target.write_text("whole", encoding="utf-8")
    with pytest.raises(OSError, match="no room"):
        write_atomically(target, torn)
    assert target.read_text(encoding="utf-8") == "whole"
    assert list(tmp_path.iterdir()) == [target]


def test_columns_of_several_types_are_stored(tmp_path: Path) -> None:
    mixed = pd.DataFrame({"cp": pd.Series([1, "none", None], dtype=object), "dose": [0.5, 1.0, 1.5]})
    with RunFolder(tmp_path / "out") as run:
        run.write_tables(pd.DataFrame({"teacher": ["a"]}), mixed)
        run.finish({})
    stored = pd.read_parquet(tmp_path / "out" / "virtual_instances.parquet")
    assert stored["cp"].tolist()[:2] == ["1", "none"]
    assert stored["cp"].isna().tolist() == [False, False, True]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), unique=True))
def test_file_names_are_safe_distinct_and_come_back(names: list[str]) -> None:
    files = file_names(names)
    assert len({file.lower() for file in files.values()}) == len(names)
    for name, file in files.items():
        assert not set(file) & set('/\\:*?"<>| ')
        assert not file.startswith(".")
        assert unquote(file) == name or file.rpartition("-")[2].isdigit()


def test_long_and_reserved_names() -> None:
    files = file_names(["x" * 300, "x" * 301, "con", ".."])
    assert max(map(len, files.values())) < 120
    assert len(set(files.values())) == 4
    assert files["con"] != "con"
    assert files[".."] == "%2E."
