"""Dtypes of numpy, pandas and, through narwhals, of other libraries as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from coopdistill.exceptions import SavingError

__all__ = ["dtype_as_json", "dtype_from_json"]


def dtype_as_json(dtype: Any) -> Any:
    """Describe a dtype by plain values.

    Parameters
    ----------
    dtype : dtype
        Of numpy, pandas or narwhals.

    Returns
    -------
    str or dict

    Raises
    ------
    SavingError
        If what it is called does not bring it back.

    Examples
    --------
    >>> import numpy as np
    >>> dtype_as_json(np.dtype("float32"))
    'float32'
    """
    if isinstance(dtype, nw.Enum):
        return {"narwhals": "Enum", "categories": list(dtype.categories)}
    if isinstance(dtype, pd.CategoricalDtype):
        of = dtype_as_json(dtype.categories.dtype)
        return {"categories": dtype.categories.tolist(), "of": of, "ordered": dtype.ordered}
    described: Any = str(dtype)
    if isinstance(dtype, nw.dtypes.DType):
        described = {"narwhals": type(dtype).__name__}
    elif isinstance(dtype, pd.StringDtype) and dtype.na_value is pd.NA:
        described = f"string[{dtype.storage}]"
    try:
        found = dtype_from_json(described)
    except ValueError:
        found = None
    if found != dtype:
        raise SavingError(f"a column of dtype {dtype!r} cannot be saved; convert it to numbers, text or categories")
    return described


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
        if not isinstance(described, Mapping):
            return pd.api.types.pandas_dtype(str(described))
        if "narwhals" in described:
            return _of_narwhals(str(described["narwhals"]), described.get("categories"))
        categories = pd.Index(described["categories"], dtype=dtype_from_json(described["of"]))
        return pd.CategoricalDtype(categories, described["ordered"])
    except Exception as error:  # numpy and pandas fail in many ways on what is no dtype
        raise ValueError(f"{described!r} is no dtype") from error


def _of_narwhals(name: str, categories: Any) -> Any:
    kind: Any = getattr(nw, name, None)
    if not isinstance(kind, type) or not issubclass(kind, nw.dtypes.DType):
        raise ValueError(f"{name!r} is no dtype")
    return kind() if categories is None else nw.Enum(categories)
