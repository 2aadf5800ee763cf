"""What a student may become, in drafts: each without what was made from some of everybody's rows.

What was made from a row does not tell whether a student has learned anything that holds there. So of each row the draft
is asked that was not taught from its part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.expertise import Answers, answers_by_scores, classes_about
from coopdistill.learners import Model, Sight, all_classes
from coopdistill.schema import FeatureSpace

__all__ = ["N_PARTS", "Drafts", "how_many_drafts"]

N_PARTS = 4
"""Of everybody's rows."""

FEW_INSTANCES = 600
"""With fewer, a draft that is taught half of them tells little of what all would make of the student."""


def how_many_drafts(n_instances: int, task: str) -> int:
    """Return into how many parts lessons are divided for a student's drafts: 2, or 4 of few instances.

    A draft lacks one of the parts. Drafts of values decide nothing but who is on a committee.
    """
    return N_PARTS if task == "classification" and n_instances < FEW_INSTANCES else 2


@dataclass(frozen=True)
class Drafts:
    """Drafts of what a student may become.

    Parameters
    ----------
    models : tuple of Model
        For each part of all rows, or two halves of the parts, the model that was not taught from it. One alone was told
        of nothing, or of everything.
    """

    models: tuple[Model, ...]

    @classmethod
    def of_one(cls, model: Model) -> Drafts:
        """Return a model in the place of all: it was told of nothing, or of everything."""
        return cls((model,))

    @property
    def first(self) -> Model:
        """One of them, which says what all have in common."""
        return self.models[0]

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return self.first.task

    @property
    def classes(self) -> NDArray[Any]:
        """Class labels that any of them knows, shape (n_classes,)."""
        return all_classes(self.models)

    def see(self, X: NDArray[np.float64], space: FeatureSpace) -> Sight:
        """Look at rows, to be asked about them.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features), float64
        space : FeatureSpace
            Of the rows.
        """
        return self.first.see(self.first.read(X, space))

    def scores(self, sight: Sight, part: NDArray[np.int8], classes: NDArray[Any]) -> NDArray[np.float64]:
        """Ask of each row the draft that was not taught from its part.

        Parameters
        ----------
        sight : Sight
            Of the rows; see `see`.
        part : ndarray of shape (n_rows,), int8
            See `parts_of`.
        classes : ndarray of shape (n_classes,)
            Whose scores are wanted. None in regression.

        Returns
        -------
        ndarray of shape (n_rows, n_classes), float64
            0 of a class that the draft does not know; in regression its values, shape (n_rows, 1).
        """
        if all(model.sees_as(self.first) for model in self.models):
            sight = self.first.sight_of(sight)  # once for all of them
        scores = np.empty((len(sight.rows), len(classes) if self.task == "classification" else 1))
        for place, model in enumerate(self.models):
            these = part % len(self.models) == place
            scores[these] = model.by_class(model.scores_of(sight.only(these)), classes)
        return scores

    def answers(self, sight: Sight, y: NDArray[Any], part: NDArray[np.int8]) -> Answers:
        """Return what is said of each labelled row by the draft that was not taught from its part; see `scores`."""
        classes = classes_about(y, self.classes)
        return answers_by_scores(self.scores(sight, part, classes), classes, y)
