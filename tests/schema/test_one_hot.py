"""Columns of 0 and 1 that are one feature."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder

from coopdistill.exceptions import OptionError, TableError
from coopdistill.schema import Alignment, Codec, Feature, FeatureSpace, infer_feature_space, one_hot_groups

COLOURS = ("red", "blue", "green")
GROUP = {"colour": {"one_hot": {f"colour_{name}": name for name in COLOURS}}}


def table_of(colours: list[str | None], dtype: Any = "uint8") -> pd.DataFrame:
    """Ages and, around them, the columns of the colours."""
    flags = {name: np.array([colour == name for colour in colours]).astype(dtype) for name in COLOURS}
    return pd.DataFrame({
        "colour_red": flags["red"], "age": np.arange(len(colours)) + 40,
        "colour_blue": flags["blue"], "colour_green": flags["green"],
    })  # fmt: skip


def test_a_declared_group_is_one_feature_at_the_place_of_its_first_column() -> None:
    space = infer_feature_space(table_of(["red", "blue", "blue"]), GROUP)
    assert space.names == ("colour", "age")
    assert space.columns == ("colour_red", "colour_blue", "colour_green", "age")
    assert (space["colour"].kind, space["colour"].categories, space["colour"].fill) == ("categorical", COLOURS, "blue")


@pytest.mark.parametrize("dtype", ["uint8", "bool", "float64", "Int8", "boolean", "uint8[pyarrow]", "bool[pyarrow]"])
@settings(max_examples=25)
@given(colours=st.lists(st.sampled_from([*COLOURS, None]), min_size=1, max_size=8).filter(any))
def test_its_columns_come_back_as_they_were(dtype: str, colours: list[str | None]) -> None:
    X = table_of(colours).astype({f"colour_{name}": dtype for name in COLOURS})
    codec = Codec.of(X, infer_feature_space(X, GROUP))
    pd.testing.assert_frame_equal(codec.decode(codec.encode(X)), X)


def test_in_polars_too() -> None:
    X = pl.from_pandas(table_of(["red", None, "green"], "bool"))
    codec = Codec.of(X, infer_feature_space(X, GROUP))
    assert codec.decode(codec.encode(X)).equals(X)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=9))
def test_every_point_of_the_space_has_one_hot_column(codes: list[int]) -> None:
    X = table_of(["red", "blue", "green"])
    codec = Codec.of(X, infer_feature_space(X, GROUP))
    out = codec.decode(np.column_stack([codes, np.full(len(codes), 40.0)]).astype(np.float64))
    flags = out[[f"colour_{name}" for name in COLOURS]].to_numpy()
    assert set(np.unique(flags)) <= {0, 1}
    assert (flags.sum(axis=1) == 1).all()
    assert flags.argmax(axis=1).tolist() == codes


def test_a_row_of_zeros_is_missing() -> None:
    X = table_of(["red", None, "blue"])
    codec = Codec.of(X, infer_feature_space(X, GROUP))
    assert np.isnan(codec.encode(X)[:, 0]).tolist() == [False, True, False]


def test_a_row_of_zeros_is_the_category_without_a_column() -> None:
    X = pd.DataFrame({"is_b": [0, 1, 0], "is_c": [0, 0, 1]})
    declared = {"letter": {"one_hot": {"is_b": "b", "is_c": "c"}, "categories": ("a", "b", "c")}}
    codec = Codec.of(X, infer_feature_space(X, declared))
    assert codec.encode(X).ravel().tolist() == [0, 1, 2]
    pd.testing.assert_frame_equal(codec.decode(codec.encode(X)), X)
    assert codec.decode(np.array([[np.nan]])).isna().all(axis=None)


def test_a_group_meets_a_column_of_categories_both_ways() -> None:
    grouped = infer_feature_space(table_of(["red", "blue", "green"]), GROUP)
    plain = infer_feature_space(pd.DataFrame({"colour": ["blue", "green", "red", "black"], "age": [1, 2, 3, 9]}))
    there = Alignment(grouped, plain).apply(np.array([[0.0, 50.0], [2.0, 60.0]]))
    assert [plain["colour"].categories[int(code)] for code in there[:, 0]] == ["red", "green"]
    back = Alignment(plain, grouped).apply(there)
    assert back.tolist() == [[0.0, 50.0], [2.0, 60.0]]


def test_categories_that_are_the_text_of_numbers_meet_numbers() -> None:
    doors = infer_feature_space(
        pd.DataFrame({"doors_3": [1, 0], "doors_5": [0, 1]}), {"doors": {"one_hot": {"doors_3": "3", "doors_5": "5"}}}
    )
    plain = FeatureSpace((Feature(name="doors", kind="integer"),))
    assert Alignment(doors, plain).apply(np.array([[0.0], [1.0]])).ravel().tolist() == [3.0, 5.0]


@pytest.mark.parametrize(
    ("change", "declared", "error", "message"),
    [
        ({"colour_blue": 1}, GROUP, TableError, r"row 0 holds a 1 in \['colour_red', 'colour_blue'\] at once"),
        ({"colour_blue": 0.5}, GROUP, TableError, r"'colour_blue' is declared a one-hot.*'colour' and holds 0\.5;"),
        ({"colour_blue": "yes"}, GROUP, TableError, r"'colour_blue' is declared a one-hot.*'yes'"),
        ({"colour_blue": np.nan}, GROUP, TableError, r"'colour' have a missing value in row 0.*put 0 in all"),
        ({"colour": "red"}, GROUP, TableError, r"'colour' is declared as a one-hot group and is a column of its own"),
        ({}, {"c": {"one_hot": {"colour_rad": "red"}}}, TableError, r"'colour_rad' of 'c'.*did you mean 'colour_red'"),
        ({}, {"c": {"one_hot": {"colour_red": 1, "colour_blue": 1}}}, OptionError, r"'c': two columns.*stand for 1"),
        (
            {},
            {"c": {"one_hot": {"colour_red": "r"}, "categories": ("r", "s", "t")}},
            OptionError,
            r"no column of one_hot stands for \['s', 't'\]",
        ),
        ({}, {"c": {"one_hot": {"colour_red": "r"}, "categories": ("s",)}}, OptionError, r"one_hot leads to 'r'"),
        ({}, {"c": {"one_hot": {"colour_red": "r"}, "kind": "integer"}}, OptionError, r"cannot have"),
    ],
)
def test_a_wrong_group_is_refused(change: Any, declared: Any, error: type[Exception], message: str) -> None:
    X = table_of(["red", "blue"]).assign(**change)
    with pytest.raises(error, match=message):
        infer_feature_space(X, declared)


def test_a_message_names_the_first_few_columns_of_many() -> None:
    X = pd.DataFrame(np.ones((2, 97)), columns=[f"c{i}" for i in range(97)])
    with pytest.raises(TableError, match=r"\['c0', 'c1', 'c2', 'c3', 'c4'\] and 92 more at once"):
        infer_feature_space(X, {"group": {"one_hot": {name: name for name in X.columns}}})


def test_a_column_belongs_to_one_feature() -> None:
    group = Feature(name="c", kind="binary", categories=("r", "b"), one_hot={"is_r": "r", "is_b": "b"})
    with pytest.raises(TableError, match="two features are read from column 'is_r'"):
        FeatureSpace((group, Feature(name="is_r", kind="integer")))


def test_groups_are_found_by_how_encoders_name_them() -> None:
    rows = pd.DataFrame({
        "job": ["blue_collar", "admin", "blue_sky", "admin"], "sex": ["f", "m", "m", "f"],
        "shoe_size": ["s", "m", "m", "l"], "shoe_kind": ["a", "b", "a", "a"],
    })  # fmt: skip
    other = pd.DataFrame({"shoe_age": [1, 5, 2, 3], "flag_a": [1, 0, 1, 0], "flag_b": [1, 0, 0, 1]})
    X = other.join(pd.get_dummies(rows))
    found = one_hot_groups(X)
    assert set(found) == {"job", "sex", "shoe_size", "shoe_kind"}
    assert found["job"]["one_hot"] == {
        "job_admin": "admin", "job_blue_collar": "blue_collar", "job_blue_sky": "blue_sky"
    }  # fmt: skip
    encoder = OneHotEncoder(sparse_output=False).set_output(transform="pandas")
    assert set(one_hot_groups(encoder.fit_transform(rows))) == {"job", "sex", "shoe_size", "shoe_kind"}
    assert infer_feature_space(X, found).names[-4:] == ("job", "sex", "shoe_size", "shoe_kind")


def test_what_may_be_two_features_is_no_group() -> None:
    assert one_hot_groups(pd.DataFrame({"test_a": [1, 0, 1], "test_b": [0, 1, 1]})) == {}
    assert one_hot_groups(pd.DataFrame({"test_a": [1, 0, 0], "test_b": [0, 1, 0]})) == {}
    assert one_hot_groups(pd.DataFrame({"test_a": [1, 0], "age": [0, 1]})) == {}
    assert one_hot_groups(pd.DataFrame({"c_a": [1, 0], "c_b": [0, 1], "c": ["a", "b"]})) == {}
