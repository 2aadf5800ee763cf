"""What a model that was not made here says, checked before it is believed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import LearnerError, LearnerFailure

__all__ = ["as_classes", "as_names", "as_stated_scores", "most_likely"]

_SUM_TOLERANCE = 1e-3


def as_classes(classes: Any) -> NDArray[Any]:
    """See declared classes as an array, distinct and two at least; none of a regressor.

    Raises
    ------
    LearnerError
        If they are not.

    Examples
    --------
    >>> as_classes(["no", "yes"])
    array(['no', 'yes'], dtype=object)
    """
    if classes is None:
        return np.empty(0)
    labels = [classes] if isinstance(classes, str) else list(classes)
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise LearnerError(f"classes={classes!r} must hold two distinct labels at least, in the order of the scores")
    array = np.asarray(labels)
    if array.dtype.kind in "biuf":
        return array
    held = np.empty(len(labels), dtype=object)
    held[:] = labels
    return held


def as_names(feature_names: Any) -> NDArray[Any] | None:
    """See declared feature names as an array of distinct strings; None stays None.

    Raises
    ------
    LearnerError
        If they are not.
    """
    if feature_names is None:
        return None
    names = [feature_names] if isinstance(feature_names, str) else list(feature_names)
    if not names or len(set(names)) < len(names) or not all(isinstance(name, str) for name in names):
        raise LearnerError(f"feature_names={feature_names!r} must hold distinct strings, one for each column in order")
    return np.array(names, dtype=object)


def as_stated_scores(said: Any, n_rows: int, n_classes: int, *, what: str) -> NDArray[np.float64]:
    """Check the answer of a foreign model.

    Parameters
    ----------
    said : array-like
    n_rows : int
    n_classes : int
        0 of a regressor.
    what : str
        Who said it.

    Returns
    -------
    ndarray of shape (n_rows, n_classes), float64
        Of a regressor (n_rows, 1).

    Raises
    ------
    LearnerFailure
        If it is no array of numbers, of the wrong shape, has NaN, or are no probabilities.
    """
    try:
        scores = np.asarray(said, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise LearnerFailure(f"{what} returned {type(said).__name__}, which is no array of numbers") from error
    if n_classes == 0 and scores.ndim == 1:
        scores = scores.reshape(-1, 1)
    expected = (n_rows, max(n_classes, 1))
    if scores.shape != expected:
        raise LearnerFailure(
            f"{what} returned an array of shape {scores.shape} for {n_rows} rows"
            + (f" and {n_classes} classes" if n_classes else "")
            + f"; it must have shape {expected}"
        )
    wrong = np.flatnonzero(~np.isfinite(scores).all(axis=1))
    if len(wrong):
        raise LearnerFailure(
            f"{what} returned {scores[wrong[0]].tolist()} for row {wrong[0]}; NaN and inf are no scores"
        )
    if n_classes:
        _check_probabilities(scores, what)
    return scores


def most_likely(classes: NDArray[Any], scores: NDArray[np.float64]) -> NDArray[Any]:
    """Return the class of the greatest score of each row; of a regressor the value."""
    return np.asarray(classes[scores.argmax(axis=1)] if len(classes) else scores[:, 0])


def _check_probabilities(scores: NDArray[np.float64], what: str) -> None:
    outside = np.flatnonzero(((scores < -_SUM_TOLERANCE) | (scores > 1 + _SUM_TOLERANCE)).any(axis=1))
    if len(outside):
        raise LearnerFailure(
            f"{what} returned {scores[outside[0]].tolist()} for row {outside[0]}; probabilities lie between 0 and 1 "
            "(of margins, make them by softmax)"
        )
    off = np.flatnonzero(np.abs(scores.sum(axis=1) - 1) > _SUM_TOLERANCE)
    if len(off):
        raise LearnerFailure(
            f"{what} returned {scores[off[0]].tolist()} for row {off[0]}; the probabilities of a row must sum to one"
        )
