"""From encoded features to the columns that trees split on, found out by asking."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from coopdistill.learners.model import Model
from coopdistill.learners.trees.structure import UnreadableError
from coopdistill.schema import FeatureSpace

__all__ = ["CONSTANT", "TreeInputs", "last_estimator", "probed_range", "tree_inputs_of"]

CONSTANT = -1
"""Feature of a column that is the same in all rows."""

_N_PROBES = 9
_PROBED_VALUES = 4_000_000

Matrix = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Encoded rows → the columns that the trees take."""


@dataclass(frozen=True, eq=False)
class TreeInputs:
    """What each column that trees split on is made of: one number, one category, or nothing.

    Parameters
    ----------
    columns : callable
        From encoded rows to the columns.
    is_identity : bool
        Whether the columns are the features.
    feature : ndarray of shape (n_columns,), int
        The feature behind each column, else `CONSTANT`.
    rises : ndarray of shape (n_columns,), bool
        Whether it rises with its number.
    probe : ndarray of shape (n_features,), float64
        An encoded row without missing values.
    codes : ndarray of shape (n_columns, most categories), float64
        Its value for each category.
    missing : ndarray of shape (n_columns,), float64
        Its value where the feature is missing; NaN also where that is refused.
    line : ndarray of shape (n_columns, 2), float64
        Offset and slope of what is about a straight line through its ends.
    """

    columns: Matrix
    is_identity: bool
    feature: NDArray[np.intp]
    rises: NDArray[np.bool_]
    probe: NDArray[np.float64]
    codes: NDArray[np.float64]
    missing: NDArray[np.float64]
    line: NDArray[np.float64]


def last_estimator(model: Model) -> tuple[Callable[[NDArray[np.float64]], Any], Any]:
    """Part a model into what stands in front of its last estimator, and that.

    Parameters
    ----------
    model : Model
        Bare, a pipeline, pipelines in one another, or a search that has found its best.

    Returns
    -------
    callable
        From encoded rows to what the last estimator takes.
    estimator
    """
    last = model.learner.estimator
    fronts: list[Any] = []
    while True:
        # In this order, as a pipeline passes on what its last step has.
        if hasattr(last, "steps") and hasattr(last, "named_steps"):
            if len(last.steps) > 1:
                fronts.append(last[:-1])
            last = last.steps[-1][1]
        elif hasattr(last, "best_estimator_"):
            last = last.best_estimator_
        elif type(last).__name__ == "EncodedLabels":
            last = last.estimator_
        else:
            break

    def table(rows: NDArray[np.float64]) -> Any:
        made: Any = model.codec.decode(rows)
        for front in fronts:
            made = front.transform(made)
        return made.toarray() if sparse.issparse(made) else made

    return table, last


def tree_inputs_of(
    columns: Matrix, space: FeatureSpace, rows: NDArray[np.float64], used: NDArray[np.intp]
) -> TreeInputs:
    """Find out which feature each column comes from, and how.

    Parameters
    ----------
    columns : callable
        From encoded rows to the columns.
    space : FeatureSpace
    rows : ndarray of shape (n_rows, n_features), float64
        Encoded rows, of which a few are asked about.
    used : ndarray of int
        The columns that matter.

    Returns
    -------
    TreeInputs

    Raises
    ------
    UnreadableError
        If a column mixes features, or goes up and down with one number.
    """
    few = rows[np.unique(np.linspace(0, len(rows) - 1, 3).astype(np.intp))]
    probe = _probe_row(space, few)
    with warnings.catch_warnings():
        # A probe may well hold what no row of training held; that is no news to the user.
        warnings.simplefilter("ignore")
        said = columns(few)
        if space.numeric.all() and said.shape == few.shape and np.array_equal(said, few, equal_nan=True):
            return _identity(columns, space, probe)
        base = columns(probe[None, :])[0]
        n_columns = len(base)
        moved = _Moves(columns, space, probe, base)
        feature = np.full(n_columns, CONSTANT, dtype=np.intp)
        rises = np.ones(n_columns, dtype=bool)
        codes = np.repeat(base[:, None], max(1, int(space.n_categories.max())), axis=1)
        missing, line = base.copy(), np.zeros((n_columns, 2))
        for j in range(len(space)):
            values, made, blank = moved.of(j)
            touched = ~_same(made, base).all(axis=0) | ~_same(blank, base)
            touched &= np.isin(np.arange(n_columns), used)
            mixed = np.flatnonzero(touched & (feature != CONSTANT))
            if mixed.size:
                names = space.names[feature[mixed[0]]], space.names[j]
                raise UnreadableError(f"a column that the trees split on mixes features {names[0]!r} and {names[1]!r}")
            feature[touched] = j
            missing[touched] = blank[touched]
            if space.numeric[j]:
                _check_monotone(made[:, touched], space.names[j])
                rises[touched] = made[-1, touched] >= made[0, touched]
                slope = (made[-1, touched] - made[0, touched]) / (values[-1] - values[0])
                line[touched, 0], line[touched, 1] = made[0, touched] - slope * values[0], slope
            else:
                codes[touched, : len(values)] = made[:, touched].T
    return TreeInputs(columns, False, feature, rises, probe, codes, missing, line)


def _identity(columns: Matrix, space: FeatureSpace, probe: NDArray[np.float64]) -> TreeInputs:
    d = len(space)
    return TreeInputs(
        columns,
        True,
        np.arange(d),
        np.ones(d, dtype=bool),
        probe,
        np.zeros((d, 1)),
        np.full(d, np.nan),
        np.column_stack([np.zeros(d), np.ones(d)]),
    )


class _Moves:
    """Columns of the probe with one feature moved, asked about many features with each question."""

    def __init__(self, columns: Matrix, space: FeatureSpace, probe: NDArray[np.float64], base: NDArray[np.float64]):
        self._columns, self._probe, self._base = columns, probe, base
        self._values = [_probed_values(space, j, probe[j]) for j in range(len(space))]
        self._at: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []

    def of(self, j: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Values of a feature, the columns for each of them, and those where it is missing.

        Features are to be asked for in their order.
        """
        if j >= len(self._at):
            self._ask_from(j)
        return self._values[j], *self._at[j]

    def _ask_from(self, first: int) -> None:
        counts = np.array([len(values) + 1 for values in self._values[first:]])
        width = max(len(self._probe), len(self._base))
        some = slice(first, first + max(1, int(np.searchsorted(np.cumsum(counts) * width, _PROBED_VALUES))))
        values, counts = self._values[some], counts[: some.stop - first]
        feature = np.repeat(np.arange(first, first + len(values)), counts - 1)
        points = np.repeat(self._probe[None, :], len(feature), axis=0)
        points[np.arange(len(feature)), feature] = np.concatenate(values)
        blank = np.repeat(self._probe[None, :], len(values), axis=0)
        blank[np.arange(len(values)), first + np.arange(len(values))] = np.nan
        made = np.split(self._columns(points), np.cumsum(counts - 1)[:-1])
        self._at += zip(made, self._asked_missing(blank), strict=True)

    def _asked_missing(self, blank: NDArray[np.float64]) -> NDArray[np.float64]:
        try:
            return self._columns(blank)
        except Exception:  # whatever a foreign library raises: it does not take a missing value, so none comes
            if len(blank) == 1:
                return self._base[None, :]
        half = len(blank) // 2
        return np.vstack([self._asked_missing(blank[:half]), self._asked_missing(blank[half:])])


def _probe_row(space: FeatureSpace, few: NDArray[np.float64]) -> NDArray[np.float64]:
    fill = np.where(np.isnan(space.fill_codes()), np.where(np.isfinite(space.low), space.low, 0.0), space.fill_codes())
    first = few[0]
    return np.where(np.isnan(first), np.nan_to_num(fill), first)


def _probed_values(space: FeatureSpace, j: int, here: float) -> NDArray[np.float64]:
    if not space.numeric[j]:
        return np.arange(space.n_categories[j], dtype=np.float64)
    low, high = probed_range(space, j, here)
    values = np.linspace(low, high, _N_PROBES)
    return np.unique(np.rint(values)) if space.integer[j] else values


def probed_range(space: FeatureSpace, j: int, here: float) -> tuple[float, float]:
    """Return the range of a number, or where that has no end, of what is around a value."""
    reach = 4.0 * float(space.spread[j])
    low = float(space.low[j]) if np.isfinite(space.low[j]) else here - reach
    high = float(space.high[j]) if np.isfinite(space.high[j]) else here + reach
    return (low, high) if high > low else (low, low + max(1.0, reach))


def _same(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)))


def _check_monotone(made: NDArray[np.float64], name: str) -> None:
    steps = np.diff(made, axis=0)
    wavers = ~((steps >= 0).all(axis=0) | (steps <= 0).all(axis=0))
    if wavers.any():
        raise UnreadableError(f"a column that the trees split on goes up and down with feature {name!r}")
