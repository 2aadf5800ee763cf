"""Rows of every accepted container go through their encoding and come back in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy import sparse

from coopdistill.exceptions import TableError
from coopdistill.schema import Codec, as_frame, infer_feature_space, table

FINITE = st.floats(-1e9, 1e9, allow_nan=False, width=32)
WORDS = st.sampled_from(["a", "bb", "ccc", "Ä", " "])


def there_and_back(X: Any, declared: Any = None) -> Any:
    codec = Codec.of(X, infer_feature_space(X, declared))
    return codec.decode(codec.encode(X))


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Values of one column, some of them missing, but not all."""
    lists = st.lists(st.one_of(values, st.none()), min_size=1, max_size=10)
    return lists.filter(lambda cells: any(cell is not None for cell in cells))


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        pytest.param(st.integers(-1000, 1000), pl.Int64, id="Int64"),
        pytest.param(st.integers(0, 255), pl.UInt8, id="UInt8"),
        pytest.param(st.integers(0, 1), pl.Int8, id="zeros and ones"),
        pytest.param(FINITE, pl.Float64, id="Float64"),
        pytest.param(FINITE, pl.Float32, id="Float32"),
        pytest.param(st.booleans(), pl.Boolean, id="Boolean"),
        pytest.param(WORDS, pl.String, id="String"),
        pytest.param(WORDS, pl.Categorical, id="Categorical"),
        pytest.param(WORDS, pl.Enum(["Ä", "a", " ", "bb", "ccc", "d"]), id="Enum"),
        pytest.param(
            st.integers(-9999, 9999).map(lambda n: Decimal(n) / 100), pl.Decimal(precision=12, scale=2), id="Decimal"
        ),
    ],
)
@settings(max_examples=25)
@given(data=st.data())
def test_a_polars_column_of_any_dtype_comes_back_as_it_was(
    values: st.SearchStrategy[Any], dtype: Any, data: st.DataObject
) -> None:
    X = pl.DataFrame({"c": pl.Series(data.draw(some(values)), dtype=dtype)})
    assert_frame_equal(there_and_back(X), X)


def test_polars_tells_nan_from_null_and_so_does_the_way_back() -> None:
    X = pl.DataFrame({"nan": [0.5, float("nan"), 2.5], "null": [0.5, None, 2.5]})
    assert_frame_equal(there_and_back(X), X)


def test_categories_of_other_polars_columns_play_no_part() -> None:
    pl.Series(["elsewhere"], dtype=pl.Categorical)
    X = pl.DataFrame({"c": pl.Series(["a", "b", "c"], dtype=pl.Categorical)})
    assert infer_feature_space(X)["c"].categories == ("a", "b", "c")


def test_a_polars_number_that_its_dtype_cannot_hold_widens_the_column() -> None:
    X = pl.DataFrame({"pixel": [3, 200, 255], "n": [5, 6, 7]}, schema={"pixel": pl.UInt8, "n": pl.Int8})
    codec = Codec.of(X, infer_feature_space(X, {"n": {"kind": "continuous"}}))
    out = codec.decode(np.array([[300.0, 5.5], [-2.0, np.nan]]))
    assert out["pixel"].to_list() == [300, -2]
    assert out["n"].to_list() == [5.5, None]


def test_a_table_of_arrow_comes_back_as_one() -> None:
    X = pa.table({"a": [1, 2, 4], "s": ["x", None, "y"]})
    assert there_and_back(X).equals(X)


def test_a_lazy_frame_is_refused() -> None:
    with pytest.raises(TableError, match=r"X is a lazy frame \(LazyFrame\).*collect it first"):
        as_frame(pl.DataFrame({"a": [1, 2]}).lazy())


ARROW = [
    pytest.param(st.integers(-1000, 1000), pd.ArrowDtype(pa.int64()), id="int64[pyarrow]"),
    pytest.param(FINITE, pd.ArrowDtype(pa.float64()), id="double[pyarrow]"),
    pytest.param(WORDS, pd.ArrowDtype(pa.string()), id="string[pyarrow]"),
    pytest.param(st.booleans(), pd.ArrowDtype(pa.bool_()), id="bool[pyarrow]"),
    pytest.param(WORDS, pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())), id="dictionary[pyarrow]"),
    pytest.param(FINITE, "Float32", id="Float32"),
    pytest.param(st.integers(0, 200), "UInt8", id="UInt8"),
    pytest.param(WORDS, "string", id="string"),
]


@pytest.mark.parametrize(("values", "dtype"), ARROW)
@settings(max_examples=25)
@given(data=st.data())
def test_columns_of_pandas_own_dtypes_come_back_as_they_were(
    values: st.SearchStrategy[Any], dtype: Any, data: st.DataObject
) -> None:
    X = pd.DataFrame({"c": pd.array(data.draw(some(values)), dtype=dtype)})
    pd.testing.assert_frame_equal(there_and_back(X), X)


def test_an_arrow_column_widens_within_arrow() -> None:
    X = pd.DataFrame({"n": pd.array([1, 2, 4], dtype="int8[pyarrow]")})
    codec = Codec.of(X, infer_feature_space(X, {"n": {"kind": "continuous"}}))
    assert str(codec.decode(np.array([[1.5], [np.nan]]))["n"].dtype) == "double[pyarrow]"
    assert codec.decode(np.array([[300.0]]))["n"].tolist() == [300]


def test_a_sparse_column_of_pandas_comes_back_sparse() -> None:
    X = pd.DataFrame({"a": pd.arrays.SparseArray([0.0, 0.0, 2.5]), "b": [1, 2, 3]})
    pd.testing.assert_frame_equal(there_and_back(X), X)


@pytest.mark.parametrize(
    "columns",
    [
        pd.Index([3, 1]),
        pd.RangeIndex(2),
        pd.Index([("a", 1), ("b", 2)], tupleize_cols=False),
        pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["letter", "number"]),
        pd.Index(["b", 7], dtype=object),
        pd.Index(["u", "v"], name="column"),
    ],
    ids=["numbers", "range", "tuples", "levels", "mixed", "named"],
)
@pytest.mark.parametrize("values", [np.array([[0.5, 1.5], [2.5, 3.5]]), [[1, "x"], [2, "y"]]], ids=["floats", "mixed"])
def test_columns_are_called_what_they_were(columns: pd.Index, values: Any) -> None:
    X = pd.DataFrame(values).set_axis(columns, axis=1)
    pd.testing.assert_frame_equal(there_and_back(X), X)


def test_a_column_called_by_a_number_is_declared_by_it() -> None:
    X = pd.DataFrame([[1, 2.5], [2, 3.5]], columns=[10, 20])
    assert infer_feature_space(X, {10: {"mutable": False}})["10"].mutable is False


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix, sparse.csc_matrix])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "bool"])
def test_a_sparse_matrix_comes_back_as_it_was(kind: Any, dtype: str) -> None:
    X = kind(np.array([[0, 3, 0], [1, 0, 0], [0, 0, 0], [1, 2, 1]]).astype(dtype))
    back = there_and_back(X)
    assert type(back) is type(X)
    assert back.dtype == X.dtype
    assert (back != X).nnz == 0


def test_many_sparse_rows_come_back_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coopdistill.schema.container._VALUES_AT_ONCE", 10)
    rng = np.random.default_rng(0)
    X = sparse.csr_array(rng.normal(size=(57, 3)) * (rng.random((57, 3)) < 0.3))
    assert (there_and_back(X) != X).nnz == 0


def test_a_sparse_matrix_too_large_to_be_dense_is_refused() -> None:
    X = sparse.csr_array((10_000_000, 100_000))
    with pytest.raises(
        TableError, match=r"participant 'a': X is sparse, 10000000 rows by 100000.*7450\.6 GiB.*limit is 4 GiB"
    ):
        as_frame(X, what="participant 'a': X")
    assert table.MAX_DENSE_BYTES == 4 * 2**30


def test_columns_left_out_of_the_space_are_left_out_and_the_others_keep_their_order() -> None:
    X = pd.DataFrame({"b": [1.5, 2.5], "extra": ["p", "q"], "a": [3, 4]})
    space = infer_feature_space(X[["a", "b"]])
    codec = Codec.of(X, space)
    assert codec.encode(X).tolist() == [[3.0, 1.5], [4.0, 2.5]]
    assert list(codec.decode(codec.encode(X)).columns) == ["b", "a"]


def test_a_container_knows_no_more_than_its_rows_after_pickling() -> None:
    import pickle

    X = pl.DataFrame({"a": [1, 2, 4], "s": ["x", None, "y"]})
    codec = Codec.of(X, infer_feature_space(X))
    copy = pickle.loads(pickle.dumps(codec))
    assert copy == codec
    assert_frame_equal(copy.decode(codec.encode(X)), X)
