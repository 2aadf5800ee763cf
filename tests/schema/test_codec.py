"""Rows go through their encoding and come back as they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coopdistill.exceptions import TableError
from coopdistill.schema import Codec, as_frame, infer_feature_space


def there_and_back(X: Any, declared: Any = None) -> Any:
    codec = Codec.of(X, infer_feature_space(X, declared))
    return codec.decode(codec.encode(X))


FINITE = st.floats(-1e9, 1e9, allow_nan=False, width=32)
WORDS = st.sampled_from(["a", "bb", "ccc", "Ä", " "])


def columns(values: st.SearchStrategy[Any], dtype: Any) -> st.SearchStrategy[pd.DataFrame]:
    """A frame of one column with something in it."""
    lists = st.lists(values, min_size=1, max_size=12).filter(lambda v: any(not pd.isna(x) for x in v))
    return lists.map(lambda v: pd.DataFrame({"c": pd.Series(v, dtype=dtype)}))


def or_missing(values: st.SearchStrategy[Any], missing: Any) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.just(missing))


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(columns(st.integers(-1000, 1000), "int64"), id="int64"),
        pytest.param(columns(st.integers(0, 255), "uint8"), id="uint8"),
        pytest.param(columns(st.integers(0, 1), "int64"), id="zeros and ones"),
        pytest.param(columns(or_missing(FINITE, np.nan), "float64"), id="float64"),
        pytest.param(columns(or_missing(FINITE, np.nan), "float32"), id="float32"),
        pytest.param(columns(st.booleans(), "bool"), id="bool"),
        pytest.param(columns(or_missing(WORDS, np.nan), object), id="object"),
        pytest.param(columns(or_missing(WORDS, pd.NA), "string"), id="string"),
        pytest.param(columns(or_missing(WORDS, None), "category"), id="category"),
        pytest.param(columns(st.integers(3, 6), "category"), id="category of numbers"),
        pytest.param(columns(or_missing(st.integers(-9, 9), pd.NA), "Int64"), id="Int64"),
        pytest.param(columns(or_missing(st.booleans(), pd.NA), "boolean"), id="boolean"),
    ],
)
@given(data=st.data())
def test_a_column_of_any_dtype_comes_back_as_it_was(
    frames: st.SearchStrategy[pd.DataFrame], data: st.DataObject
) -> None:
    X = data.draw(frames)
    pd.testing.assert_frame_equal(there_and_back(X), X)


@given(
    hnp.arrays("int8", st.tuples(st.integers(1, 6), st.integers(1, 4))),
    st.sampled_from(["int64", "int8", "float64", "float32", "bool"]),
)
def test_an_array_comes_back_as_it_was(whole: np.ndarray, dtype: str) -> None:
    X = (whole / 4 if "float" in dtype else whole).astype(dtype)
    back = there_and_back(X)
    assert back.dtype == X.dtype
    np.testing.assert_array_equal(back, X)


@given(st.lists(st.tuples(st.integers(-9, 9), FINITE, WORDS, st.booleans()), min_size=2, max_size=8))
def test_an_object_array_of_mixed_columns_comes_back_as_it_was(rows: list[tuple[Any, ...]]) -> None:
    X = np.array(rows, dtype=object)
    back = there_and_back(X)
    assert back.dtype == object
    assert (back == X).all()


def test_an_array_of_strings_comes_back_as_it_was() -> None:
    X = np.array([["a", "yes"], ["b", "no"], ["a", "no"]])
    assert (there_and_back(X) == X).all()


def test_a_mixed_frame_keeps_its_columns_in_order() -> None:
    X = pd.DataFrame({
        "b": [1, 2, 3], "a": [0.5, np.nan, 1.5], "s": ["x", np.nan, "y"], "t": [True, False, True],
        "c": pd.Categorical(["u", "v", "u"]), "n": pd.array([1, None, 3], dtype="Int64"),
    })  # fmt: skip
    pd.testing.assert_frame_equal(there_and_back(X), X)


@pytest.mark.parametrize("dtype", ["int64", "Int64"])
def test_a_whole_column_declared_continuous_keeps_its_fractions(dtype: str) -> None:
    X = pd.DataFrame({"age": pd.array([40, 50, 60], dtype=dtype)})
    codec = Codec.of(X, infer_feature_space(X, {"age": {"kind": "continuous"}}))
    points = np.array([[40.5], [59.25]])
    assert codec.encode(codec.decode(points)).tolist() == points.tolist()


def test_a_number_that_its_dtype_cannot_hold_widens_the_column() -> None:
    X = pd.DataFrame({"pixel": np.array([3, 200, 255], dtype=np.uint8)})
    codec = Codec.of(X, infer_feature_space(X))
    assert codec.decode(np.array([[300.0], [-2.0]]))["pixel"].tolist() == [300, -2]
    array_codec = Codec.of(X.to_numpy(), infer_feature_space(X.to_numpy()))
    assert array_codec.decode(np.array([[300.0], [-2.0]])).ravel().tolist() == [300, -2]


def test_missing_in_a_whole_column_widens_it() -> None:
    X = pd.DataFrame({"n": [5, 6, 7], "t": [True, False, True]})
    codec = Codec.of(X, infer_feature_space(X))
    out = codec.decode(np.array([[np.nan, np.nan], [6.0, 1.0]]))
    assert out["n"].isna().tolist() == [True, False]
    assert out["t"].isna().tolist() == [True, False]
    assert out["t"].iloc[1] is True


def test_a_category_that_the_space_does_not_know_becomes_missing() -> None:
    X = pd.DataFrame({"s": ["a", "b", "c"]})
    codec = Codec.of(X, infer_feature_space(X))
    assert np.isnan(codec.encode(pd.DataFrame({"s": ["d"]}))).all()


def test_other_columns_are_passed_over_and_order_is_the_spaces() -> None:
    X = pd.DataFrame({"a": [1.5, 2.5], "b": [3, 4]})
    codec = Codec.of(X, infer_feature_space(X))
    assert codec.encode(X.assign(extra="x")[["extra", "b", "a"]]).tolist() == [[1.5, 3.0], [2.5, 4.0]]


def test_an_absent_column_is_named_with_the_nearest() -> None:
    X = pd.DataFrame({"age": [1, 5], "dose": [0.5, 1.5]})
    codec = Codec.of(X, infer_feature_space(X))
    with pytest.raises(TableError, match=r"column 'age' is not in the rows.*did you mean 'agee'"):
        codec.encode(X.rename(columns={"age": "agee"}))


def test_text_in_a_numeric_column_is_shown() -> None:
    X = pd.DataFrame({"age": [1, 5]})
    codec = Codec.of(X, infer_feature_space(X))
    with pytest.raises(TableError, match=r"'age' is integer and holds 'old'"):
        codec.encode(pd.DataFrame({"age": [3, "old"]}, dtype=object))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.zeros(3), "two dimensions"),
        (np.zeros((0, 2)), "0 rows and 2 columns"),
        (pd.DataFrame(index=[0, 1]), "2 rows and 0 columns"),
        ([[1, 2], [3]], "different lengths"),
        (np.array([[1.0, np.inf]]), r"infinite value in column 'x1'"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns named 'a'"),
        (pd.DataFrame([[1, 2]], columns=[1, "1"]), "two columns named '1'"),
    ],
)
def test_no_table_is_refused(X: Any, message: str) -> None:
    with pytest.raises(TableError, match=message):
        as_frame(X)
