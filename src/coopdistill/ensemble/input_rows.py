"""Rows as they come into an ensemble, checked as scikit-learn checks them, in every version of it that we support."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.schema import Table, as_frame

__all__ = ["check_rows", "check_training_rows", "takes_missing"]

_MISSING = {True: "allow-nan", False: True}


def takes_missing(members: Sequence[Any]) -> bool:
    """Whether no member declares that it refuses missing values.

    A model around another, such as a pipeline, says nothing of it in every version of scikit-learn; it is left to find
    out when it is fitted.

    Parameters
    ----------
    members : sequence of estimator

    Returns
    -------
    bool

    Examples
    --------
    >>> from sklearn.ensemble import HistGradientBoostingClassifier
    >>> from sklearn.linear_model import LogisticRegression
    >>> takes_missing([HistGradientBoostingClassifier()]), takes_missing([LogisticRegression()])
    (True, False)
    """
    return all(_is_around_another(member) or _declares_missing(member) for member in members)


def _is_around_another(estimator: Any) -> bool:
    return any(hasattr(value, "fit") for value in estimator.get_params(deep=True).values())


def _declares_missing(estimator: Any) -> bool:
    try:
        from sklearn.utils import get_tags
    except ImportError:  # scikit-learn 1.5
        from sklearn.utils._tags import _safe_tags

        return bool(_safe_tags(estimator, "allow_nan"))
    return bool(get_tags(estimator).input_tags.allow_nan)


def check_training_rows(ensemble: Any, X: Any, y: Any, *, y_numeric: bool, missing: bool) -> tuple[Table, NDArray[Any]]:
    """Check rows to be trained on; remember on the ensemble how many columns they have, and their names.

    Parameters
    ----------
    ensemble : estimator
        Gets `n_features_in_` and, of a DataFrame, `feature_names_in_`.
    X : DataFrame or array-like of shape (n_rows, n_features)
    y : array-like of shape (n_rows,)
    y_numeric : bool
        Whether `y` must hold numbers; booleans become such.
    missing : bool
        Whether rows may lack values.

    Returns
    -------
    X : DataFrame or ndarray of shape (n_rows, n_features)
        The DataFrame itself; anything else as an array.
    y : ndarray of shape (n_rows,)

    Raises
    ------
    ValueError, TypeError
        As scikit-learn's own estimators do.
    TableError
        If two columns of a DataFrame have one name.
    """
    checked, y = _validate(ensemble, X, y, missing=missing, y_numeric=y_numeric, ensure_min_samples=2)
    # As for scikit-learn's own regressors, no and yes are 0 and 1.
    y = y.astype(np.float64) if y_numeric and y.dtype == bool else y
    return (X if isinstance(X, pd.DataFrame) else checked), y


def check_rows(ensemble: Any, X: Any, *, missing: bool, columns: list[str] | None) -> Table:
    """Check rows to be predicted, and see them in the container that the members were trained on.

    Parameters
    ----------
    ensemble : estimator
        Fitted.
    X : DataFrame or array-like of shape (n_rows, n_features)
    missing : bool
        Whether rows may lack values.
    columns : list of str, optional
        What the columns of the training rows were called; None where these were an array.

    Returns
    -------
    DataFrame or ndarray of shape (n_rows, n_features)

    Raises
    ------
    ValueError, TypeError
        As scikit-learn's own estimators do.
    TableError
        If two columns of a DataFrame have one name.
    """
    checked = _validate(ensemble, X, missing=missing, reset=False)
    if columns is None:
        return np.asarray(checked)
    return X.set_axis(columns, axis=1) if isinstance(X, pd.DataFrame) else pd.DataFrame(checked, columns=columns)


def _validate(ensemble: Any, X: Any, *y: Any, missing: bool, **options: Any) -> Any:
    if isinstance(X, pd.DataFrame):
        as_frame(X)  # which says what is wrong with a table, such as two columns of one name
    options["dtype"] = None if isinstance(X, pd.DataFrame) or _holds_text(X) else "numeric"
    try:
        from sklearn.utils.validation import validate_data
    except ImportError:  # scikit-learn 1.5
        return ensemble._validate_data(X, *y, force_all_finite=_MISSING[missing], **options)
    return validate_data(ensemble, X, *y, ensure_all_finite=_MISSING[missing], **options)


def _holds_text(X: Any) -> bool:
    """Whether an array holds text, which members may take as categories; other objects must be numbers."""
    if not isinstance(X, np.ndarray):
        return False
    return X.dtype.kind == "U" or (X.dtype == object and any(isinstance(value, str) for value in X.flat))
