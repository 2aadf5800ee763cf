"""What is told of the way from rows to virtual instances, and what is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeRegressor

from coopdistill import CooperativeDistillation, Participant
from coopdistill.cooperation.changes import ALL_VALUES, LEAST_INSTANCES, summarise_changes
from coopdistill.datasets import Clinics
from coopdistill.schema import Feature, FeatureSpace

SPACE = FeatureSpace(
    (
        Feature(name="age", kind="continuous", spread=10.0),
        Feature(name="town", kind="categorical", categories=("a", "b", "c")),
    )
)


def fitted(clinics: Clinics, **options: Any) -> CooperativeDistillation:
    participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    return CooperativeDistillation(random_state=0, acceptance="always", **options).fit(participants)


@given(st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from([0.0, 1.0, 5.0])), min_size=1, max_size=30))
def test_few_instances_stay_untold(moves: list[tuple[str, float]]) -> None:
    labels = np.array([label for label, _ in moves])
    rows = np.column_stack([np.full(len(moves), 40.0), np.zeros(len(moves))])
    made = rows + np.column_stack([[step for _, step in moves], np.ones(len(moves))])
    changes = summarise_changes(rows, made, labels, SPACE)
    assert changes.labels.tolist() == [name for name in "xy" if (labels == name).sum() >= LEAST_INSTANCES]
    for label, n, share, mean in zip(changes.labels, changes.n, changes.share, changes.mean, strict=True):
        steps = (made - rows)[labels == label, 0]
        assert n == len(steps)
        np.testing.assert_allclose(share, [(steps != 0).mean(), 1.0])
        assert mean[0] == pytest.approx(steps.mean() / 10.0)
        assert np.isnan(mean[1])


def test_a_value_instead_of_none_is_a_change_that_came_from_nowhere() -> None:
    rows = np.array([[np.nan, np.nan]] * 5)
    made = np.array([[30.0, np.nan]] * 5)
    changes = summarise_changes(rows, made, np.repeat("x", 5), SPACE)
    assert changes.share.tolist() == [[1.0, 0.0]]
    assert np.isnan(changes.mean).all()


@pytest.mark.parametrize("focus", ["all", "wrong"])
def test_no_two_students_are_told_of_different_rows(clinics: Clinics, focus: str) -> None:
    """Else what one was told could be subtracted from what the other was, and leave a single row."""
    cooperation = fitted(clinics, focus=focus, rounds=2)
    told = cooperation.changes_
    assert list(told.columns) == ["teacher", "student", "label", "feature", "n", "share_changed", "mean_change"]
    assert not told.duplicated(["teacher", "student", "label", "feature"]).any()  # one round's
    values = ["n", "share_changed", "mean_change"]
    assert (told.groupby(["teacher", "label", "feature"])[values].nunique(dropna=False) == 1).all(axis=None)
    left = cooperation.disclosures_.query("what == 'change summary'")
    assert set(left["round"]) == {1}
    assert set(zip(left["sender"], left["receiver"], strict=True)) == set(
        zip(told["teacher"], told["student"], strict=True)
    )


def test_all_features_are_told_of_with_a_share_each(clinics: Clinics) -> None:
    cooperation = fitted(clinics, alpha=0.9)
    features = list(clinics.test.X.columns)
    told = cooperation.changes_.query("teacher == 'small' and student == 'large'")
    assert (told["n"] >= LEAST_INSTANCES).all()
    assert told["feature"].unique().tolist() == features
    assert told["share_changed"].between(0.0, 1.0).all()
    assert (told["share_changed"] > 0).any()
    unchanged = told[told["share_changed"] == 0]
    assert (unchanged["mean_change"] == 0).all()


def test_values_have_one_class() -> None:
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    models = {"tree": DecisionTreeRegressor(max_depth=4, random_state=0), "line": LinearRegression()}
    participants = [
        Participant(name, model, X[part::2], y[part::2]) for part, (name, model) in enumerate(models.items())
    ]
    told = CooperativeDistillation(random_state=0).fit(participants).changes_
    assert set(told["label"]) == {ALL_VALUES}


def test_nothing_is_told_where_no_group_is_large_enough(clinics: Clinics) -> None:
    tables = {name: (table.X.iloc[:4], pd.Series([0, 0, 1, 1])) for name, table in clinics.train.items()}
    participants = [Participant(name, GaussianNB(), *table) for name, table in tables.items()]
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(participants)
    assert len(cooperation.virtual_instances_) > 0
    assert len(cooperation.changes_) == 0
    assert "change summary" not in set(cooperation.disclosures_["what"])
