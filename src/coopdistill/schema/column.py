"""One column, from its values to numbers and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import TableError
from coopdistill.schema.feature import Feature

__all__ = ["encode_column", "values_of", "wide_enough"]


def encode_column(column: pd.Series[Any], feature: Feature) -> NDArray[np.float64]:
    """Encode one column: numbers as they are, categories as positions, the missing and the unknown as NaN.

    Parameters
    ----------
    column : Series of shape (n_rows,)
    feature : Feature
        What it means.

    Returns
    -------
    ndarray of shape (n_rows,), float64

    Raises
    ------
    TableError
        If a numeric feature holds what is no number.

    Examples
    --------
    >>> encode_column(pd.Series(["b", "d", "a"]), Feature(name="c", kind="binary", categories=("a", "b")))
    array([ 1., nan,  0.])
    """
    if feature.kind.is_numeric:
        try:
            return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
        except (TypeError, ValueError):
            example = next(v for v in column if not _is_number(v))
            raise TableError(
                f"column {feature.name!r} is {feature.kind} and holds {example!r}, which is no number; "
                "clean the column, or declare the feature categorical"
            ) from None
    positions = {category: float(i) for i, category in enumerate(feature.categories)}
    codes = column.map(positions, na_action="ignore").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(codes, dtype=np.float64)


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]  # asking is the point
    except (TypeError, ValueError):
        return False
    return True


def values_of(codes: NDArray[np.float64], feature: Feature) -> NDArray[Any]:
    """Return what encoded values stand for: numbers, or categories.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,), float64
    feature : Feature

    Returns
    -------
    ndarray of shape (n_rows,)
        Of object dtype as soon as one is missing and no number can say so; the missing is NaN.

    Examples
    --------
    >>> values_of(np.array([1.0, np.nan]), Feature(name="c", kind="binary", categories=("a", "b")))
    array(['b', nan], dtype=object)
    """
    if feature.kind.is_numeric:
        return codes
    values = np.array(feature.categories)
    if values.dtype.kind not in "biuf":
        values = np.empty(len(feature.categories), dtype=object)
        values[:] = feature.categories
    missing = np.isnan(codes)
    taken = values[np.where(missing, 0, codes).astype(np.intp)]
    if missing.any():
        taken = taken.astype(np.float64 if values.dtype.kind in "iuf" else object)
        taken[missing] = np.nan
    return np.asarray(taken)


def wide_enough(dtype: np.dtype[Any], values: NDArray[Any]) -> np.dtype[Any]:
    """Return a dtype, or one that holds what it cannot: a fraction or nothing in whole numbers, a greater number.

    Parameters
    ----------
    dtype : numpy.dtype
    values : ndarray of shape (n_rows,)

    Returns
    -------
    numpy.dtype

    Examples
    --------
    >>> wide_enough(np.dtype("uint8"), np.array([3.0, 300.0]))
    dtype('int64')
    """
    if dtype.kind not in "biu" or values.dtype.kind in "b":
        return dtype
    if values.dtype == object:
        return values.dtype
    if len(values) == 0:
        return dtype
    if np.isnan(values).any() or (values != np.rint(values)).any():
        return np.dtype(np.float64)
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return dtype if low <= values.min() and values.max() <= high else np.dtype(np.int64)
