"""Rows that tell a model in training when to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ValidationRows", "hold_out"]

_LEAST_OWN_ROWS = 10


@dataclass(frozen=True, eq=False)
class ValidationRows:
    """Rows held out of a training set, as the last estimator of a model takes them.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_rows, n_columns)
    y : ndarray of shape (n_rows,)
    sample_weight : ndarray of shape (n_rows,), float64, optional
    """

    X: Any
    y: NDArray[Any]
    sample_weight: NDArray[np.float64] | None = None


def hold_out(
    y: NDArray[Any], n_own: int | None, *, seed: int, by_class: bool, share: float = 0.2
) -> NDArray[np.bool_] | None:
    """Choose rows to hold out: a share of a participant's own ones, never a virtual one.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
        Labels or values.
    n_own : int, optional
        How many of the rows, the first ones, are own. Default: all.
    seed : int
    by_class : bool
        Whether to take that share of each class. A class with too few own rows for that stays whole.
    share : float, default=0.2

    Returns
    -------
    ndarray of shape (n_rows,), bool, or None
        Which rows are held out. None where there are fewer than ten own rows, or too few of each class.

    Examples
    --------
    >>> y = np.repeat(["ill", "well"], [10, 15])
    >>> held_out = hold_out(y, 20, seed=0, by_class=True)
    >>> y[held_out].tolist()
    ['ill', 'ill', 'well', 'well']
    """
    own = np.arange(len(y) if n_own is None else n_own)
    if len(own) < _LEAST_OWN_ROWS:
        return None
    held_out = np.zeros(len(y), dtype=bool)
    rng = np.random.default_rng(seed)
    labels = y[own].tolist()
    groups = [own]
    if by_class:
        groups = [own[[label == one for label in labels]] for one in dict.fromkeys(sorted(labels, key=str))]
    for group in groups:
        held_out[rng.permutation(group)[: int(share * len(group))]] = True
    return held_out if held_out.any() else None
