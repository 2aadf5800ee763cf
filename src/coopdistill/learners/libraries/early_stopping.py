"""Fits a model whose training may be stopped by rows held out of its participant's own."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import TransformedTargetRegressor
from sklearn.utils.validation import has_fit_parameter

from coopdistill.exceptions import LearnerError, warn
from coopdistill.interrupts import interrupts_last
from coopdistill.learners.libraries.library import Library
from coopdistill.learners.libraries.preprocessing import Portions, front_steps, last_step, prepare_rows
from coopdistill.learners.libraries.validation_rows import ValidationRows, hold_out

__all__ = ["fit_on_rows"]


@interrupts_last()
def fit_on_rows(
    estimator: Any,
    X: Any,
    y: NDArray[Any],
    *,
    sample_weight: NDArray[np.float64] | None,
    n_own: int | None,
    seed: int,
    library: Library,
    by_class: bool,
    fitted: Any = None,
    fit_on_virtual: bool = False,
) -> Any:
    """Fit an estimator, bare or a pipeline, in place.

    Where its last step stops early, a share of the own rows is held out for that, and no virtual row ever is.

    Parameters
    ----------
    estimator : estimator
        Unfitted; it is fitted in place.
    X : DataFrame or ndarray of shape (n_rows, n_features)
    y : ndarray of shape (n_rows,)
    sample_weight : ndarray of shape (n_rows,), float64, optional
        For the last step.
    n_own : int, optional
        How many of the rows, the first ones, are own. Default: all.
    seed : int
    library : Library
        Of the last step.
    by_class : bool
        Whether `y` holds classes.
    fitted : estimator, optional
        The same pipeline, fitted before, whose preprocessing is kept. Default: it is fitted on own rows.
    fit_on_virtual : bool, default=False
        Whether preprocessing is fitted on virtual rows too.

    Returns
    -------
    estimator
        The one that was given.

    Raises
    ------
    LearnerError
        If weights are given and the estimator takes none.
    """
    last, prefix = last_step(estimator)
    if sample_weight is not None and not _takes_weights(last):
        raise LearnerError(f"{type(last).__name__} takes no sample weights; leave them out, or use another model")
    held_out = _held_out(last, y, n_own, seed=seed, library=library, by_class=by_class)
    rows, target, weight = X, y, sample_weight
    validation = None
    if held_out.any() or any(True for _ in front_steps(estimator)):
        own = np.arange(len(y)) < (len(y) if n_own is None or fit_on_virtual else n_own)
        portions = prepare_rows(estimator, Portions.of(X, own, held_out), y[own & ~held_out], fitted)
        if portions is None:
            arguments = {} if weight is None else {f"{prefix}sample_weight": weight}
            return estimator.fit(X, y, **arguments)
        rows, target = portions.training(), y[~held_out]
        weight = None if sample_weight is None else sample_weight[~held_out]
        if held_out.any():
            their_weight = None if sample_weight is None else sample_weight[held_out]
            validation = ValidationRows(portions.held_out, y[held_out], their_weight)
    with warnings.catch_warnings():
        for message in library.known_warnings:
            warnings.filterwarnings("ignore", message=message)
        library.fit(last, rows, target, weight, validation)
    return estimator


def _takes_weights(estimator: Any) -> bool:
    if isinstance(estimator, TransformedTargetRegressor):  # which hands on whatever it is given
        return estimator.regressor is None or _takes_weights(estimator.regressor)
    return bool(has_fit_parameter(estimator, "sample_weight"))


def _held_out(
    last: Any, y: NDArray[Any], n_own: int | None, *, seed: int, library: Library, by_class: bool
) -> NDArray[np.bool_]:
    """Which rows tell the model when to stop; where there are too few for that, it is told not to."""
    nothing = np.zeros(len(y), dtype=bool)
    if not library.stops_early(last):
        return nothing
    n_rows = len(y) if n_own is None else n_own
    held_out = hold_out(y, n_own, seed=seed, by_class=by_class, share=library.share(last, n_rows))
    if held_out is not None:
        return held_out
    warn(f"{type(last).__name__} is trained without early stopping: its {n_rows} own rows are too few to hold some out")
    last.set_params(**library.without_early_stopping(last))
    return nothing
