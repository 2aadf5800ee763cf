"""A learner that reads encoded rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC, LinearSVC

from coopdistill.exceptions import AlignmentError, LearnerFailure
from coopdistill.learners import as_learner, make_learner
from coopdistill.schema import Feature, FeatureSpace, infer_feature_space
from doubles import Scripted, as_model, constant, threshold

ROWS = np.array([[0.5, 1.0], [1.5, 2.0], [2.5, 4.0]])


def test_labels_find_their_column_and_the_unknown_none() -> None:
    model = as_model(Scripted(["a", "b"], constant([0.5, 0.5])), ROWS)
    assert model.label_positions(np.array(["b", "c", "a"], dtype=object)).tolist() == [1, -1, 0]


def test_refit_gives_the_container_that_the_learner_takes() -> None:
    X = pd.DataFrame({"n": [1, 2, 3], "s": ["x", "y", "x"]})
    model = as_model(Scripted([0, 1], constant([0.5, 0.5])), X)
    refitted = model.refit(model.codec.encode(X), np.array([0, 1, 0]), seed=0)
    assert isinstance(refitted.learner, Scripted)
    assert refitted.learner.fitted_on is not None
    pd.testing.assert_frame_equal(refitted.learner.fitted_on[0], X)
    assert model.learner.fitted_on is None


@pytest.mark.parametrize(
    ("says", "message"),
    [
        (lambda X: np.full((len(X), 2), np.inf), "'clinic' returned a score that is NaN or infinite"),
        (lambda X: np.zeros((1, 2)), r"'clinic' returned scores of shape \(1, 2\) for 3 rows"),
        (lambda X: 1 / 0, "'clinic' failed when asked for scores: division by zero"),
    ],
)
def test_a_wrong_answer_is_the_models_failure_by_name(says: Any, message: str) -> None:
    with pytest.raises(LearnerFailure, match=message):
        as_model(Scripted([0, 1], says), ROWS, "clinic").scores(ROWS)


def test_probabilities_that_do_not_sum_to_one_are_a_failure() -> None:
    class Careless(GaussianNB):
        def predict_proba(self, X: Any) -> Any:
            return 0.7 * super().predict_proba(X)

    with pytest.raises(LearnerFailure, match="do not sum to one"):
        as_model(as_learner(Careless().fit(ROWS, [0, 1, 1])), ROWS).scores(ROWS)


def test_no_rows_get_no_scores() -> None:
    model = as_model(as_learner(GaussianNB().fit(ROWS, [0, 1, 1])), ROWS)
    assert model.scores(ROWS[:0]).shape == (0, 2)


def test_a_model_is_asked_which_values_may_be_missing() -> None:
    X = pd.DataFrame({"n": [1.5, 2.5, 3.5, 4.5], "s": ["x", "y", "x", "y"]})
    y = np.array([0, 1, 0, 1])
    space = infer_feature_space(X)
    rows = as_model(Scripted([0, 1], constant([1.0, 0.0])), X).codec.encode(X)
    imputes = as_model(as_learner(make_learner("logistic-regression", space).fit(X, y)), X)
    assert imputes.probed(rows).keep_missing == (True, True)
    numbers = X[["n"]]
    strict = as_model(as_learner(LogisticRegression().fit(numbers, y)), numbers)
    assert strict.probed(rows[:, :1]).keep_missing == (False,)
    takes = as_model(as_learner(HistGradientBoostingClassifier().fit(numbers, y)), numbers)
    assert takes.probed(rows[:, :1]).keep_missing == (True,)


def test_rows_from_elsewhere_are_filled_unless_the_model_takes_them_missing() -> None:
    other = FeatureSpace((Feature(name="x0", kind="continuous"),))
    model = as_model(Scripted([0, 1], threshold(0, 1.0)), ROWS)
    assert model.read(np.array([[9.0]]), other).tolist() == [[9.0, 2.0]]
    kept = model.probed(ROWS).read(np.array([[9.0]]), other)
    np.testing.assert_array_equal(kept, [[9.0, np.nan]])


def test_a_table_is_read_by_name_whatever_its_kinds() -> None:
    X = pd.DataFrame({"n": [1.5, 2.5, 3.5], "flag": [0, 1, 1], "s": ["x", "y", "z"]})
    model = as_model(Scripted([0, 1], constant([1.0, 0.0])), X)
    test = pd.DataFrame({"s": ["z", "new"], "flag": [1, 2], "extra": [1, 1], "n": [7, 8]})
    assert model.read_table(test).tolist() == [[7.0, 1.0, 2.0], [8.0, 1.0, 0.0]]
    assert model.read_table(test[["n", "s"]]).tolist() == [[7.0, 1.0, 2.0], [8.0, 1.0, 0.0]]
    empty = test.assign(flag=np.nan)
    assert model.read_table(empty)[:, 1].tolist() == [1.0, 1.0]


def test_a_table_may_come_in_other_units_and_by_other_names() -> None:
    X = pd.DataFrame({"way": [1.5, 2.5, 3.5]})
    declared = {"way": {"unit": "km", "conversions": {"mile": 1.6}, "synonyms": ("distance",)}}
    model = as_model(Scripted([0, 1], constant([1.0, 0.0])), X, declared=declared)
    test = pd.DataFrame({"distance": [10.0]})
    assert model.read_table(test).tolist() == [[10.0]]
    assert model.read_table(test, {"distance": {"unit": "mile"}}).tolist() == [[16.0]]
    space = infer_feature_space(test, {"distance": {"unit": "mile"}})
    assert model.read_table(test, space).tolist() == [[16.0]]


def test_a_table_without_a_shared_column_is_refused() -> None:
    with pytest.raises(AlignmentError, match="no shared feature"):
        as_model(Scripted([0, 1], constant([1.0, 0.0])), ROWS).read_table(pd.DataFrame({"z": [1.0]}))


PIPELINES = {
    "bare": lambda: GaussianNB(),
    "steps": lambda: make_pipeline(StandardScaler(), "passthrough", None, SVC(probability=True)),
    "nested": lambda: make_pipeline(StandardScaler(), make_pipeline(MinMaxScaler(), Perceptron())),
    "no labels of its own": lambda: make_pipeline(StandardScaler(), LinearSVC()),
}


@pytest.mark.filterwarnings("ignore:The `probability` parameter:FutureWarning")
@pytest.mark.parametrize("name", PIPELINES)
def test_scores_and_labels_are_what_they_are_apart(name: str) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = np.array(["low", "middle", "high"], dtype=object)[np.digitize(X.sum(axis=1), [-0.7, 0.7])]
    model = as_model(as_learner(PIPELINES[name]().fit(X, y)), X)
    scores, labels = model.scores_and_labels(model.see(X))
    np.testing.assert_array_equal(scores, model.scores(X))
    assert labels.tolist() == model.predict(X).tolist()


def test_models_of_other_preprocessing_see_for_themselves() -> None:
    X, y = np.array([[0.0], [1.0], [2.0], [9.0]]), np.array([0, 0, 1, 1])
    near, far = (
        as_model(as_learner(make_pipeline(StandardScaler(), LogisticRegression()).fit(scale * X, y)), X)
        for scale in (1.0, 50.0)
    )
    np.testing.assert_array_equal(far.scores_of(near.see(X)), far.scores(X))
    scores, labels = far.scores_and_labels(near.see(X))
    np.testing.assert_array_equal(scores, far.scores(X))
    assert labels.tolist() == far.predict(X).tolist()


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_some_rows_of_a_sight_are_a_sight_of_these_rows(chosen: list[bool]) -> None:
    X, which = np.array([[0.0], [1.0], [2.0], [9.0]]), np.array(chosen)
    model = as_model(as_learner(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, [0, 0, 1, 1])), X)
    np.testing.assert_array_equal(model.scores_of(model.see(X).only(which)), model.scores(X[which]))


def test_a_failure_behind_preprocessing_is_the_models_by_name() -> None:
    class Broken(GaussianNB):
        def predict_proba(self, X: Any) -> Any:
            raise ValueError("out of order")

    model = as_model(as_learner(make_pipeline(StandardScaler(), Broken()).fit(ROWS, [0, 1, 1])), ROWS, "clinic")
    for ask in (model.scores_of, model.scores_and_labels):
        with pytest.raises(LearnerFailure, match="'clinic' failed when asked for scores: out of order"):
            ask(model.see(ROWS))
