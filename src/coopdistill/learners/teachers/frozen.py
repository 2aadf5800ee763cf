"""Models that can be asked and not fitted: they only teach."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import LearnerError
from coopdistill.learners.learner import Capabilities, Learner
from coopdistill.learners.teachers.stated_scores import as_stated_scores, most_likely
from coopdistill.schema import Table

__all__ = ["FrozenLearner"]


class FrozenLearner(Learner):
    """A model that cannot be fitted anew. It is its own estimator, with ``predict`` and ``classes_``.

    Subclasses say `_classes`, `_names` and what the model answers.
    """

    _classes: NDArray[Any]
    _names: NDArray[Any] | None

    @abstractmethod
    def _answer(self, X: Table) -> Any:
        """What the model says of rows, unchecked."""

    @property
    def estimator(self) -> Any:
        """Itself."""
        return self

    @property
    def is_fitted(self) -> bool:
        """Always."""
        return True

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return "classification" if len(self._classes) else "regression"

    @property
    def classes(self) -> NDArray[Any]:
        """Class labels in the order of the scores, shape (n_classes,); none of a regressor."""
        return self._classes

    @property
    def classes_(self) -> NDArray[Any]:
        """The same, by scikit-learn's name."""
        return self._classes

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """Names of the columns that it takes, in order; an AttributeError where it takes arrays."""
        if self._names is None:
            raise AttributeError(f"{type(self).__name__} takes arrays, whose columns have no names")
        return self._names

    @property
    def capabilities(self) -> Capabilities:
        """Probabilities of its own in classification; no refit."""
        return Capabilities(probabilities=self.task == "classification", refits=False)

    def scores(self, X: Table) -> NDArray[np.float64]:
        """Return probabilities, shape (n_rows, n_classes); of a regressor predictions, shape (n_rows, 1).

        Raises
        ------
        LearnerFailure
            If the model's answer is no such thing.
        """
        rows = self._ordered(X)
        return as_stated_scores(self._answer(rows), len(rows), len(self._classes), what=repr(self))

    def predict(self, X: Table) -> NDArray[Any]:
        """Return the class of the greatest probability, or the value, shape (n_rows,)."""
        return most_likely(self._classes, self.scores(X))

    def refit(
        self,
        X: Table,
        y: NDArray[Any],
        *,
        seed: int,
        sample_weight: NDArray[np.float64] | None = None,
        n_own: int | None = None,
    ) -> Learner:
        """Refuse.

        Raises
        ------
        LearnerError
            Always.
        """
        raise LearnerError(f"{self!r} cannot be fitted anew, so it only teaches")

    def _ordered(self, X: Table) -> Table:
        """The columns that the model takes, in its order."""
        if self._names is None or not isinstance(X, pd.DataFrame):
            return X
        absent = [name for name in self._names if name not in X.columns]
        if absent:
            raise LearnerError(f"{self!r} takes a column {absent[0]!r}, which the rows lack")
        return X[list(self._names)]
