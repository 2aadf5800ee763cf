"""Who is right on the rows it was trained on."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from coopdistill.exceptions import CoopdistillWarning
from coopdistill.expertise.answers import Answers, answers_of
from coopdistill.learners import Model
from coopdistill.seeds import derive_seed

__all__ = ["OwnRows", "answer_out_of_fold"]

_MAX_FOLDS = 5


@dataclass(frozen=True, eq=False)
class OwnRows:
    """A participant's encoded rows with their labels, and rows it was taught.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features), float64
    y : ndarray of shape (n_rows,)
    taught_X : ndarray of shape (n_taught, n_features), float64
        Virtual instances that every refit adds.
    taught_y : ndarray of shape (n_taught,)
    taught_from : ndarray of shape (n_taught,), int
        The own row that a virtual instance was made from, -1 if it came from another's; it is left out wherever that
        row is held out.
    """

    X: NDArray[np.float64]
    y: NDArray[Any]
    taught_X: NDArray[np.float64]
    taught_y: NDArray[Any]
    taught_from: NDArray[np.intp]

    @classmethod
    def untaught(cls, X: NDArray[np.float64], y: NDArray[Any]) -> OwnRows:
        """Return rows of a participant that was taught nothing yet."""
        return cls(X, y, X[:0], y[:0], np.zeros(0, dtype=np.intp))

    def training(self, own: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """Return some own rows and the virtual instances that may be seen with them."""
        allowed = (self.taught_from < 0) | np.isin(self.taught_from, own)
        X = np.vstack([self.X[own], self.taught_X[allowed]])
        return X, np.concatenate([self.y[own], self.taught_y[allowed]])


def answer_out_of_fold(model: Model, rows: OwnRows, *, seed: int) -> Answers:
    """Answer about own rows by refits that have not seen them.

    A model is nearly always right on its own training rows; that is memory, not expertise.

    Stratified; as many folds as the rarest class allows, five at the most. Classes of a single row stay in
    every training part and are predicted in-sample.

    Parameters
    ----------
    model : Model
    rows : OwnRows
    seed : int

    Returns
    -------
    Answers

    Warns
    -----
    CoopdistillWarning
        If a class has a single row.
    """
    labels, inverse, counts = np.unique(rows.y, return_inverse=True, return_counts=True)
    single = counts[inverse] < 2
    if single.any():
        rare = labels[counts < 2].tolist()
        warnings.warn(
            f"participant {model.name!r} has a single row of class {rare[0]!r}: too few to hold out, so its "
            "expertise there is measured in-sample",
            CoopdistillWarning,
            stacklevel=2,
        )
    foldable = np.flatnonzero(~single)
    answers = answers_of(model, rows.X, rows.y)
    predicted, score = answers.predicted.astype(object), answers.score.copy()
    if len(labels) < 2 or len(foldable) == 0:
        return answers
    n_folds = int(min(_MAX_FOLDS, counts[counts >= 2].min()))
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=derive_seed(seed, "folds"))
    always = np.flatnonzero(single)
    for k, (train, held) in enumerate(folds.split(foldable, inverse[foldable])):
        own = np.sort(np.concatenate([foldable[train], always]))
        refitted = model.refit(*rows.training(own), seed=derive_seed(seed, "fold", k))
        unseen = foldable[held]
        said = answers_of(refitted, rows.X[unseen], rows.y[unseen])
        predicted[unseen], score[unseen] = said.predicted, said.score
    return Answers(_like(predicted, rows.y), score)


def _like(predicted: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    return predicted if y.dtype == object else np.asarray(predicted.astype(y.dtype))
