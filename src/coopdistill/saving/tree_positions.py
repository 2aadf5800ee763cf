"""Whether the positions that lead through a tree stay inside it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["check_positions"]


def check_positions(left: Any, right: Any, feature: Any, n_features: int, *, leaf: NDArray[np.bool_]) -> None:
    """Refuse a tree whose positions lead out of it, or in circles: compiled code follows them unchecked.

    Parameters
    ----------
    left, right : ndarray of shape (n_nodes,), int
        Positions of the children, which come after their parent in every library that is read here.
    feature : ndarray of shape (n_nodes,), int
        Column that a node asks for.
    n_features : int
        Columns of the rows.
    leaf : ndarray of shape (n_nodes,), bool
        Nodes without children.

    Raises
    ------
    ValueError
        If one does.

    Examples
    --------
    >>> leaf = np.array([False, True, True])
    >>> check_positions(np.array([1, -1, -1]), np.array([2, -1, -1]), np.array([0, 0, 0]), 1, leaf=leaf)
    >>> check_positions(np.array([1, -1, -1]), np.array([9, -1, -1]), np.array([0, 0, 0]), 1, leaf=leaf)
    Traceback (most recent call last):
    ValueError: a tree in it leads out of itself
    """
    place, inner = np.arange(len(leaf)), ~leaf
    for child in (left.astype(np.int64), right.astype(np.int64)):
        if not ((child > place) & (child < len(leaf)))[inner].all():
            raise ValueError("a tree in it leads out of itself")
    columns = feature.astype(np.int64)[inner]
    if ((columns < 0) | (columns >= n_features)).any():
        raise ValueError("a tree in it asks for a feature that it does not have")
