"""Encoded rows as integers by which equal ones are found."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["row_keys"]


def row_keys(rows: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return one integer a row: equal rows have equal keys, others differ but for one chance in 2**64.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features), float64
        Encoded. Missing values are equal to each other, and so are the two zeros.

    Returns
    -------
    ndarray of shape (n_rows,), uint64

    Examples
    --------
    >>> first, second, third = row_keys(np.array([[0.0, np.nan], [-0.0, np.nan], [np.nan, 0.0]]))
    >>> bool(first == second), bool(first == third)
    (True, False)
    """
    canonical = rows + 0.0  # a copy, in which no zero is negative
    missing = np.isnan(canonical)
    if missing.any():
        canonical[missing] = np.nan
    bits = canonical.view(np.uint64)
    bits ^= bits >> np.uint64(29)
    return np.asarray(bits @ _key_weights(rows.shape[1]))


@cache
def _key_weights(n_features: int) -> NDArray[np.uint64]:
    drawn = np.random.default_rng(n_features).integers(1, 2**63, n_features, dtype=np.uint64)
    return np.asarray(drawn | np.uint64(1))
