"""The nearest rows of a row's class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from coopdistill.counterfactuals.problem import TOLERANCE, Problem
from coopdistill.schema import FeatureSpace

__all__ = ["embedding", "nearest_teaching"]

_CHUNK_CELLS = 4_000_000
_MANY_CATEGORIES = 10
"""With more than these, comparing codes is quicker than summing over a column for each category."""


def embedding(X: NDArray[np.float64], space: FeatureSpace) -> NDArray[np.float64]:
    """Place encoded rows so that their L1 distance is that of the feature space.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features), float64
        Encoded rows.
    space : FeatureSpace
        Its numeric features are divided by their spreads, the others one-hot encoded by halves; a missing
        number stands at the middle of its range.

    Returns
    -------
    ndarray of shape (n_rows, n_columns), float64
    """
    return _embedded(X, space, np.flatnonzero(~space.numeric))


def _embedded(X: NDArray[np.float64], space: FeatureSpace, coded: NDArray[np.intp]) -> NDArray[np.float64]:
    """The embedding, of the features that are not numeric with some only."""
    fill = np.nan_to_num(space.fill_codes(), nan=0.0)
    numbers = np.where(np.isnan(X), fill, X)[:, space.numeric] / space.spread[space.numeric]
    one_hot = [0.5 * (X[:, j][:, None] == np.arange(space.n_categories[j])) for j in coded]
    return np.hstack([numbers, *one_hot])


def _distances(A: NDArray[np.float64], B: NDArray[np.float64], space: FeatureSpace) -> NDArray[np.float64]:
    """L1 distances between embedded rows; a feature of thousands of categories is not made as many columns."""
    has_many = space.n_categories > _MANY_CATEGORIES
    few = np.flatnonzero(~space.numeric & ~has_many)
    distance = cdist(_embedded(A, space, few), _embedded(B, space, few), "cityblock")
    for j in np.flatnonzero(has_many):
        a, b = (np.nan_to_num(X[:, j], nan=-1.0) for X in (A, B))
        differs = a[:, None] != b
        # Half for the category of either row, one after the other as columns are summed; the missing have none.
        distance += 0.5 * (differs & (a >= 0.0)[:, None])
        distance += 0.5 * (differs & (b >= 0.0))
    return np.asarray(distance)


def nearest_teaching(
    problem: Problem, n_neighbours: int, *, only_surer: bool = True
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Find reference rows of each row's class that are worth walking towards.

    Those on which the teacher's score reaches the row's target go first, the nearest of them foremost; where there
    are too few, those on which it is at least surer than on the row, the surest foremost. Where rows have a `way`, that
    neighbour is the only one.

    Parameters
    ----------
    problem : Problem
        With a reference.
    n_neighbours : int
        How many for each row.
    only_surer : bool, default=True
        False: where there are too few of these, too, the nearest of the others.

    Returns
    -------
    index : ndarray of shape (n_rows, n_neighbours), int
        Positions among the reference rows.
    usable : ndarray of shape (n_rows, n_neighbours), bool
        Whether there is such a neighbour.
    """
    if problem.way is None or n_neighbours == 0:
        return _nearest_teaching(problem, n_neighbours, only_surer)
    index, usable = _nearest_teaching(problem, int(problem.way.max(initial=0)) + 1, only_surer)
    way = problem.way[:, None]
    return np.take_along_axis(index, way, axis=1), np.take_along_axis(usable, way, axis=1)


def _nearest_teaching(
    problem: Problem, n_neighbours: int, only_surer: bool
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    assert problem.reference is not None
    n_rows = len(problem.X)
    index = np.zeros((n_rows, n_neighbours), dtype=np.intp)
    usable = np.zeros((n_rows, n_neighbours), dtype=bool)
    for label in np.unique(problem.label):
        candidates = problem.reference.representatives(int(label))
        if candidates.size == 0:
            continue
        there = problem.reference.X[candidates]
        k = min(n_neighbours, len(candidates))
        rows = np.flatnonzero(problem.label == label)
        step = max(1, _CHUNK_CELLS // len(candidates))
        for part in np.array_split(rows, -(-len(rows) // step)):
            distance = _distances(problem.X[part], there, problem.space)
            best, key = _least(_preference(problem, part, candidates, distance, only_surer), k)
            index[part, :k] = candidates[best]
            usable[part, :k] = np.isfinite(key)
    return index, usable


def _least(key: NDArray[np.float64], k: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Positions and values of the k least in each row, in order."""
    few = np.argpartition(key, k - 1, axis=1)[:, :k]
    values = np.take_along_axis(key, few, axis=1)
    order = np.lexsort((few, values), axis=1)
    return np.take_along_axis(few, order, axis=1), np.take_along_axis(values, order, axis=1)


def _preference(
    problem: Problem,
    part: NDArray[np.intp],
    candidates: NDArray[np.intp],
    distance: NDArray[np.float64],
    only_surer: bool,
) -> NDArray[np.float64]:
    """Order candidates: by distance where the target is reached, beyond it where only surer, then others or never."""
    score = problem.promised(part, candidates)
    before, target = problem.before[part][:, None], problem.target[part][:, None]
    reaches = score >= target - TOLERANCE
    surer = score > before + TOLERANCE
    beyond = distance.max(initial=0.0) + 1.0
    otherwise = np.inf if only_surer else 2.0 * beyond + distance
    key = np.where(reaches, distance, np.where(surer, beyond + (1.0 - score), otherwise))
    # A row is no neighbour of itself, nor of its duplicates.
    return np.asarray(np.where(distance <= TOLERANCE, np.inf, key))
