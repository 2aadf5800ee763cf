"""Adapter of XGBoost, LightGBM and CatBoost, bare, in pipelines or within scikit-learn's ensembles."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from coopdistill.exceptions import LearnerFailure
from coopdistill.learners.encoded_labels import EncodedLabels
from coopdistill.learners.libraries.catboost import CatBoost
from coopdistill.learners.libraries.library import Library, is_of, nested_estimators
from coopdistill.learners.libraries.lightgbm import LightGBM
from coopdistill.learners.libraries.xgboost import XGBoost
from coopdistill.learners.scikit_learn import ScikitLearnLearner
from coopdistill.schema import Table

__all__ = ["BoosterLearner", "has_booster"]

_LIBRARIES: tuple[Library, ...] = (XGBoost(), LightGBM(), CatBoost())


class BoosterLearner(ScikitLearnLearner):
    """A classifier or regressor of XGBoost, LightGBM or CatBoost, or a model of scikit-learn's with one inside.

    What the user left open is filled when it is fitted: a seed; no messages and no files; one thread, because sums
    in the order of several end in other last bits (a number that is given stays); native categories where columns are
    no numbers. A booster that stops early, at the end of a pipeline too, does so by a fifth of its own rows, which it
    is then not trained on. Where XGBoost would refuse the labels, `EncodedLabels` stands around the model.

    Parameters
    ----------
    estimator : estimator
        Fitted or not. It is never changed.

    Examples
    --------
    >>> from xgboost import XGBClassifier  # doctest: +SKIP
    >>> learner = BoosterLearner(XGBClassifier(n_estimators=5))  # doctest: +SKIP
    >>> learner.refit(np.eye(4), np.array(["a", "b", "a", "b"]), seed=0).classes  # doctest: +SKIP
    array(['a', 'b'], dtype=object)
    """

    def predict(self, X: Table) -> NDArray[Any]:
        """Return class labels or values, shape (n_rows,)."""
        return super().predict(X).reshape(-1)

    def refit(
        self,
        X: Table,
        y: NDArray[Any],
        *,
        seed: int,
        sample_weight: NDArray[np.float64] | None = None,
        n_own: int | None = None,
    ) -> ScikitLearnLearner:
        """Return a clone fitted on these rows.

        Raises
        ------
        LearnerError
            If weights are given and the estimator takes none.
        LearnerFailure
            If all rows are of one class, of which two of the libraries would make two.
        """
        labels = np.asarray(y)
        if self.task == "classification":
            classes, codes = np.unique(labels, return_inverse=True)
            if len(classes) < 2:
                raise LearnerFailure(f"all rows are of class {classes.tolist()[0]!r}; a booster needs two at least")
            if self._must_number(classes):
                fitted = self._fitted(X, codes, seed, sample_weight, n_own)
                return self._around(EncodedLabels.around(fitted, classes))
        return self._around(self._fitted(X, labels, seed, sample_weight, n_own))

    def _must_number(self, classes: NDArray[Any]) -> bool:
        if not any(is_of(estimator, "xgboost") for _, estimator in nested_estimators(self._bare)):
            return False
        return classes.dtype.kind not in "iu" or not np.array_equal(classes, np.arange(len(classes)))

    @property
    def _bare(self) -> Any:
        """The model without the labels around it: other rows may not need them."""
        if not isinstance(self._estimator, EncodedLabels):
            return self._estimator
        return self._estimator.estimator_ if self.is_fitted else self._estimator.estimator

    def _unfitted(self) -> Any:
        return _unfitted_clone(self._bare)

    def _library_of(self, estimator: Any) -> Library:
        chosen = (library for library in _LIBRARIES if is_of(estimator, library.package))
        return next(chosen, None) or super()._library_of(estimator)

    @cached_property
    def _asked(self) -> Any:
        """The model as it is asked: by one thread, which on few rows is many times faster than waking several."""
        changed = {
            f"{prefix}n_jobs": 1
            for prefix, estimator in nested_estimators(self._estimator)
            if any(is_of(estimator, package) for package in ("xgboost", "lightgbm")) and estimator.n_jobs != 1
        }
        return copy.deepcopy(self._estimator).set_params(**changed) if changed else super()._asked


def has_booster(estimator: Any) -> bool:
    """Tell whether an estimator is of these libraries, or has one of theirs among its parameters.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> has_booster(SVC())
    False
    """
    packages = [library.package for library in _LIBRARIES]
    return any(is_of(nested, package) for _, nested in nested_estimators(estimator) for package in packages)


def _unfitted_clone(estimator: Any) -> Any:
    """A clone; also of CatBoost, whose constructor changes a list that it is given, which scikit-learn refuses."""
    if is_of(estimator, "catboost"):
        return type(estimator)(**copy.deepcopy(estimator.get_params()))
    if hasattr(estimator, "steps") and is_of(estimator.steps[-1][1], "catboost"):
        fresh = copy.copy(estimator)
        name, last = estimator.steps[-1]
        fresh.steps = [*((step, clone(front)) for step, front in estimator.steps[:-1]), (name, _unfitted_clone(last))]
        return fresh
    return clone(estimator)
