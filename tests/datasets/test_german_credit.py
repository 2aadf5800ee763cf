import hashlib

import pandas as pd
import pytest

from coopdistill.datasets import load_german_credit
from coopdistill.datasets.german_credit import COLUMNS, FILE, WORDS
from coopdistill.datasets.source import DATA_VARIABLE
from coopdistill.exceptions import DatasetError


def test_rows_classes_and_types(data_folder):
    X, y = load_german_credit()
    assert X.shape == (1000, 20)
    assert y.value_counts().to_dict() == {"good": 700, "bad": 300}
    assert y.dtype == object
    assert not X.isna().any().any()
    described = [column for column in X.columns if isinstance(X[column].dtype, pd.CategoricalDtype)]
    assert set(described) == set(WORDS) - {"credit"}
    assert {str(X[column].dtype) for column in set(X.columns) - set(described)} == {"int64"}


def test_categories_are_words_that_occur_in_the_documented_order(data_folder):
    X, _ = load_german_credit()
    for column in WORDS.keys() - {"credit"}:
        categories = X[column].cat.categories.tolist()
        assert set(categories) == set(X[column])
        assert categories == [word for word in WORDS[column].values() if word in categories]
        assert not any(word.startswith("A") and word[1:].isdigit() for word in categories)
    assert "vacation" not in X["purpose"].cat.categories


def test_the_first_row_reads_as_documented(data_folder):
    X, y = load_german_credit()
    first = X.iloc[0]
    assert first["checking_account"] == "below 0 DM"
    assert first["purpose"] == "radio or television"
    assert (first["duration"], first["amount"], first["age"]) == (6, 1169, 67)
    assert y.iloc[0] == "good"


def test_the_local_copy_is_the_archives_file(data_folder):
    assert hashlib.sha256((data_folder / FILE.path).read_bytes()).hexdigest() == FILE.sha256


def test_no_two_codes_share_a_word():
    for words in WORDS.values():
        assert len(set(words.values())) == len(words)


ROW = "A11 6 A34 A43 1169 A65 A75 4 A93 A101 4 A121 67 A143 A152 2 A173 1 A192 A201 1"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([ROW] * 999, "999 rows instead of 1000"),
        ([ROW] * 999 + [ROW[:40]], r"line 1000: \d+ fields instead of 21"),
        ([ROW] * 999 + [ROW.replace("A11 ", "A15 ")], "row 1000: checking_account='A15' is none of"),
        ([ROW] * 999 + [ROW.replace("1169", "many")], "column 'amount'.*many"),
    ],
)
def test_a_damaged_file(tmp_path, monkeypatch, rows, message):
    path = tmp_path / FILE.path
    path.parent.mkdir()
    path.write_text("\n".join(rows) + "\n")
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    with pytest.raises(DatasetError, match=message):
        load_german_credit()


def test_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    with pytest.raises(DatasetError, match=r"COOPDISTILL_DATA=.* has no file 'german-credit/german.data'"):
        load_german_credit()


def test_a_row_has_a_field_for_each_column():
    assert len(ROW.split()) == len(COLUMNS)
