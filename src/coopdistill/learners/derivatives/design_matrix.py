"""What the preprocessing of a fitted model makes of encoded rows, found out by asking it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from coopdistill.learners.encoded_labels import EncodedLabels
from coopdistill.learners.model import Model
from coopdistill.schema import FeatureSpace

__all__ = ["NO_FEATURE", "SEVERAL_FEATURES", "Design", "design_of"]

NO_FEATURE = -1
"""Source of a column that is the same in all rows."""

SEVERAL_FEATURES = -2
"""Source of a column that mixes features."""

_N_CHECKS = 24
_TOLERANCE = 1e-9
_SINGLE_TOLERANCE = 1e-5
_NOISE = 1e-14
_DENSE_SHARE = 0.1

_Matrix: TypeAlias = Any
"""An array, or a sparse one where most of it is zero."""


@dataclass(frozen=True, eq=False)
class Design:
    """The map from encoded rows to the matrix that the last estimator of a model takes.

    Every numeric feature enters the columns in proportion, every category, and a missing value, by a row of a table;
    all of these add up.

    Parameters
    ----------
    estimator : object
        The last estimator of the model, which takes the matrix.
    space : FeatureSpace
        Of the encoded rows.
    base : ndarray of shape (n_features,), float64
        The encoded row that all is measured from.
    origin : ndarray of shape (n_columns,), float64
        Its columns.
    slope : array or sparse array of shape (n_features, n_columns)
        What one unit of each numeric feature adds; zero for the others.
    levels : array or sparse array of shape (n_levels, n_columns)
        What each category, and each missing value, adds in place of what the base row holds. A column that shows a
        missing value as such is NaN there.
    first_level : ndarray of shape (n_features,), int
        Where the levels of each feature begin: its categories in order, then the missing value; of a number, the
        missing value alone.
    allowed : ndarray of shape (n_levels,), bool
        Which levels the preprocessing takes; on the others it raises.
    source : ndarray of shape (n_columns,), int
        The one feature that each column depends on, else `NO_FEATURE` or `SEVERAL_FEATURES`.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from coopdistill.learners import as_learner
    >>> from coopdistill.schema import Codec, infer_feature_space
    >>> X, y = np.array([[0.0, 5.5], [2.5, 7.0], [5.0, 5.5]]), np.array([0, 0, 1])
    >>> pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    >>> design = design_of(Model("bank", as_learner(pipeline), Codec.of(X, infer_feature_space(X))))
    >>> bool(np.allclose(design.columns(X), pipeline[0].transform(X)))
    True
    >>> design.source
    array([0, 1])
    """

    estimator: Any
    space: FeatureSpace
    base: NDArray[np.float64]
    origin: NDArray[np.float64]
    slope: _Matrix
    levels: _Matrix
    first_level: NDArray[np.intp]
    allowed: NDArray[np.bool_]
    source: NDArray[np.intp]

    @property
    def n_columns(self) -> int:
        """Width of the matrix."""
        return len(self.origin)

    @cached_property
    def category_levels(self) -> NDArray[np.intp]:
        """The levels that are categories, feature by feature, shape (sum of categories,)."""
        return np.concatenate(
            [first + np.arange(count) for first, count in zip(self.first_level, self.space.n_categories, strict=True)]
        ).astype(np.intp)

    @cached_property
    def category_feature(self) -> NDArray[np.intp]:
        """The feature of each of these, shape (sum of categories,)."""
        return np.repeat(np.arange(len(self.space)), self.space.n_categories)

    @cached_property
    def category_code(self) -> NDArray[np.float64]:
        """The code of each of these within its feature, shape (sum of categories,)."""
        return np.concatenate([np.arange(count) for count in self.space.n_categories]).astype(np.float64)

    def columns(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the matrix that the last estimator takes.

        Parameters
        ----------
        rows : ndarray of shape (n_rows, n_features), float64
            Encoded.

        Returns
        -------
        ndarray of shape (n_rows, n_columns), float64
        """
        steps = np.where(self.space.numeric & ~np.isnan(rows), rows - self.base, 0.0)
        columns = self.origin + steps @ self.slope
        if self._has_categories or np.isnan(rows).any():
            level = self._levels_of(rows)
            at, feature = np.nonzero(level >= 0)
            chosen = sparse.csr_array(
                (np.ones(len(at)), (at, level[at, feature])), shape=(len(rows), len(self.allowed))
            )
            added = chosen @ self.levels
            columns += added.toarray() if sparse.issparse(added) else added
        return np.asarray(columns)

    def to_features(self, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn derivatives by columns into derivatives by numeric features; zero for the others.

        Parameters
        ----------
        gradient : ndarray of shape (n_rows, n_columns), float64

        Returns
        -------
        ndarray of shape (n_rows, n_features), float64
        """
        return np.asarray(gradient @ self.slope.T)

    def to_switches(self, gradient: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn derivatives by columns into the effect, to first order, of switching to each category.

        Parameters
        ----------
        gradient : ndarray of shape (n_rows, n_columns), float64
        rows : ndarray of shape (n_rows, n_features), float64
            Where the derivatives are taken.

        Returns
        -------
        ndarray of shape (n_rows, sum of categories), float64
            Zero for the category that a row has; NaN for one that the preprocessing does not take.
        """
        if not self._has_categories:
            return np.zeros((len(rows), 0))
        # Levels of numbers, which only stand for missing ones, are left out.
        effect = np.asarray(gradient @ self.levels[self._switchable].T)
        effect[:, ~self.allowed[self._switchable]] = np.nan
        place = np.cumsum(self._switchable) - 1
        level = self._levels_of(rows)[:, self.category_feature]
        now = np.take_along_axis(effect, place[level], axis=1)
        return np.asarray(effect[:, place[self.category_levels]] - now)

    @cached_property
    def _has_categories(self) -> bool:
        return not bool(self.space.numeric.all())

    @cached_property
    def _switchable(self) -> NDArray[np.bool_]:
        """Which levels belong to a category, its missing value included."""
        return np.repeat(~self.space.numeric, self.space.n_categories + 1)

    def _levels_of(self, rows: NDArray[np.float64]) -> NDArray[np.intp]:
        """Level of each value, -1 for a number that is there, shape (n_rows, n_features)."""
        missing = np.isnan(rows)
        code = np.where(missing, self.space.n_categories, np.where(missing, 0.0, rows)).astype(np.intp)
        return np.where(self.space.numeric & ~missing, -1, self.first_level + code)


def design_of(model: Model) -> Design | str:
    """Find out how a fitted model's preprocessing turns encoded rows into its last estimator's matrix.

    The preprocessing is only asked, never looked into, so it may be of any library. That it acts as `Design` says is
    verified on random rows within the ranges.

    Parameters
    ----------
    model : Model
        Fitted; bare, a pipeline, or pipelines in one another.

    Returns
    -------
    Design or str
        Or why there is none.
    """
    transform, last = _parts(model)
    space = model.space
    base = _base_row(space)
    low, high = _probed_range(space)
    numeric = np.flatnonzero(space.numeric)
    ends = _end_probes(base, numeric, low, high)
    probes, first_level = _level_probes(space, base)
    checks = _random_rows(space, low, high)
    try:
        # All in one question, for a pipeline's answer takes its time however few rows it is about.
        said, taken, single = _asked_all(transform, np.vstack([base[None, :], ends, probes, checks]))
    except Exception as error:  # whatever a foreign library raises, it is no affine map
        return f"its preprocessing cannot be asked about single rows: {error}"
    origin, at_ends, at_levels, at_checks = np.split(said, np.cumsum([1, len(ends), len(probes)]))
    allowed = taken[1 + len(ends) : 1 + len(ends) + len(probes)]
    if not np.isfinite(origin).all():
        return "its preprocessing passes on numbers that are missing or infinite"
    slope = np.zeros((len(space), origin.shape[1]))
    slope[numeric] = (at_ends[1::2] - at_ends[::2]) / (high - low)[numeric, None]
    if not np.isfinite(slope).all():
        return _complaint(space, int(np.flatnonzero(~np.isfinite(slope).all(axis=1))[0]))
    scale = np.abs(origin[0]) + np.abs(at_ends).max(axis=0, initial=0.0)
    slope[np.abs(slope) * (high - low)[:, None] <= _NOISE * scale] = 0.0
    levels = at_levels - origin
    levels[np.abs(levels) <= _NOISE * (scale + np.abs(at_levels))] = 0.0
    source = _sources(slope, levels, first_level)
    design = Design(last, space, base, origin[0], _compact(slope), _compact(levels), first_level, allowed, source)
    tolerance = _SINGLE_TOLERANCE if single else _TOLERANCE
    if not taken[-len(checks) :].all():
        checks = _with_allowed(design, checks)
        at_checks, _ = _asked_each(transform, checks, design.n_columns)
    if _same(design, checks, at_checks, tolerance).all():
        return design
    return _blame(design, transform, checks, tolerance)


def _parts(model: Model) -> tuple[Callable[[NDArray[np.float64]], Any], Any]:
    """The preprocessing as a function of encoded rows, and the estimator behind it."""
    last = model.learner.estimator
    fronts: list[Any] = []
    while True:
        if isinstance(last, EncodedLabels):
            last = last.estimator_
        elif hasattr(last, "best_estimator_"):
            last = last.best_estimator_
        elif hasattr(last, "named_steps") and hasattr(last, "steps"):
            if len(last.steps) > 1:
                fronts.append(last[:-1])
            last = last.steps[-1][1]
        else:
            break

    def transform(rows: NDArray[np.float64]) -> Any:
        table: Any = model.codec.decode(rows)
        for front in fronts:
            table = front.transform(table)
        return table

    return transform, last


def _asked(
    transform: Callable[[NDArray[np.float64]], Any], rows: NDArray[np.float64]
) -> tuple[NDArray[np.float64], bool]:
    """The columns of some rows, and whether they are of single precision."""
    with warnings.catch_warnings():
        # A probe may well hold what no row of training held; that is no news to the user.
        warnings.simplefilter("ignore")
        columns = transform(rows)
    columns = columns.toarray() if sparse.issparse(columns) else np.asarray(columns)
    single = columns.dtype.kind == "f" and columns.dtype.itemsize < 8
    if columns.ndim != 2:
        raise ValueError(f"it returns an array of {columns.ndim} dimensions")
    return columns.astype(np.float64), single


def _asked_each(
    transform: Callable[[NDArray[np.float64]], Any], rows: NDArray[np.float64], n_columns: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The columns of some rows, NaN where it raises on a row, and on which it does not."""
    if len(rows) == 0:
        return np.empty((0, n_columns)), np.ones(0, dtype=bool)
    try:
        return _asked(transform, rows)[0], np.ones(len(rows), dtype=bool)
    except Exception:  # one row that is refused makes it raise for all; which one, only asking one by one can tell
        if len(rows) == 1:
            return np.full((1, n_columns), np.nan), np.zeros(1, dtype=bool)
    half = len(rows) // 2
    parts = [_asked_each(transform, part, n_columns) for part in (rows[:half], rows[half:])]
    return np.vstack([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _asked_all(
    transform: Callable[[NDArray[np.float64]], Any], rows: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], bool]:
    """The columns of some rows, on which it does not raise, and whether they are of single precision.

    Raises what it raises on the first row.
    """
    try:
        columns, single = _asked(transform, rows)
    except Exception:  # some row is refused
        first, single = _asked(transform, rows[:1])
        columns, taken = _asked_each(transform, rows, first.shape[1])
        return columns, taken, single
    return columns, np.ones(len(rows), dtype=bool), single


def _base_row(space: FeatureSpace) -> NDArray[np.float64]:
    low, high = _probed_range(space)
    middle = np.where(space.integer, np.rint((low + high) / 2), (low + high) / 2)
    fill = space.fill_codes()
    known = ~np.isnan(fill)
    return np.where(known, np.where(space.numeric, np.clip(fill, low, high), fill), np.where(space.numeric, middle, 0))


def _probed_range(space: FeatureSpace) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where numbers are probed: their range, or around their fill value where that has no end."""
    fill = np.nan_to_num(space.fill_codes())
    reach = np.where(space.integer, np.ceil(4.0 * space.spread), 4.0 * space.spread)
    low = np.where(np.isfinite(space.low), space.low, np.where(np.isfinite(space.high), space.high, fill) - reach)
    high = np.where(np.isfinite(space.high), space.high, np.where(np.isfinite(space.low), space.low, fill) + reach)
    low, high = np.where(space.integer, np.ceil(low), low), np.where(space.integer, np.floor(high), high)
    # Where a feature has one value only there is still a slope to find.
    stuck = ~(high > low)
    return low, np.where(stuck, low + np.where(space.integer, 1.0, space.spread), high)


def _end_probes(
    base: NDArray[np.float64], numeric: NDArray[np.intp], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The base row with each number at its least and then at its greatest."""
    ends = np.repeat(base[None, :], 2 * len(numeric), axis=0)
    ends[np.arange(0, len(ends), 2), numeric] = low[numeric]
    ends[np.arange(1, len(ends), 2), numeric] = high[numeric]
    return ends


def _level_probes(space: FeatureSpace, base: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The base row with each level in its place, and where the levels of each feature begin."""
    counts = space.n_categories + 1
    first = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
    feature = np.repeat(np.arange(len(space)), counts)
    code = (np.arange(len(feature)) - first[feature]).astype(np.float64)
    probes = np.repeat(base[None, :], len(feature), axis=0)
    probes[np.arange(len(feature)), feature] = np.where(code == space.n_categories[feature], np.nan, code)
    return probes, first


def _sources(
    slope: NDArray[np.float64], levels: NDArray[np.float64], first_level: NDArray[np.intp]
) -> NDArray[np.intp]:
    touched = (slope != 0) | (np.add.reduceat(levels != 0, first_level, axis=0) > 0)
    count = touched.sum(axis=0)
    return np.where(count == 0, NO_FEATURE, np.where(count == 1, touched.argmax(axis=0), SEVERAL_FEATURES))


def _compact(matrix: NDArray[np.float64]) -> _Matrix:
    return sparse.csr_array(matrix) if np.count_nonzero(matrix) < _DENSE_SHARE * matrix.size else matrix


def _blame(
    design: Design, transform: Callable[[NDArray[np.float64]], Any], rows: NDArray[np.float64], tolerance: float
) -> str:
    """Say which feature does not act as it should, trying one at a time."""
    for j in range(len(design.space)):
        alone = np.repeat(design.base[None, :], len(rows), axis=0)
        alone[:, j] = rows[:, j]
        said, _ = _asked_each(transform, alone, design.n_columns)
        if not _same(design, alone, said, tolerance).all():
            return _complaint(design.space, j)
    return "its preprocessing lets features act on one another"


def _complaint(space: FeatureSpace, feature: int) -> str:
    return f"its preprocessing does not take feature {space.names[feature]!r} in proportion"


def _random_rows(space: FeatureSpace, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    rng = np.random.default_rng(0)
    shape = (_N_CHECKS, len(space))
    numbers = low + rng.random(shape) * (high - low)
    numbers = np.where(space.integer, np.rint(numbers), numbers)
    codes = np.floor(rng.random(shape) * np.maximum(space.n_categories, 1))
    rows = np.where(space.numeric, numbers, codes)
    return np.where(rng.random(shape) < 0.1, np.nan, rows)


def _with_allowed(design: Design, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows with the base row's values in place of levels that the preprocessing does not take."""
    level = design._levels_of(rows)
    return np.where((level >= 0) & ~design.allowed[np.maximum(level, 0)], design.base, rows)


def _same(design: Design, rows: NDArray[np.float64], said: NDArray[np.float64], tolerance: float) -> NDArray[np.bool_]:
    """Whether the preprocessing says of rows what the design says; not where it raises."""
    expected = design.columns(rows)
    scale = np.abs(design.origin) + np.nan_to_num(np.abs(said)) + np.nan_to_num(np.abs(expected))
    same = np.abs(said - expected) <= tolerance * (1.0 + scale)
    return np.asarray((same | (np.isnan(said) & np.isnan(expected))).all(axis=1))
