"""Many methods on many data sets: mean ranks, and which of them differ."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from coopdistill.exceptions import OptionError, TableError

__all__ = ["Friedman", "critical_difference", "friedman", "groups_of_equals", "mean_ranks"]

_DIGITS = 12
"""Scores that agree to so many decimal places are equal; what differs behind these is rounding."""


def mean_ranks(scores: pd.DataFrame) -> pd.Series:
    """Rank the methods within each block and take the mean over blocks, as Demšar [1]_ does.

    Parameters
    ----------
    scores : DataFrame of shape (n_blocks, n_methods)
        Greater is better. A block is what is independent of the others: a data set, not a repetition on it.

    Returns
    -------
    Series of shape (n_methods,), float64
        1 for a method that is best everywhere; equals share the mean of their ranks. In order, the best first.

    Raises
    ------
    TableError
        If there is nothing to rank, or a score is missing.

    References
    ----------
    .. [1] J. Demšar: Statistical Comparisons of Classifiers over Multiple Data Sets. Journal of Machine Learning
       Research 7, 2006.

    Examples
    --------
    >>> scores = pd.DataFrame({"before": [0.70, 0.81], "after": [0.74, 0.81]}, index=["heart", "cars"])
    >>> mean_ranks(scores).to_dict()
    {'after': 1.25, 'before': 1.75}
    """
    ranks = _complete(scores).rank(axis=1, ascending=False).mean()
    return ranks.sort_values(kind="stable")


def critical_difference(n_methods: int, n_blocks: int, *, alpha: float = 0.05) -> float:
    """Return how far apart two mean ranks must be to differ, by the test of Nemenyi [1]_.

    Parameters
    ----------
    n_methods : int
        Two or more.
    n_blocks : int
        One or more.
    alpha : float, default=0.05
        Probability that any two of equal methods are told apart; between 0 and 1.

    Returns
    -------
    float

    Raises
    ------
    OptionError
        If a number is outside of what it allows.

    References
    ----------
    .. [1] P. B. Nemenyi: Distribution-free Multiple Comparisons. Princeton University, 1963; after Demšar, see
       `mean_ranks`.

    Examples
    --------
    Four methods on 14 data sets, as in Demšar's example:

    >>> round(critical_difference(4, 14), 2)
    1.25
    """
    if n_methods < 2:
        raise OptionError(f"n_methods={n_methods!r} must be 2 or more; a single method differs from none")
    if n_blocks < 1:
        raise OptionError(f"n_blocks={n_blocks!r} must be 1 or more")
    if not 0.0 < alpha < 1.0:
        raise OptionError(f"alpha={alpha!r} must lie between 0 and 1, for instance 0.05")
    from scipy.stats import studentized_range

    studentized = float(studentized_range.ppf(1.0 - alpha, n_methods, np.inf)) / math.sqrt(2.0)
    return studentized * math.sqrt(n_methods * (n_methods + 1) / (6.0 * n_blocks))


def groups_of_equals(ranks: pd.Series, difference: float) -> list[tuple[str, ...]]:
    """Return the largest groups of methods of which no two are further apart than that.

    Parameters
    ----------
    ranks : Series
        From `mean_ranks`.
    difference : float
        From `critical_difference`.

    Returns
    -------
    list of tuple of str
        Groups of two or more; none lies within another, and a method may belong to several.

    Examples
    --------
    >>> groups_of_equals(pd.Series({"a": 1.0, "b": 1.9, "c": 2.8, "d": 4.3}), 1.0)
    [('a', 'b'), ('b', 'c')]
    """
    ordered = ranks.sort_values(kind="stable")
    values = ordered.to_numpy(dtype=np.float64)
    ends = np.searchsorted(values, values + difference + 10.0**-_DIGITS, side="right")
    longest = np.maximum.accumulate(np.concatenate([[0], ends[:-1]]))
    return [
        tuple(str(name) for name in ordered.index[start:end])
        for start, end in enumerate(ends)
        if end > longest[start] and end - start > 1
    ]


@dataclass(frozen=True)
class Friedman:
    """Whether methods differ at all.

    Parameters
    ----------
    statistic : float
        Of a chi-squared distribution with one degree of freedom less than there are methods, where none differs.
    p_value : float
    """

    statistic: float
    p_value: float


def friedman(scores: pd.DataFrame) -> Friedman:
    """Test whether the methods differ at all.

    Parameters
    ----------
    scores : DataFrame of shape (n_blocks, n_methods)
        See `mean_ranks`; three methods or more, on two blocks or more.

    Returns
    -------
    Friedman
        The distribution is an approximation, which is rough on fewer than ten blocks.

    Raises
    ------
    TableError
        If there are too few methods or blocks, or a score is missing.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [3, 3, 3, 3], "b": [2, 2, 2, 2], "c": [1, 1, 1, 1]})
    >>> friedman(scores).statistic
    8.0
    """
    known = _complete(scores)
    if known.shape[0] < 2 or known.shape[1] < 3:
        raise TableError(
            f"scores has {known.shape[0]} blocks of {known.shape[1]} methods; the test needs two and three, or more"
        )
    if (known.max(axis=1) == known.min(axis=1)).all():
        return Friedman(0.0, 1.0)
    from scipy.stats import friedmanchisquare

    found = friedmanchisquare(*(known[name] for name in known))
    return Friedman(float(found.statistic), float(found.pvalue))


def _complete(scores: pd.DataFrame) -> pd.DataFrame:
    if scores.empty:
        raise TableError(f"scores is empty, of shape {scores.shape!r}; it must hold a score for each block and method")
    missing = scores.isna().to_numpy()
    if missing.any():
        block, method = (int(where[0]) for where in np.nonzero(missing))
        raise TableError(
            f"scores has none for {scores.columns[method]!r} in block {scores.index[block]!r}; rank only methods that "
            "have scores in all"
        )
    return scores.astype(np.float64).round(_DIGITS)
