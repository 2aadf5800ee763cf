"""Which rows of one table each member is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import OptionError, nearest_name, warn
from coopdistill.seeds import derive_seed

__all__ = ["VIEWS", "check_views", "member_rows"]

VIEWS = ("rows", "folds", "shares")

_LEAST = 5
"""Rows of a class in every share: one for each fold in which expertise is measured."""

_LEAST_VALUES = 10
"""Rows in every share where values are predicted: two for each such fold, for one says nothing of a spread."""


def check_views(views: object) -> None:
    """Refuse a way of dealing rows that does not exist.

    Raises
    ------
    OptionError
        Naming the nearest.
    """
    if views not in VIEWS:
        raise OptionError(f"unknown views={views!r}{nearest_name(views, VIEWS)}")


def member_rows(
    views: str, names: Sequence[str], y: NDArray[Any], *, by_class: bool, seed: int
) -> dict[str, NDArray[np.intp]]:
    """Choose the rows that each member is trained on.

    Rows are dealt like cards, class by class or, where values are predicted, from the least to the greatest, so that
    every share resembles the table. A class that is too rare to be dealt goes to every member.

    Parameters
    ----------
    views : {"rows", "folds", "shares"}
        All rows for everyone; all but a share of one's own, which the others have; or that share alone.
    names : sequence of str
        The members'. Their order plays no part.
    y : ndarray of shape (n_rows,)
        Labels or values.
    by_class : bool
        Whether `y` holds classes.
    seed : int

    Returns
    -------
    dict of str to ndarray of int
        Row numbers, ascending, for each name.

    Warns
    -----
    CoopdistillWarning
        If a class, or the whole table, is too small to be dealt.

    Examples
    --------
    >>> y = np.repeat(["ill", "well"], 10)
    >>> shares = member_rows("shares", ["forest", "linear"], y, by_class=True, seed=0)
    >>> {name: len(rows) for name, rows in shares.items()}, len(set(shares["forest"]) & set(shares["linear"]))
    ({'forest': 10, 'linear': 10}, 0)
    """
    everything = np.arange(len(y))
    if views == "rows":
        return dict.fromkeys(names, everything)
    dealt = np.flatnonzero(_can_be_dealt(y, len(names), by_class=by_class))
    order = np.random.default_rng(derive_seed(seed, "shares")).permutation(len(dealt))
    order = order[np.argsort(y[dealt][order], kind="stable")]
    holder = np.full(len(y), -1)
    holder[dealt[order]] = np.arange(len(dealt)) % len(names)
    rows: dict[str, NDArray[np.intp]] = {}
    for i, name in enumerate(sorted(names)):
        own = (holder < 0) | ((holder == i) == (views == "shares"))
        rows[name] = np.flatnonzero(own)
    return rows


def _can_be_dealt(y: NDArray[Any], n_members: int, *, by_class: bool) -> NDArray[np.bool_]:
    """Whether each row belongs to enough of its kind that every member gets some."""
    if not by_class:
        enough = len(y) >= _LEAST_VALUES * n_members
        if not enough:
            _warn(f"{len(y)} rows are too few for {n_members} shares of {_LEAST_VALUES}; every member gets them all")
        return np.full(len(y), enough)
    classes, inverse, counts = np.unique(y, return_inverse=True, return_counts=True)
    rare = counts < _LEAST * n_members
    if rare.any():
        label, count = classes[rare].tolist()[0], int(counts[rare][0])
        others = f" (and {rare.sum() - 1} more classes have too few)" if rare.sum() > 1 else ""
        _warn(
            f"class {label!r} has {count} rows{others}, where {n_members} shares need {_LEAST} each; every member gets "
            "them all"
        )
    return np.asarray(~rare[inverse])


def _warn(message: str) -> None:
    warn(f"{message}; views='rows' asks for that and does not warn")
