"""Whether a taught model is better on rows of others that none of its lessons started from.

Rows stay where they are: the student's drafts visit, and sums come back. Everyone's rows are in parts. A draft is not
taught what was made from one of these, or from two, and is compared there; all drafts make up for all rows.
In the end all models asked together are compared, too, on all rows of a host by all but its own model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.drafts import N_PARTS
from coopdistill.expertise import ALL_VALUES, Answers
from coopdistill.seeds import derive_seed

__all__ = ["Comparison", "Tally", "compare", "compared_together", "parts_of"]


@dataclass(frozen=True)
class Tally:
    """How much less a taught model, or all together, err on rows of one class.

    Parameters
    ----------
    n_rows : int
    before, after : float
        Sums of squared errors over the rows: of the score of the true class, which is to be 1 (Brier's score), or of
        the value.
    squares : float
        Sum of the squares of the differences.
    won, lost : int, default=0
        Rows of which the true class has the greatest score now and had not before, and the other way around.
    """

    n_rows: int
    before: float
    after: float
    squares: float
    won: int = 0
    lost: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class Comparison:
    """How much less a taught model, or all together, err on others' rows, class by class.

    Parameters
    ----------
    tallies : mapping of label to Tally
        Of each class of the rows; of values one, of the label `ALL_VALUES`.
    is_vouched : bool, default=True
        Whether others' models find the rows to be what their labels say.
    is_whole : bool, default=True
        Whether the rows have all of the visitor's columns; typical values stand for what they lack.
    """

    tallies: Mapping[Any, Tally] = field(default_factory=dict)
    is_vouched: bool = True
    is_whole: bool = True

    def __add__(self, other: Comparison) -> Comparison:
        tallies = dict(self.tallies)
        for label, tally in other.tallies.items():
            tallies[label] = tallies[label] + tally if label in tallies else tally
        return Comparison(tallies, self.is_vouched and other.is_vouched, self.is_whole and other.is_whole)

    @property
    def n_rows(self) -> int:
        """Rows that were looked at."""
        return sum(tally.n_rows for tally in self.tallies.values())

    @property
    def before(self) -> float:
        """Sum of squared errors of the model before."""
        return sum(tally.before for tally in self.tallies.values())

    @property
    def after(self) -> float:
        """Sum of squared errors of the taught model."""
        return sum(tally.after for tally in self.tallies.values())

    @property
    def share_less(self) -> float:
        """By which share of it the squared error is less; 0 where there was none."""
        return 1.0 - self.after / self.before if self.before > 0 else 0.0

    @property
    def is_of_labels(self) -> bool:
        """Whether classes are compared, not values."""
        return ALL_VALUES not in self.tallies

    @property
    def standard_errors(self) -> float:
        """By how many standard errors the taught model's squared error is less; 0 where nothing differs."""
        return _standard_errors((tally.before - tally.after, tally.squares) for tally in self.tallies.values())

    @property
    def standard_errors_alike(self) -> float:
        """The same, if there were as many rows of each class: how many there are is each place's own."""
        return _standard_errors(
            ((tally.before - tally.after) / tally.n_rows, tally.squares / tally.n_rows**2)
            for tally in self.tallies.values()
        )

    @property
    def standard_errors_of_hits(self) -> float:
        """By how many the true class has the greatest score more often, if there were as many rows of each."""
        return _standard_errors(
            ((tally.won - tally.lost) / tally.n_rows, (tally.won + tally.lost) / tally.n_rows**2)
            for tally in self.tallies.values()
        )


def _standard_errors(parts: Iterable[tuple[float, float]]) -> float:
    """Divide a sum of gains by the root of the sum of their squares."""
    gains, squares = (sum(each) for each in zip((0.0, 0.0), *parts, strict=True))
    return gains / squares**0.5 if squares > 0 else 0.0


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


def parts_of(n_rows: int, *, seed: int, owner: str) -> NDArray[np.int8]:
    """Return in which of `N_PARTS` parts, from 0 on, each row of a participant is, shape (n_rows,)."""
    # Two parts make a half; the seed is still named after these, so that where there are two drafts nothing changed.
    order = np.random.default_rng(derive_seed(seed, "halves", owner)).permutation(n_rows)
    return np.asarray(order % N_PARTS, dtype=np.int8)


def compare(
    before: Answers, after: Answers, y: NDArray[Any], *, is_vouched: bool = True, is_whole: bool = True
) -> Comparison:
    """Compare what a model says of rows with what may take its place.

    Parameters
    ----------
    before, after : Answers
        Of the same rows.
    y : ndarray of shape (n_rows,)
    is_vouched, is_whole : bool, default=True
        See `Comparison`.

    Returns
    -------
    Comparison
    """
    if after.score is None:
        groups = {ALL_VALUES: np.ones(len(y), dtype=bool)} if len(y) else {}
    else:
        groups = {label: y == label for label in np.unique(y).tolist()}
    tallies = {label: _tally(before, after, rows) for label, rows in groups.items()}
    return Comparison(tallies, is_vouched, is_whole)


def _tally(before: Answers, after: Answers, rows: NDArray[np.bool_]) -> Tally:
    was, now = before.squared_error[rows], after.squared_error[rows]
    won = lost = 0
    if before.is_likeliest is not None and after.is_likeliest is not None:
        hit, hits = before.is_likeliest[rows], after.is_likeliest[rows]
        won, lost = int(np.count_nonzero(hits & ~hit)), int(np.count_nonzero(hit & ~hits))
    return Tally(len(was), float(was.sum()), float(now.sum()), float(((was - now) ** 2).sum()), won, lost)
