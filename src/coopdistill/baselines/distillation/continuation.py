"""Trains a fitted model further, where its library can."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import has_fit_parameter

from coopdistill.exceptions import InapplicableError
from coopdistill.learners import EncodedLabels, Model, ScikitLearnLearner, TorchModule

__all__ = ["continued", "last_estimator"]


def last_estimator(model: Model) -> Any:
    """Return the estimator at the end of a model's pipeline, out of what stands around it for its labels."""
    last = model.learner.estimator
    while True:
        if isinstance(last, EncodedLabels):
            last = last.estimator_
        elif hasattr(last, "named_steps") and hasattr(last, "steps"):
            last = last.steps[-1][1]
        else:
            return last


def continued(
    model: Model,
    X: NDArray[np.float64],
    y: NDArray[Any],
    *,
    steps: int,
    seed: int,
    weight: NDArray[np.float64] | None = None,
) -> Model:
    """Train a fitted model further; its preprocessing stays as it was fitted.

    Networks and linear models go on from their weights, naive Bayes from its counts, boosters add trees to theirs.

    Parameters
    ----------
    model : Model
        Fitted; it stays as it is.
    X : ndarray of shape (n_rows, n_features), float64
        Encoded in the model's space.
    y : ndarray of shape (n_rows,)
        Classes that the model knows, or values.
    steps : int
        Epochs, iterations or trees; 0 changes nothing.
    seed : int
    weight : ndarray of shape (n_rows,), float64, optional

    Returns
    -------
    Model

    Raises
    ------
    InapplicableError
        If the library cannot do that, or `y` holds a class that the model does not know.
    """
    if not isinstance(model.learner, ScikitLearnLearner):
        raise InapplicableError(f"{type(model.learner).__name__} cannot be trained further")
    if model.task == "classification":
        unknown = sorted(set(y.tolist()) - set(model.classes.tolist()), key=str)
        if unknown:
            raise InapplicableError(f"it has no output for class {unknown[0]!r}, so training cannot go on")
    if steps == 0:
        return model
    table: Any = model.codec.decode(X)
    estimator = _continue(model.learner.estimator, table, y, weight, steps, seed)
    return replace(model, learner=type(model.learner)(estimator))


def _continue(estimator: Any, X: Any, y: NDArray[Any], weight: Any, steps: int, seed: int) -> Any:
    if isinstance(estimator, EncodedLabels):
        codes = np.searchsorted(estimator.classes_, y)
        return EncodedLabels.around(_continue(estimator.estimator_, X, codes, weight, steps, seed), estimator.classes_)
    if hasattr(estimator, "named_steps") and hasattr(estimator, "steps"):
        for _, part in estimator.steps[:-1]:
            X = X if part is None or part == "passthrough" else part.transform(X)
        fresh = copy.copy(estimator)
        name, last = estimator.steps[-1]
        fresh.steps = [*estimator.steps[:-1], (name, _continue(last, X, y, weight, steps, seed))]
        return fresh
    for applies, go_on in _WAYS:
        if applies(estimator):
            with warnings.catch_warnings():
                # That so few steps do not converge is the point.
                warnings.simplefilter("ignore")
                return go_on(copy.deepcopy(estimator), X, y, weight, steps, seed)
    raise InapplicableError(f"{type(estimator).__name__} cannot be trained further")


def _weights(estimator: Any, weight: Any) -> dict[str, Any]:
    if weight is None:
        return {}
    if not has_fit_parameter(estimator, "sample_weight"):
        raise InapplicableError(f"{type(estimator).__name__} takes no sample weights")
    return {"sample_weight": weight}


def _with_settings(estimator: Any, fit: Callable[[Any], Any], **settings: Any) -> Any:
    """Fit under other settings, and put the user's own back."""
    own = estimator.get_params(deep=False)
    changed = {name: value for name, value in settings.items() if name in own}
    estimator.set_params(**changed)
    fit(estimator)
    return estimator.set_params(**{name: own[name] for name in changed})


def _torch(net: Any, X: Any, y: NDArray[Any], weight: Any, steps: int, seed: int) -> Any:
    trained = net.module_
    classes = None if net.task == "regression" else net.classes_.tolist()
    return _with_settings(
        net,
        lambda net: net.fit(X, y, weight),
        module=lambda *shape: copy.deepcopy(trained),
        max_epochs=steps,
        patience=None,
        classes=classes,
        random_state=seed,
    )


def _skorch(net: Any, X: Any, y: NDArray[Any], weight: Any, steps: int, seed: int) -> Any:
    import torch

    if weight is not None:
        raise InapplicableError("a net of skorch takes no sample weights")
    of_values = net._estimator_type == "regressor"
    binary = type(net).__name__ == "NeuralNetBinaryClassifier"
    target = y.astype(np.float32).reshape(-1, 1) if of_values else y.astype(np.float32 if binary else np.int64)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _with_settings(net, lambda net: net.partial_fit(np.asarray(X), target), max_epochs=steps)


def _by_parts(estimator: Any, X: Any, y: NDArray[Any], weight: Any, steps: int, seed: int) -> Any:
    # What only counts its rows, such as naive Bayes, has seen them after one pass.
    passes = steps if "max_iter" in estimator.get_params() else 1

    def fit(estimator: Any) -> None:
        for _ in range(passes):
            estimator.partial_fit(X, y, **_weights(estimator, weight))

    if getattr(estimator, "best_loss_", 0.0) is None:  # as early stopping leaves it, which is off now
        estimator.best_loss_ = np.inf
    stream = np.random.RandomState(seed)
    return _with_settings(estimator, fit, early_stopping=False, random_state=stream)


def _warm(estimator: Any, X: Any, y: NDArray[Any], weight: Any, steps: int, seed: int) -> Any:
    """By the switch that scikit-learn's estimators have for this; it wants the same classes."""
    _refuse_fewer_classes(estimator, y)
    more: dict[str, Any] = {"max_iter": steps}
    if hasattr(estimator, "estimators_"):
        more = {"n_estimators": len(estimator.estimators_) + steps}
    elif hasattr(estimator, "n_trees_per_iteration_"):
        more = {"max_iter": estimator.n_iter_ + steps}
    settings = {"warm_start": True, "early_stopping": False, "random_state": seed, **more}
    return _with_settings(estimator, lambda estimator: estimator.fit(X, y, **_weights(estimator, weight)), **settings)


_STOPPING = ("early_stopping_rounds", "early_stopping_round", "use_best_model", "od_type", "od_wait", "od_pval")

_ROUNDS = ("n_estimators", "iterations", "num_boost_round", "num_trees", "num_iterations", "n_iter")


def _booster(estimator: Any, X: Any, y: NDArray[Any], weight: Any, steps: int, seed: int) -> Any:
    _refuse_fewer_classes(estimator, y)
    before = copy.deepcopy(estimator)
    package = type(estimator).__module__.partition(".")[0]
    start = {"xgb_model": before.get_booster()} if package == "xgboost" else {"init_model": before}
    dropped = (*_STOPPING, *_ROUNDS)
    settings = {key: value for key, value in estimator.get_params().items() if key not in dropped}
    if settings.get("random_seed") is None and settings.get("random_state") is None:
        settings["random_state"] = seed & 0x7FFFFFFF
    # CatBoost forbids any change to what is fitted.
    fresh = type(estimator)(**settings, n_estimators=steps)
    return fresh.fit(X, y, **start, **_weights(fresh, weight))


def _refuse_fewer_classes(estimator: Any, y: NDArray[Any]) -> None:
    lacking = sorted(set(getattr(estimator, "classes_", np.empty(0)).tolist()) - set(y.tolist()), key=str)
    if lacking:
        raise InapplicableError(
            f"{type(estimator).__name__} can only be trained further on rows of all its classes, and there is none of "
            f"{lacking[0]!r}"
        )


def _is_of(*packages: str) -> Callable[[Any], bool]:
    return lambda estimator: type(estimator).__module__.partition(".")[0] in packages


def _can_warm_start(estimator: Any) -> bool:
    """Whether it goes on from weights or trees; forests would only add trees that know nothing of the others."""
    grows = "learning_rate" in estimator.get_params() and hasattr(estimator, "n_features_in_")
    has_weights = hasattr(estimator, "coef_") or hasattr(estimator, "coefs_")
    return "warm_start" in estimator.get_params() and (grows or has_weights)


_WAYS: tuple[tuple[Callable[[Any], bool], Callable[..., Any]], ...] = (
    (lambda estimator: isinstance(estimator, TorchModule), _torch),
    (_is_of("skorch"), _skorch),
    (_is_of("xgboost", "lightgbm", "catboost"), _booster),
    (lambda estimator: hasattr(estimator, "partial_fit"), _by_parts),
    (_can_warm_start, _warm),
)
"""What a library is known by, and how its models are trained further."""
