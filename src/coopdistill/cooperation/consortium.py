"""Whether a taught model is better on rows of others that none of its lessons started from.

Rows stay where they are: the student's drafts visit, and sums come back. Everyone's rows are in two halves. A draft is
taught what was made from one half of them and is compared on the other; two drafts make up for all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.drafts import Drafts
from coopdistill.expertise import Answers
from coopdistill.schema import FeatureSpace
from coopdistill.seeds import derive_seed

__all__ = ["Comparison", "compare", "compared_together", "halves"]


@dataclass(frozen=True)
class Comparison:
    """How much less a taught model errs on rows that none of its lessons started from.

    Parameters
    ----------
    n_rows : int
    before, after : float
        Sums of squared errors over the rows: of the score of the true class, which is to be 1 (Brier's score), or of
        the value.
    squares : float
        Sum of the squares of the differences.
    is_vouched : bool, default=True
        Whether others' models find the rows to be what their labels say.
    """

    n_rows: int = 0
    before: float = 0.0
    after: float = 0.0
    squares: float = 0.0
    is_vouched: bool = True

    def __add__(self, other: Comparison) -> Comparison:
        return Comparison(
            self.n_rows + other.n_rows,
            self.before + other.before,
            self.after + other.after,
            self.squares + other.squares,
            self.is_vouched and other.is_vouched,
        )

    @property
    def standard_errors(self) -> float:
        """By how many standard errors the taught model is better; 0 where nothing differs."""
        return (self.before - self.after) / self.squares**0.5 if self.squares > 0 else 0.0


def compared_together(comparisons: Sequence[Comparison]) -> Comparison:
    """Add up what all say whose rows others vouch for; where these are nobody's, what all say.

    Parameters
    ----------
    comparisons : sequence of Comparison
        Of one student.

    Returns
    -------
    Comparison
        Of no rows, if there is none.
    """
    vouched = [one for one in comparisons if one.is_vouched]
    return sum(vouched or comparisons, start=Comparison())


def halves(n_rows: int, *, seed: int, owner: str) -> NDArray[np.int8]:
    """Return in which half, 0 or 1, each row of a participant is, shape (n_rows,)."""
    order = np.random.default_rng(derive_seed(seed, "halves", owner)).permutation(n_rows)
    return np.asarray(order % 2, dtype=np.int8)


def compare(
    before: Answers,
    drafts: Drafts,
    X: NDArray[np.float64],
    y: NDArray[Any],
    space: FeatureSpace,
    half: NDArray[np.int8],
    *,
    is_vouched: bool = True,
) -> Comparison:
    """Compare a model with what it may become.

    Parameters
    ----------
    before : Answers
        What the model says of the rows.
    drafts : Drafts
    X : ndarray of shape (n_rows, n_features), float64
        Rows, in a space of their owner's.
    y : ndarray of shape (n_rows,)
    space : FeatureSpace
    half : ndarray of shape (n_rows,), int8
    is_vouched : bool, default=True

    Returns
    -------
    Comparison
    """
    was, now = before.squared_error, _squared_error(drafts, X, y, space, half)
    return Comparison(len(y), float(was.sum()), float(now.sum()), float(((was - now) ** 2).sum()), is_vouched)


def _squared_error(
    drafts: Drafts, X: NDArray[np.float64], y: NDArray[Any], space: FeatureSpace, half: NDArray[np.int8]
) -> NDArray[np.float64]:
    """As `Answers` has it, by the draft that was not taught from a row's half."""
    classes = np.unique(y)
    scores = drafts.scores(X, space, half, classes)
    if drafts.task == "regression":
        return Answers.of_values(scores[:, 0], y).squared_error
    return Answers.of_labels(y, y, scores[np.arange(len(y)), np.searchsorted(classes, y)]).squared_error
