"""Plain values as JSON, and back, without loss and without code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from coopdistill.exceptions import SavingError

__all__ = ["as_json_bytes", "from_json_bytes"]

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
    >>> from_json_bytes(as_json_bytes({"sizes": (1, 0.5), 3: None}))
    {'sizes': (1, 0.5), 3: None}
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
