"""Functions as teachers, and what they may not say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB

from coopdistill import CooperativeDistillation, FeatureSpace, Participant
from coopdistill.exceptions import LearnerError, LearnerFailure
from coopdistill.learners import CallableLearner, as_learner
from coopdistill.schema import infer_feature_space

RNG = np.random.default_rng(0)
X = pd.DataFrame({"dose": RNG.normal(size=120), "age": RNG.normal(size=120)})
Y = np.where(X["dose"] + X["age"] > 0, "ill", "well").astype(object)


def rule(rows: Any) -> Any:
    """Knows what is true."""
    ill = 1 / (1 + np.exp(-4 * (rows["dose"] + rows["age"]).to_numpy()))
    return np.column_stack([ill, 1 - ill])


def teacher(function: Any = rule, **more: Any) -> CallableLearner:
    return CallableLearner(function, **{"classes": ["ill", "well"], "feature_names": ["dose", "age"], **more})


def test_a_function_is_a_learner_that_only_teaches() -> None:
    learner = as_learner(teacher())
    assert learner.is_fitted
    assert learner.task == "classification"
    assert learner.capabilities.probabilities
    assert not learner.capabilities.refits
    assert np.array_equal(learner.predict(X), Y)
    assert list(learner.estimator.classes_) == ["ill", "well"]


def test_columns_are_handed_over_in_its_own_order() -> None:
    learner = teacher(lambda rows: np.eye(2)[(rows.iloc[:, 0] > 0).astype(int)])
    assert np.array_equal(learner.scores(X[["age", "dose"]]), learner.scores(X))
    with pytest.raises(LearnerError, match=r"CallableLearner\(<lambda>\) takes a column 'age', which the rows lack"):
        learner.scores(X[["dose"]])


def test_a_function_without_classes_predicts_values() -> None:
    learner = CallableLearner(lambda rows: rows[:, 0] * 2)
    assert learner.task == "regression"
    assert learner.scores(np.ones((3, 2))).tolist() == [[2.0]] * 3
    assert learner.predict(np.ones((3, 2))).tolist() == [2.0] * 3
    assert not hasattr(learner, "feature_names_in_")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda rows: np.full((len(rows), 3), 1 / 3), r"shape \(120, 3\) for 120 rows and 2 classes; .* \(120, 2\)"),
        (lambda rows: np.zeros(len(rows)), r"returned an array of shape \(120,\) .* it must have shape \(120, 2\)"),
        (lambda rows: np.full((1, 2), 0.5), r"returned an array of shape \(1, 2\) for 120 rows"),
        (lambda rows: np.full((len(rows), 2), np.nan), r"returned \[nan, nan\] for row 0; NaN and inf are no scores"),
        (lambda rows: np.full((len(rows), 2), 0.4), r"\[0.4, 0.4\] for row 0; the probabilities of a row must sum"),
        (lambda rows: np.tile([-1.0, 2.0], (len(rows), 1)), r"\[-1.0, 2.0\] for row 0; .* between 0 and 1 .*softmax"),
        (lambda rows: "ill", r"returned str, which is no array of numbers"),
        (lambda rows: None, r"it must have shape|no array of numbers|NaN"),
    ],
)
def test_a_wrong_answer_is_named(answer: Any, message: str) -> None:
    with pytest.raises(LearnerFailure, match=message):
        teacher(answer).scores(X)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"function": 3}, "function=3 must be callable"),
        ({"classes": ["ill"]}, r"classes=\['ill'\] must hold two distinct labels"),
        ({"classes": ["ill", "ill"]}, "must hold two distinct labels"),
        ({"classes": "ill"}, "classes='ill' must hold two distinct labels"),
        ({"feature_names": ["dose", "dose"]}, "feature_names=.* must hold distinct strings"),
        ({"feature_names": "dose", "classes": [1, 1.0]}, "must hold two distinct labels"),
        ({"feature_names": [1, 2]}, "must hold distinct strings"),
    ],
)
def test_a_declaration_that_cannot_be_is_named(more: dict[str, Any], message: str) -> None:
    with pytest.raises(LearnerError, match=message):
        teacher(**{"function": rule, **more})


def test_it_refuses_to_be_fitted() -> None:
    with pytest.raises(LearnerError, match=r"CallableLearner\(rule\) cannot be fitted anew, so it only teaches"):
        teacher().refit(X, Y, seed=0)


def test_with_rows_it_would_be_a_student_and_is_refused_by_name() -> None:
    student = Participant("south", GaussianNB(), X, Y)
    with pytest.raises(
        LearnerError, match=r"'north' has rows, and CallableLearner\(rule\) cannot be .* leave out X and"
    ):
        CooperativeDistillation().fit([student, Participant("north", teacher(), X, Y)])


def test_a_function_alone_is_refused_with_advice() -> None:
    with pytest.raises(
        LearnerError, match=r"'function' object .* only called; pass coopdistill.learners.CallableLearner"
    ):
        as_learner(rule)


def test_a_file_name_is_refused_with_advice() -> None:
    with pytest.raises(LearnerError, match=r"where 'model.onnx' names a file, load the model first"):
        as_learner("model.onnx")


def test_it_teaches() -> None:
    space = infer_feature_space(X)
    assert isinstance(space, FeatureSpace)
    noisy = np.where(RNG.random(60) < 0.3, np.where(Y[:60] == "ill", "well", "ill"), Y[:60]).astype(object)
    participants = [
        Participant("south", GaussianNB(), X.iloc[:60], noisy),
        Participant("north", teacher(), feature_space=space),
    ]
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    assert cooperation.transfers_.query("teacher == 'north'")["kept"].sum() > 0
    assert cooperation.learners_["north"].predict(X).shape == (120,)


def test_a_failure_in_cooperation_says_whose() -> None:
    space = infer_feature_space(X)
    broken = Participant("north", teacher(lambda rows: np.full((len(rows), 2), np.nan)), feature_space=space)
    with pytest.raises(LearnerFailure, match=r"model of 'north' failed .* returned \[nan, nan\]"):
        CooperativeDistillation(random_state=0).fit([Participant("south", GaussianNB(), X, Y), broken])
