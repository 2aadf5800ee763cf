"""The learners of the interoperability matrix: each family that a participant may bring, made for a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from coopdistill import Participant
from coopdistill.learners import CallableLearner, OnnxLearner, TorchModule
from coopdistill.schema import infer_feature_space

__all__ = ["CAST", "Entry", "Side", "participant"]


@dataclass(frozen=True, eq=False)
class Side:
    """One participant's rows.

    Parameters
    ----------
    task : str
        ``"classification"`` or ``"regression"``.
    X : DataFrame
        Numbers, some missing, and a column of pandas' category dtype.
    y : ndarray
        Whole numbers from 0, or values.
    declared : mapping
        What is said of columns beyond what can be read off the rows.
    """

    task: str
    X: pd.DataFrame
    y: np.ndarray
    declared: Mapping[str, Mapping[str, Any]]

    @property
    def classes(self) -> list[int]:
        return [] if self.task == "regression" else list(range(int(self.y.max()) + 1))

    def prepared(self, model: Any) -> Any:
        """A pipeline that makes numbers, all there and on one scale, of the columns."""
        numbers = list(self.X.select_dtypes("number"))
        columns = make_column_transformer(
            (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), [n for n in self.X if n not in numbers]),
        )
        return make_pipeline(columns, model)

    @property
    def width(self) -> int:
        """Number of columns that such a pipeline makes."""
        return int(self.prepared(GaussianNB())[:-1].fit_transform(self.X).shape[1])


Make = Callable[[Side], Any]


@dataclass(frozen=True)
class Entry:
    """A family of learners.

    Parameters
    ----------
    name : str
    classifier, regressor : callable or None
        From a participant's rows to its estimator; None: there is no such.
    needs : tuple of str
        Libraries that are not always installed.
    only_teaches : bool
        Whether it comes without rows.
    """

    name: str
    classifier: Make | None
    regressor: Make | None
    needs: tuple[str, ...] = ()
    only_teaches: bool = False

    @property
    def is_installed(self) -> bool:
        return all(find_spec(name) is not None for name in self.needs)

    def maker(self, task: str) -> Make | None:
        return self.classifier if task == "classification" else self.regressor


def participant(entry: Entry, side: Side, name: str) -> Participant:
    """A participant with such a learner."""
    make = entry.maker(side.task)
    if make is None:
        raise ValueError(f"{entry.name} is not for {side.task}")
    estimator = make(side)
    if not entry.only_teaches:
        return Participant(name, estimator, side.X, side.y, feature_space=side.declared)
    columns = list(getattr(estimator, "feature_names_in_", side.X))
    declared = {column: given for column, given in side.declared.items() if column in columns}
    return Participant(name, estimator, feature_space=infer_feature_space(side.X[columns], declared))


def _prepared(model: Any) -> Make:
    return lambda side: side.prepared(model)


def _as_it_comes(library: str, kind: str, **parameters: Any) -> Make:
    return lambda side: getattr(import_module(library), kind)(**parameters)


def _net(width: int, n_outputs: int) -> Any:
    import torch

    return torch.nn.Sequential(torch.nn.Linear(width, 16), torch.nn.ReLU(), torch.nn.Linear(16, n_outputs))


def _skorch(side: Side) -> Any:
    import skorch
    import torch

    classifies = side.task == "classification"
    kind = skorch.NeuralNetClassifier if classifies else skorch.NeuralNetRegressor
    net = kind(
        _net,
        module__width=side.width,
        module__n_outputs=len(side.classes) or 1,
        criterion=torch.nn.CrossEntropyLoss if classifies else torch.nn.MSELoss,
        optimizer=torch.optim.Adam,
        lr=0.02,
        max_epochs=40,
        train_split=None,
        verbose=0,
        **({"classes": side.classes} if classifies else {}),
    )
    return side.prepared(net)


def _torch(side: Side) -> Any:
    return side.prepared(TorchModule(_net, task=side.task, learning_rate=0.02, max_epochs=40, device="cpu"))


def _fitted(side: Side) -> Any:
    model = LogisticRegression() if side.task == "classification" else Ridge()
    return side.prepared(model).fit(side.X, side.y)


def _onnx(side: Side) -> Any:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    numbers = side.X.select_dtypes("number")
    model = make_pipeline(
        SimpleImputer(), StandardScaler(), LogisticRegression() if side.task == "classification" else Ridge()
    )
    model.fit(numbers.to_numpy(), side.y)
    options = {id(model): {"zipmap": False}} if side.task == "classification" else None
    inputs = [("rows", FloatTensorType([None, numbers.shape[1]]))]
    converted = to_onnx(model, initial_types=inputs, options=options, target_opset=17)
    return OnnxLearner(converted.SerializeToString(), feature_names=list(numbers))


def _function(side: Side) -> Any:
    model = _fitted(side)
    if side.task == "regression":
        return CallableLearner(lambda rows: model.predict(rows), feature_names=list(side.X))
    return CallableLearner(lambda rows: model.predict_proba(rows), classes=side.classes, feature_names=list(side.X))


_TREE, _LINEAR = DecisionTreeClassifier(max_depth=3), LogisticRegression()
_TREE_OF_VALUES, _LINEAR_IN_VALUES = DecisionTreeRegressor(max_depth=3), Ridge()
_KERNEL = RBF(3.0)

CAST: tuple[Entry, ...] = (
    Entry("linear", _prepared(LogisticRegression()), _prepared(Ridge())),
    Entry("SVM", _prepared(SVC()), _prepared(SVR())),
    Entry("nearest neighbours", _prepared(KNeighborsClassifier()), _prepared(KNeighborsRegressor())),
    Entry("naive Bayes", _prepared(GaussianNB()), None),
    Entry(
        "decision tree",
        _prepared(DecisionTreeClassifier(min_samples_leaf=3)),
        _prepared(DecisionTreeRegressor(min_samples_leaf=3)),
    ),
    Entry(
        "random forest",
        _prepared(RandomForestClassifier(20)),
        _prepared(RandomForestRegressor(20, min_samples_leaf=2)),
    ),
    Entry(
        "gradient boosting",
        _prepared(GradientBoostingClassifier(n_estimators=60)),
        _prepared(GradientBoostingRegressor(n_estimators=60)),
    ),
    Entry(
        "histogram boosting",
        lambda side: HistGradientBoostingClassifier(max_iter=60, min_samples_leaf=5, categorical_features="from_dtype"),
        lambda side: HistGradientBoostingRegressor(max_iter=60, min_samples_leaf=5, categorical_features="from_dtype"),
    ),
    Entry(
        "MLP",
        _prepared(MLPClassifier((16,), learning_rate_init=0.02, max_iter=300, early_stopping=True)),
        _prepared(MLPRegressor(hidden_layer_sizes=(16,), solver="lbfgs", alpha=1.0, max_iter=500)),
    ),
    Entry(
        "Gaussian process",
        _prepared(GaussianProcessClassifier(_KERNEL, optimizer=None)),
        _prepared(GaussianProcessRegressor(_KERNEL, alpha=0.3, optimizer=None, normalize_y=True)),
    ),
    Entry(
        "stacking",
        _prepared(StackingClassifier([("tree", _TREE), ("linear", _LINEAR)], cv=2)),
        _prepared(StackingRegressor([("tree", _TREE_OF_VALUES), ("linear", _LINEAR_IN_VALUES)], cv=2)),
    ),
    Entry(
        "voting",
        _prepared(VotingClassifier([("tree", _TREE), ("linear", _LINEAR)], voting="soft")),
        _prepared(VotingRegressor([("tree", _TREE_OF_VALUES), ("linear", _LINEAR_IN_VALUES)])),
    ),
    Entry("calibrated", _prepared(CalibratedClassifierCV(LinearSVC(), cv=2)), None),
    Entry(
        "XGBoost",
        _as_it_comes("xgboost", "XGBClassifier", n_estimators=60),
        _as_it_comes("xgboost", "XGBRegressor", n_estimators=60, max_depth=3),
        ("xgboost",),
    ),
    Entry(
        "LightGBM",
        _as_it_comes("lightgbm", "LGBMClassifier", n_estimators=60, min_child_samples=5),
        _as_it_comes("lightgbm", "LGBMRegressor", n_estimators=60, min_child_samples=5),
        ("lightgbm",),
    ),
    Entry(
        "CatBoost",
        _as_it_comes("catboost", "CatBoostClassifier", iterations=60),
        _as_it_comes("catboost", "CatBoostRegressor", iterations=60),
        ("catboost",),
    ),
    Entry("skorch", _skorch, _skorch, ("torch", "skorch")),
    Entry("bare nn.Module", _torch, _torch, ("torch",)),
    Entry("fitted, no rows", _fitted, _fitted, only_teaches=True),
    Entry("ONNX", _onnx, _onnx, ("onnx", "onnxruntime", "skl2onnx"), only_teaches=True),
    Entry("function", _function, _function, only_teaches=True),
)
"""Students first, then those that only teach. Small, so that a whole matrix takes minutes."""
