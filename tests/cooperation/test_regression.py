"""Regressors teach each other, by the same API."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge

from coopdistill import CooperativeDistillation, InputError, Participant, preset
from coopdistill.baselines import Average, Pooled, RawRows
from coopdistill.evaluation import compare
from coopdistill.exceptions import CoopdistillWarning


@pytest.fixture(scope="module")
def plants() -> tuple[list[Participant], pd.DataFrame, pd.Series]:
    """Two plants that see low or high values of the same quantity, and a test set of all."""
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    test = np.arange(len(X)) % 4 == 0
    low = (X["bmi"] < 0).to_numpy()
    models = {"low": Ridge(1e-3), "high": RandomForestRegressor(20)}
    parts = {"low": low & ~test, "high": ~low & ~test}
    return [Participant(n, models[n], X[parts[n]], y[parts[n]]) for n in parts], X[test], y[test]


@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
def test_values_are_taught_towards_the_truth(plants, instances_from: str) -> None:
    participants, _, _ = plants
    options: dict[str, Any] = {"instances_from": instances_from, "acceptance": "always", "random_state": 0}
    for qualification in ("instance", "row"):
        virtual = CooperativeDistillation(qualification=qualification, **options).fit(participants).virtual_instances_
        assert len(virtual) > 0
        before, after = (virtual["label"] - virtual[f"score_{when}"] for when in ("before", "after"))
        assert (after.abs() < before.abs()).all()
        halfway = virtual["score_before"] + 0.5 * before
        assert np.allclose(virtual["score_target"], halfway)
        at_target = np.abs(virtual["score_after"] - halfway) <= 0.0201 * np.abs(before)
        assert at_target.all() == (qualification == "row")


def test_regressors_that_saw_different_rows_gain(plants) -> None:
    participants, X, y = plants
    table = CooperativeDistillation(random_state=0).fit(participants).evaluate(X, y)
    assert set(table["metric"]) == {"r2"}
    assert (table["after"] - table["before"]).mean() > 0


def test_a_wider_tolerance_makes_fewer_students_deficient(plants) -> None:
    participants, _, _ = plants
    options: dict[str, Any] = {"focus": "wrong", "acceptance": "always", "random_state": 0}
    some = CooperativeDistillation(tolerance=40.0, **options).fit(participants)
    with pytest.warns(CoopdistillWarning, match="no teacher has anything that a student lacks"):
        none = CooperativeDistillation(tolerance=400.0, **options).fit(participants)
    assert some.transfers_["qualified"].sum() > none.transfers_["qualified"].sum() == 0


def test_baselines_predict_values(plants) -> None:
    participants, X, y = plants
    taught = CooperativeDistillation(random_state=0, **preset("paper")).fit(participants)
    table = compare(taught, participants, X, y, baselines=[Pooled(), Average(), RawRows()])
    assert np.isfinite(table[["pooled", "average", "raw-rows"]].to_numpy(dtype=float)).all()


def test_sample_weights_count_in_fitting_and_are_checked(plants) -> None:
    participants, X, y = plants
    light = np.where(np.arange(len(participants[0].X)) < 10, 0.0, 1.0)
    weighted = Participant("low", LinearRegression(), participants[0].X, participants[0].y, sample_weight=light)
    before = CooperativeDistillation(random_state=0).fit([weighted, participants[1]]).evaluate(X, y)["before"][0]
    without = LinearRegression().fit(participants[0].X[10:], participants[0].y[10:])
    assert before == pytest.approx(without.score(X, y))
    wrong = Participant("low", LinearRegression(), participants[0].X, participants[0].y, sample_weight=light[1:])
    with pytest.raises(InputError, match="sample_weight must hold one finite number"):
        CooperativeDistillation().fit([wrong, participants[1]])


@pytest.mark.filterwarnings("ignore:nobody can teach")
def test_a_single_value_is_too_few_to_hold_out_and_no_obstacle(plants) -> None:
    (low, high), X, y = plants
    few = Participant("few", Ridge(), high.X.iloc[:1], high.y.iloc[:1])
    with pytest.warns(CoopdistillWarning, match="'few' has a single row: too few to hold out"):
        cooperation = CooperativeDistillation(random_state=0).fit([low, few])
    assert np.isfinite(cooperation.evaluate(X, y)[["before", "after"]].to_numpy()).all()


class Weights(RegressorMixin, BaseEstimator):
    """Some weights where it is fitted on no more than its own rows, and others else."""

    def __init__(self, n_own: int, own: tuple[float, float], taught: tuple[float, float]) -> None:
        self.n_own = n_own
        self.own = own
        self.taught = taught

    def fit(self, X: pd.DataFrame, y: Any) -> Weights:
        self.weights_ = self.own if len(X) <= self.n_own else self.taught
        return self

    def predict(self, X: pd.DataFrame) -> Any:
        return X["seen"] * self.weights_[0] + X["hidden"] * self.weights_[1]


@pytest.mark.parametrize(("weight", "is_kept"), [(0.5, True), (2.0, False)])
def test_whoever_only_unlearns_what_hosts_lack_keeps_its_model(weight: float, is_kept: bool) -> None:
    """Hosts find both better than before, by more than a fifth; only one is, where nothing lacks."""
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(180, 2)), columns=["seen", "hidden"])
    y = X["seen"] + weight * X["hidden"]
    student = Participant("student", Weights(60, (2.3, weight), (1.0, 0.0)), X[:60], y[:60])
    hosts = [
        Participant(f"host {i}", LinearRegression(), X[["seen"]][60 * i : 60 * i + 60], y[60 * i : 60 * i + 60])
        for i in (1, 2)
    ]
    cooperation = CooperativeDistillation(random_state=0).fit([student, *hosts])
    assert cooperation.accepted_["student"] == is_kept
    assert ("others lack columns of it" in cooperation.reasons_["student"]) != is_kept
    r2 = cooperation.evaluate(X[120:], y[120:]).set_index("participant").loc["student"]
    assert (r2["after"] > r2["before"]) == is_kept
    # Whoever is taken at its word has not been asked out of fold.
    assert CooperativeDistillation(expertise="in-sample", random_state=0).fit([student, *hosts]).accepted_["student"]
    everything = CooperativeDistillation(acceptance="always", random_state=0).fit([student, *hosts])
    r2 = everything.evaluate(X[120:], y[120:]).set_index("participant").loc["student"]
    assert (r2["after"] > r2["before"]) == is_kept
