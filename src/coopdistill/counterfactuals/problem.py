"""What a generator is asked to solve, and what it answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners import Model
from coopdistill.schema import FeatureSpace, row_keys

__all__ = ["TOLERANCE", "USED_UP", "Budget", "Problem", "Proposal", "Reference", "Scorer"]

TOLERANCE = 1e-9
"""How far under its target a score may stay and count as there: the noise of summing in another order."""

USED_UP = "what may be spent was used up"
"""The reason of rows that a budget left no question for."""

_MAX_REPRESENTATIVES = 1024
_KEY_ROWS = 50_000

Scorer: TypeAlias = Callable[[NDArray[np.float64], NDArray[np.intp]], NDArray[np.float64]]
"""Encoded points and the row of the problem that each is for → their scores."""


@dataclass(frozen=True, eq=False)
class Reference:
    """Real rows that a generator may look at: never to be emitted.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features), float64
        Encoded rows.
    label : ndarray of shape (n_rows,), int
        Class of each, as the teacher's score column; 0 for all in regression.
    score : ndarray of shape (n_rows,), float64
        The teacher's score of that class; in regression its prediction.
    """

    X: NDArray[np.float64]
    label: NDArray[np.intp]
    score: NDArray[np.float64]

    @cached_property
    def _keys(self) -> NDArray[np.uint64]:
        # In pieces: the rows may be a million.
        pieces = np.array_split(self.X, 1 + len(self.X) // _KEY_ROWS)
        return np.unique(np.concatenate([row_keys(piece) for piece in pieces]))

    def contains(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points are exact copies of a reference row, shape (n_points,)."""
        if len(self._keys) == 0:
            return np.zeros(len(points), dtype=bool)
        keys = row_keys(points)
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.asarray(self._keys[place] == keys)

    def representatives(self, label: int) -> NDArray[np.intp]:
        """Return positions of rows of a class: all, or of very many an evenly spaced part in order of score.

        The surest and the least sure are among them.
        """
        if label not in self._chosen:
            rows = np.flatnonzero(self.label == label)
            if len(rows) > _MAX_REPRESENTATIVES:
                by_score = rows[np.argsort(-self.score[rows], kind="stable")]
                rows = np.sort(by_score[np.linspace(0, len(rows) - 1, _MAX_REPRESENTATIVES).astype(np.intp)])
            self._chosen[label] = rows
        return self._chosen[label]

    @cached_property
    def _chosen(self) -> dict[int, NDArray[np.intp]]:
        return {}


@dataclass(frozen=True)
class Budget:
    """How much a generator may spend.

    Parameters
    ----------
    rows_each : int, optional
        Points that a generator may ask the teacher about for each row. None: as many as it likes.
    deadline : float, optional
        Value of `time.perf_counter` after which no new question is asked.
    """

    rows_each: int | None = None
    deadline: float | None = None

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return self.deadline is not None and time.perf_counter() >= self.deadline

    def why_ended(self, otherwise: str, *, cut_short: bool = False) -> str:
        """Return why rows are left: time is up or questions were left out, or else what is given."""
        return USED_UP if cut_short or self.is_over else otherwise

    def points(self, wanted: int) -> int:
        """Return about how many of the wanted points one question may ask for each row."""
        return wanted if self.rows_each is None else min(wanted, self.rows_each)

    def questions(self, wanted: int, rows_each: int) -> int:
        """Return how many of the wanted questions, each of so many points a row, may be asked."""
        return wanted if self.rows_each is None else min(wanted, self.rows_each // max(rows_each, 1))


@dataclass(frozen=True, eq=False)
class Problem:
    """Rows, each with a target that its score is to reach.

    The score of a row is the teacher's score of its true class. In regression it is how far a point takes the
    prediction towards the value asked for: 0 at the row, 1 there, less again beyond. So a generator has one
    thing to do, whatever the task: raise scores.

    Parameters
    ----------
    teacher : Model
        Whose structure or gradients a generator may use; questions go through `ask`.
    ask : Scorer
        Each call is one question to the teacher.
    space : FeatureSpace
        Ranges, kinds and which features may change.
    X : ndarray of shape (n_rows, n_features), float64
        Encoded rows to start from.
    label : ndarray of shape (n_rows,), int
        Class of each, as the teacher's score column; 0 for all in regression.
    before, target : ndarray of shape (n_rows,), float64
        The score of each row, and what it is to become.
    reference : Reference, optional
        Real rows of the same feature space.
    promise : callable, optional
        For positions of rows and of reference rows, the score that the way from one to the other leads to or
        through, shape (n_rows, n_reference_rows). Default: the reference row's own score.
    seed : int
        Same seed, same answer.
    sought : ndarray of shape (n_rows,), float64, optional
        What the teacher itself is to say: a score, or in regression a value. Default: `target`.
    ids : ndarray of shape (n_rows,), int, optional
        What each row's random numbers hang on. Default: its position.
    budget : Budget
        What may be spent.
    way : ndarray of shape (n_rows,), int, optional
        Which of its nearest worthwhile neighbours alone each row may walk towards, 0 the first. Default: any.
    """

    teacher: Model
    ask: Scorer
    space: FeatureSpace
    X: NDArray[np.float64]
    label: NDArray[np.intp]
    before: NDArray[np.float64]
    target: NDArray[np.float64]
    reference: Reference | None
    seed: int
    promise: Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.float64]] | None = None
    sought: NDArray[np.float64] | None = None
    ids: NDArray[np.intp] | None = None
    budget: Budget = field(default_factory=Budget)
    way: NDArray[np.intp] | None = None

    @cached_property
    def changeable(self) -> NDArray[np.bool_]:
        """Which values may change: of mutable features, and not missing unless fillable; (n_rows, n_features)."""
        return np.asarray(self.space.mutable & (~np.isnan(self.X) | self.space.fillable))

    @cached_property
    def movable(self) -> NDArray[np.bool_]:
        """Which of these values have anywhere to go, shape (n_rows, n_features)."""
        low, high = self.space.bounds_around(self.X)
        return np.asarray(self.changeable & ((low < high) | np.isnan(self.X)))

    @cached_property
    def row_ids(self) -> NDArray[np.intp]:
        """What each row's random numbers hang on, shape (n_rows,)."""
        return np.arange(len(self.X)) if self.ids is None else self.ids

    def promised(self, rows: NDArray[np.intp], references: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the score that walking from rows to reference rows leads to, (n_rows, n_references)."""
        assert self.reference is not None
        if self.promise is not None:
            return self.promise(rows, references)
        return np.broadcast_to(self.reference.score[references], (len(rows), len(references)))

    def part(self, part: NDArray[np.intp]) -> Problem:
        """Return the problem of some of the rows, which keep their random numbers.

        Parameters
        ----------
        part : ndarray of shape (n,), int
            Positions of the rows.
        """
        promise = self.promise
        return replace(
            self,
            ask=lambda points, of: self.ask(points, part[of]),
            X=self.X[part],
            label=self.label[part],
            before=self.before[part],
            target=self.target[part],
            promise=None if promise is None else lambda of, to: promise(part[of], to),
            sought=None if self.sought is None else self.sought[part],
            ids=self.row_ids[part],
            way=None if self.way is None else self.way[part],
        )

    def within(self, rows: NDArray[np.intp], points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Make points keep the constraints: whole integers, ranges, directions, and what may not change.

        Parameters
        ----------
        rows : ndarray of shape (n,), int
            The row that each group of points is for.
        points : ndarray of shape (n, n_points, n_features), float64
        """
        start = self.X[rows][:, None, :]
        points = np.where(self.space.integer, np.rint(points), points)
        low, high = self.space.bounds_around(start)
        points = np.clip(points, low, high)
        return np.where(self.changeable[rows][:, None, :], points, start)


@dataclass(frozen=True, eq=False)
class Proposal:
    """The best point found for each row; the row itself where there is none better.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features), float64
        Encoded; all constraints hold.
    score : ndarray of shape (n_rows,), float64
        The score of each there.
    reason : ndarray of shape (n_rows,), object
        Why the target was not reached; empty where it was.
    """

    X: NDArray[np.float64]
    score: NDArray[np.float64]
    reason: NDArray[np.object_]
