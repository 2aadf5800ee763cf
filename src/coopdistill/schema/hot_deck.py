"""Values for features that whoever sent a row does not know, taken from rows of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.schema.space import FeatureSpace

__all__ = ["hot_deck"]

MAX_DONORS = 256
"""Of a label; more rows would make the nearest one nearer, but hardly another one."""
_CELLS_AT_ONCE = 2**22


def hot_deck(
    X: NDArray[np.float64],
    y: NDArray[Any],
    lacking: NDArray[np.bool_],
    donors: NDArray[np.float64],
    donor_y: NDArray[Any],
    space: FeatureSpace,
    *,
    is_regression: bool,
    seed: int,
) -> NDArray[np.float64]:
    """Fill in what rows lack from the nearest donor of their label: hot-deck imputation [1]_.

    Near is what differs little in the features that the rows do have. A typical value in the place of each would say
    that the feature does not matter; a donor's says what it tends to be for such a row of such a label.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features), float64
        Encoded rows.
    y : ndarray of shape (n_rows,)
        Their labels, or values.
    lacking : ndarray of shape (n_features,), bool
        Which features to fill in; some, not all.
    donors : ndarray of shape (n_donors, n_features), float64
        At least one.
    donor_y : ndarray of shape (n_donors,)
    space : FeatureSpace
        Of all of them.
    is_regression : bool
        Whether labels are values. Then a standard deviation of them counts as much as a spread in each shared feature.
        Else a donor must be of the same class; where there is none, any may give.
    seed : int
        Draws donors where there are more than 256 of a class.

    Returns
    -------
    ndarray of shape (n_rows, n_features), float64
        A copy.

    References
    ----------
    .. [1] Andridge, Little: A Review of Hot Deck Imputation for Survey Non-response, International Statistical Review
       78 (2010), 40-64.

    Examples
    --------
    >>> from coopdistill.schema import Feature
    >>> space = FeatureSpace((Feature(name="age", kind="continuous"), Feature(name="dose", kind="continuous")))
    >>> own, ill = np.array([[50.0, 1.0], [60.0, 2.0], [50.0, 9.0]]), np.array([0, 0, 1])
    >>> received = np.array([[58.0, np.nan], [58.0, np.nan]])
    >>> lacks_dose = np.array([False, True])
    >>> hot_deck(received, np.array([0, 1]), lacks_dose, own, ill, space, is_regression=False, seed=0)
    array([[58.,  2.],
           [58.,  9.]])
    """
    rng = np.random.default_rng(seed)
    filled = X.copy()
    for rows, kin in _groups(y, donor_y, is_regression=is_regression):
        given = np.sort(rng.permutation(kin)[:MAX_DONORS])
        labels = (y[rows], donor_y[given]) if is_regression else None
        nearest = given[_nearest(X[rows], donors[given], ~lacking, space, labels)]
        filled[np.ix_(rows, lacking)] = donors[np.ix_(nearest, lacking)]
    return filled


def _groups(
    y: NDArray[Any], donor_y: NDArray[Any], *, is_regression: bool
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows, and who may give to them."""
    everyone = np.arange(len(donor_y))
    if is_regression:
        return [(np.arange(len(y)), everyone)]
    kin = {label: np.flatnonzero(donor_y == label) for label in np.unique(y).tolist()}
    return [(np.flatnonzero(y == label), own if len(own) else everyone) for label, own in kin.items()]


def _nearest(
    X: NDArray[np.float64],
    donors: NDArray[np.float64],
    shared: NDArray[np.bool_],
    space: FeatureSpace,
    labels: tuple[NDArray[Any], NDArray[Any]] | None,
) -> NDArray[np.intp]:
    """Return each row's nearest donor; the first of those that are equally near."""
    known = FeatureSpace(tuple(feature for feature, is_shared in zip(space, shared, strict=True) if is_shared))
    found = np.empty(len(X), dtype=np.intp)
    step = max(1, _CELLS_AT_ONCE // (len(donors) * len(known)))
    for start in range(0, len(X), step):
        rows = slice(start, start + step)
        distance = known.distance(X[rows, None, shared], donors[None, :, shared])
        if labels is not None:
            y, donor_y = labels
            scale = float(np.std(donor_y)) or 1.0
            distance = distance + len(known) * np.abs(y[rows, None] - donor_y[None, :]) / scale
        found[rows] = distance.argmin(axis=1)
    return found
