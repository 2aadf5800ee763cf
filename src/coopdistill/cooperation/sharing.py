"""Rows that are handed to everyone, and what everyone says of them: the published way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import AlignmentError
from coopdistill.expertise import Answers, answers_of
from coopdistill.learners import Model
from coopdistill.schema import Alignment, FeatureSpace

__all__ = ["SharedRows", "SharedVerdict", "own_places"]


@dataclass(frozen=True, eq=False)
class SharedRows:
    """Rows that a participant hands to everyone: the published way, and a disclosure of rows.

    Parameters
    ----------
    owner : str
    space : FeatureSpace
        Of the rows.
    X : ndarray of shape (n_rows, n_features), float64
        Encoded.
    y : ndarray of shape (n_rows,)
    """

    owner: str
    space: FeatureSpace
    X: NDArray[np.float64]
    y: NDArray[Any]

    def can_be_read_by(self, model: Model) -> bool:
        """Tell whether a model knows a feature of the rows: in a chain of participants not all share one."""
        try:
            Alignment(self.space, model.space)
        except AlignmentError:
            return False
        return True

    def answers_of(self, model: Model) -> Answers:
        """What a model says of the rows; nothing where it cannot read them."""
        if not self.can_be_read_by(model):
            return Answers.of_nobody(len(self.y))
        return answers_of(model, model.read(self.X, self.space), self.y)


class SharedVerdict(NamedTuple):
    """What one participant says of all shared rows.

    Parameters
    ----------
    error : ndarray of shape (n_rows,), float64
        How far off it is; see `Answers`.
    need : ndarray of shape (n_rows,), bool
        Where it is to be taught.
    """

    error: NDArray[np.float64]
    need: NDArray[np.bool_]


def own_places(student: str, pool: list[SharedRows]) -> NDArray[np.intp]:
    """Return which row of the student's each shared row is, -1 for others' rows."""
    return np.concatenate([np.arange(len(s.y)) if s.owner == student else np.full(len(s.y), -1) for s in pool])
