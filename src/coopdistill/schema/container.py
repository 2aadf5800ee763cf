"""The kinds of container that rows come in, and how points are put into one like it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from coopdistill.schema.column import wide_enough
from coopdistill.schema.table import Table, as_frame

__all__ = ["Array", "Container", "OtherFrame", "PandasFrame", "SparseMatrix", "container_of"]

_VALUES_AT_ONCE = 4_000_000


class Container(ABC):
    """What rows came in: a kind, the columns in their order, and their dtypes.

    Attributes
    ----------
    names : tuple of str
        What the columns are called here, in order.
    labels : tuple of hashable
        What they are called there.
    """

    names: tuple[str, ...]

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """What the columns are called in the container, in order."""
        return self.names

    @property
    @abstractmethod
    def is_float(self) -> bool:
        """Whether every column is float64, so that a matrix may go in as it is."""

    def admitting(self, categories: Mapping[str, tuple[Hashable, ...]]) -> Container:
        """Return a container whose dtypes hold also these categories, by the columns' names here."""
        return self

    @abstractmethod
    def wrap(self, matrix: NDArray[np.float64]) -> Table:
        """Put a matrix, a column each, into a container whose columns are all float64."""

    @abstractmethod
    def fill(self, values: Mapping[str, NDArray[Any]]) -> Table:
        """Put values, by the columns' names here, into a container like this; NaN is missing."""


def container_of(X: Any, names: Collection[str]) -> Container:
    """Remember the container of some rows.

    Parameters
    ----------
    X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns)
    names : collection of str
        The columns that matter, by their names in `as_frame`.

    Returns
    -------
    Container
        With those columns, in the order of `X`.

    Examples
    --------
    >>> rows = pd.DataFrame({7: [1, 2], "extra": ["a", "b"]})
    >>> container_of(rows, {"7"}).fill({"7": np.array([3.0, 4.0])})
       7
    0  3
    1  4
    """
    frame = as_frame(X)
    wanted = set(names)
    at = [j for j, name in enumerate(frame.columns) if name in wanted]
    known = tuple(str(frame.columns[j]) for j in at)
    if isinstance(X, pd.DataFrame):
        return PandasFrame(known, tuple(X.dtypes.iloc[j] for j in at), tuple(X.columns[j] for j in at), X.columns[at])
    if sparse.issparse(X):
        return SparseMatrix(known, np.dtype(X.dtype), type(X))
    table = nw.from_native(X, pass_through=True)
    if isinstance(table, nw.DataFrame):
        return OtherFrame.of(table.select(nw.nth(*at)), known)
    return Array(known, np.asarray(X).dtype)


@dataclass(frozen=True)
class PandasFrame(Container):
    """A DataFrame of pandas.

    Parameters
    ----------
    names : tuple of str
    dtypes : tuple
        Of pandas or NumPy.
    labels_ : tuple of hashable
        The columns' own labels: strings, numbers, tuples.
    index : pandas.Index
        The same as an index, with its names, levels and dtype.
    """

    names: tuple[str, ...]
    dtypes: tuple[Any, ...]
    labels_: tuple[Hashable, ...]
    index: pd.Index[Any] = field(compare=False, repr=False)

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """What the columns are called in the container, in order."""
        return self.labels_

    def admitting(self, categories: Mapping[str, tuple[Hashable, ...]]) -> PandasFrame:
        """Add categories to the dtypes that list theirs."""
        dtypes = tuple(
            pd.CategoricalDtype([*dtype.categories, *_lacking(dtype.categories, categories[name])], dtype.ordered)
            if isinstance(dtype, pd.CategoricalDtype) and _lacking(dtype.categories, categories.get(name, ()))
            else dtype
            for name, dtype in zip(self.names, self.dtypes, strict=True)
        )
        return replace(self, dtypes=dtypes)

    @property
    def is_float(self) -> bool:
        """Whether every column is float64."""
        return all(dtype == np.float64 for dtype in self.dtypes)

    def wrap(self, matrix: NDArray[np.float64]) -> Table:
        """Put a copy of a matrix into a DataFrame."""
        return pd.DataFrame(matrix, columns=self.index, copy=True)

    def fill(self, values: Mapping[str, NDArray[Any]]) -> Table:
        """Put values into a DataFrame, each column in its dtype or one that is wide enough."""
        columns = {
            j: _as_column(values[name], dtype)
            for j, (name, dtype) in enumerate(zip(self.names, self.dtypes, strict=True))
        }
        return pd.DataFrame(columns, copy=False).set_axis(self.index, axis=1)


def _as_column(values: NDArray[Any], dtype: Any) -> Any:
    """Values as pandas keeps them; bare where that will do, for of arrays a frame is made in a fraction of the time."""
    if isinstance(dtype, np.dtype):
        wide = wide_enough(dtype, values)
        # A bare array of objects would be read anew.
        return pd.Series(values, dtype=wide, copy=False) if wide == object else values.astype(wide, copy=False)
    if isinstance(dtype, pd.SparseDtype):
        wide = wide_enough(dtype.subtype, values)
        return pd.Series(values.astype(wide)).astype(dtype if wide == dtype.subtype else pd.SparseDtype(wide))
    narrow = getattr(dtype, "numpy_dtype", None)
    if narrow is None or narrow.kind not in "biuf" or values.dtype == object:
        return pd.array(values, dtype=dtype)
    wide = wide_enough(narrow, values[~np.isnan(values)])
    return pd.Series(values).astype(dtype if wide == narrow else _widened(dtype, wide))


def _lacking(known: Collection[Any], categories: Iterable[Any]) -> list[Any]:
    return [category for category in categories if category not in known]


def _widened(dtype: Any, wide: np.dtype[Any]) -> Any:
    if isinstance(dtype, pd.ArrowDtype):
        import pyarrow

        return pd.ArrowDtype(pyarrow.from_numpy_dtype(wide))
    return {"i": "Int64", "f": "Float64"}[wide.kind]


@dataclass(frozen=True)
class OtherFrame(Container):
    """A DataFrame of polars, or of another library that narwhals knows.

    Parameters
    ----------
    names : tuple of str
    dtypes : tuple of narwhals dtypes
    has_nan : tuple of bool
        Whether a column of floats marks the missing by NaN, and not by null.
    library : narwhals.Implementation
    """

    names: tuple[str, ...]
    dtypes: tuple[Any, ...]
    has_nan: tuple[bool, ...]
    library: Any

    @classmethod
    def of(cls, table: nw.DataFrame[Any], names: tuple[str, ...]) -> OtherFrame:
        """Remember a table and what its columns are called here."""
        dtypes = tuple(table.schema.values())
        has_nan = tuple(
            dtype.is_float() and bool(table[name].is_nan().any()) and not table[name].is_null().any()
            for name, dtype in zip(table.columns, dtypes, strict=True)
        )
        return cls(names, dtypes, has_nan, table.implementation)

    def admitting(self, categories: Mapping[str, tuple[Hashable, ...]]) -> OtherFrame:
        """Add categories to the dtypes that list theirs."""
        dtypes = tuple(
            nw.Enum([*dtype.categories, *_lacking(dtype.categories, categories[name])])
            if isinstance(dtype, nw.Enum) and _lacking(dtype.categories, categories.get(name, ()))
            else dtype
            for name, dtype in zip(self.names, self.dtypes, strict=True)
        )
        return replace(self, dtypes=dtypes)

    @property
    def is_float(self) -> bool:
        """False: every column is put in on its own."""
        return False

    def wrap(self, matrix: NDArray[np.float64]) -> Table:
        """Put a matrix into a frame."""
        return self.fill(dict(zip(self.names, matrix.T, strict=True)))

    def fill(self, values: Mapping[str, NDArray[Any]]) -> Table:
        """Put values into a frame, each column in its dtype or one that is wide enough."""
        # Given the library too, narwhals would take the columns for bare values and lose what an Enum may hold.
        return nw.from_dict(
            {
                name: _as_other_series(name, values[name], dtype, has_nan, self.library)
                for name, dtype, has_nan in zip(self.names, self.dtypes, self.has_nan, strict=True)
            }
        ).to_native()


def _as_other_series(name: str, values: NDArray[Any], dtype: Any, has_nan: bool, library: Any) -> nw.Series[Any]:
    if dtype.is_float() and has_nan:
        return nw.new_series(name, values.astype(np.float64), dtype, backend=library)
    missing = pd.isna(values)
    present = values[~missing]
    if dtype.is_integer() and present.dtype.kind in "iuf":
        narrow = np.dtype(str(dtype).lower())
        wide = wide_enough(narrow, present)
        dtype = dtype if wide == narrow else nw.Float64() if wide.kind == "f" else nw.Int64()
        values = values if dtype.is_float() else np.where(missing, 0, values).astype(wide)
    elif dtype == nw.Boolean and present.dtype.kind in "iuf":
        values = np.where(missing, 0, values).astype(bool)
    elif dtype == nw.Date:
        values = pd.Series(values).map(pd.Timestamp.date, na_action="ignore").to_numpy(dtype=object)
    if not missing.any() and values.dtype != object:
        return nw.new_series(name, values, dtype, backend=library)
    cells = [None if none else value for none, value in zip(missing.tolist(), values.tolist(), strict=True)]
    return nw.new_series(name, cells, dtype, backend=library)


@dataclass(frozen=True)
class Array(Container):
    """An array.

    Parameters
    ----------
    names : tuple of str
    dtype : numpy.dtype
    """

    names: tuple[str, ...]
    dtype: np.dtype[Any]

    @property
    def is_float(self) -> bool:
        """Whether it is of float64."""
        return self.dtype == np.float64

    def wrap(self, matrix: NDArray[np.float64]) -> Table:
        """Return a copy of the matrix."""
        return matrix.copy()

    def fill(self, values: Mapping[str, NDArray[Any]]) -> Table:
        """Put values into an array of a dtype wide enough for all columns."""
        columns = [values[name] for name in self.names]
        # An array of strings holds objects here, so that one of them may be missing.
        is_object = any(column.dtype == object for column in columns)
        dtype: np.dtype[Any] = np.dtype(object) if is_object else self.dtype
        for column in columns:
            dtype = wide_enough(dtype, column)
        out = np.empty((len(columns[0]), len(columns)), dtype=dtype)
        for j, column in enumerate(columns):
            out[:, j] = column
        return out


@dataclass(frozen=True)
class SparseMatrix(Container):
    """A sparse matrix or array of scipy.

    Parameters
    ----------
    names : tuple of str
    dtype : numpy.dtype
    kind : type
        Such as `scipy.sparse.csr_array`.
    """

    names: tuple[str, ...]
    dtype: np.dtype[Any]
    kind: type

    @property
    def is_float(self) -> bool:
        """Whether it is of float64."""
        return self.dtype == np.float64

    def wrap(self, matrix: NDArray[Any]) -> Table:
        """Put a matrix into a sparse one, some rows at a time."""
        size = max(1, _VALUES_AT_ONCE // matrix.shape[1])
        chunks = [sparse.csr_array(matrix[i : i + size]) for i in range(0, len(matrix), size)]
        return self.kind(sparse.vstack(chunks, format="csr") if chunks else matrix)

    def fill(self, values: Mapping[str, NDArray[Any]]) -> Table:
        """Put values into a sparse matrix of a dtype wide enough for all columns."""
        return self.wrap(np.asarray(Array(self.names, self.dtype).fill(values)))
