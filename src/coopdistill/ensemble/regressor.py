"""Regressors of one table that teach each other and are averaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from coopdistill.ensemble.ensemble import CooperativeEnsemble

__all__ = ["CooperativeRegressor"]


class CooperativeRegressor(RegressorMixin, CooperativeEnsemble):
    """Several regression algorithms on one table: they teach each other, then are averaged.

    Each member is fitted on its view of the rows. Where its error on rows that it was not fitted on is small, it makes
    virtual instances for the others, each is fitted anew with what it was sent, and the mean is predicted.

    Parameters
    ----------
    estimators : list of (str, estimator)
        The members by name, two at least; ``"drop"`` in place of an estimator leaves it out. They are cloned.
    views : {"rows", "folds", "shares"}, default="rows"
        What each member is fitted on: all rows; all but a share of its own, which the others have; or that share
        alone, of which no two have a row in common. Shares have alike distributions of `y`; with fewer than ten rows
        for each of them, every member gets all rows.
    columns : mapping of str to list of str, optional
        For a member's name, the columns that it is fitted on, where `X` is a DataFrame. Default: all.
    alpha : float, default=0.5
        How much of the way to certainty a teacher goes, in (0, 1].
    focus : {"wrong", "unsure", "all"}, default="unsure"
        What a member teaches of all that it is right about; see `CooperativeDistillation`.
    rounds : int, default=1
        Rounds of cooperation at the most. From the second on, members that share rows judge themselves too well:
        what they were taught was made from rows near those that they are tested on.
    tolerance : float, optional
        The error up to which a prediction counts as right, in the unit of `y`. Default: each member's own median
        error on rows that it was not fitted on.
    weights : array-like of shape (n_estimators,), optional
        What each member counts in the mean, those left out included. Default: all alike.
    n_jobs : int, optional
        Processes for fitting and teaching, as joblib counts them. The result does not depend on it.
    random_state : int or RandomState, optional
        Same value, same result. It also seeds members that have no seed of their own.

    Attributes
    ----------
    estimators_ : list of estimator
        The fitted members after cooperation, without those left out. A member with `columns` of its own takes these.
    named_estimators_ : Bunch
        The same by name; ``"drop"`` for those left out.
    n_features_in_ : int
        Number of columns seen during `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where all of them are strings.
    views_ : dict of str to ndarray of int
        The numbers of the rows that each member was fitted on.
    cooperation_ : CooperativeDistillation
        The cooperation itself, with its virtual instances and its record.
    transfers_ : DataFrame
        Columns teacher, student, qualified, generated, reached, kept, reason.

    See Also
    --------
    CooperativeClassifier : The same for classes; its notes hold here too.
    sklearn.ensemble.StackingRegressor : Learns how to weigh members that do not teach each other.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.ensemble import RandomForestRegressor
    >>> from sklearn.linear_model import RidgeCV
    >>> X, y = load_diabetes(return_X_y=True)
    >>> members = [("linear", RidgeCV()), ("forest", RandomForestRegressor(20))]
    >>> model = CooperativeRegressor(members, random_state=0).fit(X[::2], y[::2])
    >>> model.score(X[1::2], y[1::2]) > 0.3
    True
    """

    def __init__(
        self,
        estimators: Sequence[tuple[str, Any]],
        *,
        views: str = "rows",
        columns: Mapping[str, Sequence[str]] | None = None,
        alpha: float = 0.5,
        focus: str = "unsure",
        rounds: int = 1,
        tolerance: float | None = None,
        weights: Sequence[float] | None = None,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimators = estimators
        self.views = views
        self.columns = columns
        self.alpha = alpha
        self.focus = focus
        self.rounds = rounds
        self.tolerance = tolerance
        self.weights = weights
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, y: Any, **fit_params: Any) -> CooperativeRegressor:
        """Fit the members and let them teach each other.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_features)
            Text and missing values are passed on to members that take them.
        y : array-like of shape (n_rows,)
            Values; False and True are 0 and 1.
        **fit_params : object
            ``sample_weight``, array-like of shape (n_rows,), and no other.

        Returns
        -------
        CooperativeRegressor
            This object.

        Raises
        ------
        ValueError
            If rows, values or parameters cannot be used; of this library's own making, an `InputError`.
        LearnerFailure
            If a member fails.

        Warns
        -----
        CoopdistillWarning
            If there are too few rows for `views`.
        """
        X, y, weight = self._training_rows(X, y, fit_params, y_numeric=True)
        self._cooperate(X, y, weight, tolerance=self.tolerance)
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict values: the members' weighted mean.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,), float64
        """
        return self._vote(X, lambda member, rows: member.scores(rows)[:, 0])
