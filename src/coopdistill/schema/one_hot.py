"""One feature spread over several columns of 0 and 1."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import TableError
from coopdistill.schema.column import values_of
from coopdistill.schema.feature import Feature
from coopdistill.schema.space import FeatureSpace
from coopdistill.schema.table import as_frame

__all__ = ["decode_one_hot", "encode_one_hot", "merge_one_hot", "one_hot_groups"]

_SHOWN = 5
"""Of more columns a message names only the first."""


def encode_one_hot(frame: pd.DataFrame, feature: Feature) -> NDArray[np.float64]:
    """Read the columns of a one-hot group as positions of categories.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
        A column of the group that it lacks counts as zeros.
    feature : Feature
        With `Feature.one_hot`.

    Returns
    -------
    ndarray of shape (n_rows,), float64
        NaN where the category is missing: in a row of zeros, unless one category has no column and all columns are
        there; and where that is so, in a row with a missing value.

    Raises
    ------
    TableError
        If a row holds something else than zeros and ones, or more than one 1.

    Examples
    --------
    >>> colour = Feature(name="colour", kind="binary", categories=("red", "blue"), one_hot={"r": "red", "b": "blue"})
    >>> encode_one_hot(pd.DataFrame({"r": [1, 0, 0], "b": [0, 1, 0]}), colour)
    array([ 0.,  1., nan])
    """
    columns = [column for column in feature.one_hot if column in frame.columns]
    flags = np.column_stack([_flags(frame[column], feature) for column in columns])
    missing = np.asarray(np.isnan(flags).any(axis=1))
    baseline = _baseline(feature) if len(columns) == len(feature.one_hot) else None
    if missing.any() and _baseline(feature) is None:
        raise TableError(
            f"the one-hot columns of {feature.name!r} have a missing value in row {int(missing.argmax())}; "
            "for a category that is missing, put 0 in all of them"
        )
    flags = np.where(missing[:, None], 0.0, flags)
    hot = np.asarray(flags.sum(axis=1))
    if (hot > 1).any():
        row = int((hot > 1).argmax())
        held = [column for column, flag in zip(columns, flags[row], strict=True) if flag]
        more = f" and {len(held) - _SHOWN} more" if len(held) > _SHOWN else ""
        raise TableError(
            f"row {row} holds a 1 in {held[:_SHOWN]!r}{more} at once, which are declared as the one-hot columns of "
            f"{feature.name!r}; mend the row, or leave the group undeclared"
        )
    code = np.array([float(feature.categories.index(feature.one_hot[column])) for column in columns])
    none = np.nan if baseline is None else float(baseline)
    return np.where(missing, np.nan, np.where(hot == 1, code[flags.argmax(axis=1)], none))


def _flags(column: pd.Series[Any], feature: Feature) -> NDArray[np.float64]:
    try:
        flags = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    except (TypeError, ValueError):
        flags = np.full(len(column), np.inf)
    wrong = ~np.isnan(flags) & (flags != 0) & (flags != 1)
    if wrong.any():
        raise TableError(
            f"column {column.name!r} is declared a one-hot column of {feature.name!r} and holds "
            f"{_plain(column.iloc[int(wrong.argmax())])!r}; it must hold 0 and 1 only"
        )
    return flags


def _plain(value: Any) -> Any:
    """A number as it is written, rather than by its type."""
    return value.item() if isinstance(value, np.generic) else value


def _baseline(feature: Feature) -> int | None:
    """The category that a row of zeros stands for."""
    shown = set(feature.one_hot.values())
    return next((i for i, category in enumerate(feature.categories) if category not in shown), None)


def decode_one_hot(codes: NDArray[np.float64], feature: Feature) -> dict[str, NDArray[np.float64]]:
    """Spread positions of categories over the columns of a one-hot group.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,), float64
    feature : Feature
        With `Feature.one_hot`.

    Returns
    -------
    dict of str to ndarray of shape (n_rows,), float64
        For each column zeros and ones. A missing category is a row of zeros, or of NaN where zeros are a category.

    Examples
    --------
    >>> colour = Feature(name="colour", kind="binary", categories=("red", "blue"), one_hot={"r": "red", "b": "blue"})
    >>> decode_one_hot(np.array([0.0, 1.0, np.nan]), colour)
    {'r': array([1., 0., 0.]), 'b': array([0., 1., 0.])}
    """
    none = 0.0 if _baseline(feature) is None else np.nan
    return {
        column: np.where(np.isnan(codes), none, codes == feature.categories.index(category))
        for column, category in feature.one_hot.items()
    }


def merge_one_hot(frame: pd.DataFrame, spaces: Iterable[FeatureSpace], *, keep: Collection[str] = ()) -> pd.DataFrame:
    """Put one column of categories in the place of each one-hot group that a space knows.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
    spaces : iterable of FeatureSpace
        Of two that know a group of one name, the first counts.
    keep : collection of str, default=()
        Columns that stay; so does every group that one of them belongs to.

    Returns
    -------
    DataFrame
        The same where no group is among its columns; a group whose name is a column already stays as it is.

    Examples
    --------
    >>> colour = Feature(name="colour", kind="binary", categories=("red", "blue"), one_hot={"r": "red", "b": "blue"})
    >>> merge_one_hot(pd.DataFrame({"r": [1, 0], "b": [0, 1], "age": [4, 5]}), [FeatureSpace((colour,))])
       age colour
    0    4    red
    1    5   blue
    """
    keep_set = set(keep)
    for feature in (feature for space in spaces for feature in space if feature.one_hot):
        present = [column for column in feature.one_hot if column in frame.columns]
        is_free = feature.name not in frame.columns or feature.name in present
        if present and is_free and not keep_set.intersection(present):
            merged = pd.Series(values_of(encode_one_hot(frame, feature), feature), index=frame.index)
            frame = frame.drop(columns=present).assign(**{feature.name: merged})
    return frame


def one_hot_groups(X: Any, *, separator: str = "_") -> dict[str, dict[str, Any]]:
    """Propose which columns are one feature, one-hot encoded: to be looked at, and given as a feature space.

    A group is all columns of zeros and ones that begin alike up to a separator, as `pandas.get_dummies` and
    scikit-learn's `OneHotEncoder` name them, where every row has exactly one 1. Columns that only happen to be like
    that cannot be told apart, so nothing is grouped unasked.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns)
    separator : str, default="_"
        What stands between the feature's name and the category.

    Returns
    -------
    dict of str to dict
        For each group's name ``{"one_hot": {column: category}}``, as `Participant` and `infer_feature_space` take it.
        Categories are strings.

    Examples
    --------
    >>> X = pd.get_dummies(pd.DataFrame({"age": [41, 67, 52], "colour": ["red", "blue", "red"]}))
    >>> one_hot_groups(X)
    {'colour': {'one_hot': {'colour_blue': 'blue', 'colour_red': 'red'}}}
    """
    frame = as_frame(X)
    left = {name: flags for name in map(str, frame.columns) if (flags := _as_flags(frame[name])) is not None}
    groups: dict[str, dict[str, Any]] = {}
    # The shortest prefix first, for a category may hold the separator too.
    for prefix in sorted(_prefixes(left, separator), key=lambda prefix: (len(prefix), prefix)):
        members = [name for name in left if name.startswith(prefix + separator) and name != prefix + separator]
        if len(members) < 2 or prefix in frame.columns:
            continue
        if (np.sum([left[name] for name in members], axis=0) == 1).all():
            groups[prefix] = {"one_hot": {name: name.removeprefix(prefix + separator) for name in members}}
            left = {name: flags for name, flags in left.items() if name not in members}
    return groups


def _as_flags(column: pd.Series[Any]) -> NDArray[np.float64] | None:
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return None
    flags = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    return flags if np.isin(flags, (0.0, 1.0)).all() else None


def _prefixes(names: Mapping[str, Any], separator: str) -> set[str]:
    cut = (name.split(separator) for name in names)
    return {separator.join(parts[:n]) for parts in cut for n in range(1, len(parts))} - {""}
