"""What a generator is asked to solve, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from coopdistill.schema import FeatureSpace

__all__ = ["TOLERANCE", "Problem", "Proposal", "Reference", "Scorer"]

TOLERANCE = 1e-9
"""How far under its target a score may stay and count as there: the noise of summing in another order."""

Scorer: TypeAlias = Callable[[NDArray[np.float64], NDArray[np.intp]], NDArray[np.float64]]
"""Encoded rows and the class of each → the teacher's score of that class."""


@dataclass(frozen=True, eq=False)
class Reference:
    """Real rows that a generator may look at: never to be emitted.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features), float64
        Encoded rows.
    label : ndarray of shape (n_rows,), int
        Class of each, as the teacher's score column.
    score : ndarray of shape (n_rows,), float64
        The teacher's score of that class.
    """

    X: NDArray[np.float64]
    label: NDArray[np.intp]
    score: NDArray[np.float64]

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        return np.unique(_row_keys(self.X))

    def contains(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points are exact copies of a reference row, shape (n_points,)."""
        return np.isin(_row_keys(points), self._keys)


@dataclass(frozen=True, eq=False)
class Problem:
    """Rows, each with a target that the teacher's score of its class is to reach.

    Parameters
    ----------
    ask : Scorer
        The teacher.
    space : FeatureSpace
        Ranges, kinds and which features may change.
    X : ndarray of shape (n_rows, n_features), float64
        Encoded rows to start from.
    label : ndarray of shape (n_rows,), int
        Class of each, as the teacher's score column.
    before, target : ndarray of shape (n_rows,), float64
        The teacher's score of that class, and what it is to become.
    reference : Reference, optional
        Real rows of the same feature space.
    seed : int
        Same seed, same answer.
    """

    ask: Scorer
    space: FeatureSpace
    X: NDArray[np.float64]
    label: NDArray[np.intp]
    before: NDArray[np.float64]
    target: NDArray[np.float64]
    reference: Reference | None
    seed: int


@dataclass(frozen=True, eq=False)
class Proposal:
    """The best point found for each row; the row itself where there is none better.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features), float64
        Encoded; all constraints hold.
    score : ndarray of shape (n_rows,), float64
        The teacher's score of the row's class there.
    reason : ndarray of shape (n_rows,), object
        Why the target was not reached; empty where it was.
    """

    X: NDArray[np.float64]
    score: NDArray[np.float64]
    reason: NDArray[np.object_]


def _row_keys(rows: NDArray[np.float64]) -> NDArray[np.uint64]:
    """One integer a row; equal rows have equal keys, others differ but for one chance in 2**64."""
    canonical = np.where(np.isnan(rows), np.nan, rows + 0.0)
    weights = np.random.default_rng(rows.shape[1]).integers(1, 2**63, rows.shape[1], dtype=np.uint64) | np.uint64(1)
    bits = np.ascontiguousarray(canonical).view(np.uint64)
    return np.asarray(((bits ^ (bits >> np.uint64(29))) * weights).sum(axis=1, dtype=np.uint64))
