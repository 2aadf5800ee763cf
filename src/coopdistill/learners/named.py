"""Learners that a study can name, each able to take a table as it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from inspect import signature
from typing import Any

from coopdistill.exceptions import LearnerError, nearest_name
from coopdistill.learners.extra import import_extra
from coopdistill.schema import FeatureSpace

__all__ = ["learner_names", "make_learner"]


def learner_names() -> tuple[str, ...]:
    """Return the registered names of learners whose library is installed.

    Examples
    --------
    >>> "random-forest" in learner_names()
    True
    """
    return tuple(name for name in _MAKERS if name not in _EXTRAS or find_spec(name) is not None)


def make_learner(name: str, space: FeatureSpace, parameters: Mapping[str, Any] | None = None) -> Any:
    """Make an unfitted classifier for raw rows of a feature space.

    Numbers are imputed by their median and standardised, categories are one-hot encoded; the boostings that take the
    missing as they are get numbers as they are.

    Parameters
    ----------
    name : str
        One of `learner_names`.
    space : FeatureSpace
        The columns that it will be fitted on.
    parameters : mapping, optional
        Parameters of the classifier at the end of the pipeline.

    Returns
    -------
    sklearn.pipeline.Pipeline

    Raises
    ------
    LearnerError
        If the name or a parameter is unknown, or its library is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from coopdistill.schema import infer_feature_space
    >>> X = np.array([[0.0, 1.5], [1.0, 0.5]])
    >>> make_learner("decision-tree", infer_feature_space(X), {"max_depth": 3}).fit(X, [0, 1]).predict(X)
    array([0, 1])
    """
    if name not in _MAKERS:
        raise LearnerError(f"unknown learner {name!r}{nearest_name(name, _MAKERS)}")
    if name in _EXTRAS:
        import_extra(name, name, what=f"learner {name!r}")
    classifier = _MAKERS[name]()
    # CatBoost shows only the parameters that were given, LightGBM not those that it passes on.
    allowed = {*classifier.get_params(), *signature(type(classifier).__init__).parameters, *_EXTRAS.get(name, ())}
    allowed -= {"self", "kwargs"}
    for key in parameters or {}:
        if key not in allowed:
            raise LearnerError(f"learner {name!r} has no parameter {key!r}{nearest_name(key, allowed)}")
    classifier.set_params(**(parameters or {}))
    return _pipeline(space, classifier, impute=name != "hist-gradient-boosting" and name not in _EXTRAS)


def _pipeline(space: FeatureSpace, classifier: Any, *, impute: bool) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [i for i, feature in enumerate(space) if feature.kind.is_numeric]
    categories = [i for i, feature in enumerate(space) if not feature.kind.is_numeric]
    on_numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()) if impute else "passthrough"
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("numbers", on_numbers, numbers), ("categories", one_hot, categories)])
    return make_pipeline(columns, classifier)


def _logistic_regression() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000)


def _random_forest() -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier()


def _extra_trees() -> Any:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier()


def _hist_gradient_boosting() -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier()


def _decision_tree() -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier()


def _mlp() -> Any:
    from sklearn.neural_network import MLPClassifier

    # Adam at its default rate takes a thousand steps on the few hundred rows that a participant has.
    return MLPClassifier(learning_rate_init=0.01, max_iter=1000)


def _svm() -> Any:
    from sklearn.svm import SVC

    return SVC()


def _nearest_neighbours() -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier()


def _naive_bayes() -> Any:
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB()


def _xgboost() -> Any:
    from xgboost import XGBClassifier

    return XGBClassifier()


def _lightgbm() -> Any:
    from lightgbm import LGBMClassifier

    return LGBMClassifier(verbosity=-1)


def _catboost() -> Any:
    from catboost import CatBoostClassifier

    return CatBoostClassifier(verbose=False, allow_writing_files=False)


_MAKERS: dict[str, Callable[[], Any]] = {
    "logistic-regression": _logistic_regression,
    "random-forest": _random_forest,
    "extra-trees": _extra_trees,
    "hist-gradient-boosting": _hist_gradient_boosting,
    "decision-tree": _decision_tree,
    "mlp": _mlp,
    "svm": _svm,
    "nearest-neighbours": _nearest_neighbours,
    "naive-bayes": _naive_bayes,
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "catboost": _catboost,
}

_EXTRAS: dict[str, tuple[str, ...]] = {
    "xgboost": (),
    "lightgbm": ("early_stopping_round", "deterministic", "force_col_wise", "force_row_wise"),
    "catboost": (),
}
"""Learners whose library, of the same name, is not always installed, and parameters that they do not show."""
