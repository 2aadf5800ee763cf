"""Ensembles of members that teach each other, as somebody with one table uses them."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from coopdistill import CooperativeClassifier, CooperativeRegressor, infer_feature_space
from coopdistill.exceptions import CoopdistillWarning, LabelError, LearnerError, OptionError, TableError
from coopdistill.learners import make_learner

Table = tuple[pd.DataFrame, pd.Series]

nothing_to_teach = pytest.mark.filterwarnings("ignore:nobody can teach anybody anything")
"""Of random labels, or where members are right about nearly all; then they vote as they are."""

MEMBERS: list[tuple[str, Any]] = [
    ("bayes", GaussianNB()),
    ("tree", DecisionTreeClassifier(max_depth=3)),
]


def blobs(n_rows: int = 90, *, n_classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.arange(n_rows) % n_classes
    return rng.normal(size=(n_rows, 3)) + 2 * y[:, None], y


def pipelines(X: pd.DataFrame) -> list[tuple[str, Any]]:
    space = infer_feature_space(X)
    return [(name, make_learner(name, space)) for name in ("logistic-regression", "decision-tree")]


def test_probabilities_are_the_weighted_mean_of_the_members() -> None:
    X, y = blobs()
    model = CooperativeClassifier(MEMBERS, weights=[1, 3], random_state=0).fit(X, y)
    each = {name: member.predict_proba(X) for name, member in model.named_estimators_.items()}
    expected = (each["bayes"] + 3 * each["tree"]) / 4
    np.testing.assert_allclose(model.predict_proba(X), expected)
    assert np.array_equal(model.predict(X), model.classes_[expected.argmax(axis=1)])


def test_values_are_the_mean_of_the_members() -> None:
    X, y = load_diabetes(return_X_y=True)
    members = [("linear", LinearRegression()), ("tree", DecisionTreeRegressor(max_depth=3))]
    model = CooperativeRegressor(members, random_state=0).fit(X[:150], y[:150])
    expected = np.mean([member.predict(X) for member in model.estimators_], axis=0)
    np.testing.assert_allclose(model.predict(X), expected)


@pytest.mark.parametrize("views", ["rows", "folds", "shares"])
def test_members_are_fitted_anew_with_what_they_were_taught(views: str) -> None:
    X, y = blobs()
    model = CooperativeClassifier(MEMBERS, views=views, focus="all", random_state=0).fit(X, y)
    kept = model.transfers_.groupby("student")["kept"].sum()
    assert (kept > 0).all()
    bayes = model.named_estimators_["bayes"]
    assert bayes.class_count_.sum() == len(model.views_["bayes"]) + kept["bayes"]


def test_members_that_have_rows_in_common_ask_no_rows_of_others() -> None:
    """A member would be praised for its memory there: on rows that it was fitted on, a deep tree beats any teacher."""
    X, y = load_diabetes(return_X_y=True)
    members = [("linear", LinearRegression()), ("tree", DecisionTreeRegressor(min_samples_leaf=3))]
    model = CooperativeRegressor(members, random_state=0).fit(X, y)
    assert not {"testimony", "draft", "comparison"} & set(model.cooperation_.disclosures_["what"])
    assert model.transfers_.set_index("student").loc["tree", ["reason", "kept"]].tolist() > ["", 0]


def test_same_seed_same_result_whatever_the_order_of_members() -> None:
    X, y = blobs()
    options = {"views": "shares", "random_state": 3}
    one = CooperativeClassifier(MEMBERS, **options).fit(X, y)
    other = CooperativeClassifier(MEMBERS[::-1], **options).fit(X, y)
    assert np.array_equal(one.predict_proba(X), other.predict_proba(X))
    drawn = [CooperativeClassifier(MEMBERS, random_state=np.random.RandomState(0)).fit(X, y) for _ in range(2)]
    assert np.array_equal(*(model.predict_proba(X) for model in drawn))


def test_what_was_given_stays_as_it_was() -> None:
    X, y = blobs()
    before = X.copy()
    members = [("fitted", GaussianNB().fit(X[:30] + 5, y[:30])), ("tree", DecisionTreeClassifier())]
    model = CooperativeClassifier(members, random_state=0).fit(X, y)
    assert np.array_equal(X, before)
    assert members[0][1].class_count_.sum() == 30
    # A fitted member is fitted anew all the same, unlike a participant.
    assert model.named_estimators_["fitted"].class_count_.sum() >= len(X)


def test_members_are_dropped_replaced_and_set_by_name() -> None:
    X, y = blobs()
    model = CooperativeClassifier([*MEMBERS, ("neighbours", KNeighborsClassifier())], random_state=0)
    model.set_params(neighbours="drop", tree__max_depth=2, bayes=LogisticRegression())
    model.fit(X, y)
    assert list(model.named_estimators_) == ["bayes", "tree", "neighbours"]
    assert model.named_estimators_["neighbours"] == "drop"
    assert [type(member) for member in model.estimators_] == [LogisticRegression, DecisionTreeClassifier]
    assert model.named_estimators_["tree"].get_depth() <= 2
    assert clone(model).get_params()["tree__max_depth"] == 2


def test_a_table_with_categories_and_missing_values_through_pipelines(patients: Table) -> None:
    X, y = patients
    model = CooperativeClassifier(pipelines(X), random_state=0).fit(X, y)
    assert model.classes_.tolist() == ["ill", "well"]
    assert model.feature_names_in_.tolist() == ["age", "smokes", "height"]
    assert model.score(X, y) > 0.9
    assert set(model.cooperation_.virtual_instances_["smokes"]) <= {"never", "once", "daily"}


def test_missing_values_go_to_members_that_take_them_and_to_no_other() -> None:
    X, y = blobs(n_classes=2)
    X[::7, 0] = np.nan
    takers = [("one", HistGradientBoostingClassifier(max_iter=5)), ("other", DecisionTreeClassifier())]
    assert CooperativeClassifier(takers, random_state=0).fit(X, y).predict(X).shape == (90,)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        CooperativeClassifier(MEMBERS).fit(X, y)


def test_an_array_of_text_goes_to_members_that_take_it(patients: Table) -> None:
    X, y = patients
    text = X[["smokes", "age"]].to_numpy(dtype=object)
    members = [("one", pipelines(X[["smokes", "age"]])[0][1]), ("other", pipelines(X[["smokes", "age"]])[1][1])]
    assert CooperativeClassifier(members, random_state=0).fit(text, y).score(text, y) > 0.8


def test_members_with_columns_of_their_own(patients: Table) -> None:
    X, y = patients
    X = X.assign(height=X["height"].fillna(170.0))
    members = [("numbers", GaussianNB()), ("all", pipelines(X)[1][1])]
    model = CooperativeClassifier(members, columns={"numbers": ["height", "age"]}, random_state=0).fit(X, y)
    assert model.named_estimators_["numbers"].feature_names_in_.tolist() == ["height", "age"]
    assert model.named_estimators_["all"].feature_names_in_.tolist() == list(X)
    assert model.predict(X).shape == (120,)


def test_a_member_votes_without_probabilities() -> None:
    X, y = blobs()
    model = CooperativeClassifier([("margins", Perceptron()), ("tree", DecisionTreeClassifier())], random_state=0)
    np.testing.assert_allclose(model.fit(X, y).predict_proba(X).sum(axis=1), 1)
    assert model.score(X, y) > 0.8


def test_rows_of_no_weight_are_as_if_they_were_not_there() -> None:
    X, y = blobs()
    weight = np.ones(90)
    weight[60:] = 0
    y[60:] = 0
    options = {"views": "shares", "random_state": 0}
    weighed = CooperativeClassifier(MEMBERS, **options).fit(X, y, sample_weight=weight)
    without = CooperativeClassifier(MEMBERS, **options).fit(X[:60], y[:60], sample_weight=weight[:60])
    assert np.array_equal(weighed.predict_proba(X), without.predict_proba(X))


@nothing_to_teach
def test_weights_move_the_vote_to_the_rows_that_they_favour() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 2))
    y = rng.permutation(np.repeat([0, 1], 40))
    favoured = CooperativeClassifier(MEMBERS, random_state=0).fit(X, y, sample_weight=np.where(y == 1, 20.0, 1.0))
    assert (
        favoured.predict_proba(X)[:, 1].mean()
        > CooperativeClassifier(MEMBERS, random_state=0).fit(X, y).predict_proba(X)[:, 1].mean()
    )


def test_weights_come_through_a_search_with_metadata_routing() -> None:
    X, y = blobs()
    weight = np.where(y == 1, 3.0, 1.0)
    with config_context(enable_metadata_routing=True):
        model = CooperativeClassifier(MEMBERS, random_state=0).set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=False)
        search = GridSearchCV(model, {"alpha": [0.5]}, cv=2).fit(X, y, sample_weight=weight)
    direct = CooperativeClassifier(MEMBERS, random_state=0).fit(X, y, sample_weight=weight)
    assert np.array_equal(search.predict_proba(X), direct.predict_proba(X))


@nothing_to_teach
def test_within_pipelines_searches_and_cross_validation() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    X, y = X[::6], y[::6]
    model = make_pipeline(StandardScaler(), CooperativeClassifier(MEMBERS, random_state=0))
    grid = {"cooperativeclassifier__tree__max_depth": [1, 3]}
    search = GridSearchCV(model, grid, cv=2).fit(X, y)
    assert search.best_score_ > 0.85
    values = CooperativeRegressor([("linear", Ridge()), ("near", KNeighborsRegressor())], random_state=0)
    assert cross_val_score(values, *load_diabetes(return_X_y=True), cv=2).min() > 0.3


def test_a_fitted_ensemble_survives_pickle() -> None:
    X, y = blobs()
    model = CooperativeClassifier(MEMBERS, random_state=0).fit(X, y)
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict_proba(X), model.predict_proba(X))


def test_columns_named_by_numbers(patients: Table) -> None:
    X = patients[0][["age"]].assign(height=1.0).set_axis([7, 3], axis=1)
    model = CooperativeClassifier(MEMBERS, random_state=0).fit(X, patients[1])
    assert not hasattr(model, "feature_names_in_")
    assert np.array_equal(model.predict(X), model.predict(X.to_numpy()))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"estimators": []}, OptionError, r"at least two estimators that are not dropped, got \[\]"),
        ({"estimators": [("one", GaussianNB()), ("two", "drop")]}, OptionError, r"got \['one'\] of \['one', 'two'\]"),
        ({"estimators": [GaussianNB()]}, OptionError, "must be a list of"),
        ({"estimators": [("one", GaussianNB()), ("one", GaussianNB())]}, ValueError, "not unique"),
        ({"estimators": [("views", GaussianNB()), ("one", GaussianNB())]}, ValueError, "conflict with constructor"),
        ({"estimators": [("one", GaussianNB()), ("two", Ridge())]}, LearnerError, "'two' is for regression"),
        ({"estimators": [("one", GaussianNB()), ("two", StandardScaler())]}, LearnerError, "estimator 'two': "),
        ({"views": "row"}, OptionError, "did you mean 'rows'"),
        ({"alpha": 0}, OptionError, "alpha=0"),
        ({"focus": "some"}, OptionError, "focus='some'"),
        ({"weights": [1]}, OptionError, "must hold one number for each"),
        ({"weights": [0, 0]}, OptionError, "not only zeros"),
        ({"n_jobs": 0}, OptionError, "n_jobs=0"),
        ({"random_state": -1}, OptionError, "random_state=-1"),
        ({"columns": {"trees": ["x0"]}}, OptionError, "did you mean 'tree'"),
        ({"columns": {"tree": ["x0"]}}, TableError, "pass a DataFrame"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        CooperativeClassifier(**{"estimators": MEMBERS, **options}).fit(*blobs())


def test_bad_columns_are_named() -> None:
    X, y = blobs()
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    with pytest.raises(TableError, match="'d' is not in X"):
        CooperativeClassifier(MEMBERS, columns={"tree": ["d"]}).fit(frame, y)
    with pytest.raises(OptionError, match="columns of 'tree' are none"):
        CooperativeClassifier(MEMBERS, columns={"tree": []}).fit(frame, y)
    doubled = frame.set_axis(["a", "a", "c"], axis=1)
    with pytest.raises(TableError, match="two columns named 'a'"):
        CooperativeClassifier(MEMBERS).fit(doubled, y)
    with pytest.raises(TableError, match="two columns named 'a'"):
        CooperativeClassifier(MEMBERS, random_state=0).fit(frame, y).predict(doubled)


def test_booleans_are_values() -> None:
    X, y = blobs(n_classes=2)
    members = [("linear", LinearRegression()), ("tree", DecisionTreeRegressor(max_depth=3))]
    of_bools, of_numbers = (CooperativeRegressor(members, random_state=0).fit(X, y) for y in (y > 0, y.astype(float)))
    np.testing.assert_array_equal(of_bools.predict(X), of_numbers.predict(X))


def test_a_member_that_cannot_be_fitted_anew_is_named() -> None:
    frozen = pytest.importorskip("sklearn.frozen", reason="scikit-learn 1.5 has no such estimator")
    X, y = blobs()
    members = [("bayes", GaussianNB()), ("tree", frozen.FrozenEstimator(DecisionTreeClassifier().fit(X, y)))]
    with pytest.raises(LearnerError, match="estimator 'tree' cannot be fitted anew, so it cannot learn; leave it out"):
        CooperativeClassifier(members).fit(X, y)


def test_warnings_point_to_who_asked_for_the_fit() -> None:
    X, y = blobs(12)
    with pytest.warns(CoopdistillWarning) as heard:
        CooperativeClassifier(MEMBERS, views="shares", random_state=0).fit(X, y)
    assert any("every member gets" in str(warning.message) for warning in heard)
    assert {warning.filename for warning in heard} == {__file__}


def test_bad_weights_and_labels_are_named() -> None:
    X, y = blobs()
    model = CooperativeClassifier(MEMBERS)
    with pytest.raises(OptionError, match=r"for each of the 90 rows.*got shape \(3,\)"):
        model.fit(X, y, sample_weight=[1, 2, 3])
    with pytest.raises(OptionError, match=r"for each of the 90 rows.*could not convert string to float: 'a'"):
        model.fit(X, y, sample_weight=["a"] * 90)
    with pytest.raises(TypeError, match="unexpected keyword argument 'weights'"):
        model.fit(X, y, weights=y)
    with pytest.raises(LabelError, match="all rows are of the class 1"):
        model.fit(X, np.ones(90))
    neighbours = [("near", KNeighborsClassifier(3)), ("far", KNeighborsClassifier(9))]
    with pytest.raises(LearnerError, match="takes no sample weights"):
        CooperativeClassifier(neighbours).fit(X, y, sample_weight=np.ones(90))
