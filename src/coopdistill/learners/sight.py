"""Rows as a model sees them, for all who see them alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.schema import copy_of_rows, select_rows

__all__ = ["Sight"]


@dataclass(frozen=True, eq=False)
class Sight:
    """Encoded rows, and what has become of them where a model itself begins.

    Refits that keep the preprocessing see the same, and need not put rows through it again.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features), float64
        Encoded in the model's space.
    seen : DataFrame, ndarray or sparse matrix of shape (n_rows, n_columns)
        The same rows behind its preprocessing.
    eye : tuple of object
        Stands for what they went through: who has the same ones sees the same.
    """

    rows: NDArray[np.float64]
    seen: Any
    eye: tuple[object, ...]

    def is_by(self, eye: tuple[object, ...]) -> bool:
        """Tell whether that eye sees the same."""
        return all(mine is its for mine, its in zip(self.eye, eye, strict=True))

    def only(self, which: NDArray[np.bool_]) -> Sight:
        """Return the sight of some rows; `which` has shape (n_rows,), bool."""
        return Sight(self.rows[which], select_rows(self.seen, which), self.eye)

    @property
    def copied(self) -> Any:
        """A copy of what is seen, for an estimator that may work in place: others are asked about the same."""
        return copy_of_rows(self.seen)

    @property
    def n_bytes(self) -> float:
        """What keeping it takes; infinite of what does not say."""
        return self.rows.nbytes + float(getattr(self.seen, "nbytes", np.inf))
