"""Labels: one for each row, none missing."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import LabelError, shown

__all__ = ["as_labels"]


def as_labels(y: Any, n_rows: int, *, whose: str = "") -> NDArray[Any]:
    """See labels as a one-dimensional array and refuse what cannot be learned from.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Class labels: strings, whole numbers or booleans. A list, an array, or a Series of pandas, polars or another
        library that narwhals knows.
    n_rows : int
        Number of rows they belong to.
    whose : str, default=""
        Name of the participant, for the error.

    Returns
    -------
    ndarray of shape (n_rows,)
        Strings as object dtype, others as they are.

    Raises
    ------
    LabelError
        If a label is missing or no single value, or there is not one for each row.

    Examples
    --------
    >>> as_labels(["good", "bad"], 2)
    array(['good', 'bad'], dtype=object)
    """
    owner = f"participant {whose!r}: " if whose else ""
    _refuse_containers(y, owner)
    shape = getattr(y, "shape", (n_rows,))
    if len(shape) != 1:
        raise LabelError(f"{owner}y must have one dimension, a label for each row; got shape {tuple(shape)}")
    series = y if isinstance(y, pd.Series) else pd.Series(_cells(y))
    if len(series) != n_rows:
        raise LabelError(f"{owner}X has {n_rows} rows and y has {len(series)} labels; each row needs one")
    missing = series.isna().to_numpy()
    if missing.any():
        raise LabelError(
            f"{owner}{int(missing.sum())} of {n_rows} labels are missing (the first in row {int(np.argmax(missing))}); "
            "drop those rows or label them"
        )
    # Numbers in a column of objects, or of a dtype of pandas' own, are numbers all the same.
    values = np.array(series.tolist())
    if values.dtype.kind not in "biuf":
        values = np.empty(n_rows, dtype=object)
        values[:] = series.tolist()
    return values


def _refuse_containers(y: Any, owner: str) -> None:
    """Refuse labels that have no order, and those that are several values each."""
    if isinstance(y, Set):
        raise LabelError(f"{owner}y is a {type(y).__name__}, which has no order; give a list or an array")
    # Of an array with two dimensions there is more to say.
    cells = y if isinstance(y, list | tuple) or (getattr(y, "dtype", None) == object and y.ndim == 1) else ()
    several = next((cell for cell in cells if isinstance(cell, tuple | list | Set | dict | np.ndarray)), None)
    if several is not None:
        raise LabelError(
            f"{owner}y holds {shown(several)}, a {type(several).__name__}; a label must be one value: text, a whole "
            "number or a boolean"
        )


def _cells(y: Any) -> Any:
    column = nw.from_native(y, series_only=True, pass_through=True)
    # As objects, for integers of which one is missing would become fractions.
    return pd.Series(column.to_list(), dtype=object) if isinstance(column, nw.Series) else y
