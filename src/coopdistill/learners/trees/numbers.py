"""Tables as the numbers that trees compare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["column_numbers", "matrix_of"]


def matrix_of(table: Any) -> NDArray[np.float64]:
    """Return a table of numbers, dense or sparse, as a dense matrix.

    Parameters
    ----------
    table : array-like or sparse matrix of shape (n_rows, n_columns)

    Examples
    --------
    >>> matrix_of([[1, 2]])
    array([[1., 2.]])
    """
    return np.asarray(table.toarray() if hasattr(table, "toarray") else table, dtype=np.float64)


def column_numbers(column: Any) -> NDArray[np.float64]:
    """Return a column as numbers, a categorical one as the positions of its categories; NaN where it is missing.

    Parameters
    ----------
    column : Series

    Examples
    --------
    >>> column_numbers(pd.Series(["b", None, "a"], dtype="category"))
    array([ 1., nan,  0.])
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        return np.where(codes < 0, np.nan, codes)
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
