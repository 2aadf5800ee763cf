"""Values, dtypes and tables as JSON, and back, without loss and without code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from coopdistill.exceptions import SavingError

__all__ = ["as_json_bytes", "dtype_as_json", "dtype_from_json", "from_json_bytes", "table_as_json", "table_from_json"]

_TAG = "$"
"""Marks a mapping that stands for something JSON has no word for; no mapping of ours is written without it."""


def as_json_bytes(value: Any) -> bytes:
    """Write plain values as JSON.

    Parameters
    ----------
    value : object
        None, numbers (numpy's too), text, and lists, tuples and mappings of these. Not-a-number and infinity are
        written by the names that Python's JSON has for them.

    Returns
    -------
    bytes

    Raises
    ------
    SavingError
        If it holds anything else, such as a function.

    Examples
    --------
    >>> from_json_bytes(as_json_bytes({"sizes": (1, np.int8(2)), 3: None}))
    {'sizes': (1, np.int8(2)), 3: None}
    """
    return json.dumps(_written(value)).encode()


def from_json_bytes(content: bytes) -> Any:
    """Read what `as_json_bytes` wrote.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If it is something else.

    Examples
    --------
    >>> from_json_bytes(b'{"$": "tuple", "items": [1]}')
    (1,)
    """
    try:
        return _read(json.loads(content))
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"it holds a value that was not written here ({error!r})") from error


def _written(value: Any) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is list:
        return [_written(item) for item in value]
    if type(value) is tuple:
        return {_TAG: "tuple", "items": [_written(item) for item in value]}
    if isinstance(value, Mapping):
        return {_TAG: "mapping", "items": [[_written(key), _written(item)] for key, item in value.items()]}
    if isinstance(value, np.bool_ | np.number | np.str_) and not np.iscomplexobj(value):
        return {_TAG: "scalar", "dtype": value.dtype.str, "value": value.item()}
    if value is pd.NA:
        return {_TAG: "NA"}
    if isinstance(value, str):  # members of a StrEnum, such as a feature's kind
        return str(value)
    raise SavingError(f"{value!r} is a {type(value).__name__}, which has no form in a file that loads without code")


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value[_TAG]
    if kind == "tuple":
        return tuple(_read(item) for item in value["items"])
    if kind == "mapping":
        return {_read(key): _read(item) for key, item in value["items"]}
    if kind == "scalar":
        dtype = np.dtype(str(value["dtype"]))
        if dtype.kind not in "biufU":
            raise ValueError(f"a scalar of dtype {dtype} is not read")
        return dtype.type(value["value"])
    if kind == "NA":
        return pd.NA
    raise ValueError(f"it holds a value of kind {kind!r}, which was not written here")


def dtype_as_json(dtype: Any) -> Any:
    """Describe a dtype of numpy or pandas by plain values.

    Parameters
    ----------
    dtype : dtype

    Returns
    -------
    str or dict

    Raises
    ------
    SavingError
        If its name does not bring it back.

    Examples
    --------
    >>> dtype_as_json(np.dtype("float32"))
    'float32'
    """
    if isinstance(dtype, pd.CategoricalDtype):
        of = dtype_as_json(dtype.categories.dtype)
        return {"categories": dtype.categories.tolist(), "of": of, "ordered": dtype.ordered}
    if isinstance(dtype, pd.StringDtype) and dtype.na_value is pd.NA:
        name = f"string[{dtype.storage}]"
    else:
        name = str(dtype)
    try:
        found: Any = pd.api.types.pandas_dtype(name)
    except TypeError:
        found = None
    if found != dtype:
        raise SavingError(f"a column of dtype {dtype!r} cannot be saved; convert it to numbers, text or categories")
    return name


def dtype_from_json(described: Any) -> Any:
    """Find the dtype that `dtype_as_json` described.

    Parameters
    ----------
    described : str or dict

    Returns
    -------
    dtype

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> dtype_from_json(dtype_as_json(pd.CategoricalDtype(["a", "b"], ordered=True)))
    CategoricalDtype(categories=['a', 'b'], ordered=True, categories_dtype=...)
    """
    try:
        if isinstance(described, Mapping):
            categories = pd.Index(described["categories"], dtype=dtype_from_json(described["of"]))
            return pd.CategoricalDtype(categories, described["ordered"])
        return pd.api.types.pandas_dtype(str(described))
    except (TypeError, KeyError) as error:
        raise ValueError(f"{described!r} is no dtype") from error


def table_as_json(table: pd.DataFrame) -> dict[str, Any]:
    """Describe a table by plain values; its index is not kept.

    Parameters
    ----------
    table : DataFrame
        With distinct names that are strings.

    Returns
    -------
    dict

    Raises
    ------
    SavingError
        If a column has a dtype, or holds a value, that cannot be written.
    """
    return {
        "n_rows": len(table),
        "columns": [[str(name), dtype_as_json(table[name].dtype), table[name].tolist()] for name in table.columns],
    }


def table_from_json(described: Mapping[str, Any]) -> pd.DataFrame:
    """Make the table that `table_as_json` described.

    Parameters
    ----------
    described : mapping

    Returns
    -------
    DataFrame
        With the index 0, 1, …

    Raises
    ------
    ValueError
        If it describes none.

    Examples
    --------
    >>> table = pd.DataFrame({"n": np.array([1, 2], dtype=np.int8), "of": ["a", None]})
    >>> table_from_json(table_as_json(table)).equals(table)
    True
    """
    try:
        columns = {name: _column(values, dtype_from_json(dtype)) for name, dtype, values in described["columns"]}
        index = pd.RangeIndex(int(described["n_rows"]))
    except (TypeError, KeyError) as error:
        raise ValueError(f"it holds no table ({error!r})") from error
    wrong = next((name for name, column in columns.items() if len(column) != len(index)), None)
    if wrong is not None:
        raise ValueError(f"column {wrong!r} has {len(columns[wrong])} values for {len(index)} rows")
    return pd.DataFrame(columns, index=index)


def _column(values: list[Any], dtype: Any) -> Any:
    if dtype != np.dtype(object):
        return pd.Series(values, dtype=dtype)
    held = np.empty(len(values), dtype=object)
    held[:] = values
    return pd.Series(held, dtype=object)
