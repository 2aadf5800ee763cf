"""One method against each of the others, on the same trials."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import OptionError

__all__ = ["holm", "paired_tests"]

_DIGITS = 12
"""Differences that agree to so many decimal places are equal; what differs behind these is rounding."""


def holm(p_values: Sequence[float]) -> NDArray[np.float64]:
    """Correct for testing several times, by Holm's step-down method [1]_.

    Parameters
    ----------
    p_values : sequence of float
        In [0, 1]; NaN where there was no test.

    Returns
    -------
    ndarray of shape (n_tests,), float64
        To be compared with the level that at most one false discovery may have; never smaller than what was given.

    References
    ----------
    .. [1] S. Holm: A Simple Sequentially Rejective Multiple Test Procedure. Scandinavian Journal of Statistics 6(2),
       1979.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(p_values, dtype=np.float64)
    corrected = np.full(len(given), np.nan)
    order = np.argsort(given, kind="stable")[: int((~np.isnan(given)).sum())]
    stepwise = given[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(stepwise), 1.0)
    return corrected


def paired_tests(scores: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Test each method against one, by Wilcoxon's signed ranks [1]_ with Holm's correction.

    Parameters
    ----------
    scores : DataFrame of shape (n_pairs, n_methods)
        Greater is better; NaN where a method has none. A line is one trial, the same for all methods.
    reference : str
        The column that the others are compared with.

    Returns
    -------
    DataFrame
        A line a method: method; n_pairs, in which both have a score; wins, ties and losses of the method;
        mean_difference, the method less the reference; p_value, two-sided and exact, NaN without pairs; p_holm. Ties
        are left out of the test; where there is nothing else, p is 1.

    Raises
    ------
    OptionError
        If there is no such column.

    Notes
    -----
    The distribution is that of the signs, each as likely as the other, given the ranks; it is added up rank by rank
    [2]_, which is exact for any number of pairs and with equal differences, where tables and approximations are not.

    The test takes pairs for independent of each other. Repetitions on one data set are not quite: they share rows, so
    p-values over them are too small. Over means of data sets, they are not, but few data sets tell little apart.

    References
    ----------
    .. [1] F. Wilcoxon: Individual Comparisons by Ranking Methods. Biometrics Bulletin 1(6), 1945.
    .. [2] B. Streitberg, J. Röhmel: Exact Distributions for Permutation and Rank Tests. Statistical Software
       Newsletter 12(1), 1986.

    Examples
    --------
    >>> before = [0.70, 0.72, 0.68, 0.71, 0.74, 0.69]
    >>> scores = pd.DataFrame({"before": before, "after": [score + 0.01 * i for i, score in enumerate(before, 1)]})
    >>> paired_tests(scores, "before")[["method", "wins", "p_value"]].to_dict("records")
    [{'method': 'after', 'wins': 6, 'p_value': 0.03125}]
    """
    if reference not in scores:
        raise OptionError(f"reference={reference!r} must be one of {list(scores.columns)!r}")
    lines = [_compared(str(name), scores[name] - scores[reference]) for name in scores if name != reference]
    columns = ["method", "n_pairs", "wins", "ties", "losses", "mean_difference", "p_value"]
    table = pd.DataFrame(lines, columns=columns)
    return table.assign(p_holm=holm(table["p_value"].tolist()))


def _compared(method: str, differences: pd.Series) -> tuple[str, int, int, int, int, float, float]:
    known = differences.dropna().to_numpy(dtype=np.float64).round(_DIGITS)
    mean = float(known.mean()) if len(known) else np.nan
    wins, losses = int((known > 0).sum()), int((known < 0).sum())
    return method, len(known), wins, len(known) - wins - losses, losses, mean, _signed_rank_p(known)


def _signed_rank_p(differences: NDArray[np.float64]) -> float:
    if not len(differences):
        return np.nan
    untied = differences[differences != 0]
    if not len(untied):
        return 1.0
    from scipy.stats import rankdata

    # Mean ranks of equals are halves at the least, so that twice a rank is whole.
    ranks = np.rint(2 * rankdata(np.abs(untied))).astype(np.int64)
    chance = np.zeros(int(ranks.sum()) + 1)
    chance[0] = 1.0
    for rank in ranks:  # with either sign, it counts or not
        chance = (chance + np.concatenate([np.zeros(rank), chance[:-rank]])) / 2
    positive = int(ranks[untied > 0].sum())
    return float(min(1.0, 2 * min(chance[: positive + 1].sum(), chance[positive:].sum())))
