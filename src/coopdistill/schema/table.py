"""Tables of any accepted kind, seen as DataFrames of pandas."""

from __future__ import annotations

from typing import Any, TypeAlias

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from coopdistill.exceptions import TableError, nearest_name
from coopdistill.schema.space import FeatureSpace

__all__ = ["MAX_DENSE_BYTES", "Table", "as_frame", "check_columns", "copy_of_rows", "count_rows", "select_rows"]

Table: TypeAlias = pd.DataFrame | NDArray[Any] | Any
"""A DataFrame of pandas, of polars or another library that narwhals knows, an array, or a sparse one of scipy."""

MAX_DENSE_BYTES = 4 * 2**30
"""The largest dense matrix that a sparse one is turned into."""


def as_frame(X: Any, *, what: str = "X") -> pd.DataFrame:
    """See any accepted container as a DataFrame of pandas with distinct string names.

    Parameters
    ----------
    X : DataFrame, array-like or sparse matrix of shape (n_rows, n_features)
        The rows; a DataFrame may be of pandas, polars, or another library that narwhals knows. Columns of an array or
        a sparse matrix are called ``x0``, ``x1``, …
    what : str, default="X"
        How an error calls the rows.

    Returns
    -------
    DataFrame of shape (n_rows, n_features)
        A view where that is possible.

    Raises
    ------
    TableError
        If `X` is not a table, has no row or no column, has columns of one name, holds an infinite number, or is a
        sparse matrix that would fill more than `MAX_DENSE_BYTES` as a dense one.

    Examples
    --------
    >>> list(as_frame(np.zeros((2, 3))).columns)
    ['x0', 'x1', 'x2']
    """
    frame = X if isinstance(X, pd.DataFrame) else _pandas_frame(X, what)
    if frame.shape[0] == 0 or frame.shape[1] == 0:
        raise TableError(
            f"{what} has {frame.shape[0]} rows and {frame.shape[1]} columns; it needs at least one of each"
        )
    names = [str(column) for column in frame.columns]
    if len(set(names)) != len(names):
        doubled = next(name for name in names if names.count(name) > 1)
        raise TableError(f"{what} has two columns named {doubled!r}; rename or drop one")
    if names != list(frame.columns):
        frame = frame.set_axis(names, axis=1)
    _refuse_infinite(frame, what)
    return frame


def count_rows(X: Any) -> int:
    """Count the rows of any accepted container."""
    # A sparse matrix has a shape and refuses to say its length.
    return int(X.shape[0]) if hasattr(X, "shape") else len(X)


def copy_of_rows(X: Any) -> Any:
    """Copy rows in any accepted container; what cannot be copied, such as a frame of polars, cannot be changed."""
    return X.copy() if hasattr(X, "copy") else X


def _pandas_frame(X: Any, what: str) -> pd.DataFrame:
    if sparse.issparse(X):
        return _from_array(_dense(X, what))
    table = nw.from_native(X, pass_through=True)
    if isinstance(table, nw.LazyFrame):
        raise TableError(f"{what} is a lazy frame ({type(X).__name__}), which holds no rows yet; collect it first")
    if isinstance(table, nw.DataFrame):
        return _from_narwhals(table)
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise TableError(f"{what} is not a table: its rows have different lengths ({error})") from None
    if array.ndim != 2:
        raise TableError(f"{what} must have two dimensions (rows and columns), got shape {array.shape}")
    return _from_array(array)


def _from_array(array: NDArray[Any]) -> pd.DataFrame:
    return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])], copy=False)


def _from_narwhals(table: nw.DataFrame[Any]) -> pd.DataFrame:
    # pandas would see the categories of every polars column of the process, and decimals as objects.
    casts = [
        nw.col(name).cast(nw.String if dtype == nw.Categorical else nw.Float64)
        for name, dtype in table.schema.items()
        if dtype == nw.Categorical or dtype.is_decimal()
    ]
    frame: pd.DataFrame = (table.with_columns(*casts) if casts else table).to_pandas()
    return frame


def _dense(X: Any, what: str) -> NDArray[Any]:
    if X.ndim != 2:
        raise TableError(f"{what} must have two dimensions (rows and columns), got shape {X.shape}")
    size = X.shape[0] * X.shape[1] * np.dtype(np.float64).itemsize
    if size > MAX_DENSE_BYTES:
        raise TableError(
            f"{what} is sparse, {X.shape[0]} rows by {X.shape[1]} columns, and would fill {size / 2**30:.1f} GiB as "
            f"the dense float64 matrix that the work is done in; the limit is {MAX_DENSE_BYTES / 2**30:.0f} GiB. "
            "Give fewer rows, or reduce the columns first, by feature selection or a truncated SVD"
        )
    array: NDArray[Any] = X.toarray()
    return array


def select_rows(X: Any, which: NDArray[np.bool_]) -> Any:
    """Return some rows, in a container of the same kind.

    Parameters
    ----------
    X : DataFrame, ndarray or sparse matrix of shape (n_rows, n_columns)
    which : ndarray of shape (n_rows,), bool

    Returns
    -------
    DataFrame, ndarray or sparse matrix

    Examples
    --------
    >>> select_rows(np.array([[1.0], [2.0]]), np.array([False, True]))
    array([[2.]])
    """
    if isinstance(X, pd.DataFrame):
        return X[which]
    if sparse.issparse(X):
        return X.tocsr()[which].asformat(X.format)
    table = nw.from_native(X, eager_only=True, pass_through=True)
    return table.filter(which.tolist()).to_native() if isinstance(table, nw.DataFrame) else X[which]


def _refuse_infinite(frame: pd.DataFrame, what: str) -> None:
    numbers = frame.select_dtypes("number")
    finite = ~np.isinf(numbers.to_numpy(dtype=float, na_value=np.nan)).any(axis=0)
    if not finite.all():
        name = numbers.columns[int(np.argmin(finite))]
        raise TableError(
            f"{what} holds an infinite value in column {name!r}; replace it by a number or leave it missing"
        )


def check_columns(frame: pd.DataFrame, space: FeatureSpace) -> None:
    """Refuse a frame that lacks a column of the space.

    Raises
    ------
    TableError
        Naming the nearest column.
    """
    known = set(frame.columns)
    absent = [name for name in space.columns if name not in known]
    if absent:
        raise TableError(
            f"column {absent[0]!r} is not in the rows"
            + (f" (nor are {len(absent) - 1} others)" if len(absent) > 1 else "")
            + nearest_name(absent[0], frame.columns)
        )
