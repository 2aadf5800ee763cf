"""Where, in encoded numbers, trees change their mind: exact to the last bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners.trees.inputs import TreeInputs, probed_range
from coopdistill.schema import FeatureSpace

__all__ = ["exact_cuts"]

_BEYOND = 1e3
"""How far beyond the range, in spreads, a cut is looked for."""


def exact_cuts(
    inputs: TreeInputs,
    space: FeatureSpace,
    column: NDArray[np.intp],
    threshold: NDArray[np.float64],
    single: bool,
) -> NDArray[np.float64]:
    """Return for thresholds of columns the greatest encoded number on the near side of each.

    The near side is what is at most the threshold, or greater than it where the column falls with its number. The
    comparison is asked for as the trees make it, after preprocessing and rounding, and halved between encoded numbers
    until two neighbours are left; so a number above the cut is on the far side, however close.

    Parameters
    ----------
    inputs : TreeInputs
    space : FeatureSpace
    column : ndarray of shape (n_thresholds,), int
        Each depends on a number.
    threshold : ndarray of shape (n_thresholds,), float64
    single : bool
        Whether the trees round to single precision before they compare.

    Returns
    -------
    ndarray of shape (n_thresholds,), float64
        Infinite where all numbers are on one side.
    """
    if inputs.is_identity:
        return _greatest_rounding_to(threshold) if single else threshold
    feature = inputs.feature[column]
    asker = _Asker(inputs, column, feature, _ranks(feature), threshold, single)
    low, high = _whole_range(inputs, space, feature)
    near, far = _about(inputs, column, threshold, single)
    outside = ~(asker.is_near(near) & ~asker.is_near(far))
    near, far = np.where(outside, low, near), np.where(outside, high, far)
    never, always = ~asker.is_near(near), asker.is_near(far)
    below, above = _ordinal(near), _ordinal(far)
    while True:
        # The difference of two may be too large for an integer, so the middle is found without it.
        middle = (below & above) + ((below ^ above) >> 1)
        if (middle <= below).all():
            break
        is_near = asker.is_near(_number(middle))
        below, above = np.where(is_near, middle, below), np.where(is_near, above, middle)
    return np.where(never, -np.inf, np.where(always, np.inf, _number(below)))


class _Asker:
    """Asks on which side of their thresholds encoded numbers are, many features with each question."""

    def __init__(
        self,
        inputs: TreeInputs,
        column: NDArray[np.intp],
        feature: NDArray[np.intp],
        rank: NDArray[np.intp],
        threshold: NDArray[np.float64],
        single: bool,
    ) -> None:
        self._inputs, self._column, self._feature, self._rank = inputs, column, feature, rank
        self._threshold, self._single = threshold, single
        self._points = np.repeat(inputs.probe[None, :], int(rank.max(initial=-1)) + 1, axis=0)

    def is_near(self, number: NDArray[np.float64]) -> NDArray[np.bool_]:
        if len(number) == 0:
            return np.zeros(0, dtype=bool)
        self._points[self._rank, self._feature] = number
        value = self._inputs.columns(self._points)[self._rank, self._column]
        if self._single:
            value = value.astype(np.float32).astype(np.float64)
        return np.asarray((value <= self._threshold) == self._inputs.rises[self._column])


def _ranks(feature: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number the thresholds of each feature."""
    order = np.argsort(feature, kind="stable")
    first = np.searchsorted(feature[order], feature[order])
    rank = np.empty(len(feature), dtype=np.intp)
    rank[order] = np.arange(len(feature)) - first
    return rank


def _whole_range(
    inputs: TreeInputs, space: FeatureSpace, feature: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ends = np.array([probed_range(space, j, float(inputs.probe[j])) for j in range(len(space))])
    beyond = _BEYOND * space.spread
    return (ends[:, 0] - beyond)[feature], (ends[:, 1] + beyond)[feature]


def _about(
    inputs: TreeInputs, column: NDArray[np.intp], threshold: NDArray[np.float64], single: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Numbers close below and above where a straight line would have the cut."""
    offset, slope = inputs.line[column].T
    slope = np.where(slope == 0.0, 1.0, slope)
    guess = (threshold - offset) / slope
    guess = np.where(np.isfinite(guess), guess, 0.0)
    scale = (1e-6 if single else 1e-12) * (np.abs(guess) + np.abs(offset / slope) + np.abs(1.0 / slope))
    return guess - scale, guess + scale


def _greatest_rounding_to(threshold: NDArray[np.float64]) -> NDArray[np.float64]:
    """The greatest number that in single precision is at most a threshold."""
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = threshold.astype(np.float32)
        rounded = np.where(rounded > threshold, np.nextafter(rounded, np.float32(-np.inf)), rounded)
        above = np.nextafter(rounded, np.float32(np.inf))
        middle = (rounded.astype(np.float64) + above.astype(np.float64)) / 2
        # The middle itself goes to the neighbour whose last bit is even.
        stays = middle.astype(np.float32) <= rounded
    cut = np.where(stays, middle, np.nextafter(middle, -np.inf))
    return np.where(np.isfinite(middle), cut, threshold)


def _ordinal(number: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count numbers through, so that neighbours differ by one."""
    bits = np.ascontiguousarray(number, dtype=np.float64).view(np.int64)
    return np.asarray(np.where(bits < 0, np.iinfo(np.int64).min - bits, bits))


def _number(ordinal: NDArray[np.int64]) -> NDArray[np.float64]:
    bits = np.where(ordinal < 0, np.iinfo(np.int64).min - ordinal, ordinal)
    return np.ascontiguousarray(bits, dtype=np.int64).view(np.float64)
