"""The teachers of the benchmark, fitted, each on raw rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tables import Rows

from coopdistill.learners import make_learner

__all__ = ["SMOOTH", "TEACHERS", "TREES", "fitted_teacher"]


def _logistic_regression(rows: Rows) -> Any:
    return make_learner("logistic-regression", rows.space)


def _mlp(rows: Rows) -> Any:
    return make_learner("mlp", rows.space, {"hidden_layer_sizes": (32,), "alpha": 1.0, "random_state": 0})


def _svc(rows: Rows) -> Any:
    return make_learner("svm", rows.space, {"random_state": 0})


def _on_trees(rows: Rows, estimator: Any) -> Any:
    """Numbers as they are, categories one-hot: a tree needs no scale."""
    from sklearn.pipeline import make_pipeline

    columns = make_learner("hist-gradient-boosting", rows.space).steps[0][1]
    return make_pipeline(columns, estimator)


def _random_forest(rows: Rows) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return _on_trees(rows, RandomForestClassifier(100, random_state=0))


def _hist_gradient_boosting(rows: Rows) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return _on_trees(rows, HistGradientBoostingClassifier(random_state=0))


def _xgboost(rows: Rows) -> Any:
    from xgboost import XGBClassifier

    return _on_trees(rows, XGBClassifier(random_state=0, n_jobs=1))


def _lightgbm(rows: Rows) -> Any:
    from lightgbm import LGBMClassifier

    return _on_trees(rows, LGBMClassifier(random_state=0, n_jobs=1, verbose=-1))


def _torch_network(rows: Rows) -> Any:
    import torch
    from skorch import NeuralNetClassifier

    torch.manual_seed(0)
    n_classes = int(rows.y.max()) + 1
    network = torch.nn.Sequential(torch.nn.Linear(rows.X.shape[1], 64), torch.nn.ReLU(), torch.nn.Linear(64, n_classes))
    return NeuralNetClassifier(
        network,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=1e-3,
        max_epochs=10,
        batch_size=64,
        train_split=None,
        verbose=0,
        classes=list(range(n_classes)),
    )


SMOOTH: dict[str, Callable[[Rows], Any]] = {"logistic regression": _logistic_regression, "MLP": _mlp, "SVC": _svc}
TREES: dict[str, Callable[[Rows], Any]] = {
    "random forest": _random_forest,
    "histogram gradient boosting": _hist_gradient_boosting,
    "XGBoost": _xgboost,
    "LightGBM": _lightgbm,
}
TEACHERS = {**SMOOTH, **TREES}


def fitted_teacher(name: str, rows: Rows) -> Any:
    """Fit a teacher on its own rows."""
    if name == "torch network":
        return _torch_network(rows).fit(rows.X, rows.y.astype(np.int64))
    return TEACHERS[name](rows).fit(rows.X, rows.y)
