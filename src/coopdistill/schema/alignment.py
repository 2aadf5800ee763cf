"""Rows of one feature space expressed in another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import AlignmentError, NoSharedFeatureError
from coopdistill.schema.category_positions import CategoryPositions
from coopdistill.schema.feature import Feature, Kind
from coopdistill.schema.space import FeatureSpace

__all__ = ["Alignment"]


@dataclass(frozen=True)
class _NumericColumn:
    source: int
    factor: float
    whole: bool

    def read(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        values = rows[:, self.source] * self.factor
        return np.rint(values) if self.whole else values


@dataclass(frozen=True)
class _CodedColumn:
    """A column whose values on one side or both are codes: a look-up, where NaN means 'not known there'."""

    source: int
    table: NDArray[np.float64]
    keys: NDArray[np.float64]

    def read(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        values = rows[:, self.source]
        place = np.clip(np.searchsorted(self.keys, values), 0, len(self.keys) - 1)
        return np.where(self.keys[place] == values, self.table[place], np.nan)


@dataclass(frozen=True)
class _NearerColumn:
    """A number read as the nearer of the two that a binary feature knows: there, a 2 is still no 0 but a 1."""

    source: int
    numbers: NDArray[np.float64]

    def read(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        values = rows[:, self.source]
        code = (np.abs(values - self.numbers[1]) < np.abs(values - self.numbers[0])).astype(np.float64)
        return np.where(np.isnan(values), np.nan, code)


_Column: TypeAlias = _NumericColumn | _CodedColumn | _NearerColumn


class Alignment:
    """Expresses encoded rows of one feature space in another.

    Features meet by name or declared synonym; units are converted by the declared factor; categories
    meet by value or declared synonym. What the source lacks is filled with the target's own median or most
    frequent category, or left missing where the target's model takes missing values.

    Parameters
    ----------
    source, target : FeatureSpace
        Where rows come from and where they go.

    Attributes
    ----------
    shared : tuple of (str, str)
        Names of the features that meet, source's and target's.

    Raises
    ------
    AlignmentError
        If no feature is shared, one feature could be two, or a shared one is numeric on one side and not on the other.

    Examples
    --------
    >>> from coopdistill.schema import Feature, FeatureSpace
    >>> us = FeatureSpace((Feature(name="odometer", kind="continuous", unit="mile"),))
    >>> eu = FeatureSpace(
    ...     (
    ...         Feature(
    ...             name="mileage", kind="continuous", unit="km", conversions={"mile": 1.609344}, synonyms=("odometer",)
    ...         ),
    ...         Feature(name="doors", kind="integer", fill=4),
    ...     )
    ... )
    >>> Alignment(us, eu).apply(np.array([[1000.0]]))
    array([[1609.344,    4.   ]])
    """

    def __init__(self, source: FeatureSpace, target: FeatureSpace) -> None:
        self.source = source
        self.target = target
        named = {name: i for i, name in enumerate(source.names)}
        called = _called(source)
        partners = [_partner(feature, source, named, called) for feature in target]
        self.shared = tuple((source.features[p].name, f.name) for p, f in zip(partners, target, strict=True) if p >= 0)
        if not self.shared:
            raise NoSharedFeatureError(
                f"no shared feature: one side has {_listed(source)}, the other {_listed(target)}; name the shared "
                "ones alike, or declare synonyms"
            )
        _refuse_doubled(self.shared)
        self._columns = [
            _column(source.features[p], p, feature) if p >= 0 else None
            for p, feature in zip(partners, target, strict=True)
        ]

    def apply(
        self,
        rows: NDArray[np.float64],
        *,
        base: NDArray[np.float64] | None = None,
        keep_missing: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.float64]:
        """Express rows in the target space.

        Parameters
        ----------
        rows : ndarray of shape (n_rows, n_source_features), float64
            Encoded in the source space.
        base : ndarray of shape (n_rows, n_target_features), float64, optional
            The same rows as the target knows them: what the source lacks is taken from here.
        keep_missing : ndarray of shape (n_target_features,), bool, optional
            Features of which the target's model takes missing values; they are not filled. Default: none.

        Returns
        -------
        ndarray of shape (n_rows, n_target_features), float64
        """
        fill = self.target.fill_codes()
        if keep_missing is not None:
            fill = np.where(keep_missing, np.nan, fill)
        out = np.empty((len(rows), len(self.target)), dtype=np.float64)
        for j, column in enumerate(self._columns):
            if column is None:
                out[:, j] = fill[j] if base is None else base[:, j]
                continue
            values = column.read(rows)
            out[:, j] = np.where(np.isnan(values), fill[j] if base is None else base[:, j], values)
        return out

    @property
    def lacking(self) -> NDArray[np.bool_]:
        """Which features of the target the source has nothing to say of, shape (n_target_features,)."""
        return np.array([column is None for column in self._columns])

    @property
    def unknown_categories(self) -> dict[str, tuple[Hashable, ...]]:
        """Categories of the source that the target does not know, by the target's feature: they are read as missing."""
        unknown = {}
        for column, feature in zip(self._columns, self.target, strict=True):
            if isinstance(column, _CodedColumn) and not feature.kind.is_numeric:
                categories = self.source.features[column.source].categories
                # Empty where the source holds numbers, which are no categories to be added.
                lost = tuple(c for c, code in zip(categories, column.table, strict=False) if np.isnan(code))
                if lost:
                    unknown[feature.name] = lost
        return unknown


def _called(space: FeatureSpace) -> dict[str, list[int]]:
    """For each name and synonym the positions of the features that go by it."""
    called: dict[str, list[int]] = {}
    for i, feature in enumerate(space):
        for name in feature.names:
            called.setdefault(name, []).append(i)
    return called


def _partner(
    feature: Feature, source: FeatureSpace, named: Mapping[str, int], called: Mapping[str, Sequence[int]]
) -> int:
    """Position of the source feature that means the same, -1 if none; an equal name goes before a synonym."""
    if feature.name in named:
        return named[feature.name]
    meeting = sorted({i for name in feature.names for i in called.get(name, ())})
    if len(meeting) > 1:
        names = [source.features[i].name for i in meeting]
        raise AlignmentError(f"feature {feature.name!r} could be any of {names!r} by its synonyms; keep one")
    return meeting[0] if meeting else -1


def _refuse_doubled(shared: tuple[tuple[str, str], ...]) -> None:
    times = Counter(source for source, _ in shared)
    doubled = next((name for name, n in times.items() if n > 1), None)
    if doubled is not None:
        targets = [target for source, target in shared if source == doubled]
        raise AlignmentError(f"feature {doubled!r} would be read as {targets!r} at once; keep one of the synonyms")


def _column(source: Feature, position: int, target: Feature) -> _Column:
    if source.kind.is_numeric and target.kind.is_numeric:
        return _NumericColumn(position, target.factor_from(source), target.kind is Kind.INTEGER)
    if source.kind.is_numeric:
        return _codes_from_numbers(source, position, target)
    if target.kind.is_numeric:
        return _numbers_from_codes(source, position, target)
    if target.kind is Kind.BINARY and _all_numbers(source) and _all_numbers(target):
        nearer = _NearerColumn(0, _as_numbers(target, source)).read(_as_numbers(source, target)[:, None])
        return _CodedColumn(position, nearer, np.arange(len(nearer), dtype=np.float64))
    known = CategoryPositions(target.categories)
    codes = [known.code(_word_for(category, source, target, known)) for category in source.categories]
    return _CodedColumn(position, np.array(codes), np.arange(len(codes), dtype=np.float64))


def _word_for(category: Hashable, source: Feature, target: Feature, known: CategoryPositions) -> Hashable:
    """What the target calls a category of the source's; the same word goes before a synonym that the source knows.

    Of several such synonyms the last is taken.
    """
    if category in target.category_synonyms:
        return target.category_synonyms[category]
    if category in known and source.category_synonyms.get(category, category) == category:
        return category
    words = [word for word, mine in source.category_synonyms.items() if mine == category and word in known]
    return words[-1] if words else category


def _codes_from_numbers(source: Feature, position: int, target: Feature) -> _Column:
    numbers = _as_numbers(target, source)
    order = np.argsort(numbers)
    if target.kind is Kind.BINARY:
        return _NearerColumn(position, numbers)
    return _CodedColumn(position, order.astype(np.float64), numbers[order])


def _numbers_from_codes(source: Feature, position: int, target: Feature) -> _CodedColumn:
    return _CodedColumn(position, _as_numbers(source, target), np.arange(len(source.categories), dtype=np.float64))


def _all_numbers(feature: Feature) -> bool:
    return all(isinstance(category, int | float) for category in feature.categories)


def _as_numbers(coded: Feature, numeric: Feature) -> NDArray[np.float64]:
    try:
        return np.array([float(category) for category in coded.categories])  # type: ignore[arg-type]  # tried
    except (TypeError, ValueError):
        raise AlignmentError(
            f"feature {coded.name!r} is {coded.kind} on one side and {numeric.kind} on the other, and its categories "
            f"({', '.join(map(repr, coded.categories[:3]))}, …) are no numbers; declare one kind for both"
        ) from None


def _listed(space: FeatureSpace) -> str:
    shown = ", ".join(repr(name) for name in space.names[:5])
    return shown + (f" and {len(space) - 5} more" if len(space) > 5 else "")
