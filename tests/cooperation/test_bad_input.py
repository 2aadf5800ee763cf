"""What cannot be used is refused before any work, by an error that says what, where and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from coopdistill import CooperativeDistillation, Participant, infer_feature_space, preset
from coopdistill.exceptions import (
    CoopdistillError,
    CoopdistillWarning,
    InputError,
    LabelError,
    LearnerError,
    LearnerFailure,
    OptionError,
    ParticipantError,
    TableError,
)
from doubles import Scripted, constant

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(12, 2)), columns=["age", "dose"])
Y = np.tile([0, 1], 6)


def participant(name: str = "north", *, estimator: Any = None, X: Any = X, y: Any = Y, **more: Any) -> Participant:
    return Participant(name, GaussianNB() if estimator is None else estimator, X, y, **more)


def fit(*participants: Any, **options: Any) -> CooperativeDistillation:
    return CooperativeDistillation(random_state=0, **options).fit(list(participants))


SOUTH = participant("south")


@pytest.mark.parametrize(
    ("north", "error", "message"),
    [
        pytest.param({"y": [None, *Y[1:]]}, LabelError, r"'north': 1 of 12 labels are missing .*row 0", id="None"),
        pytest.param({"y": [*Y[:3].astype(float), np.nan, *Y[4:]]}, LabelError, r"'north'.*missing.*row 3", id="NaN"),
        pytest.param({"y": Y[:-1]}, LabelError, r"'north': X has 12 rows and y has 11 labels", id="lengths"),
        pytest.param({"y": None}, LabelError, r"'north' has rows and no labels; give y", id="no labels"),
        pytest.param({"y": [(label,) for label in Y]}, LabelError, r"'north': y holds .*, a tuple;", id="tuples"),
        pytest.param({"y": pd.Series([[0], [1]] * 6)}, LabelError, r"'north': y holds \[0\], a list; ", id="lists"),
        pytest.param({"y": set(Y)}, LabelError, r"'north': y is a set, which has no order", id="set"),
        pytest.param({"sample_weight": ["a"] * 12}, ParticipantError, r"'north': sample_weight .*'a'$", id="weight"),
        pytest.param({"y": Y + 0.5}, LabelError, r"'north': y holds 0\.5, which is a measurement", id="measurements"),
        pytest.param({"y": np.array(["a", "b"] * 6)}, LabelError, r"label by text and others by number", id="kinds"),
        pytest.param({"X": X.to_numpy()[:, 0]}, TableError, r"'north'.*two dimensions", id="one dimension"),
        pytest.param({"X": X.assign(dose=np.inf)}, TableError, r"'north'.*infinite value in column 'dose'", id="inf"),
        pytest.param({"X": X.assign(dose=np.nan)}, TableError, r"'north'.*'dose' holds no value", id="no value"),
        pytest.param({"X": X[:0], "y": []}, TableError, r"'north': X has 0 rows", id="no rows"),
        pytest.param(
            {"X": X.add_prefix("other ")},
            ParticipantError,
            r"no shared feature: one side has .*'age', 'dose'.*synonyms",
            id="no shared feature",
        ),
        pytest.param(
            {"feature_space": {"agee": {}}}, TableError, r"'north'.*'agee' is declared.*did you mean 'age'", id="agee"
        ),
        pytest.param({"feature_space": {"age": {"lo": 1}}}, OptionError, r"'age': unknown field 'lo'", id="field"),
        pytest.param({"estimator": GaussianNB}, LearnerError, r"'north': GaussianNB is a class; pass", id="class"),
        pytest.param({"estimator": "svm"}, LearnerError, r"'north': 'str' object is no learner", id="text"),
        pytest.param({"estimator": LinearRegression()}, LearnerError, r"'north' values; they need one task"),
        pytest.param(
            {"estimator": GaussianNB().fit(X[["age"]], Y)},
            LearnerError,
            r"'north': its model was fitted on columns \['age'\], its rows have \['age', 'dose'\]",
            id="other columns",
        ),
        pytest.param(
            {"estimator": GaussianNB().fit(X.to_numpy()[:, :1], Y), "X": X.to_numpy()},
            LearnerError,
            r"'north': its model was fitted on 1 columns, its rows have 2",
            id="fewer columns",
        ),
        pytest.param(
            {"estimator": GaussianNB().fit(X, np.where(Y, "yes", "no"))},
            LearnerError,
            r"'north': its model was fitted on labels 'no', 'yes', its rows have 0, 1",
            id="other labels",
        ),
        pytest.param(
            {"estimator": DecisionTreeClassifier().fit(X, np.column_stack([Y, Y]))},
            LearnerError,
            r"'north': its model predicts several outputs, 2 for each row",
            id="several outputs",
        ),
        pytest.param(
            {
                "X": None,
                "y": None,
                "estimator": DecisionTreeClassifier().fit(X, np.column_stack([Y, Y])),
                "feature_space": infer_feature_space(X),
            },
            LearnerError,
            r"'north': its model predicts several outputs, 2 for each row",
            id="frozen, several outputs",
        ),
        pytest.param({"estimator": SVC(), "y": np.zeros(12, int)}, LabelError, r"'north' has rows of class 0 only"),
        pytest.param({"X": None, "y": None}, LearnerError, r"'north' has no rows and its model is not", id="frozen"),
        pytest.param(
            {"X": None, "y": None, "estimator": GaussianNB().fit(X, np.where(Y, "yes", "no"))},
            LearnerError,
            r"'north': its model predicts 'no', 'yes', and the labels of the others are 0, 1; use the same labels",
            id="frozen, other labels",
        ),
        pytest.param(
            {"X": None, "y": None, "estimator": GaussianNB().fit(X, Y)},
            ParticipantError,
            r"'north' has no rows to read its features off; give feature_space=",
            id="frozen without features",
        ),
    ],
)  # fmt: skip
def test_a_participant_that_cannot_take_part_is_named(north: dict[str, Any], error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        fit(participant(**north), SOUTH)


@pytest.mark.parametrize(
    ("participants", "error", "message"),
    [
        ([], ParticipantError, "at least two participants, got 0"),
        ([SOUTH], ParticipantError, "at least two participants, got 1"),
        ([SOUTH, participant("south")], ParticipantError, "two participants are named 'south'; names must be distinct"),
        ([SOUTH, GaussianNB()], ParticipantError, r"must hold Participant objects, got GaussianNB\(\)"),
        ([SOUTH, ("north", GaussianNB(), X, Y)], ParticipantError, r"Participant objects, got \('north', .{0,70} …$"),
        ([SOUTH, participant("")], ParticipantError, "name must be a string that is not empty, got ''"),
        ([SOUTH, participant(7)], ParticipantError, "got 7"),  # type: ignore[arg-type]  # the point
        (
            [participant(name, y=np.ones(12, int)) for name in "ab"],
            LabelError,
            "every label of every participant is 1; there must be two classes",
        ),
        ([participant(name, X=None, y=None) for name in "ab"], ParticipantError, "no participant has rows"),
    ],
)
def test_a_company_that_cannot_cooperate_is_refused(participants: list[Any], error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        fit(*participants)


def test_participants_come_in_a_list() -> None:
    with pytest.raises(ParticipantError, match="must be a list of Participant, got dict"):
        CooperativeDistillation().fit({"south": SOUTH})  # type: ignore[arg-type]  # the point


def test_a_regressor_of_several_outputs_is_named() -> None:
    several = LinearRegression().fit(X, X)
    south = participant("south", estimator=LinearRegression(), y=X["age"])
    with pytest.raises(LearnerError, match=r"'north': its model predicts several outputs, 2 for each row"):
        fit(participant(estimator=several, y=X["age"]), south)


def test_a_model_that_was_frozen_cannot_learn() -> None:
    frozen = pytest.importorskip("sklearn.frozen", reason="scikit-learn 1.5 has no such estimator")
    model = frozen.FrozenEstimator(GaussianNB().fit(X, Y))
    with pytest.raises(LearnerError, match=r"'north' has rows, and FrozenEstimator.* cannot be fitted anew"):
        fit(participant(estimator=model), SOUTH)
    teacher = participant(estimator=model, X=None, y=None, feature_space=infer_feature_space(X))
    with pytest.warns(CoopdistillWarning, match="nobody can teach anybody"):  # for these labels are random
        assert list(fit(teacher, SOUTH).accepted_) == ["south"]


class Narrow(GaussianNB):
    def fit(self, X: Any, y: Any) -> Any:
        raise LearnerError("there are two outputs and three classes")


def test_a_model_that_refuses_rows_is_named() -> None:
    with pytest.raises(LearnerError, match=r"model of 'north': there are two outputs and three classes"):
        fit(participant(estimator=Narrow()), SOUTH)


def test_units_without_a_conversion_are_refused() -> None:
    north = participant(feature_space={"age": {"unit": "month"}})
    south = participant("south", feature_space={"age": {"unit": "year"}})
    with pytest.raises(TableError, match=r"'north'.*'south'.*|'south'.*'north'.*"):
        fit(north, south)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0}, r"alpha=0 must be in \(0, 1\]"),
        ({"alpha": 1.5}, r"alpha=1\.5 must be in \(0, 1\]"),
        ({"alpha": float("nan")}, r"alpha=nan must be"),
        ({"instances_from": "techer"}, r"unknown instances_from='techer'; did you mean 'teacher'\?"),
        ({"expertise": "out-of-bag"}, r"unknown expertise='out-of-bag'; did you mean 'out-of-fold'\?"),
        ({"qualification": "rows"}, r"unknown qualification='rows'; did you mean 'row'\?"),
        ({"generator": "segment"}, r"unknown generator='segment'; did you mean 'segments'\?"),
        ({"acceptance": "consortia"}, r"unknown acceptance='consortia'; did you mean 'consortium'\?"),
        ({"acceptance": "allways"}, r"unknown acceptance='allways'; did you mean 'always'\?"),
        ({"instances_per_row": 0}, "instances_per_row=0 must be a whole number, 1 or more"),
        ({"rounds": 0}, "rounds=0 must be a whole number, 1 or more"),
        ({"rounds": 1.5}, r"rounds=1\.5 must be a whole number"),
        ({"n_jobs": 0}, "n_jobs=0 must be None or a whole number other than 0"),
        ({"random_state": -1}, "random_state=-1 must be None or a whole number, 0 or more"),
    ],
)
def test_an_option_outside_of_what_it_allows_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        CooperativeDistillation(**{"random_state": 0, **options}).fit([participant(), SOUTH])


def test_an_unknown_preset_names_the_nearest() -> None:
    with pytest.raises(OptionError, match=r"unknown preset 'papre'; did you mean 'paper'\?"):
        preset("papre")


def test_input_errors_are_value_errors_of_one_tree() -> None:
    with pytest.raises(ValueError, match="at least two") as caught:
        fit(SOUTH)
    assert isinstance(caught.value, InputError)
    assert isinstance(caught.value, CoopdistillError)


class Broken(GaussianNB):
    def fit(self, X: Any, y: Any) -> Any:
        raise ZeroDivisionError("no luck")


def test_a_model_that_fails_is_named() -> None:
    with pytest.raises(LearnerFailure, match=r"model of 'north' failed when fitted on 12 rows: no luck"):
        fit(participant(estimator=Broken()), SOUTH)


@pytest.mark.parametrize(
    ("says", "message"),
    [
        (lambda X: np.full((len(X), 2), np.nan), "'north' returned a score that is NaN"),
        (lambda X: np.zeros((len(X), 3)), r"'north' returned scores of shape \(\d+, 3\)"),
        (lambda X: np.full((len(X), 2), 0.4), "'north' returned probabilities that do not sum to one"),
    ],
)
def test_a_model_that_answers_nonsense_is_named(says: Any, message: str) -> None:
    other = Participant("south", Scripted([0, 1], constant([0.1, 0.9])), X, Y)
    with pytest.raises(LearnerFailure, match=message):
        fit(participant(estimator=Scripted([0, 1], says, probabilities=True)), other)


def test_evaluate_refuses_what_it_cannot_use() -> None:
    fitted = fit(participant(), SOUTH, expertise="in-sample", acceptance="always")
    with pytest.raises(OptionError, match="metric='acc'"):
        fitted.evaluate(X, Y, metric="acc")
    with pytest.raises(LabelError, match="X has 12 rows and y has 3 labels"):
        fitted.evaluate(X, Y[:3])
    with pytest.raises(InputError, match="no shared feature"):
        fitted.evaluate(X.add_prefix("other "), Y)


@pytest.mark.parametrize("y", [Y.astype(str), Y + 10])
def test_evaluate_refuses_labels_that_no_model_knows(y: Any) -> None:
    fitted = fit(participant(), SOUTH, expertise="in-sample", acceptance="always")
    with pytest.raises(LabelError, match=r"no model knows any of the labels in y: y has .*, the models know 0, 1; use"):
        fitted.evaluate(X, y)
    assert fitted.evaluate(X, np.where(Y == 0, 10, Y))["before"].gt(0).any()  # one of two classes is known


def test_nothing_is_left_of_a_fit_that_was_refused() -> None:
    cooperation = CooperativeDistillation(alpha=2, random_state=0)
    with pytest.raises(OptionError):
        cooperation.fit([participant(estimator=LogisticRegression()), SOUTH])
    assert not [name for name in vars(cooperation) if name.endswith("_")]


def test_a_pair_that_shares_nothing_is_named_while_others_cooperate() -> None:
    frames = {name: X.rename(columns=new) for name, new in (("a", {}), ("b", {"age": "b1"}), ("c", {"dose": "c1"}))}
    participants = [Participant(name, GaussianNB(), frame, Y) for name, frame in frames.items()]
    with pytest.warns(CoopdistillWarning, match=r"participant '[bc]' cannot teach '[bc]': no shared feature") as heard:
        table = fit(*participants, expertise="in-sample", acceptance="always").transfers_
    assert not {("b", "c"), ("c", "b")} & set(zip(table["teacher"], table["student"], strict=True))
    assert {warning.filename for warning in heard} == {__file__}


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_an_agent_warns_of_points_to_who_asked_for_the_fit(n_jobs: int) -> None:
    rare = participant(y=[0] * 11 + [1])
    with pytest.warns(CoopdistillWarning, match="measured in-sample") as heard:
        CooperativeDistillation(n_jobs=n_jobs, random_state=0).fit([rare, SOUTH])
    assert {warning.filename for warning in heard} == {__file__}
