"""Ordered, named features: what the columns of a participant's rows mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import OptionError, TableError, nearest_name
from coopdistill.schema.feature import Feature

__all__ = ["DECLARABLE", "FeatureSpace"]

DECLARABLE = (
    "kind",
    "low",
    "high",
    "categories",
    "unit",
    "conversions",
    "mutable",
    "direction",
    "fillable",
    "synonyms",
    "category_synonyms",
    "one_hot",
    "spread",
    "fill",
)


@dataclass(frozen=True)
class FeatureSpace:
    """Ordered, named features.

    Rows of a space are held as a float64 matrix: numbers as they are, categories as their position in
    `Feature.categories`, the missing as NaN.

    Parameters
    ----------
    features : tuple of Feature
        In the order of the columns; names are distinct.

    Raises
    ------
    TableError
        If there is no feature or two share a name.

    See Also
    --------
    coopdistill.schema.infer_feature_space : Read a space off a table.

    Examples
    --------
    >>> space = FeatureSpace((Feature(name="age", kind="integer", low=0), Feature(name="dose", kind="continuous")))
    >>> space.names
    ('age', 'dose')
    >>> space.declare(age={"mutable": False}).mutable
    array([False,  True])
    """

    features: tuple[Feature, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", tuple(self.features))
        if not self.features:
            raise TableError("a feature space needs at least one feature")
        for names, complaint in (
            (self.names, "two features are named {!r}; names must be distinct"),
            (self.columns, "two features are read from column {!r}; a column belongs to one feature"),
        ):
            if len(set(names)) < len(names):
                raise TableError(complaint.format(min(name for name, n in Counter(names).items() if n > 1)))

    def __len__(self) -> int:
        return len(self.features)

    def __iter__(self) -> Iterator[Feature]:
        return iter(self.features)

    def __getitem__(self, name: str) -> Feature:
        for feature in self.features:
            if feature.name == name:
                return feature
        raise TableError(f"no feature is named {name!r}{nearest_name(name, self.names)}")

    def declare(
        self, declared: Mapping[str, Mapping[str, Any]] | None = None, **more: Mapping[str, Any]
    ) -> FeatureSpace:
        """Overrule what was inferred of some features.

        Parameters
        ----------
        declared, **more : mapping of str to mapping
            For a feature's name, the fields of `Feature` to overrule (all but ``name``, ``kind`` and ``one_hot``).

        Returns
        -------
        FeatureSpace
            A new space; this one stays as it is.

        Raises
        ------
        TableError, OptionError
            If a feature or a field is unknown, or a value does not fit.

        Examples
        --------
        >>> space = FeatureSpace((Feature(name="age", kind="integer"),))
        >>> space.declare(age={"low": 0, "high": 120})["age"].high
        120
        """
        features = {feature.name: feature for feature in self.features}
        for name, fields in {**(declared or {}), **more}.items():
            known = self[name]
            for key in fields:
                if key not in DECLARABLE:
                    raise OptionError(f"feature {name!r}: unknown field {key!r}{nearest_name(key, DECLARABLE)}")
            for key in ("kind", "one_hot"):
                if fields.get(key, getattr(known, key)) != getattr(known, key):
                    raise OptionError(
                        f"feature {name!r} is {known.kind}; its {key} decides how rows are read, so declare it where "
                        f"they are: infer_feature_space(X, declared={{{name!r}: {{{key!r}: {fields[key]!r}}}}})"
                    )
            features[name] = replace(known, **fields)
        return FeatureSpace(tuple(features.values()))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in order."""
        return tuple(feature.name for feature in self.features)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order; a one-hot group has several for its one feature."""
        return tuple(column for feature in self.features for column in feature.columns)

    @cached_property
    def numeric(self) -> NDArray[np.bool_]:
        """Which features are continuous or integer, shape (n_features,)."""
        return np.array([f.kind.is_numeric for f in self.features])

    @cached_property
    def integer(self) -> NDArray[np.bool_]:
        """Which features take whole numbers only, shape (n_features,)."""
        return np.array([f.kind == "integer" for f in self.features])

    @cached_property
    def mutable(self) -> NDArray[np.bool_]:
        """Which features a counterfactual may change, shape (n_features,)."""
        return np.array([f.mutable for f in self.features])

    @cached_property
    def fillable(self) -> NDArray[np.bool_]:
        """Of which features a missing value may be filled by a counterfactual, shape (n_features,)."""
        return np.array([f.fillable and f.mutable for f in self.features])

    def bounds_around(self, start: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the least and greatest values that counterfactuals of some rows may take.

        A row that is out of range itself may stay where it is; a feature of one direction may not turn back.

        Parameters
        ----------
        start : ndarray of shape (..., n_features), float64
            Encoded rows.

        Returns
        -------
        low, high : ndarray of shape (..., n_features), float64
        """
        low, high = np.fmin(start, self.low), np.fmax(start, self.high)
        return np.where(self._grows & ~np.isnan(start), start, low), np.where(
            self._shrinks & ~np.isnan(start), start, high
        )

    @cached_property
    def _grows(self) -> NDArray[np.bool_]:
        return np.array([f.direction == "increase" for f in self.features])

    @cached_property
    def _shrinks(self) -> NDArray[np.bool_]:
        return np.array([f.direction == "decrease" for f in self.features])

    @cached_property
    def spread(self) -> NDArray[np.float64]:
        """Typical deviation of each numeric feature, 1 for the others, shape (n_features,)."""
        return np.array([f.spread if f.kind.is_numeric else 1.0 for f in self.features])

    @cached_property
    def low(self) -> NDArray[np.float64]:
        """Least allowed value in encoded form, shape (n_features,)."""
        return np.array([f.low if f.kind.is_numeric else 0.0 for f in self.features])

    @cached_property
    def high(self) -> NDArray[np.float64]:
        """Greatest allowed value in encoded form, shape (n_features,)."""
        return np.array([f.high if f.kind.is_numeric else len(f.categories) - 1.0 for f in self.features])

    @cached_property
    def n_categories(self) -> NDArray[np.intp]:
        """Number of categories, 0 for numeric features, shape (n_features,)."""
        return np.array([len(f.categories) for f in self.features], dtype=np.intp)

    def distance(self, A: NDArray[np.float64], B: NDArray[np.float64]) -> NDArray[np.float64]:
        """L1 distance of encoded rows, in spreads; another category, or a value instead of none, counts 1.

        Parameters
        ----------
        A, B : ndarray of shape (..., n_features), float64
            Encoded rows that broadcast against each other.

        Returns
        -------
        ndarray, float64
            Sum over features, with the last axis gone.
        """
        difference = A != B
        both_missing = np.isnan(A) & np.isnan(B)
        steps = np.where(self.numeric, np.abs(A - B) / self.spread, difference)
        steps = np.where(np.isnan(steps), 1.0, steps)
        return np.asarray(np.where(both_missing, 0.0, steps).sum(axis=-1))

    def fill_codes(self) -> NDArray[np.float64]:
        """Return the value that stands for an absent one, encoded, NaN where none is known."""
        return np.array([_encoded_fill(feature) for feature in self.features])


def _encoded_fill(feature: Feature) -> float:
    fill: Hashable = feature.fill
    if fill is None:
        return float("nan")
    if feature.kind.is_numeric:
        return float(fill)  # type: ignore[arg-type]  # a numeric feature's fill is a number
    return float(feature.categories.index(fill)) if fill in feature.categories else float("nan")
