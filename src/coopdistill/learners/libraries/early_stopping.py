"""Fits a model whose training may be stopped by rows held out of its participant's own."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from coopdistill.exceptions import CoopdistillWarning, LearnerError
from coopdistill.learners.libraries.library import Library
from coopdistill.learners.libraries.validation_rows import ValidationRows, hold_out

__all__ = ["fit_on_rows", "last_step"]


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
    n_own : int, optional
        How many of the rows, the first ones, are own. Default: all.
    seed : int
    library : Library
        Of the last step.
    by_class : bool
        Whether `y` holds classes.

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
    if sample_weight is not None and not has_fit_parameter(last, "sample_weight"):
        raise LearnerError(f"{type(last).__name__} takes no sample weights; leave them out, or use another model")
    arguments: dict[str, Any] = {}
    if library.stops_early(last):
        n_rows = len(y) if n_own is None else n_own
        held_out = hold_out(y, n_own, seed=seed, by_class=by_class, share=library.share(last, n_rows))
        if held_out is None:
            warnings.warn(
                f"{type(last).__name__} is trained without early stopping: its {n_rows} own rows are too few to hold "
                "some out",
                CoopdistillWarning,
                stacklevel=2,
            )
            last.set_params(**library.without_early_stopping(last))
        else:
            rows = _rows_held_out(estimator, X, y, sample_weight, held_out)
            arguments = library.validation_arguments(last, rows)
            X, y = X[~held_out], y[~held_out]
            sample_weight = None if sample_weight is None else sample_weight[~held_out]
    if sample_weight is not None:
        arguments["sample_weight"] = sample_weight
    with warnings.catch_warnings():
        for message in library.known_warnings:
            warnings.filterwarnings("ignore", message=message)
        return estimator.fit(X, y, **{f"{prefix}{name}": value for name, value in arguments.items()})


def last_step(estimator: Any) -> tuple[Any, str]:
    """Return the estimator at the end of a pipeline, and the prefix of its arguments of ``fit``.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> last_step(make_pipeline(SVC()))
    (SVC(), 'svc__')
    """
    last, prefix = estimator, ""
    while hasattr(last, "steps"):
        step, last = last.steps[-1]
        prefix += f"{step}__"
    return last, prefix


def _rows_held_out(
    estimator: Any, X: Any, y: NDArray[Any], sample_weight: NDArray[np.float64] | None, held_out: NDArray[np.bool_]
) -> ValidationRows:
    """The rows held out, as the last step will see them: a pipeline transforms only what it is fitted on."""
    seen, stays, last = X[~held_out], X[held_out], estimator
    while hasattr(last, "steps"):
        if len(last.steps) > 1:
            front = clone(last[:-1])
            seen = front.fit_transform(seen, y[~held_out])
            stays = front.transform(stays)
        last = last.steps[-1][1]
    weight = None if sample_weight is None else sample_weight[held_out]
    return ValidationRows(stays, y[held_out], weight)
