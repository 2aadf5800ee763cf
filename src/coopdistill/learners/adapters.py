"""Finds the adapter of a model."""

from __future__ import annotations

from typing import Any

from coopdistill.exceptions import LearnerError
from coopdistill.learners.boosters import BoosterLearner, has_booster
from coopdistill.learners.learner import Learner
from coopdistill.learners.scikit_learn import ScikitLearnLearner
from coopdistill.learners.skorch_net import SkorchLearner, ends_in_skorch

__all__ = ["as_learner"]


def as_learner(estimator: Any) -> Learner:
    """Put a model behind the interface of `Learner`.

    Parameters
    ----------
    estimator : object
        A scikit-learn classifier, one that keeps its interface, or a `Learner`, which is returned as it is.

    Returns
    -------
    Learner

    Raises
    ------
    LearnerError
        If no adapter takes it; the message says why.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> as_learner(DecisionTreeClassifier()).is_fitted
    False
    """
    if isinstance(estimator, Learner):
        return estimator
    if isinstance(estimator, type):
        raise LearnerError(f"{estimator.__name__} is a class; pass an object: {estimator.__name__}()")
    lacking = [name for name in ("fit", "predict", "get_params", "set_params") if not hasattr(estimator, name)]
    if lacking:
        raise LearnerError(
            f"{type(estimator).__name__!r} object is no learner: it has no {lacking[0]!r}; pass a classifier with "
            "scikit-learn's interface, or write an adapter: a subclass of coopdistill.learners.Learner"
        )
    if ends_in_skorch(estimator):
        return SkorchLearner(estimator)
    return BoosterLearner(estimator) if has_booster(estimator) else ScikitLearnLearner(estimator)
