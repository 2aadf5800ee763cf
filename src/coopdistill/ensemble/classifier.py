"""Classifiers of one table that teach each other and vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from coopdistill.ensemble.ensemble import CooperativeEnsemble
from coopdistill.exceptions import LabelError
from coopdistill.learners import Learner
from coopdistill.schema import Table

__all__ = ["CooperativeClassifier"]


class CooperativeClassifier(ClassifierMixin, CooperativeEnsemble):
    """Several classification algorithms on one table: they teach each other, then vote.

    Each member is fitted on its view of the rows. Where it is right on rows that it was not fitted on, it makes
    virtual instances for the others, each is fitted anew with what it was sent, and the class of the greatest mean
    probability is predicted.

    Parameters
    ----------
    estimators : list of (str, estimator)
        The members by name, two at least; ``"drop"`` in place of an estimator leaves it out. They are cloned.
    views : {"rows", "folds", "shares"}, default="rows"
        What each member is fitted on: all rows; all but a share of its own, which the others have; or that share
        alone, of which no two have a row in common. Shares are stratified. A class with fewer than five rows for each
        share goes to every member.
    columns : mapping of str to list of str, optional
        For a member's name, the columns that it is fitted on, where `X` is a DataFrame. Default: all.
    alpha : float, default=0.5
        How much of the way to certainty a teacher goes, in (0, 1].
    focus : {"wrong", "unsure", "all"}, default="unsure"
        What a member teaches of all that it is right about; see `CooperativeDistillation`.
    rounds : int, default=1
        Rounds of cooperation at the most. From the second on, members that share rows judge themselves too well:
        what they were taught was made from rows near those that they are tested on.
    weights : array-like of shape (n_estimators,), optional
        What the vote of each member counts, those left out included. Default: all alike.
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
    classes_ : ndarray of shape (n_classes,)
        Class labels, sorted.
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
    CooperativeRegressor : The same for values.
    coopdistill.CooperativeDistillation : Members whose rows are in different places.
    sklearn.ensemble.StackingClassifier : Learns how to weigh members that do not teach each other.

    Notes
    -----
    A member without probabilities votes with scores made from its decision function, or with the class that it
    predicts. Sample weights go to the members, which must take them; a row of weight 0 is left out. Other weights are
    not the same as repeating rows, since repeated rows would be dealt to different folds.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> members = [
    ...     ("linear", make_pipeline(StandardScaler(), LogisticRegression())),
    ...     ("tree", DecisionTreeClassifier(max_depth=4)),
    ... ]
    >>> model = CooperativeClassifier(members, random_state=0).fit(X[::2], y[::2])
    >>> model.transfers_[["teacher", "student"]]
      teacher student
    0  linear    tree
    1    tree  linear
    >>> model.score(X[1::2], y[1::2]) > 0.9
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
        self.weights = weights
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, y: Any, **fit_params: Any) -> CooperativeClassifier:
        """Fit the members and let them teach each other.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_features)
            Text and missing values are passed on to members that take them.
        y : array-like of shape (n_rows,)
            Class labels.
        **fit_params : object
            ``sample_weight``, array-like of shape (n_rows,), and no other.

        Returns
        -------
        CooperativeClassifier
            This object.

        Raises
        ------
        ValueError
            If rows, labels or parameters cannot be used; of this library's own making, an `InputError`.
        LearnerFailure
            If a member fails.

        Warns
        -----
        CoopdistillWarning
            If a class is too small for `views`.
        """
        X, y, weight = self._training_rows(X, y, fit_params, y_numeric=False)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            counted = "" if weight is None else " whose sample_weight is not 0"
            raise LabelError(
                f"all rows{counted} are of the class {self.classes_.tolist()[0]!r}; there must be two at least"
            )
        self._cooperate(X, y, weight)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict classes.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows,)
        """
        votes = self.predict_proba(X)
        return np.asarray(self.classes_[votes.argmax(axis=1)])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Predict the probability of each class: the members' weighted mean.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows, n_classes), float64
        """
        return self._vote(X, self._scores_of)

    def _scores_of(self, member: Learner, X: Table) -> NDArray[np.float64]:
        """A member's scores in the order of `classes_`; a class that it never saw gets 0."""
        positions = {label: i for i, label in enumerate(self.classes_.tolist())}
        scores = np.zeros((len(X), len(self.classes_)))
        scores[:, [positions[label] for label in member.classes.tolist()]] = member.scores(X)
        return scores
