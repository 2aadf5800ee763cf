"""What a student may become, in two drafts: one for each half of everybody's rows that its lessons were made from.

What was made from a row does not tell whether a student has learned anything that holds there. Of a row in one half the
draft is asked that was taught from the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners import Model, Sight
from coopdistill.schema import FeatureSpace

__all__ = ["Drafts"]


@dataclass(frozen=True)
class Drafts:
    """Two drafts of what a student may become.

    Parameters
    ----------
    first, second : Model
        Taught what was made from the first half of all rows, and from the second; the same one where it was not taught.
    """

    first: Model
    second: Model

    @classmethod
    def of_one(cls, model: Model) -> Drafts:
        """Return a model in the place of both: it was told of nothing, or of everything."""
        return cls(model, model)

    @property
    def is_one(self) -> bool:
        """Whether both are the same model."""
        return self.first is self.second

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return self.first.task

    @property
    def classes(self) -> NDArray[Any]:
        """Class labels that one or the other knows, shape (n_classes,)."""
        return np.union1d(self.first.classes, self.second.classes)

    def see(self, X: NDArray[np.float64], space: FeatureSpace) -> Sight:
        """Look at rows, to be asked about them.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features), float64
        space : FeatureSpace
            Of the rows.
        """
        return self.first.see(self.first.read(X, space))

    def scores(self, sight: Sight, half: NDArray[np.int8], classes: NDArray[Any]) -> NDArray[np.float64]:
        """Ask of each row the draft that was not taught from its half.

        Parameters
        ----------
        sight : Sight
            Of the rows; see `see`.
        half : ndarray of shape (n_rows,), int8
            0 or 1; see `halves`.
        classes : ndarray of shape (n_classes,)
            Whose scores are wanted. None in regression.

        Returns
        -------
        ndarray of shape (n_rows, n_classes), float64
            0 of a class that the draft does not know; in regression its values, shape (n_rows, 1).
        """
        if self.is_one:
            return _by_class(self.first, self.first.scores_of(sight), classes)
        by_first = half == 1
        said = [
            _by_class(model, model.scores_of(sight.only(part)), classes)
            for model, part in ((self.second, ~by_first), (self.first, by_first))
        ]
        scores = np.empty((len(sight.rows), said[0].shape[1]))
        scores[~by_first], scores[by_first] = said
        return scores


def _by_class(model: Model, scores: NDArray[np.float64], classes: NDArray[Any]) -> NDArray[np.float64]:
    if model.task == "regression":
        return scores
    columns = model.label_positions(classes)
    return np.where(columns >= 0, scores[:, columns], 0.0)
