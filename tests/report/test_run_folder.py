"""A folder never looks finished before it is."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopdistill.atomic_file import write_atomically
from coopdistill.exceptions import CoopdistillWarning, OutputError, RunError, TableError
from coopdistill.report import run_folder
from coopdistill.report.file_names import file_names
from coopdistill.report.run_folder import RunFolder, read_run


def result(seed: int = 1) -> dict[str, Any]:
    """What names the model that `finished` writes."""
    return {"seed": seed, "participants": {"north": {"model": {"file": "models/north.skops"}}}}


def finished(out: Path, seed: int = 1, **options: bool) -> None:
    """Write a run with a model."""
    with RunFolder(out, **options) as run:
        run.write_text("models/north.skops", "a model")
        run.finish(result(seed))


def ended(out: Path, *steps: Callable[[RunFolder], object], **options: bool) -> None:
    """Write a run that takes some steps, of which the last is expected to raise."""
    with RunFolder(out, **options) as run:
        for step in steps:
            step(run)


def keep(run: RunFolder) -> None:
    """Keep an answer, as a cooperation does."""
    write_atomically(run.checkpoints / f"{0:032x}.npz", lambda path: path.write_bytes(b""))


def raising(error: BaseException) -> Callable[..., None]:
    def step(*_: object, **__: object) -> None:
        raise error

    return step


FULL = raising(OSError(errno.ENOSPC, "No space left on device"))


def interrupted(out: Path, **options: bool) -> Path:
    """Leave a run that has kept an answer; return its folder."""
    with pytest.raises(KeyboardInterrupt):
        ended(out, keep, raising(KeyboardInterrupt()), **options)
    (marker,) = out.parent.glob(f"{out.name}*/UNFINISHED")
    return marker.parent


def put(folder: Path, name: str) -> Path:
    """Put an own file into the folder of a run."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("mine", encoding="utf-8")
    return folder / name


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


def test_wrong_input_leaves_no_folder_above_either(tmp_path: Path) -> None:
    out = tmp_path / "q" / "w" / "e"
    (tmp_path / "q").mkdir()
    with pytest.raises(TableError):
        ended(out, raising(TableError("wrong")))
    assert list((tmp_path / "q").iterdir()) == []
    with pytest.raises(TableError):
        ended(out, lambda _: put(out.parent, "mine.txt"), raising(TableError("wrong")))
    assert [p.name for p in out.parent.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(("out", "force"), [("q/w", False), ("out", True)])
def test_a_folder_that_cannot_be_written_leaves_none_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, force: bool
) -> None:
    finished(tmp_path / "out")
    monkeypatch.setattr(run_folder.RunMarker, "begin", FULL)
    with pytest.raises(OutputError, match="No space left"):
        ended(tmp_path / out, force=force)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("error", [TableError("wrong"), OutputError("no"), RunError("failed")])
@pytest.mark.parametrize("force", [False, True])
def test_what_was_kept_outlives_any_error(tmp_path: Path, error: Exception, force: bool) -> None:
    if force:
        finished(tmp_path / "out")
    with pytest.raises(type(error)):
        ended(tmp_path / "out", keep, raising(error), force=force)
    with RunFolder(tmp_path / "out", resume=True) as resumed:
        assert resumed.resumes
        assert len(list(resumed.checkpoints.iterdir())) == 1
        resumed.finish({"seed": 2})
    assert read_run(tmp_path / "out") == {"seed": 2}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


LATE: dict[str, Callable[[RunFolder], object]] = {
    "text": lambda run: run.write_text("report.html", "page"),
    "models": lambda run: run.write_text("models/north.skops", "a model"),
    "tables": lambda run: run.write_tables(pd.DataFrame({"teacher": ["a"]}), pd.DataFrame({"a": [1.0]})),
    "result": lambda run: run.finish({}),
}


@pytest.mark.parametrize("what", LATE)
def test_a_full_disk_is_a_run_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    def fill(_: RunFolder) -> None:
        monkeypatch.setattr(run_folder, "write_atomically", FULL)

    with pytest.raises(RunError, match=r"out' cannot be written: No space left.*--resume"):
        ended(tmp_path / "out", keep, fill, LATE[what])
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"UNFINISHED", "checkpoints"}


def test_a_replacement_that_cannot_be_moved_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, out = os.replace, tmp_path / "out"

    def moved(source: Path, to: Path) -> None:
        (FULL if to == out and source.name != out.name else replace)(source, to)

    finished(out)
    with monkeypatch.context() as patched, pytest.raises(RunError, match="cannot be written: No space left"):
        ended(
            out,
            lambda _: patched.setattr("os.replace", moved),
            lambda run: run.finish({"seed": 2}),
            force=True,
        )
    assert read_run(out) == result()
    (beside,) = tmp_path.glob("out.*")
    assert {"UNFINISHED", "result.json"} <= {p.name for p in beside.iterdir()}
    finished(out, 2, resume=True)
    assert read_run(out) == result(2)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("where", ["RunMarker.remove", "take_place"])
def test_who_is_interrupted_at_the_very_end_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    finished(tmp_path / "out")
    stop = raising(KeyboardInterrupt())
    with monkeypatch.context() as patched:
        patched.setattr(f"coopdistill.report.run_folder.{where}", stop)
        with pytest.raises(KeyboardInterrupt):
            ended(tmp_path / "out", keep, lambda run: run.finish({"seed": 2}), force=True)
    with RunFolder(tmp_path / "out", resume=True) as run:
        assert run.resumes
        run.finish({"seed": 2})
    assert read_run(tmp_path / "out") == {"seed": 2}
    assert not (tmp_path / "out" / "checkpoints").exists()


def test_a_run_beside_an_interrupted_replacement_is_told_of_it(tmp_path: Path) -> None:
    finished(tmp_path / "out")
    with pytest.raises(OutputError, match="choose another --out, or replace it with --force") as caught:
        RunFolder(tmp_path / "out")
    assert "--resume" not in str(caught.value)
    interrupted(tmp_path / "out", force=True)
    with pytest.raises(OutputError, match="go on with the interrupted run that was to replace it by --resume"):
        RunFolder(tmp_path / "out")


def test_a_replacement_goes_on_where_the_earlier_run_is_gone(tmp_path: Path) -> None:
    finished(tmp_path / "out")
    interrupted(tmp_path / "out", force=True)
    (tmp_path / "out").rename(tmp_path / "elsewhere")
    with RunFolder(tmp_path / "out", resume=True) as run:
        assert run.resumes
        run.finish({"seed": 2})
    assert read_run(tmp_path / "out") == {"seed": 2}


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


def test_an_own_file_among_models_is_none_of_the_run(tmp_path: Path) -> None:
    finished(tmp_path / "out")
    finished(tmp_path / "out", force=True)
    (tmp_path / "out" / "models" / "mine.skops").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"'models/mine\.skops', which no run wrote"):
        RunFolder(tmp_path / "out", force=True)


@pytest.mark.parametrize("name", ["notes.txt", "models/mine.skops", "checkpoints/mine.txt"])
def test_what_was_put_there_before_a_run_goes_on_is_kept(tmp_path: Path, name: str) -> None:
    finished(tmp_path / "out")
    interrupted(tmp_path / "out", force=True)
    mine = put(tmp_path / "out", name)
    with pytest.raises(OutputError, match=f"'{name}', which no run wrote"):
        RunFolder(tmp_path / "out", resume=True)
    assert mine.read_text(encoding="utf-8") == "mine"
    folder = interrupted(tmp_path / "new")
    mine = put(folder, name)
    with RunFolder(tmp_path / "new", resume=True) as run:
        assert run.resumes
        run.finish({})
    assert mine.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["notes.txt", "models/mine.skops", "checkpoints/mine.txt", "own/mine.txt"])
@pytest.mark.parametrize("resume", [False, True])
def test_what_was_put_there_meanwhile_is_kept(tmp_path: Path, name: str, resume: bool) -> None:
    finished(tmp_path / "out")
    if resume:
        interrupted(tmp_path / "out", force=True)
    with RunFolder(tmp_path / "out", force=not resume, resume=resume) as run:
        put(tmp_path / "out", name)
        with pytest.warns(CoopdistillWarning, match=r"'.*out' was changed while .* now in '.*replaced-.*out'"):
            run.finish({"seed": 2})
    assert read_run(tmp_path / "out") == {"seed": 2}
    (kept,) = tmp_path.glob(f"out.replaced-*/out/{name}")
    assert kept.read_text(encoding="utf-8") == "mine"
    assert [p.name for p in kept.parents[name.count("/")].iterdir()] == [name.partition("/")[0]]


def test_what_was_put_into_an_abandoned_run_is_kept(tmp_path: Path) -> None:
    finished(tmp_path / "out")
    mine = put(interrupted(tmp_path / "out", force=True), "notes.txt")
    finished(tmp_path / "out", force=True)
    assert [p.name for p in mine.parent.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("force", [False, True])
def test_a_run_that_was_finished_there_meanwhile_is_no_lost_one(tmp_path: Path, force: bool) -> None:
    if force:
        finished(tmp_path / "out")
    second = RunFolder(tmp_path / "out", force=force)
    finished(tmp_path / "out", 7, force=force)
    with pytest.raises(OutputError, match="just been written"), second:
        second.finish({"seed": 8})
    assert read_run(tmp_path / "out") == result(7)
    assert (tmp_path / "out" / "models" / "north.skops").is_file()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("force", [False, True])
def test_a_run_that_another_has_gone_on_with_is_finished(tmp_path: Path, force: bool) -> None:
    if force:
        finished(tmp_path / "out")
    interrupted(tmp_path / "out", force=force)
    second = RunFolder(tmp_path / "out", resume=True)
    finished(tmp_path / "out", 7, resume=True)
    with pytest.raises(OutputError, match="just been"), second:
        second.finish({"seed": 8})
    assert read_run(tmp_path / "out") == result(7)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.name == "nt", reason="locks as POSIX has them")
def test_two_runs_cannot_replace_one(tmp_path: Path) -> None:
    finished(tmp_path / "out")
    second = RunFolder(tmp_path / "out", force=True)
    with RunFolder(tmp_path / "out", force=True) as first:
        for option in ("force", "resume"):
            with pytest.raises(OutputError, match="just now"):
                RunFolder(tmp_path / "out", **{option: True})
        with pytest.raises(OutputError, match="just now"), second:
            pass
        first.finish({"seed": 2})
    assert read_run(tmp_path / "out") == {"seed": 2}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.name == "nt", reason="locks as POSIX has them")
def test_a_run_that_began_in_the_same_place_is_not_replaced(tmp_path: Path) -> None:
    finished(tmp_path / "out")
    with RunFolder(tmp_path / "out", force=True) as run:
        (tmp_path / "out").rename(tmp_path / "elsewhere")
        with RunFolder(tmp_path / "out") as other:
            with pytest.raises(RunError, match="another run is being written"):
                run.finish({"seed": 2})
            other.finish({"seed": 3})
    assert read_run(tmp_path / "out") == {"seed": 3}
    (beside,) = tmp_path.glob("out.unfinished-*")
    assert (beside / "result.json").is_file()


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
