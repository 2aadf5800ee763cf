"""Rows out of their container into one matrix, and back."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import TableError, shown
from coopdistill.schema.column import encode_column, values_of
from coopdistill.schema.container import Array, Container, PandasFrame, SparseMatrix, container_of
from coopdistill.schema.feature import Feature
from coopdistill.schema.one_hot import decode_one_hot, encode_one_hot
from coopdistill.schema.space import FeatureSpace
from coopdistill.schema.table import Table, as_frame, check_columns

__all__ = ["Codec"]

_GREATEST_WHOLE = 2.0**53


@dataclass(frozen=True)
class Codec:
    """Takes rows of one space out of their container and puts them back.

    Parameters
    ----------
    space : FeatureSpace
        What the columns mean.
    container : Container
        What the rows came in.

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
    container: Container

    @classmethod
    def of(cls, X: Any, space: FeatureSpace) -> Codec:
        """Remember the container of `X`, whose columns `space` describes.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns)
            Columns that the space does not know are left out; the others keep their order.
        space : FeatureSpace

        Returns
        -------
        Codec

        Raises
        ------
        TableError
            If `X` lacks a column of the space.
        """
        check_columns(as_frame(X), space)
        return cls(space, container_of(X, space.columns)).reading(space)

    def reading(self, space: FeatureSpace) -> Codec:
        """Return the codec for a space of the same columns; dtypes that list their categories get those of the space.

        Parameters
        ----------
        space : FeatureSpace

        Returns
        -------
        Codec
        """
        categories = {feature.name: feature.categories for feature in space if feature.categories}
        return Codec(space, self.container.admitting(categories))

    @classmethod
    def unseen(cls, space: FeatureSpace, *, columns: tuple[str, ...] | None = None) -> Codec:
        """Make up a container for a space of which no rows are there.

        Parameters
        ----------
        space : FeatureSpace
        columns : tuple of str, optional
            A DataFrame's columns, in order. Default: an array.

        Returns
        -------
        Codec
        """
        dtypes = {
            column: np.dtype(np.float64)
            if feature.kind.is_numeric or feature.one_hot
            else np.array(feature.categories).dtype
            for feature in space
            for column in feature.columns
        }
        if columns is None:
            return cls(space, Array(space.columns, next(iter(dtypes.values()))))
        in_order = tuple(dtypes[name] for name in columns)
        return cls(space, PandasFrame(columns, in_order, columns, pd.Index(columns)))

    @property
    def is_array(self) -> bool:
        """Whether the container has no names for its columns."""
        return isinstance(self.container, Array | SparseMatrix)

    @property
    def columns(self) -> tuple[Hashable, ...]:
        """The columns' labels in the container, in order."""
        return self.container.labels

    def encode(self, X: Any) -> NDArray[np.float64]:
        """Encode rows; a category that the space does not know becomes missing.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix
            Rows with all columns of the space; others are passed over.

        Returns
        -------
        ndarray of shape (n_rows, n_features), float64
        """
        frame = as_frame(X)
        check_columns(frame, self.space)
        if isinstance(X, np.ndarray) and X.dtype == np.float64 and self._is_matrix and X.shape[1] == len(self.space):
            return X
        matrix = np.empty((len(frame), len(self.space)), dtype=np.float64)
        for j, feature in enumerate(self.space):
            read = encode_one_hot(frame, feature) if feature.one_hot else encode_column(frame[feature.name], feature)
            matrix[:, j] = read
        return matrix

    def encode_own(self, X: Any) -> NDArray[np.float64]:
        """Encode the rows that the space is to describe, of which nothing may be lost.

        Parameters
        ----------
        X : DataFrame, array-like or sparse matrix

        Returns
        -------
        ndarray of shape (n_rows, n_features), float64

        Raises
        ------
        TableError
            If a column holds a category that the space does not know, or whole numbers that no float can tell apart.

        Examples
        --------
        >>> from coopdistill.schema import Feature
        >>> colour = FeatureSpace((Feature(name="colour", kind="binary", categories=("red", "blue")),))
        >>> rows = pd.DataFrame({"colour": ["red", "green"]})
        >>> Codec.of(rows, colour).encode_own(rows)
        Traceback (most recent call last):
        ...
        coopdistill.exceptions.TableError: column 'colour' holds 'green', which is not among its categories ...
        """
        frame, matrix = as_frame(X), self.encode(X)
        for j, feature in enumerate(self.space):
            if not feature.one_hot:
                _refuse_loss(frame[feature.name], matrix[:, j], feature)
        return matrix

    def decode(self, matrix: NDArray[np.float64]) -> Table:
        """Put encoded rows into a container like the one remembered."""
        if self._is_matrix and self.container.is_float:
            return self.container.wrap(matrix)
        values: dict[str, NDArray[Any]] = {}
        for j, feature in enumerate(self.space):
            if feature.one_hot:
                values |= decode_one_hot(matrix[:, j], feature)
            else:
                values[feature.name] = values_of(matrix[:, j], feature)
        return self.container.fill(values)

    @property
    def _is_matrix(self) -> bool:
        """Whether the encoded rows are the columns themselves."""
        return bool(self.space.numeric.all()) and self.container.names == self.space.names


def _refuse_loss(column: pd.Series[Any], codes: NDArray[np.float64], feature: Feature) -> None:
    """Refuse a column of which the encoded values do not tell what it holds."""
    if not feature.kind.is_numeric:
        unknown = np.isnan(codes) & column.notna().to_numpy()
        if unknown.any():
            raise TableError(
                f"column {feature.name!r} holds {column[unknown].tolist()[0]!r}, which is not among its categories "
                f"{shown(feature.categories)}; declare it, too, or empty the cell"
            )
    elif pd.api.types.is_integer_dtype(column.dtype) and np.nanmax(np.abs(codes), initial=0.0) > _GREATEST_WHOLE:
        raise TableError(
            f"column {feature.name!r} holds whole numbers beyond 2**53, which 64-bit floats cannot all tell apart; "
            "drop it if it only says which row is which, or bring it as text"
        )
