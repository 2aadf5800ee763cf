"""Adapter of scikit-learn's classifiers, and of all that keep its interface."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from joblib import parallel_config
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from coopdistill.exceptions import LearnerError, nearest_name
from coopdistill.learners.learner import Capabilities, Learner
from coopdistill.learners.libraries.early_stopping import fit_on_rows
from coopdistill.learners.libraries.epochs import ByEpochs, learns_by_epochs
from coopdistill.learners.libraries.gradient_boosting import GradientBoosting, is_gradient_boosting
from coopdistill.learners.libraries.hist_gradient_boosting import HistGradientBoosting, is_hist_gradient_boosting
from coopdistill.learners.libraries.library import Library, nested_estimators, seed_for
from coopdistill.learners.libraries.preprocessing import (
    PREPROCESSING,
    Portions,
    Preprocessing,
    front_steps,
    last_step,
    prepare_rows,
)
from coopdistill.schema import Table, copy_of_rows

__all__ = ["ScikitLearnLearner"]

_LIBRARIES: tuple[tuple[Callable[[Any], bool], Library], ...] = (
    (is_hist_gradient_boosting, HistGradientBoosting()),
    (is_gradient_boosting, GradientBoosting()),
    (learns_by_epochs, ByEpochs()),
)
"""Families of scikit-learn's with manners of their own, and these."""


class ScikitLearnLearner(Learner):
    """A scikit-learn classifier or regressor, bare or at the end of a pipeline.

    Scores are its probabilities; without these, its decision function through the logistic function or
    softmax, whose greatest is the same class; without that, 1 for the predicted class.

    Parameters
    ----------
    estimator : estimator
        Fitted or not. It is never changed.
    preprocessing : {"kept", "own", "all"}, default="kept"
        What a refit makes of a pipeline's steps before the last. ``"kept"``: where they are fitted they stay so, else
        they are fitted on own rows. ``"own"``: they are fitted on own rows in any case. ``"all"``: on virtual rows too.

    Raises
    ------
    LearnerError
        If `estimator` is neither, or `preprocessing` none of these.

    Examples
    --------
    >>> from sklearn.linear_model import Perceptron
    >>> learner = ScikitLearnLearner(Perceptron()).refit(np.array([[0.0], [1.0]]), np.array(["no", "yes"]), seed=0)
    >>> learner.scores(np.array([[5.0]])).round(2)
    array([[0., 1.]])
    """

    def __init__(self, estimator: Any, *, preprocessing: Preprocessing = "kept") -> None:
        if preprocessing not in PREPROCESSING:
            raise LearnerError(f"unknown preprocessing={preprocessing!r}{nearest_name(preprocessing, PREPROCESSING)}")
        if not is_classifier(estimator) and not is_regressor(estimator):
            raise LearnerError(
                f"{type(estimator).__name__} is neither a classifier nor a regressor; it cannot be taught"
            )
        self._estimator = estimator
        self._preprocessing: Preprocessing = preprocessing
        self._front = object()
        self._kept_of: Any = None

    @property
    def estimator(self) -> Any:
        """The scikit-learn estimator."""
        return self._estimator

    @property
    def is_fitted(self) -> bool:
        """Whether it can predict."""
        try:
            check_is_fitted(self._estimator)
        except NotFittedError:
            return False
        # A Gaussian process of values passes that check before it is fitted: it predicts from its prior.
        last, _ = last_step(self._estimator)
        return hasattr(last, "__sklearn_is_fitted__") or any(name.endswith("_") for name in vars(last))

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return "classification" if is_classifier(self._estimator) else "regression"

    @property
    def classes(self) -> NDArray[Any]:
        """Class labels, sorted, shape (n_classes,)."""
        if self.task == "regression":
            return np.empty(0)
        found = self._estimator.classes_
        if isinstance(found, list) and any(np.ndim(one) for one in found):
            raise LearnerError(f"its model predicts several outputs, {len(found)} for each row; give a model of one")
        classes = np.asarray(found)
        return classes.astype(object) if classes.dtype.kind in "US" else classes

    @property
    def capabilities(self) -> Capabilities:
        """What it can do beyond predicting."""
        last, _ = last_step(self._estimator)
        # By its name, since scikit-learn 1.5 has no such module.
        is_frozen = type(last).__module__.startswith("sklearn.frozen")
        return Capabilities(probabilities=hasattr(self._estimator, "predict_proba"), refits=not is_frozen)

    def scores(self, X: Table) -> NDArray[np.float64]:
        """Return scores in [0, 1], shape (n_rows, n_classes); of a regressor predictions, shape (n_rows, 1)."""
        if self.task == "regression":
            predicted = self._ask("predict", X).astype(np.float64)
            if predicted.ndim > 1 and predicted.shape[1] > 1:
                n_outputs = predicted.shape[1]
                raise LearnerError(f"it predicts several outputs, {n_outputs} for each row; give a model of one")
            return predicted.reshape(-1, 1)
        if hasattr(self._asked, "predict_proba"):
            return self._ask("predict_proba", X).astype(np.float64)
        if not hasattr(self._asked, "decision_function"):
            return np.asarray(self.predict(X)[:, None] == self.classes, dtype=np.float64)
        # It may work in place, and is asked about the rows once more below.
        margins = self._ask("decision_function", copy_of_rows(X)).astype(np.float64)
        if margins.ndim == 1:
            return np.column_stack([expit(-margins), expit(margins)])
        return self._greatest_as_predicted(softmax(margins, axis=1), X)

    def predict(self, X: Table) -> NDArray[Any]:
        """Return class labels, shape (n_rows,)."""
        predicted = self._ask("predict", X)
        return predicted.astype(object) if predicted.dtype.kind in "US" else predicted

    @property
    def front(self) -> object:
        """Stands for the fitted steps of a pipeline before its model: the same for all refits that keep them."""
        return self._front

    def through_front(self, X: Table) -> Any:
        """Return rows as the model at the end of a pipeline sees them."""
        if self._has_front:
            with parallel_config(backend="sequential"):
                for _, step in self._asked.steps[:-1]:
                    X = X if step is None or step == "passthrough" else step.transform(X)
        return X

    @cached_property
    def behind_front(self) -> Learner:
        """The model at the end of a pipeline."""
        return ScikitLearnLearner(self._asked.steps[-1][1]) if self._has_front else self

    @property
    def _has_front(self) -> bool:
        # A subclass may ask in ways of its own, and so may a pipeline of another library.
        return type(self) is ScikitLearnLearner and type(self._asked) is Pipeline

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

        What stops early does so by own rows alone: MLP, SGD, both gradient boostings, bare or at the end of a
        pipeline. A histogram gradient boosting takes such rows from scikit-learn 1.7 on; before, and for what stands
        inside another estimator, such as an ensemble, it chooses among all, virtual ones too.

        Raises
        ------
        LearnerError
            If weights are given and the estimator takes none.
        """
        refitted = self._around(self._fitted(X, np.asarray(y), seed, sample_weight, n_own))
        if self._keeps is not None or (self.is_fitted and not any(True for _ in front_steps(self._bare))):
            refitted._front = self._front
        return refitted

    def prepared(self, X: Table, *, seed: int) -> ScikitLearnLearner:
        """Return the learner, refits of which share a front that was fitted on these rows.

        Itself where they keep a front already, or where one cannot be fitted without labels.
        """
        if self._preprocessing != "all" or not self._has_front:
            return self
        fresh = self._with_seeds(seed)
        try:
            rows = prepare_rows(fresh, Portions(X), None)
        except Exception:  # as steps that choose columns by labels, or write them into them, raise
            return self
        if rows is None:
            return self
        learner = type(self)(self._estimator, preprocessing="kept")
        learner._kept_of = fresh
        return learner

    @property
    def _keeps(self) -> Any:
        """The estimator whose steps before the last a refit keeps; None: it fits them."""
        if self._kept_of is not None:
            return self._kept_of
        return self._bare if self._preprocessing == "kept" and self.is_fitted else None

    def from_scratch(self) -> ScikitLearnLearner:
        """Return the same learner, a refit of which fits preprocessing on own rows anew; itself where there is none."""
        keeps = self._preprocessing == "kept" and any(True for _ in front_steps(self._bare))
        return type(self)(self._estimator, preprocessing="own") if keeps else self

    def _around(self, fitted: Any) -> ScikitLearnLearner:
        """A learner of the same kind and options."""
        return type(self)(fitted, preprocessing=self._preprocessing)

    def _fitted(
        self,
        X: Table,
        y: NDArray[Any],
        seed: int,
        sample_weight: NDArray[np.float64] | None,
        n_own: int | None,
        **more: Any,
    ) -> Any:
        """A clone of the estimator, what the user left open filled, and `more` parameters set; fitted."""
        fresh = self._with_seeds(seed)
        settings: dict[str, Any] = more
        for prefix, nested in nested_estimators(fresh):
            filled = self._library_of(nested).open_settings(nested, X, seed, takes_table=nested is fresh)
            settings |= {f"{prefix}{name}": value for name, value in filled.items()}
        fresh.set_params(**settings)
        return fit_on_rows(
            fresh,
            X,
            y,
            sample_weight=sample_weight,
            n_own=n_own,
            seed=seed_for(seed, "held out"),
            library=self._library_of(last_step(fresh)[0]),
            by_class=self.task == "classification",
            fitted=self._keeps,
            fit_on_virtual=self._preprocessing == "all",
        )

    @property
    def _bare(self) -> Any:
        """The estimator without what stands around it."""
        return self._estimator

    def _with_seeds(self, seed: int) -> Any:
        """A clone of the estimator in which every source of randomness that was left open is seeded."""
        fresh = self._unfitted()
        open_seeds = {
            key: zlib.crc32(f"{seed}/{key}".encode())
            for key, value in fresh.get_params(deep=True).items()
            if (key == "random_state" or key.endswith("__random_state")) and not isinstance(value, int | np.integer)
        }
        return fresh.set_params(**open_seeds)

    def _unfitted(self) -> Any:
        return clone(self._bare)

    def _library_of(self, estimator: Any) -> Library:
        return next((library for takes, library in _LIBRARIES if takes(estimator)), Library())

    def _greatest_as_predicted(self, scores: NDArray[np.float64], X: Table) -> NDArray[np.float64]:
        """Exchange two scores where a classifier predicts another class than its margins do, as after tied votes."""
        each, greatest = np.arange(len(scores)), scores.argmax(axis=1)
        predicted = (self.predict(X)[:, None] == self.classes).argmax(axis=1)
        scores[each, greatest], scores[each, predicted] = scores[each, predicted], scores[each, greatest]
        return scores

    def _ask(self, method: str, X: Table) -> NDArray[Any]:
        # Models within models may have threads of their own, too.
        with parallel_config(backend="sequential"):
            return np.asarray(getattr(self._asked, method)(X))

    @cached_property
    def _asked(self) -> Any:
        """The estimator as it is asked.

        Without threads of its own, whose sums would end in other last bits each time, and with a margin for each
        class, not for each pair of classes.
        """
        changed: dict[str, Any] = {}
        for key, value in self._estimator.get_params(deep=True).items():
            parameter = key.rpartition("__")[2]
            if parameter == "n_jobs" and value not in (None, 1):
                changed[key] = 1
            if parameter == "decision_function_shape" and value == "ovo":
                changed[key] = "ovr"
        return copy.deepcopy(self._estimator).set_params(**changed) if changed else self._estimator
