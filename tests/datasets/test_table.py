import dataclasses

import numpy as np
import pandas as pd
import pytest

from coopdistill.datasets import LabelledTable
from coopdistill.exceptions import DatasetError


def test_unpacks_into_rows_and_labels():
    X, y = pd.DataFrame({"a": [1.0, 2.0]}), pd.Series(["u", "v"], name="kind")
    table = LabelledTable(X, y)
    unpacked_X, unpacked_y = table
    assert unpacked_X is X
    assert unpacked_y is y


def test_is_frozen_and_has_a_short_repr():
    table = LabelledTable(pd.DataFrame({"a": [1.0]}), pd.Series([0], name="kind"))
    assert repr(table) == "LabelledTable(1 rows, 1 column, y='kind')"
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.X = pd.DataFrame()


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (pd.DataFrame({"a": [1, 2]}), pd.Series([0]), "2 rows and y with 1 labels"),
        (pd.DataFrame({"a": [1]}), pd.Series([0], index=[7]), "do not share one index"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), pd.Series([0]), r"more than once: \['a'\]"),
        (pd.DataFrame({"a": [1, 2]}), pd.Series([0, np.nan]), "1 labels are missing"),
    ],
)
def test_refuses_rows_without_their_labels(X, y, message):
    with pytest.raises(DatasetError, match=message):
        LabelledTable(X, y)
