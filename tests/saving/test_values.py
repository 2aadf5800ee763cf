"""Plain values, tables and feature spaces come back as they went."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from coopdistill.exceptions import SavingError
from coopdistill.saving.containers import codec_as_json, codec_from_json
from coopdistill.saving.dtypes import dtype_as_json, dtype_from_json
from coopdistill.saving.json_values import as_json_bytes, from_json_bytes
from coopdistill.saving.tables import table_as_json, table_from_json
from coopdistill.schema import Kind
from worlds import World, worlds

KEYS = st.one_of(st.text(), st.integers(), st.booleans(), st.floats(allow_nan=False), st.tuples(st.text()))
LEAVES = st.one_of(
    st.none(),
    KEYS,
    st.integers(-100, 100).map(np.int16),
    st.floats(width=32, allow_nan=False).map(np.float32),
    st.text(alphabet="abc").map(np.str_),
    st.booleans().map(np.bool_),
)
VALUES = st.recursive(
    LEAVES,
    lambda inside: st.one_of(
        st.lists(inside), st.lists(inside).map(tuple), st.dictionaries(KEYS, inside), st.dictionaries(st.text(), inside)
    ),
)


def kinds(value: Any) -> Any:
    """The types of a value and of all within it."""
    if isinstance(value, dict):
        return dict, [(kinds(key), kinds(item)) for key, item in value.items()]
    return (type(value), [kinds(item) for item in value]) if isinstance(value, list | tuple) else type(value)


@given(VALUES)
def test_values_come_back(value: Any) -> None:
    again = from_json_bytes(as_json_bytes(value))
    assert again == value
    assert kinds(again) == kinds(value)


def test_what_is_no_number_comes_back() -> None:
    again = from_json_bytes(as_json_bytes([math.nan, math.inf, -math.inf, pd.NA]))
    assert math.isnan(again[0])
    assert again[1:3] == [math.inf, -math.inf]
    assert again[3] is pd.NA


def test_a_kind_comes_back_as_its_text() -> None:
    assert from_json_bytes(as_json_bytes(Kind.BINARY)) == Kind.BINARY


@pytest.mark.parametrize(
    "value",
    [print, object(), {1, 2}, b"bytes", 1j, pd.Timestamp(0), np.arange(2)],
    ids=lambda value: type(value).__name__,
)
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(SavingError, match="has no form in a file that loads without code"):
        as_json_bytes({"a": [value]})


@given(st.binary(max_size=40))
def test_bytes_of_any_kind_are_values_or_refused(content: bytes) -> None:
    try:
        from_json_bytes(content)
    except ValueError:
        return


@given(worlds())
def test_feature_spaces_and_their_rows_come_back(world: World) -> None:
    codec = world.model.codec
    again = codec_from_json(from_json_bytes(as_json_bytes(codec_as_json(codec))))
    assert again == codec
    assert_frame_equal(again.decode(world.rows), codec.decode(world.rows))


TABLE = pd.DataFrame(
    {
        "float32": np.array([0.1, np.nan, -np.inf], dtype=np.float32),
        "mixed": pd.Series(["a", 1, None], dtype=object),
        "missing": pd.Series([math.nan, None, pd.NA], dtype=object),
        "whole": pd.array([1, None, 3], dtype="Int16"),
        "flag": [True, False, True],
        "ordered": pd.Categorical(["b", None, "a"], categories=["b", "a"], ordered=True),
        "years": pd.Categorical([2001, 1999, 2001]),
        "text": pd.array(["x", None, "\ud800"], dtype="string[python]"),
        "large": np.array([0, 1, 2**64 - 1], dtype=np.uint64),
    }
)


@pytest.mark.parametrize("table", [TABLE, TABLE[:0], TABLE[[]]], ids=["rows", "no rows", "no columns"])
def test_tables_come_back(table: pd.DataFrame) -> None:
    again = table_from_json(from_json_bytes(as_json_bytes(table_as_json(table))))
    assert_frame_equal(again, table.reset_index(drop=True), check_exact=True, check_column_type=False)
    for name in ("mixed", "missing"):
        if name in table:
            assert [type(value) for value in again[name]] == [type(value) for value in table[name]]


def test_tables_of_polars_come_back() -> None:
    polars = pytest.importorskip("polars", reason="polars is an extra")
    table = polars.DataFrame(
        {"n": [1, None], "x": [0.1, float("nan")], "t": ["a", None], "e": ["u", "v"], "c": ["p", "q"]},
        schema_overrides={"n": polars.Int8, "e": polars.Enum(["v", "u"]), "c": polars.Categorical},
    )
    again = table_from_json(from_json_bytes(as_json_bytes(table_as_json(table))))
    assert again.equals(table)
    assert again.schema == table.schema


@given(st.one_of(st.text(), st.dictionaries(st.sampled_from(["narwhals", "categories", "of", "ordered"]), st.text())))
def test_text_of_any_kind_is_a_dtype_or_refused(described: Any) -> None:
    try:
        dtype_from_json(described)
    except ValueError:
        return


@pytest.mark.parametrize("described", ["no-such", {"narwhals": "DataFrame"}, {"narwhals": "nothing"}, {}, None, [1]])
def test_what_is_no_dtype_is_refused(described: Any) -> None:
    with pytest.raises(ValueError, match="is no dtype"):
        dtype_from_json(described)


def test_a_dtype_whose_name_is_not_enough_is_refused() -> None:
    structured = np.dtype([("a", np.int8)])
    with pytest.raises(SavingError, match="cannot be saved; convert it"):
        dtype_as_json(structured)
