"""What a counterfactual aims at, for each task, as scores to be raised."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.problem import TOLERANCE, Reference
from coopdistill.learners import Model

__all__ = ["RESIDUAL_TOLERANCE", "Aim", "aim_of", "reference_of"]

RESIDUAL_TOLERANCE = 0.02
"""In regression: how far from its target a prediction may end, in residuals."""

_PIECE_ROWS = 50_000
"""A teacher is asked about so many reference rows at once, of which there may be a million."""


class Aim(ABC):
    """Rows, their labels and α, as scores that a generator is to raise.

    Attributes
    ----------
    label : ndarray of shape (n_rows,), int
        Class of each row, -1 where the teacher never saw it; 0 for all in regression.
    before, target : ndarray of shape (n_rows,), float64
        What the teacher says of each row and what it is to say: scores of the true class, or predictions.
    start, goal : ndarray of shape (n_rows,), float64
        The same, as scores to be raised.
    """

    label: NDArray[np.intp]
    before: NDArray[np.float64]
    target: NDArray[np.float64]
    start: NDArray[np.float64]
    goal: NDArray[np.float64]

    @abstractmethod
    def says(self, points: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Ask the teacher about points, each for a row, shape (n_points,)."""

    @abstractmethod
    def scored(self, said: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Turn what it said into scores to be raised, shape (n_points,)."""

    @abstractmethod
    def promised(
        self, reference: Reference, rows: NDArray[np.intp], references: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Return the scores that ways from rows to reference rows lead to, (n_rows, n_references)."""

    def is_certain(self) -> NDArray[np.bool_]:
        """Tell where the teacher is so sure already that no score can be raised, shape (n_rows,)."""
        return np.asarray((self.label >= 0) & (self.start >= self.goal - TOLERANCE))


class _ClassAim(Aim):
    """y' = f(x) + α (1 − f(x)), where f is the score of the true class (§ Method, step 3).

    In place of 1 stands the score at which the teacher counts as certain of a class, where that is another.
    """

    def __init__(
        self,
        teacher: Model,
        X: NDArray[np.float64],
        y: NDArray[Any],
        alpha: float,
        certainty: NDArray[np.float64] | None = None,
    ) -> None:
        self._teacher = teacher
        self.label = teacher.label_positions(y)
        self.before = np.zeros(len(X))
        known = np.flatnonzero(self.label >= 0)
        if known.size:
            self.before[known] = self.says(X[known], known)
        certain = 1.0 if certainty is None else certainty[self.label]
        self.target = self.before + alpha * np.maximum(certain - self.before, 0.0)
        self.start, self.goal = self.before, self.target

    def says(self, points: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.asarray(self._teacher.scores(points)[np.arange(len(points)), self.label[rows]])

    def scored(self, said: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        return said

    def promised(
        self, reference: Reference, rows: NDArray[np.intp], references: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        return np.broadcast_to(reference.score[references], (len(rows), len(references)))


class _ValueAim(Aim):
    """y' = f(x) + α (y − f(x)), where f is the prediction; how far along a prediction is, is its score."""

    def __init__(self, teacher: Model, X: NDArray[np.float64], y: NDArray[Any], alpha: float) -> None:
        self._teacher = teacher
        self.label = np.zeros(len(X), dtype=np.intp)
        self.before = self.says(X, np.arange(len(X)))
        residual = y.astype(np.float64) - self.before
        self.target = self.before + alpha * residual
        exact = np.abs(residual) <= TOLERANCE * (1.0 + np.abs(self.before))
        self._way = np.where(exact, 1.0, self.target - self.before)
        self.start = exact.astype(np.float64)
        self.goal = np.full(len(X), 1.0 - RESIDUAL_TOLERANCE / alpha)

    def says(self, points: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        return self._teacher.scores(points)[:, 0]

    def scored(self, said: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        return 1.0 - np.abs(self._along(said, rows) - 1.0)

    def promised(
        self, reference: Reference, rows: NDArray[np.intp], references: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        # A way that leads beyond the target passes it.
        along = (reference.score[references][None, :] - self.before[rows][:, None]) / self._way[rows][:, None]
        return np.minimum(along, 1.0)

    def _along(self, said: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        return (said - self.before[rows]) / self._way[rows]


def aim_of(
    teacher: Model,
    X: NDArray[np.float64],
    y: NDArray[Any],
    alpha: float,
    certainty: NDArray[np.float64] | None = None,
) -> Aim:
    """Return what counterfactuals of these rows aim at.

    Parameters
    ----------
    teacher : Model
        A classifier or a regressor.
    X : ndarray of shape (n_rows, n_features), float64
        Encoded in the teacher's space.
    y : ndarray of shape (n_rows,)
        True labels or values.
    alpha : float
        In (0, 1].
    certainty : ndarray of shape (n_classes,), float64, optional
        For each class the score at which the teacher counts as certain. Default: 1.

    Returns
    -------
    Aim
    """
    if teacher.task == "regression":
        return _ValueAim(teacher, X, y, alpha)
    return _ClassAim(teacher, X, y, alpha, certainty)


def reference_of(model: Model, rows: NDArray[np.float64], labels: NDArray[Any]) -> Reference:
    """See rows as what a generator may walk between.

    Parameters
    ----------
    model : Model
        The teacher.
    rows : ndarray of shape (n_rows, n_features), float64
        Encoded in the teacher's space.
    labels : ndarray of shape (n_rows,)
        Their labels; rows of a class that the teacher never saw are left out.

    Returns
    -------
    Reference
    """
    if model.task == "regression":
        positions = np.zeros(len(rows), dtype=np.intp)
    else:
        positions = model.label_positions(labels)
        if (positions < 0).any():
            rows, positions = rows[positions >= 0], positions[positions >= 0]
    score = np.empty(len(rows))
    for part in (slice(i, i + _PIECE_ROWS) for i in range(0, len(rows), _PIECE_ROWS)):
        score[part] = model.scores(rows[part])[np.arange(len(score[part])), positions[part]]
    return Reference(rows, positions, score)
