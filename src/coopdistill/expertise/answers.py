"""What a model says of labelled rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners import Model, Sight

__all__ = ["Answers", "answers_and_scores_of", "answers_by_scores", "answers_of", "classes_about"]

_NONE: NDArray[np.float64] = np.zeros(0)


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
    is_likeliest : ndarray of shape (n_rows,), bool, optional
        Whether that is the greatest of its scores. None of values, and where nobody asked.
    """

    predicted: NDArray[Any]
    error: NDArray[np.float64]
    score: NDArray[np.float64] | None = None
    is_likeliest: NDArray[np.bool_] | None = None

    @property
    def squared_error(self) -> NDArray[np.float64]:
        """Of the score of the true class, which is to be 1, or of the value: Brier's score tells more of few rows."""
        return np.asarray((self.error if self.score is None else 1.0 - self.score) ** 2)

    @classmethod
    def of_labels(
        cls,
        predicted: NDArray[Any],
        y: NDArray[Any],
        score: NDArray[np.float64],
        is_likeliest: NDArray[np.bool_] | None = None,
    ) -> Answers:
        """Compare predicted labels with the true ones."""
        return cls(predicted, (predicted != y).astype(np.float64), score, is_likeliest)

    @classmethod
    def of_values(cls, predicted: NDArray[Any], y: NDArray[Any]) -> Answers:
        """Compare predicted values with the true ones."""
        return cls(predicted, np.abs(predicted.astype(np.float64) - y.astype(np.float64)))

    @classmethod
    def of_nobody(cls, n_rows: int) -> Answers:
        """Stand for a model that cannot read the rows: it is right about none of them."""
        return cls(np.full(n_rows, None, dtype=object), np.full(n_rows, np.inf), np.zeros(n_rows))

    @classmethod
    def joined(cls, parts: Sequence[Answers]) -> Answers:
        """Put together what one model says of several parts of some rows, in their order."""
        scores = [part.score for part in parts if part.score is not None]
        return cls(
            np.concatenate([part.predicted for part in parts]),
            np.concatenate([part.error for part in parts]),
            np.concatenate(scores) if len(scores) == len(parts) else None,
        )

    def right(self, tolerance: float) -> NDArray[np.bool_]:
        """Tell where it is right: no further off than a tolerance, which is 0 for labels."""
        return np.asarray(self.error <= tolerance)

    def sureness(self, tolerance: float) -> NDArray[np.float64]:
        """Return how sure it is of the truth, in [0, 1]; of values, 1 where exact and 0.5 at the tolerance."""
        if self.score is not None:
            return self.score
        with np.errstate(over="ignore"):  # of a tolerance of 0 any error is infinitely many
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
    return answers_and_scores_of(model, model.see(X), y)[0]


def answers_and_scores_of(model: Model, sight: Sight, y: NDArray[Any]) -> tuple[Answers, NDArray[np.float64]]:
    """Return `answers_of` a model and its scores of all classes, for which it is asked once, about rows it has seen."""
    # Most learners refuse to say nothing of nothing.
    if model.task == "regression" or len(y) == 0:
        scores = model.scores_of(sight)
        if model.task == "regression":
            return Answers.of_values(scores[:, 0], y), scores
        return Answers.of_labels(y, y, _NONE, np.zeros(0, dtype=bool)), scores
    scores, labels = model.scores_and_labels(sight)
    # Of a class that the model does not know the score is 0.
    positions = model.label_positions(y)
    score = np.where(positions >= 0, scores[np.arange(len(y)), positions], 0.0)
    return Answers.of_labels(labels, y, score, scores.argmax(axis=1) == positions), scores


def classes_about(y: NDArray[Any], known: NDArray[Any]) -> NDArray[Any]:
    """Return the classes that scores of labelled rows are to be about, sorted; where none are known, values are."""
    return np.union1d(y, known) if len(known) else known


def answers_by_scores(scores: NDArray[np.float64], classes: NDArray[Any], y: NDArray[Any]) -> Answers:
    """Read answers about labelled rows off scores alone, such as those that several models have together.

    Parameters
    ----------
    scores : ndarray of shape (n_rows, n_classes), float64
        Of values, shape (n_rows, 1).
    classes : ndarray of shape (n_classes,)
        Sorted, all labels among them. Of values there are none.
    y : ndarray of shape (n_rows,)
        True labels or values.

    Returns
    -------
    Answers
    """
    if len(classes) == 0:
        return Answers.of_values(scores[:, 0], y)
    place, likeliest = np.searchsorted(classes, y), scores.argmax(axis=1)
    return Answers.of_labels(classes[likeliest], y, scores[np.arange(len(y)), place], likeliest == place)
