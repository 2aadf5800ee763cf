"""A participant's scores of its own rows, by refits that have not seen them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold

from coopdistill.baselines.distillation.targets import said
from coopdistill.participants import Prepared
from coopdistill.seeds import derive_seed

__all__ = ["said_out_of_fold"]

_MAX_FOLDS = 5


def said_out_of_fold(own: Prepared, classes: NDArray[Any], *, seed: int) -> NDArray[np.float64]:
    """Return a model's scores of its own rows as targets, each by a refit that has not seen the row.

    A row that is the only one of its class stays in every training part, and its scores are in-sample.

    Parameters
    ----------
    own : Prepared
        With rows.
    classes : ndarray of shape (n_classes,)
        None in regression.
    seed : int

    Returns
    -------
    ndarray of shape (n_rows, n_classes), or (n_rows, 1) of values, float64
    """
    scores = said(own.model, own.X, classes)
    scratch = own.model.from_scratch()
    for k, held in enumerate(_folds(own, len(classes) > 0, seed)):
        seen = np.setdiff1d(np.arange(len(own.y)), held)
        weight = None if own.weight is None else own.weight[seen]
        refitted = scratch.refit(own.X[seen], own.y[seen], seed=derive_seed(seed, "fold", k), sample_weight=weight)
        scores[held] = said(refitted, own.X[held], classes)
    return scores


def _folds(own: Prepared, by_class: bool, seed: int) -> Iterator[NDArray[np.intp]]:
    """Rows to hold out together."""
    shuffle = derive_seed(seed, "folds")
    if not by_class:
        n_folds = min(_MAX_FOLDS, len(own.y))
        if n_folds > 1:
            yield from (held for _, held in KFold(n_folds, shuffle=True, random_state=shuffle).split(own.y))
        return
    _, label, counts = np.unique(own.y, return_inverse=True, return_counts=True)
    foldable = np.flatnonzero(counts[label] >= 2)
    if len(counts) < 2 or not len(foldable):
        return
    folds = StratifiedKFold(int(min(_MAX_FOLDS, counts[counts >= 2].min())), shuffle=True, random_state=shuffle)
    yield from (foldable[held] for _, held in folds.split(foldable, label[foldable]))
