"""The containers that rows come in, and their encoding to one matrix and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import TableError, nearest_name
from coopdistill.schema.feature import Feature
from coopdistill.schema.space import FeatureSpace

__all__ = ["Codec", "Table", "as_frame"]

Table: TypeAlias = pd.DataFrame | NDArray[Any]

_NULLABLE: dict[str, Any] = {"i": "Int64", "f": "Float64"}


def as_frame(X: Any, *, what: str = "X") -> pd.DataFrame:
    """See any accepted container as a DataFrame with distinct string names.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n_rows, n_features)
        The rows. Columns of an array are called ``x0``, ``x1``, …
    what : str, default="X"
        How an error calls the rows.

    Returns
    -------
    DataFrame of shape (n_rows, n_features)
        A view where that is possible.

    Raises
    ------
    TableError
        If `X` is not a table, has no row or no column, has columns of one name, or holds an infinite number.

    Examples
    --------
    >>> list(as_frame(np.zeros((2, 3))).columns)
    ['x0', 'x1', 'x2']
    """
    frame = X if isinstance(X, pd.DataFrame) else _array_frame(X, what)
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


def _array_frame(X: Any, what: str) -> pd.DataFrame:
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise TableError(f"{what} is not a table: its rows have different lengths ({error})") from None
    if array.ndim != 2:
        raise TableError(f"{what} must have two dimensions (rows and columns), got shape {array.shape}")
    return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])], copy=False)


def _refuse_infinite(frame: pd.DataFrame, what: str) -> None:
    numbers = frame.select_dtypes("number")
    finite = ~np.isinf(numbers.to_numpy(dtype=float, na_value=np.nan)).any(axis=0)
    if not finite.all():
        name = numbers.columns[int(np.argmin(finite))]
        raise TableError(
            f"{what} holds an infinite value in column {name!r}; replace it by a number or leave it missing"
        )


@dataclass(frozen=True)
class Codec:
    """Takes rows of one space out of their container and puts them back.

    Parameters
    ----------
    space : FeatureSpace
        What the columns mean.
    is_array : bool
        Whether the container is an array.
    dtypes : tuple
        The container's dtype for each feature.

    Examples
    --------
    >>> from coopdistill.schema import infer_feature_space
    >>> X = pd.DataFrame({"age": [41, 67, 52], "sex": ["f", "m", "f"]})
    >>> codec = Codec.of(X, infer_feature_space(X))
    >>> codec.encode(X)
    array([[41.,  0.],
           [67.,  1.],
           [52.,  0.]])
    >>> codec.decode(codec.encode(X)).equals(X)
    True
    """

    space: FeatureSpace
    is_array: bool
    dtypes: tuple[Any, ...]

    @classmethod
    def of(cls, X: Any, space: FeatureSpace) -> Codec:
        """Remember the container of `X`, whose columns `space` describes.

        Raises
        ------
        TableError
            If `X` lacks a feature of the space.
        """
        frame = as_frame(X)
        check_columns(frame, space)
        dtypes = tuple(frame[name].dtype for name in space.names)
        return cls(space, not isinstance(X, pd.DataFrame), dtypes)

    def encode(self, X: Any) -> NDArray[np.float64]:
        """Encode rows; a category that the space does not know becomes missing.

        Parameters
        ----------
        X : DataFrame or array-like
            Rows with all features of the space; other columns are passed over.

        Returns
        -------
        ndarray of shape (n_rows, n_features), float64
        """
        frame = as_frame(X)
        check_columns(frame, self.space)
        if isinstance(X, np.ndarray) and X.dtype == np.float64 and self.space.numeric.all():
            return X
        matrix = np.empty((len(frame), len(self.space)), dtype=np.float64)
        for j, feature in enumerate(self.space):
            matrix[:, j] = encode_column(frame[feature.name], feature)
        return matrix

    def decode(self, matrix: NDArray[np.float64]) -> Table:
        """Put encoded rows into a container like the one remembered."""
        if self.is_array:
            return self._decode_array(matrix)
        if self._plain_float:
            return pd.DataFrame(matrix, columns=list(self.space.names), copy=False)
        columns = {
            feature.name: _decode_column(matrix[:, j], feature, self.dtypes[j]) for j, feature in enumerate(self.space)
        }
        return pd.DataFrame(columns, copy=False)

    @property
    def _plain_float(self) -> bool:
        return bool(self.space.numeric.all()) and all(dtype == np.float64 for dtype in self.dtypes)

    def _decode_array(self, matrix: NDArray[np.float64]) -> NDArray[Any]:
        if self._plain_float:
            return matrix
        columns = [
            matrix[:, j] if feature.kind.is_numeric else _categories_of(matrix[:, j], feature)
            for j, feature in enumerate(self.space)
        ]
        dtype = self.dtypes[0]
        # An array of strings holds objects here, so that one of them may be missing.
        if not isinstance(dtype, np.dtype) or any(column.dtype == object for column in columns):
            dtype = np.dtype(object)
        for column in columns:
            dtype = _wide_enough(dtype, column)
        out = np.empty(matrix.shape, dtype=dtype)
        for j, column in enumerate(columns):
            out[:, j] = column
        return out


def check_columns(frame: pd.DataFrame, space: FeatureSpace) -> None:
    """Refuse a frame that lacks a feature of the space."""
    absent = [name for name in space.names if name not in frame.columns]
    if absent:
        raise TableError(
            f"column {absent[0]!r} is not in the rows"
            + (f" (nor are {len(absent) - 1} others)" if len(absent) > 1 else "")
            + nearest_name(absent[0], frame.columns)
        )


def encode_column(column: pd.Series[Any], feature: Feature) -> NDArray[np.float64]:
    """Encode one column: numbers as they are, categories as positions, the missing and the unknown as NaN."""
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


def _categories_of(codes: NDArray[np.float64], feature: Feature) -> NDArray[Any]:
    """Replace positions by categories; object dtype as soon as one is missing and no number can say so."""
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


def _decode_column(codes: NDArray[np.float64], feature: Feature, dtype: Any) -> Any:
    values = codes if feature.kind.is_numeric else _categories_of(codes, feature)
    if isinstance(dtype, np.dtype):
        # As a Series, for a bare array of objects would be read anew.
        return pd.Series(values, dtype=_wide_enough(dtype, values), copy=False)
    narrow = getattr(dtype, "numpy_dtype", None)
    if narrow is None or values.dtype == object:
        return pd.Series(values, dtype=values.dtype).astype(dtype)
    wide = _wide_enough(narrow, values[~np.isnan(values)])
    holding: Any = dtype if wide == narrow else _NULLABLE[wide.kind]
    return pd.Series(values).astype(holding)


def _wide_enough(dtype: np.dtype[Any], values: NDArray[Any]) -> np.dtype[Any]:
    """Return the dtype, or one that holds what it cannot: a fraction or nothing in whole numbers, a greater number."""
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
