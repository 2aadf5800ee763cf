"""The mean of few numbers, and how far off it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Estimate", "estimate_of"]

CONFIDENCE = 0.95
FEWEST = 3
"""Numbers that tell something about their spread; the interval of two is thirteen times as long as they are apart."""


@dataclass(frozen=True)
class Estimate:
    """A mean with its confidence interval.

    Parameters
    ----------
    mean : float
    half_width : float, optional
        Half of the interval; None where the numbers are too few to tell anything about their spread.
    n : int
        Of how many numbers.
    """

    mean: float
    half_width: float | None
    n: int

    def __str__(self) -> str:
        return f"{self.mean:.1f}" if self.half_width is None else f"{self.mean:.1f} ± {self.half_width:.1f}"


def estimate_of(values: Sequence[float]) -> Estimate:
    """Return the mean and its 95 % interval by Student's distribution.

    Parameters
    ----------
    values : sequence of float
        One a seed, at least one; from three on there is an interval.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> str(estimate_of([79.0, 80.0, 81.0]))
    '80.0 ± 2.5'
    >>> str(estimate_of([79.0, 81.0]))
    '80.0'
    """
    n = len(values)
    if n < FEWEST:
        return Estimate(float(np.mean(values)), None, n)
    from scipy.stats import t

    error = float(np.std(values, ddof=1)) / np.sqrt(n)
    return Estimate(float(np.mean(values)), float(t.ppf((1 + CONFIDENCE) / 2, n - 1) * error), n)
