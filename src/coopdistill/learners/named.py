"""Learners that a study can name, each able to take a table as it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import Any, Literal, TypeAlias

from coopdistill.exceptions import LearnerError, nearest_name
from coopdistill.extra import import_extra
from coopdistill.schema import FeatureSpace

__all__ = ["Task", "learner_names", "make_learner"]

Task: TypeAlias = Literal["classification", "regression"]


def learner_names(task: Task | None = None) -> tuple[str, ...]:
    """Return the registered names of learners whose library is installed.

    Parameters
    ----------
    task : {"classification", "regression"}, optional
        Only those for this task. Default: all.

    Examples
    --------
    >>> "random-forest" in learner_names()
    True
    >>> "ridge" in learner_names("classification")
    False
    """
    return tuple(
        name
        for name, named in _LEARNERS.items()
        if (task is None or named.path(task)) and (named.extra is None or find_spec(named.extra) is not None)
    )


def make_learner(
    name: str,
    space: FeatureSpace,
    parameters: Mapping[str, Any] | None = None,
    *,
    task: Task = "classification",
) -> Any:
    """Make an unfitted classifier or regressor for raw rows of a feature space.

    Numbers are imputed by their median and standardised, categories are one-hot encoded where they are not yet; the
    boostings that take the missing as they are get numbers as they are. Regressors whose parameters depend on the unit
    of what they predict learn standardised values, and predict in the unit that was given.

    Parameters
    ----------
    name : str
        One of `learner_names`.
    space : FeatureSpace
        The columns that it will be fitted on, in the order of `FeatureSpace.columns`.
    parameters : mapping, optional
        Parameters of the classifier or regressor at the end of the pipeline.
    task : {"classification", "regression"}, default="classification"

    Returns
    -------
    sklearn.pipeline.Pipeline

    Raises
    ------
    LearnerError
        If the name or a parameter is unknown or out of range, the learner is not for that task, or its library is not
        installed.

    Examples
    --------
    >>> import numpy as np
    >>> from coopdistill.schema import infer_feature_space
    >>> X = np.array([[0.0, 1.5], [1.0, 0.5]])
    >>> make_learner("decision-tree", infer_feature_space(X), {"max_depth": 3}).fit(X, [0, 1]).predict(X)
    array([0, 1])
    >>> make_learner("decision-tree", infer_feature_space(X), task="regression").fit(X, [0.5, 1.5]).predict(X)
    array([0.5, 1.5])
    """
    if name not in _LEARNERS:
        raise LearnerError(f"unknown learner {name!r}{nearest_name(name, _LEARNERS)}")
    named = _LEARNERS[name]
    path = named.path(task)
    if path is None:
        others = ", ".join(map(repr, learner_names(task)))
        raise LearnerError(f"learner {name!r} is not for {task}; those that are: {others}")
    if named.extra is not None:
        import_extra(named.extra, named.extra, what=f"learner {name!r}")
    module, _, kind = path.rpartition(".")
    model = getattr(import_module(module), kind)(**named.settings)
    _set_checked(model, name, parameters or {}, named.hidden)
    if task == "regression" and named.scales_values:
        from sklearn.compose import TransformedTargetRegressor
        from sklearn.preprocessing import StandardScaler

        model = TransformedTargetRegressor(model, transformer=StandardScaler())
    return _pipeline(space, model, impute=named.imputes)


def _set_checked(model: Any, name: str, parameters: Mapping[str, Any], hidden: tuple[str, ...]) -> None:
    # CatBoost shows only the parameters that were given, LightGBM not those that it passes on.
    allowed = {*model.get_params(), *signature(type(model).__init__).parameters, *hidden} - {"self", "kwargs"}
    for key in parameters:
        if key not in allowed:
            raise LearnerError(f"learner {name!r} has no parameter {key!r}{nearest_name(key, sorted(allowed))}")
    model.set_params(**parameters)
    if hasattr(model, "_parameter_constraints"):
        # scikit-learn would check only when fitting, after work has been done.
        try:
            model._validate_params()
        except ValueError as error:
            raise LearnerError(str(error)) from error


def _pipeline(space: FeatureSpace, model: Any, *, impute: bool) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    places = {column: i for i, column in enumerate(space.columns)}
    groups = [places[column] for feature in space if feature.one_hot for column in feature.columns]
    numbers = [places[feature.name] for feature in space if feature.kind.is_numeric]
    categories = [i for i in places.values() if i not in {*numbers, *groups}]
    on_numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()) if impute else "passthrough"
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    parts = [("numbers", on_numbers, numbers), ("categories", one_hot, categories)]
    if groups:
        parts.append(("one_hot", "passthrough", groups))
    columns = ColumnTransformer(parts)
    return make_pipeline(columns, model)


@dataclass(frozen=True)
class _Named:
    """What stands behind a name: a class for each task that it is for, and how it is made."""

    classifier: str | None
    regressor: str | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    imputes: bool = True
    """Whether missing numbers are imputed before it."""
    scales_values: bool = False
    """Whether a regressor learns standardised values."""
    extra: str | None = None
    """The library, and the extra of the same name, where it is not always installed."""
    hidden: tuple[str, ...] = ()
    """Parameters that it takes and does not show."""

    def path(self, task: Task) -> str | None:
        return self.classifier if task == "classification" else self.regressor


_LIGHTGBM_HIDDEN = ("early_stopping_round", "deterministic", "force_col_wise", "force_row_wise")

_LEARNERS: dict[str, _Named] = {
    "logistic-regression": _Named("sklearn.linear_model.LogisticRegression", None, {"max_iter": 1000}),
    "linear-regression": _Named(None, "sklearn.linear_model.LinearRegression"),
    "ridge": _Named(None, "sklearn.linear_model.Ridge"),
    "lasso": _Named(None, "sklearn.linear_model.Lasso", {"alpha": 0.01}, scales_values=True),
    "random-forest": _Named("sklearn.ensemble.RandomForestClassifier", "sklearn.ensemble.RandomForestRegressor"),
    "extra-trees": _Named("sklearn.ensemble.ExtraTreesClassifier", "sklearn.ensemble.ExtraTreesRegressor"),
    "gradient-boosting": _Named(
        "sklearn.ensemble.GradientBoostingClassifier", "sklearn.ensemble.GradientBoostingRegressor"
    ),
    "hist-gradient-boosting": _Named(
        "sklearn.ensemble.HistGradientBoostingClassifier",
        "sklearn.ensemble.HistGradientBoostingRegressor",
        imputes=False,
    ),
    "decision-tree": _Named("sklearn.tree.DecisionTreeClassifier", "sklearn.tree.DecisionTreeRegressor"),
    "mlp": _Named(
        "sklearn.neural_network.MLPClassifier",
        "sklearn.neural_network.MLPRegressor",
        # Adam at its default rate takes a thousand steps on the few hundred rows that a participant has.
        {"learning_rate_init": 0.01, "max_iter": 1000},
        scales_values=True,
    ),
    "svm": _Named("sklearn.svm.SVC", "sklearn.svm.SVR", scales_values=True),
    "nearest-neighbours": _Named("sklearn.neighbors.KNeighborsClassifier", "sklearn.neighbors.KNeighborsRegressor"),
    "naive-bayes": _Named("sklearn.naive_bayes.GaussianNB", None),
    "xgboost": _Named("xgboost.XGBClassifier", "xgboost.XGBRegressor", imputes=False, extra="xgboost"),
    "lightgbm": _Named(
        "lightgbm.LGBMClassifier",
        "lightgbm.LGBMRegressor",
        {"verbosity": -1},
        imputes=False,
        extra="lightgbm",
        hidden=_LIGHTGBM_HIDDEN,
    ),
    "catboost": _Named(
        "catboost.CatBoostClassifier",
        "catboost.CatBoostRegressor",
        {"verbose": False, "allow_writing_files": False},
        imputes=False,
        extra="catboost",
    ),
}
