"""How far a score on test rows may be off by the luck of which rows they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from coopdistill.expertise import check_metric
from coopdistill.seeds import derive_seed

__all__ = ["Interval", "score_intervals"]

_AT_ONCE = 2_000_000
"""Weights of rows that are held at a time."""


class Interval(NamedTuple):
    """Where a score lies with a given confidence.

    Parameters
    ----------
    low, high : float
        In the unit of the score.
    """

    low: float
    high: float


def score_intervals(
    truth: NDArray[np.generic],
    predictions: Mapping[str, NDArray[np.generic]],
    metric: str,
    *,
    confidence: float = 0.95,
    n_resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """Bound scores on the same rows, and the gain from "before" to "after".

    Accuracy gets Wilson's interval [1]_, which stays honest where all rows or none are right; other scores, and gains,
    the percentiles of a bootstrap that draws test rows with replacement [2]_, the same rows for all predictions, so
    that a gain is bounded by what differs between two models and not by what both find hard.

    Parameters
    ----------
    truth : ndarray of shape (n_rows,)
        True labels, or values.
    predictions : mapping of str to ndarray of shape (n_rows,)
        By method.
    metric : str
        See `CooperativeDistillation.evaluate`.
    confidence : float, default=0.95
        Between 0 and 1.
    n_resamples : int, default=1000
        Bootstrap samples.
    seed : int, default=0
        Of the bootstrap.

    Returns
    -------
    dict of str to Interval
        By method, and "gain" where both "before" and "after" are there.

    Raises
    ------
    OptionError
        If the metric is unknown.

    References
    ----------
    .. [1] Wilson: Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    .. [2] Efron, Tibshirani: An Introduction to the Bootstrap, 1993.

    Examples
    --------
    >>> truth = np.array([0, 1] * 50)
    >>> found = score_intervals(truth, {"before": np.zeros(100), "after": truth}, "accuracy")
    >>> [f"{bound:.2f}" for bound in found["after"]]
    ['0.96', '1.00']
    >>> found["gain"].low > 0.3
    True
    """
    check_metric(metric, "regression" if metric in _VALUES else "classification")
    drawn = {name: _resampled(truth, predicted, metric, n_resamples, seed) for name, predicted in predictions.items()}
    tails = [50 * (1 - confidence), 50 * (1 + confidence)]
    found = {name: Interval(*map(float, np.nanpercentile(scores, tails))) for name, scores in drawn.items()}
    if "before" in drawn and "after" in drawn:
        gains = drawn["after"] - drawn["before"]
        found["gain"] = Interval(*map(float, np.nanpercentile(gains, tails)))
    if metric == "accuracy":
        found.update({name: _wilson(truth == predicted, confidence) for name, predicted in predictions.items()})
    return found


def _wilson(right: NDArray[np.bool_], confidence: float) -> Interval:
    bounds = binomtest(int(right.sum()), len(right)).proportion_ci(confidence, method="wilson")
    return Interval(float(bounds.low), float(bounds.high))


def _resampled(
    truth: NDArray[np.generic], predicted: NDArray[np.generic], metric: str, n_resamples: int, seed: int
) -> NDArray[np.float64]:
    """Scores of bootstrap samples; which rows these hold depends on the seed and the number of rows alone."""
    n = len(truth)
    rng = np.random.default_rng(derive_seed(seed, "bootstrap", str(n)))
    score = _value_scores if metric in _VALUES else _label_scores
    size = max(1, _AT_ONCE // n)
    parts = [
        score(truth, predicted, metric, rng.multinomial(n, np.full(n, 1 / n), size=min(size, n_resamples - start)))
        for start in range(0, n_resamples, size)
    ]
    return np.concatenate(parts)


_VALUES = ("r2", "neg_mean_absolute_error", "neg_root_mean_squared_error")


def _label_scores(
    truth: NDArray[np.generic], predicted: NDArray[np.generic], metric: str, weights: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Score each sample, of which `weights` says how often it holds each row."""
    if metric == "accuracy":
        return np.asarray(weights @ (truth == predicted).astype(np.float64) / weights.sum(axis=1))
    classes = np.unique(truth) if metric == "balanced_accuracy" else np.unique(np.concatenate([truth, predicted]))
    is_true = (truth[:, None] == classes).astype(np.float64)
    is_said = (predicted[:, None] == classes).astype(np.float64)
    hits, there, said = (weights @ marks for marks in (is_true * is_said, is_true, is_said))
    whole = there if metric == "balanced_accuracy" else (there + said) / 2
    with np.errstate(invalid="ignore"):
        # A class that a sample lacks does not count there.
        return np.asarray(np.nanmean(hits / whole, axis=1))


def _value_scores(
    truth: NDArray[np.generic], predicted: NDArray[np.generic], metric: str, weights: NDArray[np.int64]
) -> NDArray[np.float64]:
    y = truth.astype(np.float64)
    error = y - predicted.astype(np.float64)
    n = weights.sum(axis=1)
    if metric == "neg_mean_absolute_error":
        return np.asarray(-(weights @ np.abs(error)) / n)
    squares = weights @ error**2
    if metric == "neg_root_mean_squared_error":
        return np.asarray(-np.sqrt(squares / n))
    centred = y - y.mean()
    variation = weights @ centred**2 - (weights @ centred) ** 2 / n
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variation > 0, 1 - squares / variation, np.nan)
