"""Bests of groups, in arrays where the members of a group stand together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["best_of_groups", "firsts_of_groups", "least_of_groups"]


def firsts_of_groups(group: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where each group begins.

    Parameters
    ----------
    group : ndarray of shape (n,), int
        Members of a group stand together.

    Examples
    --------
    >>> firsts_of_groups(np.array([3, 3, 5, 9, 9]))
    array([0, 2, 3])
    """
    return np.flatnonzero(np.append(True, group[1:] != group[:-1])) if len(group) else np.zeros(0, dtype=np.intp)


def least_of_groups(group: NDArray[np.intp], key: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the position of the least key of each group, the first of equals.

    Parameters
    ----------
    group : ndarray of shape (n,), int
        Members of a group stand together.
    key : ndarray of shape (n,), float64

    Examples
    --------
    >>> least_of_groups(np.array([3, 3, 5, 9, 9]), np.array([2.0, 1.0, 7.0, 4.0, 4.0]))
    array([1, 2, 3])
    """
    at = firsts_of_groups(group)
    if len(at) == 0:
        return at
    least = np.minimum.reduceat(key, at)
    hits = np.flatnonzero(key == np.repeat(least, np.diff(np.append(at, len(group)))))
    return np.asarray(hits[firsts_of_groups(group[hits])])


def best_of_groups(group: NDArray[np.intp], key: NDArray[np.float64], n_best: int) -> NDArray[np.intp]:
    """Return positions of the least few keys of each group: groups in ascending order, within them the keys.

    Parameters
    ----------
    group : ndarray of shape (n,), int
        In any order.
    key : ndarray of shape (n,), float64
    n_best : int
        How many of each.

    Examples
    --------
    >>> best_of_groups(np.array([9, 3, 9, 9]), np.array([2.0, 1.0, 3.0, 0.0]), 2)
    array([1, 3, 0])
    """
    order = np.lexsort((key, group))
    rank = np.arange(len(group)) - np.searchsorted(group[order], group[order])
    return np.asarray(order[rank < n_best])
