"""Who is right on the rows it was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import BaseCrossValidator, KFold, StratifiedKFold

from coopdistill.exceptions import LearnerFailure, warn
from coopdistill.expertise.answers import Answers, answers_of
from coopdistill.learners import Model
from coopdistill.schema import hot_deck, row_keys
from coopdistill.seeds import derive_seed

__all__ = ["OwnRows", "answer_out_of_fold"]

_MAX_FOLDS = 2


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
    taught_lacking : ndarray of shape (n_taught, n_features), bool
        What of the instances nobody told: a refit takes it from own rows of their label, see `hot_deck`.
    weight : ndarray of shape (n_rows,), float64, optional
        What each own row counts. Default: all alike.
    """

    X: NDArray[np.float64]
    y: NDArray[Any]
    taught_X: NDArray[np.float64]
    taught_y: NDArray[Any]
    taught_from: NDArray[np.intp]
    taught_lacking: NDArray[np.bool_]
    weight: NDArray[np.float64] | None = None

    @classmethod
    def untaught(cls, X: NDArray[np.float64], y: NDArray[Any], weight: NDArray[np.float64] | None = None) -> OwnRows:
        """Return rows of a participant that was taught nothing yet."""
        return cls(X, y, X[:0], y[:0], np.zeros(0, dtype=np.intp), np.zeros((0, X.shape[1]), dtype=bool), weight)

    def __len__(self) -> int:
        """Count all that a refit sees: own rows and instances."""
        return len(self.y) + len(self.taught_y)

    def refit(self, model: Model, own: NDArray[np.intp], *, seed: int) -> Model:
        """Refit a model on some own rows and the virtual instances that may be seen with them.

        A virtual instance counts as much as an own row does on average.
        """
        allowed = (self.taught_from < 0) | np.isin(self.taught_from, own)
        taught_X = self.completed(model, own, seed=seed)
        X = np.vstack([self.X[own], taught_X[allowed]])
        y = np.concatenate([self.y[own], self.taught_y[allowed]])
        weight = None
        if self.weight is not None:
            weight = np.concatenate([self.weight[own], np.full(int(allowed.sum()), self.weight.mean())])
        return model.refit(X, y, seed=seed, sample_weight=weight, n_own=len(own))

    def prepared(self, model: Model, *, seed: int) -> Model:
        """Return the model, refits of which on parts of these rows share the preprocessing that all of them give it."""
        every = np.arange(len(self.y))
        return model.prepared(np.vstack([self.X, self.completed(model, every, seed=seed)]), seed=seed)

    def completed(self, model: Model, own: NDArray[np.intp], *, seed: int) -> NDArray[np.float64]:
        """Return the instances as a refit of that seed reads them: values of some own rows for what nobody told."""
        if not self.taught_lacking.any():
            return self.taught_X
        completed, donors, donor_y = self.taught_X.copy(), self.X[own], self.y[own]
        _, pattern = np.unique(row_keys(self.taught_lacking.astype(np.float64)), return_inverse=True)
        for k in range(pattern.max() + 1):
            these = np.flatnonzero(pattern == k)
            lacking = self.taught_lacking[these[0]]
            if lacking.any():
                completed[these] = hot_deck(
                    self.taught_X[these],
                    self.taught_y[these],
                    lacking,
                    donors,
                    donor_y,
                    model.space,
                    is_regression=model.task == "regression",
                    seed=derive_seed(seed, "donors"),
                )
        return completed


def answer_out_of_fold(model: Model, rows: OwnRows, *, seed: int) -> Answers:
    """Answer about own rows by refits that have not seen them.

    A model is nearly always right on its own training rows; that is memory, not expertise. So the preprocessing of a
    pipeline, which otherwise stays as it was fitted, is fitted anew on the rows of each fold.

    In two halves, stratified by class. Classes of a single row stay in every training part and are predicted in-sample.

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
        If there is a single row, or one of a class, or preprocessing fails on the rows of a fold and is taken as it is.
    """
    if model.task == "regression":
        if len(rows.y) < 2:
            _warn_of_few(model, "a single row")
            return answers_of(model, rows.X, rows.y)
        folds: BaseCrossValidator = KFold(_MAX_FOLDS, shuffle=True, random_state=derive_seed(seed, "folds"))
        return _answer_by_folds(model, rows, np.arange(len(rows.y)), folds, rows.y, seed)
    labels, inverse, counts = np.unique(rows.y, return_inverse=True, return_counts=True)
    foldable = np.flatnonzero(counts[inverse] >= 2)
    if len(foldable) < len(rows.y):
        rare = labels[counts < 2].tolist()
        _warn_of_few(model, f"a single row of class {rare[0]!r}")
    if len(labels) < 2 or len(foldable) == 0:
        return answers_of(model, rows.X, rows.y)
    n_folds = int(min(_MAX_FOLDS, counts[counts >= 2].min()))
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=derive_seed(seed, "folds"))
    return _answer_by_folds(model, rows, foldable, folds, inverse[foldable], seed)


def _answer_by_folds(
    model: Model,
    rows: OwnRows,
    foldable: NDArray[np.intp],
    folds: BaseCrossValidator,
    strata: NDArray[Any],
    seed: int,
) -> Answers:
    """Hold out each fold in turn; rows that are in none stay in every training part."""
    answers = answers_of(model, rows.X, rows.y)
    predicted, error = answers.predicted.copy(), answers.error.copy()
    score = None if answers.score is None else answers.score.copy()
    always = np.setdiff1d(np.arange(len(rows.y)), foldable)
    for k, (train, held) in enumerate(folds.split(foldable, strata)):
        unseen = foldable[held]
        fold_seed = derive_seed(seed, "fold", k)
        said = _answer_unseen(model, rows, np.union1d(foldable[train], always), unseen, fold_seed)
        predicted[unseen], error[unseen] = said.predicted, said.error
        if score is not None and said.score is not None:
            score[unseen] = said.score
    return Answers(predicted, error, score)


def _answer_unseen(
    model: Model, rows: OwnRows, train: NDArray[np.intp], unseen: NDArray[np.intp], seed: int
) -> Answers:
    """Answer about some own rows by a refit on others.

    Its preprocessing has not seen them either: one that selects columns by their labels would be right by memory. But
    one that refuses a category because no row of the fold has it is taken as it was fitted on all rows; and a model
    that cannot be fitted without them, perhaps because a column is then empty, as it is.
    """
    X, y = rows.X[unseen], rows.y[unseen]
    scratch = model.from_scratch()
    try:
        return answers_of(rows.refit(scratch, train, seed=seed), X, y)
    except LearnerFailure as error:
        failure = error
    if scratch.learner is not model.learner:
        try:
            said = answers_of(rows.refit(model, train, seed=seed), X, y)
        except LearnerFailure as error:
            failure = error
        else:
            _warn_of_fold(
                model, "its preprocessing does not work without some of its rows", "with that fitted on all", failure
            )
            return said
    _warn_of_fold(model, "it cannot be fitted without some of its rows", "in-sample on these", failure)
    return answers_of(model, X, y)


def _warn_of_few(model: Model, few: str) -> None:
    warn(f"participant {model.name!r} has {few}: too few to hold out, so its expertise there is measured in-sample")


def _warn_of_fold(model: Model, trouble: str, way_out: str, failure: LearnerFailure) -> None:
    warn(f"participant {model.name!r}: {trouble}, so its expertise is measured {way_out} ({failure})")
