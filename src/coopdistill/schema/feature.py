"""One column and what it means."""

from __future__ import annotations

import math
import numbers
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from coopdistill.exceptions import OptionError, TableError, nearest_name, shown
from coopdistill.schema.category_positions import CategoryPositions

__all__ = ["Feature", "Kind"]

_DIRECTIONS = ("increase", "decrease")


class Kind(StrEnum):
    """What values a feature takes.

    Examples
    --------
    >>> Kind("integer").is_numeric
    True
    """

    CONTINUOUS = "continuous"
    INTEGER = "integer"
    CATEGORICAL = "categorical"
    BINARY = "binary"

    @property
    def is_numeric(self) -> bool:
        """Whether values of this kind have an order and a distance."""
        return self in (Kind.CONTINUOUS, Kind.INTEGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One named column of a feature space.

    Parameters
    ----------
    name : str
        The column's name, or of a one-hot group what it encodes.
    kind : Kind or str
        ``"continuous"``, ``"integer"``, ``"categorical"`` or ``"binary"``.
    low, high : float, default=-inf, inf
        Closed range of a numeric feature, in its unit.
    categories : tuple, default=()
        Values of a categorical feature; exactly two for a binary one.
    unit : str, optional
        Unit of a numeric feature, such as ``"km"``.
    conversions : mapping of str to float, default={}
        Worth of one foreign unit in this feature's unit: ``{"mile": 1.609344}`` for kilometres.
    mutable : bool, default=True
        Whether a counterfactual may change it.
    direction : {"increase", "decrease"}, optional
        The only way in which a counterfactual may change a numeric feature: age only grows.
    fillable : bool, default=False
        Whether a counterfactual may put a value where one is missing.
    synonyms : tuple of str, default=()
        Names that the same feature has elsewhere.
    category_synonyms : mapping, default={}
        What other participants call a category, and which of ``categories`` it is.
    one_hot : mapping of str to hashable, default={}
        Of a feature that is several columns of 0 and 1, each column's name and the category that a 1 stands for. A
        row of zeros is the one category without a column, if there is one, else a missing value.
    spread : float, default=1.0
        Typical deviation (of the rows it was inferred from, the standard deviation), the unit of distances.
    fill : hashable, optional
        The value that stands for an absent one: the rows' median, or the most frequent category.

    Raises
    ------
    OptionError
        If the kind is unknown, the range is empty, the categories do not fit the kind or a number is not positive.

    Examples
    --------
    >>> Feature(name="mileage", kind="integer", low=0, unit="km", conversions={"mile": 1.609344}).kind
    <Kind.INTEGER: 'integer'>
    >>> Feature(
    ...     name="colour", kind="binary", categories=("red", "blue"), one_hot={"is_red": "red", "is_blue": "blue"}
    ... ).columns
    ('is_red', 'is_blue')
    """

    name: str
    kind: Kind
    low: float = -math.inf
    high: float = math.inf
    categories: tuple[Hashable, ...] = ()
    unit: str | None = None
    conversions: Mapping[str, float] = field(default_factory=dict)
    mutable: bool = True
    direction: str | None = None
    fillable: bool = False
    synonyms: tuple[str, ...] = ()
    category_synonyms: Mapping[Hashable, Hashable] = field(default_factory=dict)
    one_hot: Mapping[str, Hashable] = field(default_factory=dict)
    spread: float = 1.0
    fill: Hashable = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", _checked_kind(self.name, self.kind))
        self._check_types()
        object.__setattr__(self, "one_hot", {str(column): category for column, category in self.one_hot.items()})
        if self.kind.is_numeric:
            self._check_range()
        else:
            self._check_categories()
        if self.direction not in (None, *_DIRECTIONS) or (self.direction and not self.kind.is_numeric):
            raise OptionError(
                f"feature {self.name!r} is {self.kind}: direction={self.direction!r} must be None or, for a number, "
                f"one of {_DIRECTIONS!r}"
            )
        for unit, worth in self.conversions.items():
            if not (math.isfinite(worth) and worth > 0):
                raise OptionError(
                    f"feature {self.name!r}: conversions say that one {unit!r} is worth {worth!r}; "
                    "it must be positive and finite"
                )
        if not (math.isfinite(self.spread) and self.spread > 0):
            raise OptionError(f"feature {self.name!r}: spread must be positive and finite, got {self.spread!r}")

    def _check_types(self) -> None:
        """Refuse what a slip of the keyboard makes of a field, such as one synonym that is no tuple."""
        for key in ("mutable", "fillable"):
            self._must_be(key, isinstance(getattr(self, key), bool | np.bool_), "True or False")
        for key in ("low", "high", "spread"):
            self._must_be(key, isinstance(getattr(self, key), numbers.Real), "a number")
        for key in ("conversions", "category_synonyms", "one_hot"):
            self._must_be(key, isinstance(getattr(self, key), Mapping), "a mapping, such as a dict")
        for key in ("categories", "synonyms"):
            given = getattr(self, key)
            is_several = isinstance(given, Iterable) and not isinstance(given, str | bytes)
            self._must_be(key, is_several, f"a tuple, such as ({given!r},)")
            object.__setattr__(self, key, tuple(given))

    def _must_be(self, key: str, holds: bool, what: str) -> None:
        if not holds:
            raise OptionError(f"feature {self.name!r}: {key}={getattr(self, key)!r} must be {what}")

    def _check_range(self) -> None:
        low, high = self.low, self.high
        if self.kind is Kind.INTEGER:
            # Of a range that ends between two whole numbers, as one that was converted may, the last one within counts.
            low, high = (low if math.isinf(low) else math.ceil(low)), (high if math.isinf(high) else math.floor(high))
        if math.isnan(self.low) or math.isnan(self.high) or low > high:
            raise OptionError(
                f"feature {self.name!r}: low={self.low!r} and high={self.high!r} leave no value; "
                "low must not exceed high"
            )
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)
        self._must_be("fill", self.fill is None or isinstance(self.fill, numbers.Real), "a number")
        if self.categories or self.one_hot:
            what = "categories" if self.categories else "one-hot columns"
            raise OptionError(f"feature {self.name!r} is {self.kind} and cannot have {what}")

    def _check_categories(self) -> None:
        if len(set(self.categories)) != len(self.categories) or not self.categories:
            raise OptionError(
                f"feature {self.name!r} is {self.kind}: categories must be distinct and at least one, "
                f"got {shown(self.categories)}"
            )
        if self.fill is not None and self.fill not in self.categories:
            raise OptionError(
                f"feature {self.name!r}: fill={self.fill!r} is not one of its categories"
                f"{nearest_name(self.fill, self.categories)}"
            )
        if self.kind is Kind.BINARY and len(self.categories) != 2:
            raise OptionError(
                f"feature {self.name!r} is binary: it needs two categories, got {len(self.categories)}, "
                f"{shown(self.categories)}"
            )
        unknown = [v for v in self.category_synonyms.values() if v not in self.categories]
        if unknown:
            raise OptionError(
                f"feature {self.name!r}: category_synonyms lead to {unknown[0]!r}, which is not one of its categories"
                f"{nearest_name(unknown[0], self.categories)}"
            )
        if self.one_hot:
            self._check_one_hot()

    def _check_one_hot(self) -> None:
        told = list(self.one_hot.values())
        unknown = [category for category in told if category not in self.categories]
        if unknown:
            raise OptionError(
                f"feature {self.name!r}: one_hot leads to {unknown[0]!r}, which is not one of its categories"
                f"{nearest_name(unknown[0], self.categories)}"
            )
        doubled = next((category for category in told if told.count(category) > 1), None)
        if doubled is not None:
            raise OptionError(f"feature {self.name!r}: two columns of one_hot stand for {doubled!r}; keep one")
        if len(self.categories) > len(told) + 1:
            without = [category for category in self.categories if category not in told]
            raise OptionError(
                f"feature {self.name!r}: no column of one_hot stands for {without!r}; only one category, that of a row "
                "of zeros, can do without"
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that it is read from: its own, or those of its one-hot group."""
        return tuple(self.one_hot) or (self.name,)

    @property
    def names(self) -> frozenset[str]:
        """The name and the synonyms."""
        return frozenset((self.name, *self.synonyms))

    def with_categories(self, more: Iterable[Hashable]) -> Feature:
        """Return the feature with further categories behind its own; a binary one becomes categorical.

        Categories of another type than its own, and those of a one-hot group, which would need a column, are left out.

        Examples
        --------
        >>> sex = Feature(name="sex", kind="binary", categories=("f", "m"))
        >>> sex.with_categories(["d", "f", 3]).categories
        ('f', 'm', 'd')
        """
        types, known = {_type_of(category) for category in self.categories}, CategoryPositions(self.categories)
        new = [c for c in dict.fromkeys(more) if c not in known and {_type_of(c)} == types]
        if not new or self.one_hot:
            return self
        return replace(self, kind=Kind.CATEGORICAL, categories=(*self.categories, *new))

    def factor_from(self, other: Feature) -> float:
        """Return what one unit of `other` is worth in this feature's unit.

        Raises
        ------
        TableError
            If both declare a unit, the units differ and neither declares the conversion.
        """
        if self.unit == other.unit or self.unit is None or other.unit is None:
            return 1.0
        if other.unit in self.conversions:
            return float(self.conversions[other.unit])
        if self.unit in other.conversions:
            return 1.0 / float(other.conversions[self.unit])
        raise TableError(
            f"feature {self.name!r} is in {self.unit!r} here and in {other.unit!r} elsewhere; declare what one "
            f"{other.unit!r} is worth: conversions={{{other.unit!r}: …}}"
        )


def _type_of(category: object) -> str:
    is_number = isinstance(category, numbers.Real) and not isinstance(category, bool)
    return "number" if is_number else type(category).__name__


def _checked_kind(name: str, kind: object) -> Kind:
    try:
        return Kind(str(kind))
    except ValueError:
        allowed = [str(k) for k in Kind]
        raise OptionError(f"feature {name!r}: unknown kind {kind!r}{nearest_name(kind, allowed)}") from None
