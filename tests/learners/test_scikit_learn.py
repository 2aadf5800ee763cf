"""scikit-learn's classifiers behind the one interface."""

from __future__ import annotations

import warnings
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from coopdistill.exceptions import LearnerError
from coopdistill.learners import Learner, as_learner, learner_names, make_learner
from coopdistill.schema import infer_feature_space

IRIS = (StandardScaler().fit_transform(load_iris().data), load_iris().target)
TWO = (IRIS[0][:100], IRIS[1][:100])

CLASSIFIERS = [
    LogisticRegression(max_iter=500),
    GaussianNB(),
    KNeighborsClassifier(),
    DecisionTreeClassifier(max_depth=3),
    RandomForestClassifier(5),
    ExtraTreesClassifier(5),
    HistGradientBoostingClassifier(max_iter=5),
    MLPClassifier((4,), solver="lbfgs", max_iter=1000),
    LinearSVC(),
    RidgeClassifier(),
    Perceptron(),
    SGDClassifier(),
    OneVsOneClassifier(LinearSVC()),
    SVC(decision_function_shape="ovr"),
    SVC(decision_function_shape="ovo"),
    CalibratedClassifierCV(LinearSVC(), cv=3),
    make_pipeline(StandardScaler(), LogisticRegression()),
    make_pipeline(StandardScaler(), SVC(decision_function_shape="ovo")),
    StackingClassifier([("nb", GaussianNB()), ("tree", DecisionTreeClassifier(max_depth=2))], cv=2),
    VotingClassifier([("nb", GaussianNB()), ("tree", DecisionTreeClassifier(max_depth=2))]),
    GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 3]}, cv=2),
]


def named(estimator: Any) -> str:
    return type(estimator[-1] if hasattr(estimator, "steps") else estimator).__name__


@pytest.mark.parametrize("data", [IRIS, TWO], ids=["three classes", "two classes"])
@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=named)
def test_scores_are_shares_whose_greatest_is_the_prediction(estimator: Any, data: Any) -> None:
    X, y = data
    learner = as_learner(estimator).refit(X, y, seed=0)
    scores = learner.scores(X)
    assert scores.shape == (len(X), len(np.unique(y)))
    assert scores.dtype == np.float64
    assert (scores >= 0).all()
    np.testing.assert_allclose(scores.sum(axis=1), 1.0)
    assert learner.classes.tolist() == np.unique(y).tolist()
    predicted = learner.predict(X)
    assert (learner.classes[scores.argmax(axis=1)] == predicted).all()
    assert (predicted == y).mean() > 0.65


@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=named)
def test_a_seed_decides_every_bit(estimator: Any) -> None:
    X, y = IRIS
    one, two = (as_learner(estimator).refit(X, y, seed=7).scores(X) for _ in range(2))
    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("estimator", [RandomForestClassifier(5), make_pipeline(MLPClassifier((3,), max_iter=5))])
def test_another_seed_is_another_model(estimator: Any) -> None:
    X, y = IRIS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # too few iterations, on purpose
        one, two = (as_learner(estimator).refit(X, y, seed=seed).scores(X) for seed in (1, 2))
    assert not np.array_equal(one, two)


def test_a_seed_that_the_user_chose_stays() -> None:
    X, y = IRIS
    learner = as_learner(RandomForestClassifier(5, random_state=3))
    expected = RandomForestClassifier(5, random_state=3).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(learner.refit(X, y, seed=9).scores(X), expected)
    drawn = as_learner(RandomForestClassifier(5, random_state=np.random.RandomState(3)))
    one, two = (drawn.refit(X, y, seed=9).scores(X) for _ in range(2))
    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("estimator", [DecisionTreeClassifier(), make_pipeline(StandardScaler(), LogisticRegression())])
def test_refitting_leaves_the_original_as_it_was(estimator: Any) -> None:
    X, y = IRIS
    fitted = estimator.fit(X[::2], y[::2])
    before = joblib.hash(fitted)
    learner = as_learner(fitted)
    refitted = learner.refit(X, y[::-1], seed=0)
    assert joblib.hash(fitted) == before
    assert learner.estimator is fitted
    assert refitted.estimator is not fitted
    assert type(refitted.estimator) is type(fitted)


def test_many_threads_give_the_same_bits() -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 5)), rng.integers(0, 3, 300)
    for estimator in (
        RandomForestClassifier(40, max_depth=3, n_jobs=2),
        make_pipeline(StandardScaler(), RandomForestClassifier(40, max_depth=3, n_jobs=2)),
        CalibratedClassifierCV(RandomForestClassifier(40, max_depth=3, n_jobs=2), cv=2),
    ):
        learner = as_learner(estimator).refit(X, y, seed=0)
        first = learner.scores(X).tobytes()
        assert all(learner.scores(X).tobytes() == first for _ in range(20))


def test_raw_mixed_columns_go_through_a_pipeline() -> None:
    X = pd.DataFrame({"age": [20, 30, 40, 50], "ward": ["a", "b", "a", "b"], "dose": [0.1, np.nan, 0.3, 0.4]})
    y = np.array(["well", "well", "ill", "ill"])
    columns = make_column_transformer(("passthrough", ["age", "dose"]), (OneHotEncoder(sparse_output=False), ["ward"]))
    for estimator in (HistGradientBoostingClassifier(min_samples_leaf=1), DecisionTreeClassifier()):
        learner = as_learner(make_pipeline(columns, estimator)).refit(X, y, seed=0)
        assert learner.classes.tolist() == ["ill", "well"]
        assert learner.predict(X).tolist() == y.tolist()


def test_only_probabilities_count_as_such() -> None:
    X, y = IRIS
    assert as_learner(GaussianNB().fit(X, y)).capabilities.probabilities
    assert not as_learner(LinearSVC().fit(X, y)).capabilities.probabilities
    assert not as_learner(SVC().fit(X, y)).capabilities.probabilities
    assert as_learner(CalibratedClassifierCV(LinearSVC(), cv=2).fit(X, y)).capabilities.probabilities


def test_it_knows_whether_it_is_fitted() -> None:
    X, y = IRIS
    prior = GaussianProcessRegressor(optimizer=None)  # which predicts unfitted, too
    for estimator in (GaussianNB(), make_pipeline(StandardScaler(), GaussianNB()), make_pipeline(prior), prior):
        learner = as_learner(estimator)
        assert not learner.is_fitted
        assert learner.refit(X, y, seed=0).is_fitted
        assert not learner.is_fitted


def test_a_learner_passes_as_it_is() -> None:
    learner = as_learner(GaussianNB())
    assert isinstance(learner, Learner)
    assert as_learner(learner) is learner


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (GaussianNB, r"GaussianNB is a class; pass an object: GaussianNB\(\)"),
        (KMeans(), "KMeans is neither a classifier nor a regressor"),
        (StandardScaler(), "'StandardScaler' object is no learner: it has no 'predict'"),
        (None, "'NoneType' object is no learner"),
        (lambda X: X, "'function' object is no learner.*CallableLearner"),
    ],
)
def test_what_no_adapter_takes_is_refused_with_a_reason(estimator: Any, message: str) -> None:
    with pytest.raises(LearnerError, match=message):
        as_learner(estimator)


@pytest.mark.parametrize("name", learner_names("regression"))
def test_every_named_regressor_takes_a_raw_table_in_any_unit(name: str) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.normal(50, 9, 90), "ward": rng.choice(["a", "b", "c"], 90)})
    y = 1e4 * X["age"].to_numpy() + 2e5 * (X["ward"] == "a").to_numpy()
    X.loc[::9, "age"] = np.nan
    learner = as_learner(make_learner(name, infer_feature_space(X), task="regression")).refit(X, y, seed=0)
    assert np.corrcoef(learner.predict(X), y)[0, 1] > 0.8
    assert np.abs(learner.predict(X) - y).mean() < np.abs(y - y.mean()).mean()


@pytest.mark.parametrize("name", learner_names("classification"))
def test_every_named_learner_takes_a_raw_table(name: str) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.normal(50, 9, 90), "ward": rng.choice(["a", "b", "c"], 90)})
    y = np.where(X["age"] > 50, "ill", "well")
    X.loc[::6, "age"] = np.nan
    X.loc[1::6, "ward"] = None
    learner = as_learner(make_learner(name, infer_feature_space(X))).refit(X, y, seed=0)
    assert (learner.predict(X) == y).mean() > 0.6


def test_a_name_is_for_its_task() -> None:
    with pytest.raises(LearnerError, match=r"'naive-bayes' is not for regression; those that are: 'linear-regression'"):
        make_learner("naive-bayes", infer_feature_space(np.zeros((2, 1))), task="regression")
    assert {"ridge", "mlp"} <= set(learner_names("regression"))
    assert not {"ridge", "logistic-regression"} <= set(learner_names("classification"))


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("random-forrest", {}, r"unknown learner 'random-forrest'; did you mean 'random-forest'\?"),
        ("decision-tree", {"max_depth": "deep"}, r"The 'max_depth' parameter of DecisionTreeClassifier must be"),
        ("decision-tree", {"max_deth": 3}, r"'decision-tree' has no parameter 'max_deth'; did you mean 'max_depth'\?"),
    ],
)
def test_an_unknown_learner_or_parameter_names_the_nearest(name: str, parameters: Any, message: str) -> None:
    with pytest.raises(LearnerError, match=message):
        make_learner(name, infer_feature_space(np.zeros((2, 1))), parameters)
