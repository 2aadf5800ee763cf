"""Random numbers that belong to a row, whatever batch it is worked on in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["row_uniform_pairs", "row_uniforms"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def row_uniforms(seed: int, step: int, rows: NDArray[np.intp], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Draw uniform numbers in [0, 1) by hashing seed, step, row and position (SplitMix64).

    A stream would give a row other numbers in another chunk, or after another row has dropped out.

    Parameters
    ----------
    seed : int
        Seed of the whole batch.
    step : int
        Which draw of the batch this is.
    rows : ndarray of shape (n_rows,), int
        Positions of the rows in the whole batch.
    shape : tuple of int
        Shape of the numbers of one row.

    Returns
    -------
    ndarray of shape (n_rows, *shape), float64

    References
    ----------
    .. [1] Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.

    Examples
    --------
    >>> whole = row_uniforms(0, 1, np.arange(4), (2,))
    >>> bool((row_uniforms(0, 1, np.array([2]), (2,)) == whole[2]).all())
    True
    """
    hashes = _row_hashes(seed, step, rows, shape)
    return (hashes >> np.uint64(11)).astype(np.float64) * 2.0**-53


def row_uniform_pairs(
    seed: int, step: int, rows: NDArray[np.intp], shape: tuple[int, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Draw twice as many uniform numbers at the price of one each, coarser ones: halves of the same hash.

    Parameters
    ----------
    seed, step, rows, shape
        As of `row_uniforms`.

    Returns
    -------
    coarse : ndarray of shape (n_rows, *shape), float32
        Of 24 bits.
    fine : ndarray of shape (n_rows, *shape), float64
        Of 40 bits, independent of the others.

    Examples
    --------
    >>> coarse, fine = row_uniform_pairs(0, 1, np.arange(4), (2,))
    >>> coarse.shape, bool((fine < 1).all())
    ((4, 2), True)
    """
    hashes = _row_hashes(seed, step, rows, shape)
    fine = (hashes >> np.uint64(24)).astype(np.float64) * 2.0**-40
    hashes &= np.uint64(2**24 - 1)
    return hashes.astype(np.float32) * np.float32(2.0**-24), fine


def _row_hashes(seed: int, step: int, rows: NDArray[np.intp], shape: tuple[int, ...]) -> NDArray[np.uint64]:
    start = _mixed(_mixed(np.array([seed % 2**64], dtype=np.uint64)) + np.array([step], dtype=np.uint64) * _GOLDEN)
    row_keys = _mixed(start + (rows.astype(np.uint64) + np.uint64(1)) * _GOLDEN)
    keys = row_keys[:, None] + np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64) * _GOLDEN
    return _mixed(keys).reshape(len(rows), *shape)


def _mixed(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scramble keys; the array given is used up."""
    for shift, factor in ((30, _MIX[0]), (27, _MIX[1])):
        keys ^= keys >> np.uint64(shift)
        keys *= factor
    keys ^= keys >> np.uint64(31)
    return keys
