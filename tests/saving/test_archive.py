"""A saved file is loaded exactly as it was written, or refused by name."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from archives import contents, rewritten
from coopdistill import CooperativeDistillation, load
from coopdistill.atomic_file import write_atomically
from coopdistill.exceptions import SavingError
from coopdistill.saving import load_model, save_model
from coopdistill.saving.archive import packed, read_archive, unpacked
from coopdistill.saving.manifest import FORMAT, MANIFEST
from coopdistill.saving.model_files import dump_files

TREE = packed("model", dump_files(DecisionTreeClassifier().fit([[0.0], [1.0]], ["no", "yes"])))
FILES = st.dictionaries(
    st.from_regex(r"[A-Za-z0-9_-]+(\.[a-z]+)?(/[a-z]+)?", fullmatch=True).filter(lambda name: name != MANIFEST),
    st.binary(max_size=200),
)


def zipped(members: dict[str, bytes], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return buffer.getvalue()


def with_manifest(archive: bytes, change: Any) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        manifest = json.loads(opened.read(MANIFEST))
    change(manifest)
    return zipped({MANIFEST: json.dumps(manifest).encode(), **contents(archive)})


@given(FILES)
def test_what_goes_in_comes_out(files: dict[str, bytes]) -> None:
    assert unpacked(packed("model", files), "model") == files


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(TREE) - 1))
    flipped = bytearray(TREE)
    flipped[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SavingError):
        unpacked(bytes(flipped), "model")


@given(st.data())
def test_any_changed_byte_of_any_file_names_the_file(archive: bytes, data: st.DataObject) -> None:
    files = contents(archive)
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    content = bytearray(files[name])
    content[at] ^= data.draw(st.integers(1, 255))
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        changed = {**{n: opened.read(n) for n in opened.namelist()}, name: bytes(content)}
    with pytest.raises(SavingError, match=f"'{name}' in it is damaged or was changed: it has another checksum"):
        unpacked(zipped(changed), "cooperation")


@given(st.data())
def test_a_file_that_was_cut_off_or_grew_is_refused(data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(TREE) - 1))
    with pytest.raises(SavingError):
        unpacked(TREE[:cut], "model")
    with pytest.raises(SavingError, match=r"added after it was saved|no whole archive"):
        unpacked(TREE + data.draw(st.binary(min_size=1, max_size=20)), "model")


def test_missing_and_additional_files_are_named(archive: bytes) -> None:
    for name in contents(archive):
        members = {n: c for n, c in contents(archive).items() if n != name}
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            members[MANIFEST] = opened.read(MANIFEST)
        with pytest.raises(SavingError, match=f"'{name}' is missing in it"):
            unpacked(zipped(members), "cooperation")
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        members = {n: opened.read(n) for n in opened.namelist()}
    with pytest.raises(SavingError, match=r"'more\.txt' in it was added"):
        unpacked(zipped({**members, "more.txt": b""}), "cooperation")
    with pytest.raises(SavingError, match=r"'manifest\.json' is missing"):
        unpacked(zipped(contents(archive)), "cooperation")


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a/../../b", "C:\\x", "a//b", "a/", ".", "a b", "nul\u202e"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(SavingError, match="leads elsewhere"):
        unpacked(packed("model", {name: b""}), "model")


@pytest.mark.filterwarnings("ignore:Duplicate name")  # made on purpose
def test_a_name_twice_is_refused() -> None:
    buffer = io.BytesIO(TREE)
    with zipfile.ZipFile(buffer, "a") as opened:
        opened.writestr("model.skops", b"another")
    with pytest.raises(SavingError, match=r"'model\.skops' is in it twice"):
        unpacked(buffer.getvalue(), "model")


def test_what_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    bomb = packed("model", {"model.skops": bytes(10**7)})
    assert len(bomb) < 10**5
    with pytest.raises(SavingError, match=r"'model\.skops' in it brings .* beyond the 1000000 bytes"):
        unpacked(bomb, "model", max_bytes=10**6)
    inner = zipped({"schema.json": bytes(10**7)}, compression=zipfile.ZIP_DEFLATED)
    (tmp_path / "inner.zip").write_bytes(packed("model", {"model.skops": inner}))
    with pytest.raises(SavingError, match=r"'model\.skops' cannot be loaded.*would unpack to 10000000 bytes"):
        load_model(tmp_path / "inner.zip", max_bytes=10**6)
    with pytest.raises(SavingError, match="larger than the 100 bytes"):
        read_archive(tmp_path / "inner.zip", "model", max_bytes=100)


def test_a_size_that_is_a_lie_is_no_way_around(tmp_path: Path) -> None:
    honest = packed("model", {"model.skops": bytes(10**6)})
    said = (10**6).to_bytes(4, "little")
    lying = honest.replace(said, (10).to_bytes(4, "little"))
    assert lying != honest
    with pytest.raises(SavingError, match=r"'model\.skops' in it is damaged"):
        unpacked(lying, "model", max_bytes=10**5)


def test_a_newer_format_says_what_to_do() -> None:
    def newer(manifest: Any) -> None:
        manifest["format"] = FORMAT + 1
        manifest["versions"]["coopdistill"] = "9.1"
        manifest["files"] = "told otherwise"

    with pytest.raises(SavingError, match=r"written by coopdistill 9\.1, .* reads formats up to 1; install that"):
        unpacked(with_manifest(TREE, newer), "model")


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{}", b'{"format": true, "kind": "model", "files": {}}', b"[" * 10**5, b"\xff", b'{"format": 1}'],
)
def test_a_manifest_that_is_none_is_refused(manifest: bytes) -> None:
    with pytest.raises(SavingError, match=r"'manifest\.json' in it is damaged"):
        unpacked(zipped({MANIFEST: manifest, **contents(TREE)}), "model")


def test_the_manifest_names_versions_and_checksums(archive: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        manifest = json.loads(opened.read(MANIFEST))
        assert set(manifest["files"]) | {MANIFEST} == set(opened.namelist())
    assert manifest["format"] == FORMAT
    assert {"python", "coopdistill", "scikit-learn", "skops", "numpy"} <= set(manifest["versions"])
    assert all(len(file["sha256"]) == 64 for file in manifest["files"].values())


def test_nothing_is_unpickled(archive: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pickle

    import joblib
    import numpy as np

    def forbidden(*given: Any, **options: Any) -> Any:
        raise AssertionError("something was unpickled")

    for module, names in ((pickle, ("load", "loads", "Unpickler")), (joblib, ("load",))):
        for name in names:
            monkeypatch.setattr(module, name, forbidden)
    if "torch" in sys.modules:
        monkeypatch.setattr(sys.modules["torch"], "load", forbidden)
    read = np.lib.format.read_array

    def unpickling_nothing(*given: Any, allow_pickle: bool = False, **options: Any) -> Any:
        assert not allow_pickle
        return read(*given, allow_pickle=allow_pickle, **options)

    monkeypatch.setattr(np.lib.format, "read_array", unpickling_nothing)
    (tmp_path / "clinics.zip").write_bytes(archive)
    assert list(load(tmp_path / "clinics.zip").learners_) == ["north", "south/7", "wést"]


KILLED = """
import os, signal, sys
from pathlib import Path
from sklearn.naive_bayes import GaussianNB
from coopdistill.saving import save_model

def write_half(path, content):
    with open(path, "wb") as file:
        file.write(content[: len(content) // 2])
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)

Path.write_bytes = write_half
save_model(GaussianNB().fit([[0.0], [1.0]], [0, 1]), sys.argv[1])
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_kill_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    path.write_bytes(TREE)
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert load_model(path).predict([[1.0]]).tolist() == ["yes"]
    # The next one clears up, and is whole.
    save_model(GaussianNB().fit([[0.0], [1.0]], [0, 1]), path)
    assert [file.name for file in tmp_path.iterdir()] == ["model.zip"]
    assert load_model(path).predict([[1.0]]).tolist() == [1]


def test_a_failure_half_way_leaves_nothing(tmp_path: Path) -> None:
    def torn(partial: Path) -> None:
        partial.write_bytes(b"half")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        write_atomically(tmp_path / "model.zip", torn)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_file_is_replaced(tmp_path: Path, cooperation: CooperativeDistillation) -> None:
    path = tmp_path / "model.zip"
    for answer in (0, 1):
        save_model(GaussianNB().fit([[0.0], [1.0]], [answer, 5]), path)
    assert load_model(path).predict([[0.0]]).tolist() == [1]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("cooperation.json", b"{}", r"'cooperation\.json' in it is damaged"),
        ("cooperation.json", b'{"$": "mapping", "items": []}', r"'cooperation\.json' in it is damaged"),
        ("cooperation.json", b"[" * 10**5, r"'cooperation\.json' in it is damaged"),
        (
            "tables/transfers_.json",
            b'{"$": "code", "items": []}',
            r"'tables/transfers_\.json' in it is damaged.*'code'",
        ),
        ("tables/virtual_instances_.json", b"[]", r"'tables/virtual_instances_\.json' in it is damaged"),
        (
            "tables/__class__.json",
            b'{"$": "mapping", "items": [["library", "pandas"], ["n_rows", 0], ["columns", []]]}',
            "tells '__class__'",
        ),
        (
            "tables/learners_.json",
            b'{"$": "mapping", "items": [["library", "pandas"], ["n_rows", 0], ["columns", []]]}',
            "tells 'learners_'",
        ),
        ("models/0/after/model.skops", None, "'models/0/after/model.skops' cannot be loaded"),
        ("models/0/after/9.xgboost.json", b"{}", "'models/0/after/9.xgboost.json' is no part of the model"),
        ("models/7/model.skops", b"", "'models/7/model.skops' in it belongs to no participant"),
    ],
)
def test_what_agrees_with_its_manifest_is_checked_all_the_same(
    archive: bytes, file: str, content: bytes | None, message: str, tmp_path: Path
) -> None:
    (tmp_path / "clinics.zip").write_bytes(rewritten(archive, {file: content}))
    with pytest.raises(SavingError, match=message) as caught:
        load(tmp_path / "clinics.zip")
    assert "clinics.zip" in str(caught.value)
