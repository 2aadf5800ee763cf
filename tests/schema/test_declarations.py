"""What is declared of a feature is checked when it is declared, and rows that it does not describe are refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from coopdistill import CooperativeDistillation, Feature, Participant, generate_counterfactuals
from coopdistill.exceptions import OptionError, TableError
from coopdistill.schema import Codec, infer_feature_space

ROWS = pd.DataFrame({"a": [0.5, 1.5, -1.0, 2.0] * 10, "g": ["u", "v", "w", "u"] * 10})
Y = (ROWS["a"] > 0.7).astype(int)


@pytest.mark.parametrize(
    ("name", "fields", "message"),
    [
        ("a", {"mutable": "no"}, "mutable='no' must be True or False"),
        ("a", {"mutable": None}, "mutable=None must be True or False"),
        ("a", {"fillable": 1}, "fillable=1 must be True or False"),
        ("a", {"low": "x"}, "low='x' must be a number"),
        ("a", {"fill": "x"}, "fill='x' must be a number"),
        ("a", {"conversions": 3}, "conversions=3 must be a mapping"),
        ("a", {"synonyms": "odo"}, r"synonyms='odo' must be a tuple, such as \('odo',\)"),
        ("a", {"kind": "integer", "low": 0.2, "high": 0.8}, "leave no value"),
        ("g", {"categories": "uvw"}, "categories='uvw' must be a tuple"),
        ("g", {"fill": "zz"}, "fill='zz' is not one of its categories"),
    ],
)
def test_a_field_of_another_type_is_refused_by_name(name: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=f"feature '{name}'.*{message}"):
        infer_feature_space(ROWS, {name: fields})
    who = [Participant(site, LogisticRegression(), ROWS, Y, feature_space={name: fields}) for site in "pq"]
    with pytest.raises(OptionError, match=f"participant 'p': feature '{name}'.*{message}"):
        CooperativeDistillation().fit(who)


@pytest.mark.parametrize("declared", [["a"], {"a": False}, {"a": Feature(name="a", kind="continuous")}, "a"])
def test_a_declaration_that_is_no_mapping_is_refused_in_words(declared: Any) -> None:
    with pytest.raises(OptionError, match="mapping"):
        infer_feature_space(ROWS, declared)
    with pytest.raises(OptionError, match=r"participant 'p': .*mapping"):
        CooperativeDistillation().fit(
            [Participant(site, LogisticRegression(), ROWS[["a"]], Y, feature_space=declared) for site in "pq"]
        )


@given(st.floats(-50, 50), st.floats(0, 20))
def test_the_range_of_whole_numbers_ends_at_whole_numbers_within(low: float, width: float) -> None:
    high = low + width
    try:
        feature = Feature(name="i", kind="integer", low=low, high=high)
    except OptionError:
        assert np.ceil(low) > np.floor(high)
        return
    assert (feature.low, feature.high) == (np.ceil(low), np.floor(high))


def test_whole_numbers_stay_whole_where_a_bound_is_not() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"i": rng.integers(-5, 6, 80), "c": rng.normal(size=80)})
    y = (X["i"] + 2 * X["c"] > 0).astype(int)
    batch = generate_counterfactuals(
        LogisticRegression().fit(X, y), X, y, feature_space={"i": {"high": 4.5}}, random_state=0
    )
    assert batch.X["i"].dtype == X["i"].dtype


@pytest.mark.parametrize("space", [{"g": {"categories": ("u", "v")}}, infer_feature_space(ROWS[ROWS["g"] != "w"])])
def test_own_rows_with_a_category_that_is_not_declared_are_refused(space: Any) -> None:
    who = [Participant(name, LogisticRegression(), ROWS, Y, feature_space=space) for name in "pq"]
    with pytest.raises(TableError, match=r"participant 'p': column 'g' holds 'w', which is not among its categories"):
        CooperativeDistillation().fit(who)


def test_whole_numbers_that_floats_cannot_tell_apart_are_refused() -> None:
    for rows in (ROWS.assign(g=2**60 + np.arange(40)), (2**60 + np.arange(40)).reshape(-1, 1)):
        with pytest.raises(TableError, match=r"whole numbers beyond 2\*\*53"):
            Codec.of(rows, infer_feature_space(rows)).encode_own(rows)
    exact = pd.DataFrame({"i": [2**53 - 1, -(2**53), 0]})
    codec = Codec.of(exact, infer_feature_space(exact))
    pd.testing.assert_frame_equal(codec.decode(codec.encode_own(exact)), exact)


@pytest.mark.parametrize("cell", [[1, 2], {"x": 1}, np.zeros(2)])
def test_a_cell_that_holds_several_values_is_refused_by_its_column(cell: Any) -> None:
    with pytest.raises(TableError, match=f"column 'g' holds a {type(cell).__name__}"):
        infer_feature_space(ROWS.assign(g=[cell] * len(ROWS)))


def test_dates_of_polars_come_back_as_dates() -> None:
    days = [dt.date(2020, 1, 1 + i % 9) for i in range(20)]
    for column in (days, [None, *days[1:]]):
        rows = pl.DataFrame({"day": column, "x": np.arange(20.0)})
        codec = Codec.of(rows, infer_feature_space(rows))
        assert codec.decode(codec.encode(rows))["day"].equals(rows["day"])


def test_numbers_whose_squares_are_infinite_have_a_spread() -> None:
    spread = infer_feature_space(pd.DataFrame({"a": [0.0, 1e300, 2e300]}))["a"].spread
    assert spread == pytest.approx(np.std([0.0, 1.0, 2.0]) * 1e300)
