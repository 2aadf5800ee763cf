"""The one interface behind which any model library stands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.schema import Table

__all__ = ["Capabilities", "Learner"]


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a learner can do beyond predicting.

    Parameters
    ----------
    probabilities : bool
        Whether its scores are class probabilities of its own, not made from margins or votes.
    refits : bool
        Whether it can be fitted anew.

    Examples
    --------
    >>> Capabilities(probabilities=True, refits=False).refits
    False
    """

    probabilities: bool
    refits: bool


class Learner(ABC):
    """A model of some library, asked and refitted in one way.

    Rows are in the container (DataFrame of some library, array, sparse matrix) that the model itself takes.

    See Also
    --------
    coopdistill.learners.as_learner : Finds the adapter of a model.
    coopdistill.learners.Model : A learner that reads encoded rows.
    """

    @property
    @abstractmethod
    def estimator(self) -> Any:
        """The library's own object, as a user would use it."""

    @property
    @abstractmethod
    def is_fitted(self) -> bool:
        """Whether it can predict."""

    @property
    def task(self) -> str:
        """What it predicts: ``"classification"`` or ``"regression"``."""
        return "classification"

    @property
    @abstractmethod
    def classes(self) -> NDArray[Any]:
        """Class labels in the order of the scores' columns, shape (n_classes,); none of a regressor."""

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """What it can do beyond predicting."""

    @abstractmethod
    def scores(self, X: Table) -> NDArray[np.float64]:
        """Return scores in [0, 1], the greater the surer, (n_rows, n_classes); or predictions, (n_rows, 1)."""

    @abstractmethod
    def predict(self, X: Table) -> NDArray[Any]:
        """Return class labels, shape (n_rows,)."""

    @property
    def front(self) -> object | None:
        """Stands for what rows go through before they come to the model itself; learners of one front share that.

        None: it is nobody else's.
        """
        return None

    def through_front(self, X: Table) -> Any:
        """Return rows as the model itself sees them. Default: as they are."""
        return X

    @property
    def behind_front(self) -> Learner:
        """The model itself: it says of `through_front` what this one says of rows. Default: this one."""
        return self

    @abstractmethod
    def refit(
        self,
        X: Table,
        y: NDArray[Any],
        *,
        seed: int,
        sample_weight: NDArray[np.float64] | None = None,
        n_own: int | None = None,
    ) -> Learner:
        """Return a learner of the same kind and settings, fitted on these rows; this one stays as it is.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_rows, n_features)
        y : ndarray of shape (n_rows,)
        seed : int
            Takes the place of every source of randomness that the user left open.
        sample_weight : ndarray of shape (n_rows,), float64, optional
            What each row counts. Default: all alike.
        n_own : int, optional
            How many of the rows, the first ones, are the participant's own; the others are virtual, and no model may
            be stopped early by them. Default: all.
        """

    def prepared(self, X: Table, *, seed: int) -> Learner:
        """Return the learner, refits of which share a front that was fitted on these rows, whose labels it is not told.

        What refits on parts of some rows see is then the same, and need be looked at only once. Default: itself, each
        refit of which has a front of its own, or the one that it had.

        Parameters
        ----------
        X : DataFrame or ndarray of shape (n_rows, n_features)
        seed : int
            As for `refit`.
        """
        return self

    def from_scratch(self) -> Learner:
        """Return the learner, a refit of which keeps nothing that it was fitted to before.

        Out of fold, where what was fitted on all rows has seen those held out. Default: itself, since a refit starts
        anew; a learner that keeps something, as a pipeline its preprocessing, returns another one.
        """
        return self
