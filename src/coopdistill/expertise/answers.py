"""What a model says of labelled rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners import Model

__all__ = ["Answers", "answers_of"]


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says of some rows, and how far off it is.

    Parameters
    ----------
    predicted : ndarray of shape (n_rows,)
        Labels or values.
    error : ndarray of shape (n_rows,), float64
        Of labels 0 or 1; of values the absolute error, in their unit.
    score : ndarray of shape (n_rows,), float64, optional
        Its score of the true class; 0 of a class that it never saw. None of values.
    """

    predicted: NDArray[Any]
    error: NDArray[np.float64]
    score: NDArray[np.float64] | None = None

    @classmethod
    def of_labels(cls, predicted: NDArray[Any], y: NDArray[Any], score: NDArray[np.float64]) -> Answers:
        """Compare predicted labels with the true ones."""
        return cls(predicted, (predicted != y).astype(np.float64), score)

    @classmethod
    def of_values(cls, predicted: NDArray[Any], y: NDArray[Any]) -> Answers:
        """Compare predicted values with the true ones."""
        return cls(predicted, np.abs(predicted.astype(np.float64) - y.astype(np.float64)))

    def right(self, tolerance: float) -> NDArray[np.bool_]:
        """Tell where it is right: no further off than a tolerance, which is 0 for labels."""
        return np.asarray(self.error <= tolerance)

    def sureness(self, tolerance: float) -> NDArray[np.float64]:
        """Return how sure it is of the truth, in [0, 1]; of values, 1 where exact and 0.5 at the tolerance."""
        if self.score is not None:
            return self.score
        return np.asarray(0.5 ** (self.error / max(tolerance, np.finfo(np.float64).tiny)))


def answers_of(model: Model, X: NDArray[np.float64], y: NDArray[Any]) -> Answers:
    """Ask a model about labelled rows.

    Parameters
    ----------
    model : Model
    X : ndarray of shape (n_rows, n_features), float64
        Encoded in the model's space.
    y : ndarray of shape (n_rows,)
        True labels or values.

    Returns
    -------
    Answers
    """
    if len(X) == 0:
        # Most learners refuse to say nothing of nothing.
        return Answers(y[:0], np.zeros(0), None if model.task == "regression" else np.zeros(0))
    if model.task == "regression":
        return Answers.of_values(model.scores(X)[:, 0], y)
    positions = model.label_positions(y)
    scores = model.scores(X)[np.arange(len(X)), positions]
    return Answers.of_labels(model.predict(X), y, np.where(positions >= 0, scores, 0.0))
