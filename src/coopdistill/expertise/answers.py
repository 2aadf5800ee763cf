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
    """What a model says of some rows.

    Parameters
    ----------
    predicted : ndarray of shape (n_rows,)
        Labels.
    score : ndarray of shape (n_rows,), float64
        Its score of the true class; 0 of a class that it never saw.
    """

    predicted: NDArray[Any]
    score: NDArray[np.float64]


def answers_of(model: Model, X: NDArray[np.float64], y: NDArray[Any]) -> Answers:
    """Ask a model about labelled rows.

    Parameters
    ----------
    model : Model
    X : ndarray of shape (n_rows, n_features), float64
        Encoded in the model's space.
    y : ndarray of shape (n_rows,)
        True labels.

    Returns
    -------
    Answers
    """
    positions = model.label_positions(y)
    scores = model.scores(X)[np.arange(len(X)), positions]
    return Answers(model.predict(X), np.where(positions >= 0, scores, 0.0))
