"""Labels: one for each row, none missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from coopdistill.exceptions import LabelError
from coopdistill.schema import as_labels


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        ([1, 0], "i"),
        (np.array([1, 0], dtype=np.int8), "i"),
        ([True, False], "b"),
        ([1.0, 0.0], "f"),
        (["a", "b"], "O"),
        (np.array(["a", "b"]), "O"),
        (pd.Series(["a", "b"], dtype="string"), "O"),
        (pd.Series(["a", "b"], dtype="category"), "O"),
        (pd.Series([1, 0], dtype="category"), "i"),
        (pd.Series([1, 0], dtype="Int64"), "i"),
        (pd.Series([True, False], dtype="boolean"), "b"),
        (pd.Series([1, 0], dtype=object), "i"),
        (pl.Series([1, 0], dtype=pl.Int8), "i"),
        (pl.Series(["a", "b"], dtype=pl.Categorical), "O"),
        (pl.Series([True, False]), "b"),
        (pd.Series(["a", "b"], dtype="string[pyarrow]"), "O"),
    ],
)
def test_labels_of_any_dtype_become_an_array_that_a_classifier_takes(y: Any, kind: str) -> None:
    labels = as_labels(y, 2)
    assert labels.dtype.kind == kind
    assert labels.tolist() == list(y)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_missing_label_is_counted_and_placed(missing: Any) -> None:
    with pytest.raises(LabelError, match=r"participant 'north': 1 of 3 labels are missing \(the first in row 1\)"):
        as_labels(pd.Series(["a", missing, "b"], dtype=object), 3, whose="north")


def test_each_row_needs_a_label() -> None:
    with pytest.raises(LabelError, match="X has 3 rows and y has 2 labels"):
        as_labels([0, 1], 3)


def test_a_missing_label_of_polars_is_placed_and_the_others_stay_whole() -> None:
    with pytest.raises(LabelError, match=r"1 of 3 labels are missing \(the first in row 1\)"):
        as_labels(pl.Series([2**60 + 1, None, 3]), 3)
    assert as_labels(pl.Series([2**60 + 1, 3]), 2).tolist() == [2**60 + 1, 3]


@pytest.mark.parametrize("y", [np.array([[0], [1]]), pd.DataFrame({"y": [0, 1]}), pl.DataFrame({"y": [0, 1]})])
def test_labels_have_one_dimension(y: Any) -> None:
    with pytest.raises(LabelError, match="one dimension"):
        as_labels(y, 2)
