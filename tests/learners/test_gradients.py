"""Derivatives of models' scores: against finite differences, through any preprocessing."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    HuberRegressor,
    LinearRegression,
    LogisticRegression,
    Perceptron,
    PoissonRegressor,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC, NuSVC, NuSVR

from coopdistill.learners import Model, as_learner
from coopdistill.learners.derivatives.gradients import Differentiable, Gradient, differentiable
from coopdistill.schema import Codec, infer_feature_space

CLASSIFIERS = {
    "logistic regression": LogisticRegression(),
    "one logistic regression a class": OneVsRestClassifier(LogisticRegression()),
    "linear SVC": LinearSVC(),
    "SGD, logistic": SGDClassifier(loss="log_loss", random_state=0),
    "SGD, hinge": SGDClassifier(alpha=0.01, random_state=0),
    "ridge": RidgeClassifier(),
    "perceptron": Perceptron(alpha=0.01, penalty="l2"),
    "discriminant analysis": LinearDiscriminantAnalysis(),
    "naive Bayes": GaussianNB(var_smoothing=0.1),
    "MLP, relu": MLPClassifier((6,), max_iter=30, random_state=0),
    "MLP, tanh": MLPClassifier((6, 5), activation="tanh", max_iter=30, random_state=0),
    "MLP, logistic": MLPClassifier((6,), activation="logistic", max_iter=30, random_state=0),
    "MLP, identity": MLPClassifier((6,), activation="identity", max_iter=30, random_state=0),
}
OF_TWO_CLASSES = {
    "SVC, rbf": SVC(),
    "SVC, linear": SVC(kernel="linear"),
    "SVC, poly": SVC(kernel="poly", degree=2, coef0=1.0),
    "SVC, sigmoid": SVC(kernel="sigmoid", gamma=0.01),
    "NuSVC": NuSVC(nu=0.3),
}
REGRESSORS = {
    "linear": LinearRegression(),
    "ridge": Ridge(),
    "Huber": HuberRegressor(max_iter=1000),
    "Poisson": PoissonRegressor(),
    "SVR, rbf": SVR(C=10.0),
    "SVR, poly": SVR(kernel="poly", degree=2, coef0=1.0),
    "NuSVR": NuSVR(),
    "MLP": MLPRegressor(hidden_layer_sizes=(6,), activation="tanh", max_iter=30, random_state=0),
}
CASES = [
    *[(n_classes, name) for n_classes in (2, 3) for name in CLASSIFIERS],
    *[(2, name) for name in OF_TWO_CLASSES],
    *[(0, name) for name in REGRESSORS],
]


def a_front() -> ColumnTransformer:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    return ColumnTransformer([("numbers", numbers, ["dose", "age"]), ("region", OneHotEncoder(), ["region"])])


def a_model(n_classes: int, name: str, seed: int) -> tuple[Model, np.ndarray, np.ndarray]:
    """A fitted pipeline, encoded rows, and the column of the scores that is asked for."""
    rng = np.random.default_rng(seed)
    n_rows = 80
    X = pd.DataFrame(
        {
            "dose": np.where(rng.random(n_rows) < 0.2, np.nan, 100.0 * rng.normal(size=n_rows)),
            "region": rng.choice(["north", "east", "south"], n_rows),
            "age": rng.integers(18, 90, n_rows),
        }
    )
    value = X["age"] / 20 + (X["region"] == "east") + rng.normal(size=n_rows)
    y = (
        np.digitize(value, np.quantile(value, np.arange(1, n_classes) / n_classes))
        if n_classes
        else value - value.min()
    )
    estimator = {**CLASSIFIERS, **OF_TWO_CLASSES}[name] if n_classes else REGRESSORS[name]
    space = infer_feature_space(X)
    with warnings.catch_warnings():
        # Fitted a little is enough to have derivatives.
        warnings.simplefilter("ignore", ConvergenceWarning)
        learner = as_learner(make_pipeline(a_front(), estimator)).refit(X, np.asarray(y), seed=seed)
    model = Model("clinic", learner, Codec.of(X, space))
    label = model.label_positions(np.asarray(y)) if n_classes else np.zeros(n_rows, dtype=np.intp)
    return model, model.codec.encode(X), label


def score_gradient(slopes: Differentiable, rows: np.ndarray, label: np.ndarray) -> Gradient:
    """The score of each row's class, in regression the prediction, with its derivatives by the chain rule."""
    margin = slopes.margin_gradient(rows, label)
    if slopes.link.task == "regression":
        return margin
    slope = (expit(margin.value) * expit(-margin.value))[:, None]
    return Gradient(expit(margin.value), slope * margin.features, slope * margin.switches)


def difference(model: Model, rows: np.ndarray, label: np.ndarray, feature: int, share: float) -> np.ndarray:
    """Central differences of the model's own scores a spread, over a share of it; NaN where there is a kink."""
    step = np.zeros(rows.shape[1])
    step[feature] = share * model.space.spread[feature]
    at = np.arange(len(rows))
    below, here, above = (model.scores(points)[at, label] for points in (rows - step, rows, rows + step))
    slope = (above - below) / (2.0 * share)
    kink = np.abs(above - 2.0 * here + below) > 1e-4 * share * (1.0 + np.nanmax(np.abs(slope)))
    return np.where(kink, np.nan, slope)


@pytest.mark.parametrize(("n_classes", "name"), CASES, ids=[f"{name}, {n}" for n, name in CASES])
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 1000))
def test_gradients_are_those_of_the_models_own_scores(n_classes, name, seed) -> None:
    model, rows, label = a_model(n_classes, name, seed)
    slopes = differentiable(model)
    assert not isinstance(slopes, str), slopes
    gradient = score_gradient(slopes, rows, label)
    own = model.scores(rows)
    assert np.allclose(slopes.scores(rows), own, rtol=1e-6, atol=1e-6)
    assert np.allclose(gradient.value, own[np.arange(len(rows)), label], rtol=1e-6, atol=1e-6)
    for feature in np.flatnonzero(model.space.numeric):
        measured = difference(model, rows, label, feature, 1e-6)
        missing = np.isnan(rows[:, feature])
        smooth = ~missing & ~np.isnan(measured)
        assert smooth.sum() > 0.9 * (~missing).sum()
        said = gradient.features[smooth, feature] * model.space.spread[feature]
        assert np.allclose(said, measured[smooth], atol=1e-4 * (1.0 + np.abs(said).max()))
        assert (gradient.features[missing, feature] == 0.0).all()


@pytest.mark.parametrize("name", ["logistic regression", "ridge", "linear SVC"])
def test_switches_of_a_linear_model_add_what_is_said(name) -> None:
    model, rows, label = a_model(2, name, 0)
    slopes = differentiable(model)
    assert not isinstance(slopes, str)
    gradient = slopes.margin_gradient(rows, label)
    design = slopes.design
    for k, (feature, code) in enumerate(zip(design.category_feature, design.category_code, strict=True)):
        moved = rows.copy()
        moved[:, feature] = code
        assert np.allclose(slopes.margin(moved, label) - gradient.value, gradient.switches[:, k])
        assert (gradient.switches[rows[:, feature] == code, k] == 0.0).all()


def test_margins_do_not_level_off_where_scores_do() -> None:
    model, rows, label = a_model(2, "logistic regression", 0)
    far = rows.copy()
    far[:, 2] += 1e4
    slopes = differentiable(model)
    assert not isinstance(slopes, str)
    assert (score_gradient(slopes, far, label).features[:, 2] == 0.0).any()
    assert (slopes.margin_gradient(far, label).features[:, 2] != 0.0).all()


class Rounded(ClassifierMixin, BaseEstimator):
    """Looks like a linear model, and is none."""

    def fit(self, X, y):
        inner = LogisticRegression().fit(X, y)
        self.coef_, self.intercept_, self.classes_ = inner.coef_, inner.intercept_, inner.classes_
        return self

    def predict_proba(self, X):
        second = np.rint(np.clip(X @ self.coef_[0] + self.intercept_[0], 0.0, 1.0))
        return np.column_stack([1.0 - second, second])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (RandomForestClassifier(2, random_state=0), "no derivatives of RandomForestClassifier are known"),
        (Rounded(), "the scores of Rounded are no known function of its margins"),
        (SGDClassifier(loss="modified_huber", random_state=0), "no derivatives of SGDClassifier are known"),
        (SVC(), "no derivatives of SVC are known"),
        (QuadraticDiscriminantAnalysis(), "no derivatives of QuadraticDiscriminantAnalysis are known"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_without_derivatives_there_is_a_reason(estimator, reason) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 2))
    n_classes = 3 if isinstance(estimator, SVC) else 2
    y = np.digitize(X[:, 0], [-0.5, 0.5][: n_classes - 1])
    model = Model("clinic", as_learner(estimator.fit(X, y)), Codec.of(X, infer_feature_space(X)))
    found = differentiable(model)
    assert isinstance(found, str)
    assert reason in found


def a_module(n_inputs: int, n_outputs: int, *, probabilities: bool = False):
    import torch

    layers = [torch.nn.Linear(n_inputs, 8), torch.nn.Tanh(), torch.nn.Linear(8, n_outputs)]
    return torch.nn.Sequential(*layers, *([torch.nn.Softmax(dim=1)] if probabilities else []))


def a_net(kind: str):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    if kind in ("bare", "bare, values"):
        from coopdistill.learners import TorchModule

        task = "regression" if kind == "bare, values" else "classification"
        return TorchModule(a_module(2, 1 if task == "regression" else 3), task=task, max_epochs=3, device="cpu")
    skorch = pytest.importorskip("skorch", reason="skorch is not installed")
    settings_ = {"max_epochs": 3, "lr": 0.01, "verbose": 0, "train_split": None}
    if kind == "values":
        return skorch.NeuralNetRegressor(a_module(2, 1), **settings_)
    if kind == "one logit":
        return skorch.NeuralNetBinaryClassifier(a_module(2, 1), **settings_)
    if kind == "logits":
        return skorch.NeuralNetClassifier(a_module(2, 3), criterion=torch.nn.CrossEntropyLoss, **settings_)
    return skorch.NeuralNetClassifier(a_module(2, 3, probabilities=True), **settings_)


@pytest.mark.parametrize("kind", ["logits", "probabilities", "one logit", "values", "bare", "bare, values"])
def test_modules_of_pytorch_have_derivatives(kind) -> None:
    net = a_net(kind)
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=60), "b": 2.0 * rng.normal(size=60)})
    y = np.asarray(X["a"] + X["b"] / 2)
    labels = {"values": y, "bare, values": y, "one logit": (y > 0).astype(int)}.get(kind, np.digitize(y, [-0.5, 0.5]))
    model = Model("clinic", as_learner(net).refit(X, labels, seed=0), Codec.of(X, infer_feature_space(X)))
    slopes = differentiable(model)
    assert not isinstance(slopes, str), slopes
    rows = model.codec.encode(X)
    label = np.zeros(60, dtype=np.intp)
    parameters = list(slopes.design.estimator.module_.parameters())
    for parameter in parameters:
        parameter.grad = None
    gradient = score_gradient(slopes, rows, label)
    assert np.allclose(slopes.scores(rows), model.scores(rows), atol=1e-5)
    for feature, spread in enumerate(model.space.spread):
        # Single precision needs a wide step.
        step = 0.01 * spread * np.eye(2)[feature]
        measured = (model.scores(rows + step)[:, 0] - model.scores(rows - step)[:, 0]) / 0.02
        assert np.allclose(gradient.features[:, feature] * spread, measured, atol=1e-3)
    assert all(parameter.grad is None for parameter in parameters)  # nothing of ours is left on the module
