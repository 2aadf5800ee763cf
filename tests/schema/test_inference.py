"""What a column is read as."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopdistill.exceptions import OptionError, TableError
from coopdistill.schema import Feature, FeatureSpace, infer_feature_space


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1.5, 2.0], "continuous"),
        ([1, 2, 3], "integer"),
        ([1.0, 2.0, np.nan, 7.0], "integer"),
        ([0, 1, 1], "binary"),
        ([1.0, 2.0, 1.0], "binary"),
        ([-1, 1], "binary"),
        ([0, 2], "integer"),
        ([0, 0], "integer"),
        ([True, False], "binary"),
        (["m", "f", None], "binary"),
        (["a", "b", "c"], "categorical"),
        (["a", "a"], "categorical"),
        (pd.Categorical([1, 2, 3]), "categorical"),
        (pd.array([1, None, 3], dtype="Int64"), "integer"),
        (pd.array([True, None, False], dtype="boolean"), "binary"),
        (np.array([1.5, 2], dtype=object), "continuous"),
    ],
)
def test_the_kind_follows_from_the_values(values: Any, kind: str) -> None:
    space = infer_feature_space(pd.DataFrame({"c": values}))
    assert space["c"].kind == kind


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_range_spread_and_fill_are_those_of_the_rows(values: list[float]) -> None:
    feature = infer_feature_space(pd.DataFrame({"c": [*values, 0.25, np.nan]}))["c"]
    seen = np.array([*values, 0.25])
    assert (feature.low, feature.high) == (seen.min(), seen.max())
    assert feature.spread > 0
    assert feature.low <= float(feature.fill) <= feature.high


def test_the_spread_is_the_standard_deviation_and_a_constant_has_one() -> None:
    space = infer_feature_space(pd.DataFrame({"c": [1.5, 3.5], "k": [7, 7]}))
    assert space["c"].spread == 1.0
    assert space["k"].spread == 1.0


@given(st.permutations(["a", "a", "b", "b", "c", None]))
def test_the_order_of_rows_plays_no_part(values: list[str | None]) -> None:
    shuffled = infer_feature_space(pd.DataFrame({"s": values}))
    assert shuffled == infer_feature_space(pd.DataFrame({"s": ["a", "b", "a", "c", "b", None]}))
    assert shuffled["s"].fill == "a"


def test_of_equally_frequent_categories_the_first_fills_gaps() -> None:
    frame = pd.DataFrame({"s": ["a", "b", "c", "c", "b"], "d": ["z", "y", "x", "y", "x"]})
    space = infer_feature_space(frame, {"d": {"categories": ("y", "z", "x")}})
    assert (space["s"].fill, space["d"].fill) == ("b", "y")


def test_columns_of_an_array_are_numbered() -> None:
    assert infer_feature_space(np.arange(6.0).reshape(2, 3)).names == ("x0", "x1", "x2")


def test_what_is_declared_overrules_what_is_read() -> None:
    X = pd.DataFrame({"age": [1, 40, 3], "code": [1, 2, 3]})
    declared = {"age": {"low": 0, "high": 120, "mutable": False}, "code": {"kind": "categorical"}}
    space = infer_feature_space(X, declared)
    assert (space["age"].kind, space["age"].low, space["age"].high, space["age"].mutable) == ("integer", 0, 120, False)
    assert space["code"].categories == (1, 2, 3)
    assert space.mutable.tolist() == [False, True]


@pytest.mark.parametrize(
    ("declared", "error", "message"),
    [
        ({"agee": {}}, TableError, r"'agee' is declared but not among the columns; did you mean 'age'\?"),
        ({"age": {"mutabel": False}}, OptionError, r"'age': unknown field 'mutabel'; did you mean 'mutable'\?"),
        ({"age": {"kind": "numbr"}}, OptionError, r"'age': unknown kind 'numbr'"),
        ({"age": {"low": 5, "high": 1}}, OptionError, r"low=5 and high=1"),
        ({"sex": {"kind": "continuous"}}, TableError, r"'sex' is declared numeric and holds 'f'"),
        ({"sex": {"category_synonyms": {"w": "x"}}}, OptionError, r"lead to 'x'"),
        ({"age": {"spread": 0.0}}, OptionError, r"spread must be positive"),
        ({"age": {"conversions": {"month": 0}}}, OptionError, r"conversions.*'month'.*0"),
    ],
)
def test_a_wrong_declaration_is_refused(declared: Any, error: type[Exception], message: str) -> None:
    X = pd.DataFrame({"age": [30, 40], "sex": ["f", "m"]})
    with pytest.raises(error, match=message):
        infer_feature_space(X, declared)


def test_a_column_without_a_value_is_refused() -> None:
    with pytest.raises(TableError, match="column 'c' holds no value at all; drop it"):
        infer_feature_space(pd.DataFrame({"c": [np.nan, np.nan]}))


def test_a_space_has_features_of_distinct_names() -> None:
    with pytest.raises(TableError, match="at least one feature"):
        FeatureSpace(())
    with pytest.raises(TableError, match="two features are named 'a'"):
        FeatureSpace((Feature(name="a", kind="integer"), Feature(name="a", kind="continuous")))


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "binary", "categories": ("a",)},
        {"kind": "categorical"},
        {"kind": "categorical", "categories": ("a", "a")},
        {"kind": "integer", "categories": (1, 2)},
        {"kind": "continuous", "low": float("nan")},
    ],
)
def test_a_feature_that_contradicts_itself_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="'f'"):
        Feature(name="f", **fields)


def test_declare_leaves_the_space_as_it_was_and_keeps_the_kind() -> None:
    space = infer_feature_space(pd.DataFrame({"age": [1, 2, 3]}))
    assert space.declare(age={"high": 99})["age"].high == 99
    assert space["age"].high == 3
    with pytest.raises(OptionError, match=r"'age' is integer.*infer_feature_space"):
        space.declare(age={"kind": "continuous"})
    with pytest.raises(TableError, match=r"no feature is named 'agee'; did you mean 'age'\?"):
        space.declare(agee={"high": 99})


NUMBERS = st.floats(-100, 100)
ROWS = st.tuples(NUMBERS, st.sampled_from([0.0, 1.0, 2.0, np.nan]), NUMBERS).map(np.array)


@given(ROWS, ROWS, ROWS)
def test_distance_is_a_metric(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
    space = FeatureSpace((
        Feature(name="n", kind="continuous", spread=2.0),
        Feature(name="c", kind="categorical", categories=("a", "b", "c")),
        Feature(name="m", kind="continuous", spread=0.5),
    ))  # fmt: skip
    assert space.distance(a, a) == 0
    assert space.distance(a, b) == space.distance(b, a) >= 0
    assert space.distance(a, c) <= space.distance(a, b) + space.distance(b, c) + 1e-9


def test_distance_counts_spreads_and_changes() -> None:
    space = FeatureSpace((
        Feature(name="n", kind="continuous", spread=2.0),
        Feature(name="c", kind="categorical", categories=("a", "b", "c")),
    ))  # fmt: skip
    assert space.distance(np.array([1.0, 0.0]), np.array([4.0, 2.0])) == 1.5 + 1.0
    assert space.distance(np.array([np.nan, 0.0]), np.array([4.0, 0.0])) == 1.0


def test_a_category_that_occurs_in_no_row_still_counts():
    debtors = pd.Categorical(["none", "guarantor", "none"], categories=["none", "co-applicant", "guarantor"])
    (feature,) = infer_feature_space(pd.DataFrame({"debtors": debtors}))
    assert str(feature.kind) == "categorical"
    assert feature.categories == ("none", "co-applicant", "guarantor")
