"""What participants say together of an instance, once all of them have learned a part.

A draft is taught what was made from one half of everybody's rows; of an instance that was made from the other half it
has not been told. Drafts visit everybody to be compared, so a student has them at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.drafts import Drafts
from coopdistill.schema import FeatureSpace

__all__ = ["FEWEST_MEMBERS", "contradicts", "values_by"]

FEWEST_MEMBERS = 3
"""Of two, neither outvotes the other."""

LEAST_SHARE = 0.5
"""Of the greatest mean score, that of a label which is not contradicted: near a boundary two are about as good."""


def contradicts(
    committee: Sequence[Drafts], X: NDArray[np.float64], y: NDArray[Any], space: FeatureSpace, half: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Ask a committee about labelled instances, each member by the draft that has not been told of them.

    Parameters
    ----------
    committee : sequence of Drafts
        Of classifiers.
    X : ndarray of shape (n_instances, n_features), float64
    y : ndarray of shape (n_instances,)
        Their labels.
    space : FeatureSpace
        Of the instances.
    half : ndarray of shape (n_instances,), int8
        From which half of the rows each was made.

    Returns
    -------
    ndarray of shape (n_instances,), bool
        Where the mean score of another label is more than twice that of theirs.
    """
    classes = np.unique(np.concatenate([y, *(drafts.classes for drafts in committee)]))
    total = np.sum([drafts.scores(X, space, half, classes) for drafts in committee], axis=0)
    own = total[np.arange(len(y)), np.searchsorted(classes, y)]
    return np.asarray(own < LEAST_SHARE * total.max(axis=1))


def values_by(
    committee: Sequence[Drafts], X: NDArray[np.float64], space: FeatureSpace, half: NDArray[np.int8]
) -> NDArray[np.float64]:
    """Return the mean value that a committee of regressors gives to instances; see `contradicts`.

    Returns
    -------
    ndarray of shape (n_instances,), float64
    """
    said = [drafts.scores(X, space, half, drafts.classes)[:, 0] for drafts in committee]
    return np.asarray(np.mean(said, axis=0))
