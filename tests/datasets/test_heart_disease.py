import hashlib
import shutil

import numpy as np
import pytest

from coopdistill.datasets import load_heart_disease
from coopdistill.datasets.heart_disease import CODES, COLUMNS, N_ROWS, NEVER_ZERO, SHA256
from coopdistill.datasets.source import DATA_VARIABLE
from coopdistill.exceptions import DatasetError

HOSPITALS = ("cleveland", "hungarian", "switzerland", "va")


def test_every_hospital_is_complete(data_folder):
    tables = load_heart_disease()
    assert {name: len(table.X) for name, table in tables.items()} == {
        "cleveland": 303,
        "hungarian": 294,
        "switzerland": 123,
        "va": 200,
    }
    # The class counts are those in the archive's heart-disease.names.
    healthy = {name: int((table.y == 0).sum()) for name, table in tables.items()}
    assert healthy == {"cleveland": 164, "hungarian": 188, "switzerland": 8, "va": 51}


def test_nothing_that_stands_for_missing_is_left(data_folder):
    for table in load_heart_disease(drop_empty=False).values():
        assert (table.X.dtypes == np.float64).all()
        assert not (table.X == -9).any().any()
        for column in NEVER_ZERO:
            assert (table.X[column].dropna() > 0).all()
        assert str(table.y.dtype) == "int64"
        assert table.y.name == "disease"
        assert set(table.y) == {0, 1}


def test_only_switzerland_has_an_empty_column(data_folder):
    full, dropped = load_heart_disease(drop_empty=False), load_heart_disease()
    for name in HOSPITALS:
        assert tuple(full[name].X.columns) == COLUMNS[:-1]
        gone = set(full[name].X.columns) - set(dropped[name].X.columns)
        assert gone == ({"chol"} if name == "switzerland" else set())


def test_values_are_plausible(data_folder):
    for table in load_heart_disease().values():
        assert table.X["age"].between(20, 80).all()
        assert table.X["trestbps"].dropna().between(60, 220).all()
        assert table.X["oldpeak"].dropna().between(-3, 7).all()


@pytest.mark.parametrize("hospital", ["hungarian", "switzerland", "va"])
def test_copies_with_minus_nine_are_the_archives_files(data_folder, hospital):
    """With the archive's own mark for missing put back, the checksum is that of the archive's file."""
    lines = (data_folder / "heart-disease" / f"processed.{hospital}.data").read_text().splitlines()
    original = "".join(",".join("?" if field == "-9" else field for field in line.split(",")) + "\n" for line in lines)
    assert hashlib.sha256(original.encode()).hexdigest() == SHA256[hospital]


def _made_up_row(number):
    healthy = "41.0,0,2,130,204,0,2,172,0,1.4,1,0,3,0"
    marked = {
        0: "41.0,0,2,?,0,?,-9,-9.0,?,-9,?,-9.0,0,3",
        1: "41.0,0,2,0,204,0,2,0,0,-1.1,1,0,3,0",
    }
    return marked.get(number, healthy)


@pytest.fixture
def made_up_folder(tmp_path, monkeypatch):
    """A folder with invented patients, the first of whom has every mark for missing."""
    folder = tmp_path / "heart-disease"
    folder.mkdir()
    for hospital, n_rows in N_ROWS.items():
        rows = [_made_up_row(number) for number in range(n_rows)]
        (folder / f"processed.{hospital}.data").write_text("\n".join(rows))
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    return tmp_path


def test_every_mark_for_missing_becomes_nan(made_up_folder):
    X, y = load_heart_disease()["va"]
    assert X.iloc[0].dropna().index.tolist() == ["age", "sex", "cp"]
    assert X.iloc[1].drop(["trestbps", "thalach"]).notna().all()
    assert X.iloc[1][["trestbps", "thalach"]].isna().all()
    assert X.loc[1, "oldpeak"] == -1.1
    assert X.iloc[2:].notna().all().all()
    assert y.tolist()[:3] == [1, 0, 0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("41,0,2,130,204,0,2,172,0,1.4,1,0,3", "line 200: 13 fields instead of 14"),
        ("41,0,2,130,high,0,2,172,0,1.4,1,0,3,0", "no number.*high"),
        ("41,0,5,130,204,0,2,172,0,1.4,1,0,3,0", "row 200: cp=5 is none of"),
        ("41,0,2,130,204,0,2,172,0,1.4,1,0,3,?", r"diagnosis \(num\) of a row is missing"),
    ],
)
def test_a_damaged_row_is_named(made_up_folder, row, message):
    path = made_up_folder / "heart-disease" / "processed.va.data"
    path.write_text("\n".join([*path.read_text().splitlines()[:-1], row]))
    with pytest.raises(DatasetError, match=message):
        load_heart_disease()


def test_a_truncated_file(made_up_folder):
    path = made_up_folder / "heart-disease" / "processed.hungarian.data"
    path.write_text("\n".join(path.read_text().splitlines()[:100]))
    with pytest.raises(DatasetError, match="100 rows instead of 294"):
        load_heart_disease()


def test_an_absent_file(made_up_folder):
    shutil.rmtree(made_up_folder / "heart-disease")
    with pytest.raises(DatasetError, match=r"COOPDISTILL_DATA.* no file 'heart-disease/processed.cleveland"):
        load_heart_disease()


def test_every_coded_column_is_a_column():
    assert set(CODES) <= set(COLUMNS)
    assert set(NEVER_ZERO) <= set(COLUMNS)
