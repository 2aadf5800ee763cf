"""Finds the adapter of a model."""

from __future__ import annotations

from os import PathLike
from typing import Any

from sklearn.base import is_classifier, is_regressor

from coopdistill.exceptions import LearnerError
from coopdistill.learners.boosters import BoosterLearner, has_booster
from coopdistill.learners.learner import Learner
from coopdistill.learners.libraries.library import is_of
from coopdistill.learners.libraries.preprocessing import last_step
from coopdistill.learners.networks.skorch_net import SkorchLearner, ends_in_skorch
from coopdistill.learners.networks.torch_module import TorchLearner, ends_in_torch_module
from coopdistill.learners.networks.torch_training import usable_device
from coopdistill.learners.scikit_learn import ScikitLearnLearner
from coopdistill.learners.teachers.onnx import OnnxLearner, is_onnx_model

__all__ = ["as_learner"]


def as_learner(estimator: Any, *, refit_preprocessing: bool | None = None) -> Learner:
    """Put a model behind the interface of `Learner`.

    Parameters
    ----------
    estimator : object
        A classifier or regressor of scikit-learn, XGBoost, LightGBM, CatBoost or skorch, bare or in a pipeline; any
        other that keeps scikit-learn's interface; a `TorchModule`; the bytes of an ONNX model; or a `Learner`, which is
        returned as it is.
    refit_preprocessing : bool, optional
        Whether a pipeline is refitted whole, virtual rows and all, or its steps before the last stay as they were
        fitted; False: those that were not are fitted on own rows alone. Default: one that comes fitted keeps them.

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
    if is_onnx_model(estimator) or isinstance(estimator, bytes):
        return OnnxLearner(estimator)
    _refuse_strangers(estimator)
    adapter = _adapter_of(estimator)
    learner = adapter(estimator, preprocessing="kept")
    refits = not learner.is_fitted if refit_preprocessing is None else refit_preprocessing
    return adapter(estimator, preprocessing="all") if refits else learner


def _adapter_of(estimator: Any) -> type[ScikitLearnLearner]:
    if ends_in_torch_module(estimator):
        return TorchLearner
    if ends_in_skorch(estimator):
        device = last_step(estimator)[0].device
        if device is not None:
            usable_device(str(device))  # which raises where the device is a GPU that is not there
        return SkorchLearner
    return BoosterLearner if has_booster(estimator) else ScikitLearnLearner


def _refuse_strangers(estimator: Any) -> None:
    """Refuse what has another interface, and say how to bring it in."""
    lacking = [name for name in ("fit", "predict", "get_params", "set_params") if not hasattr(estimator, name)]
    if lacking == ["predict"] and (is_classifier(estimator) or is_regressor(estimator)):
        lacking = []  # a stacking shows it only once it is fitted
    if not lacking and type(estimator).__name__ != "CatBoost":
        return
    kind = type(estimator).__name__
    for package, (wanted, advice) in _ADVICE.items():
        if is_of(estimator, package):
            raise LearnerError(f"{kind!r} object is no learner: {wanted.format(kind=kind)}; {advice}")
    if isinstance(estimator, str | PathLike):
        raise LearnerError(
            f"{kind!r} object is no learner; where {estimator!r} names a file, load the model first, "
            "or pass the bytes of a .onnx file"
        )
    if callable(estimator):
        raise LearnerError(
            f"{kind!r} object is no learner: it is only called; pass "
            "coopdistill.learners.CallableLearner(function, classes=[…], feature_names=[…]), which teaches"
        )
    raise LearnerError(
        f"{kind!r} object is no learner: it has no {lacking[0]!r}; pass a classifier or regressor with scikit-learn's "
        "interface, or write an adapter: a subclass of coopdistill.learners.Learner"
    )


_ADVICE = {
    "xgboost": ("{kind} is XGBoost's own interface", "use XGBClassifier or XGBRegressor and their load_model()"),
    "lightgbm": ("{kind} is LightGBM's own interface", "use LGBMClassifier or LGBMRegressor"),
    "catboost": ("{kind} is for any task", "use CatBoostClassifier or CatBoostRegressor and their load_model()"),
    "torch": (
        "it is a bare module",
        "pass coopdistill.learners.TorchModule(module, …), "
        "or TorchModule(module, classes=[…]).initialize() where it is trained already",
    ),
}
"""For each library: what was passed, and what to pass instead."""
