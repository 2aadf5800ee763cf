"""A classifier of numbered classes that answers with the real ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone

from coopdistill.schema import Table

__all__ = ["EncodedLabels"]


class EncodedLabels(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """A classifier whose classes must be 0 to k-1, made to take and to give any labels.

    Parameters
    ----------
    estimator : classifier
        Such as XGBoost's.

    Attributes
    ----------
    estimator_ : classifier
        Fitted on the classes' numbers.
    classes_ : ndarray of shape (n_classes,)
        The real labels; number i of `estimator_` is the i-th.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> model = EncodedLabels(DecisionTreeClassifier()).fit([[0.0], [1.0]], ["no", "yes"])
    >>> model.estimator_.classes_, model.predict([[1.0]])
    (array([0, 1]), array(['yes'], dtype='<U3'))
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    @classmethod
    def around(cls, fitted: Any, classes: NDArray[Any]) -> EncodedLabels:
        """Give back their labels to a classifier that was fitted on the classes' numbers."""
        made = cls(fitted)
        made.estimator_, made.classes_ = fitted, classes
        return made

    def fit(self, X: Any, y: Any, **arguments: Any) -> EncodedLabels:
        """Fit a clone of the classifier on the classes' numbers; further arguments go to it."""
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        self.estimator_ = clone(self.estimator).fit(X, codes, **arguments)
        return self

    def predict(self, X: Table) -> NDArray[Any]:
        """Return class labels, shape (n_rows,)."""
        return np.asarray(self.classes_[np.asarray(self.estimator_.predict(X), dtype=np.intp).reshape(-1)])

    def predict_proba(self, X: Table) -> NDArray[np.float64]:
        """Return probabilities in the order of `classes_`, shape (n_rows, n_classes)."""
        return np.asarray(self.estimator_.predict_proba(X))

    @property
    def n_features_in_(self) -> int:
        """Number of columns that it was fitted on."""
        return int(self.estimator_.n_features_in_)

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """Names of the columns that it was fitted on, where these had names."""
        return np.asarray(self.estimator_.feature_names_in_)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "estimator_")
