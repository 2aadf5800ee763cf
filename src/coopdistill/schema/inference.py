"""Feature spaces read off a table."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import OptionError, TableError, nearest_name
from coopdistill.schema.feature import Feature, Kind
from coopdistill.schema.one_hot import encode_one_hot
from coopdistill.schema.space import DECLARABLE, FeatureSpace
from coopdistill.schema.table import as_frame

__all__ = ["infer_feature_space"]

_TWO_NUMBERS = ({0.0, 1.0}, {1.0, 2.0}, {-1.0, 1.0})


def infer_feature_space(X: Any, declared: Mapping[str, Mapping[str, Any]] | None = None) -> FeatureSpace:
    """Read a feature space off a table.

    Booleans, strings of just two values, and numbers that are only 0 and 1, 1 and 2 or -1 and 1 are binary; other
    strings and categories are categorical; numbers that are all whole are integer; the rest is continuous. Ranges,
    spreads (standard deviations) and the values that stand for absent ones (median, most frequent) are those of the
    rows. A one-hot group is one feature only where it is declared; `one_hot_groups` finds such groups.

    Parameters
    ----------
    X : DataFrame, array-like or sparse matrix of shape (n_rows, n_columns)
        The rows; columns of an array or a sparse matrix are called ``x0``, ``x1``, …, and numbers or tuples by their
        text.
    declared : mapping of str to mapping, optional
        For a feature's name, fields of `Feature` that overrule what is read. With the field ``one_hot``, several
        columns are read as one feature of that name.

    Returns
    -------
    FeatureSpace

    Raises
    ------
    TableError
        If `X` is no table, a column has no value at all, or a declared feature is not among the columns.
        A one-hot group must hold zeros and ones, with one 1 a row at the most.
    OptionError
        If a declared field is unknown or does not fit.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [41, 67, 52], "sex": ["f", "m", "f"], "dose": [0.5, None, 1.0]})
    >>> [str(feature.kind) for feature in infer_feature_space(X)]
    ['integer', 'binary', 'continuous']
    >>> infer_feature_space(X, declared={"age": {"mutable": False}})["age"].mutable
    False
    """
    frame = as_frame(X)
    declared = as_declared(declared)
    groups = {name: fields for name, fields in declared.items() if fields.get("one_hot")}
    grouped = {str(column): name for name, fields in groups.items() for column in fields["one_hot"]}
    _check_declared(frame, declared, groups, grouped)
    features: dict[str, Feature] = {}
    for column in map(str, frame.columns):
        name = grouped.get(column, column)
        if name in features:
            continue
        if name in groups:
            features[name] = _infer_group(frame, name, groups[name])
        else:
            features[name] = _infer_feature(frame[column], declared.get(name, {}))
    return FeatureSpace(tuple(features.values()))


def as_declared(declared: Any) -> dict[str, Mapping[str, Any]]:
    """Return declared fields by the features' names.

    Raises
    ------
    OptionError
        If it is no mapping of mappings.
    """
    if not isinstance(declared or {}, Mapping):
        raise OptionError(
            f"feature_space must be a FeatureSpace or a mapping from a feature's name to fields of Feature, such as "
            f"{{'age': {{'mutable': False}}}}; got a {type(declared).__name__}"
        )
    for name, fields in (declared or {}).items():
        if not isinstance(fields, Mapping):
            raise OptionError(
                f"feature {str(name)!r}: declare it by a mapping of fields of Feature, such as {{'mutable': False}}; "
                f"got a {type(fields).__name__}"
            )
    # A column's name may be a number or a tuple; features are called by its text.
    return {str(name): fields for name, fields in (declared or {}).items()}


def _check_declared(
    frame: pd.DataFrame, declared: Mapping[str, Any], groups: Mapping[str, Any], grouped: Mapping[str, str]
) -> None:
    columns = set(frame.columns)
    for name in [*(name for name in declared if name not in groups), *grouped]:
        if name not in columns:
            whose = f"feature {name!r} is" if name not in grouped else f"column {name!r} of {grouped[name]!r} is"
            raise TableError(f"{whose} declared but not among the columns{nearest_name(name, frame.columns)}")
    for name in groups:
        if name in columns and grouped.get(name) != name:
            raise TableError(
                f"{name!r} is declared as a one-hot group and is a column of its own, too; give the group another name"
            )


def _infer_group(frame: pd.DataFrame, name: str, declared: Mapping[str, Any]) -> Feature:
    _check_fields(name, declared)
    columns = declared["one_hot"]
    categories = tuple(declared.get("categories") or dict.fromkeys(columns.values()))
    kind = Kind.BINARY if len(categories) == 2 else Kind.CATEGORICAL
    group = Feature(**{"name": name, "kind": kind, **declared, "categories": categories})
    codes = encode_one_hot(frame, group)
    if np.isnan(codes).all():
        raise TableError(f"the columns of {name!r} hold no 1 at all; drop them")
    counts = np.bincount(codes[~np.isnan(codes)].astype(np.intp), minlength=len(categories))
    return replace(group, fill=declared.get("fill", categories[int(counts.argmax())]))


def _check_fields(name: str, declared: Mapping[str, Any]) -> None:
    for key in declared:
        if key not in DECLARABLE:
            raise OptionError(f"feature {name!r}: unknown field {key!r}{nearest_name(key, DECLARABLE)}")


def _infer_feature(column: pd.Series[Any], declared: Mapping[str, Any]) -> Feature:
    name = str(column.name)
    _check_fields(name, declared)
    present = column.dropna()
    if present.empty:
        raise TableError(f"column {name!r} holds no value at all; drop it")
    if present.dtype == object:
        _refuse_collections(present)
    kind = Kind(declared["kind"]) if _names_a_kind(name, declared) else _kind_of(present, declared)
    read = _numeric_fields(present) if kind.is_numeric else _category_fields(present, declared)
    return Feature(**{"name": name, "kind": kind, **read, **{k: v for k, v in declared.items() if k != "kind"}})


def _refuse_collections(present: pd.Series[Any]) -> None:
    strange = next((value for value in present if not isinstance(value, Hashable)), None)
    if strange is not None:
        raise TableError(
            f"column {present.name!r} holds a {type(strange).__name__}; a cell is a number or a category, so spread it "
            "over columns of its own, or drop it"
        )


def _names_a_kind(name: str, declared: Mapping[str, Any]) -> bool:
    if "kind" not in declared:
        return False
    allowed = [str(kind) for kind in Kind]
    if str(declared["kind"]) not in allowed:
        raise OptionError(
            f"feature {name!r}: unknown kind {declared['kind']!r}{nearest_name(declared['kind'], allowed)}"
        )
    return True


def _kind_of(present: pd.Series[Any], declared: Mapping[str, Any]) -> Kind:
    is_number = pd.api.types.is_numeric_dtype(present.dtype) and not pd.api.types.is_bool_dtype(present.dtype)
    if is_number or _all_numbers(present):
        return _number_kind(present)
    # A dtype may know categories that occur in no row here.
    n_categories = len(declared.get("categories") or _sorted_categories(present))
    return Kind.BINARY if n_categories == 2 else Kind.CATEGORICAL


def _all_numbers(present: pd.Series[Any]) -> bool:
    """Whether a column of Python objects holds numbers only (as an object array of mixed columns does)."""
    return present.dtype == object and all(
        isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in present
    )


def _number_kind(present: pd.Series[Any]) -> Kind:
    values = np.ascontiguousarray(present.to_numpy(dtype=np.float64))  # a column of a table lies scattered
    low, high = values.min(), values.max()
    if {low, high} in _TWO_NUMBERS and bool(((values == low) | (values == high)).all()):
        return Kind.BINARY
    return Kind.INTEGER if bool((values == np.rint(values)).all()) else Kind.CONTINUOUS


def _numeric_fields(present: pd.Series[Any]) -> dict[str, Any]:
    try:
        values = np.ascontiguousarray(present.to_numpy(dtype=np.float64))
    except (TypeError, ValueError):
        raise TableError(f"column {present.name!r} is declared numeric and holds {present.iloc[0]!r}") from None
    low, high, median = float(values.min()), float(values.max()), float(np.median(values))
    whole = bool((values == np.rint(values)).all())
    return {
        "low": low,
        "high": high,
        # Of numbers that hardly differ from 0, the square is 0.
        "spread": _spread(values) or 1.0 if low < high else 1.0,
        "fill": float(np.rint(median)) if whole else median,
    }


def _spread(values: NDArray[np.float64]) -> float:
    """Return the standard deviation, also of numbers whose squares no float holds."""
    with np.errstate(over="ignore", invalid="ignore"):
        spread = float(values.std())
    if np.isfinite(spread):
        return spread
    greatest = np.abs(values).max()
    return float(greatest * (values / greatest).std())


def _category_fields(present: pd.Series[Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    counts = present.value_counts()
    categories = declared.get("categories") or _sorted_categories(present)
    # Of equally frequent categories `max` takes the first in order, so that the order of rows plays no part.
    most = max(categories, key=lambda category: int(counts.get(category, 0)))
    return {"categories": tuple(categories), "fill": most}


def _sorted_categories(present: pd.Series[Any]) -> tuple[Hashable, ...]:
    if isinstance(present.dtype, pd.CategoricalDtype):
        return tuple(present.dtype.categories)
    values = present.unique().tolist()
    try:
        return tuple(sorted(values))
    except TypeError:
        return tuple(sorted(values, key=lambda value: (type(value).__name__, str(value))))
