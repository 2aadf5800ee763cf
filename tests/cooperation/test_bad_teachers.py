"""Whoever is right at home alone teaches nobody; few rows, one class and models without rows are no obstacle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from coopdistill import CooperativeDistillation, Participant, infer_feature_space
from coopdistill.exceptions import CoopdistillWarning

ADVERSARY = "d"
HONEST = ["a", "b", "c"]
NAIVE: dict[str, Any] = {"expertise": "in-sample", "acceptance": "always"}
N_EACH = 40

X, Y = load_breast_cancer(return_X_y=True, as_frame=True)
X = X.iloc[:, :10]
ORDER = np.random.default_rng(0).permutation(len(X))
TEST = ORDER[4 * N_EACH :]


def tree() -> Any:
    return DecisionTreeClassifier(min_samples_leaf=3)


def linear() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression())


def part(name: str, estimator: Any, rows: NDArray[np.intp], **more: Any) -> Participant:
    y = Y.iloc[rows]
    return Participant(name, estimator, X.iloc[rows], 1 - y if name == ADVERSARY else y, **more)


def wards(make: Any) -> list[Participant]:
    return [
        part(name, make(), ORDER[place * N_EACH : (place + 1) * N_EACH])
        for place, name in enumerate([*HONEST, ADVERSARY])
    ]


def gains(cooperation: CooperativeDistillation) -> pd.Series:
    table = cooperation.evaluate(X.iloc[TEST], Y.iloc[TEST]).set_index("participant")
    return table["after"] - table["before"]


@pytest.mark.filterwarnings("ignore:participant '.*' would be made worse")
@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
@pytest.mark.parametrize("make", [tree, linear])
def test_who_has_all_labels_wrong_teaches_nobody_and_harms_nobody(make: Any, instances_from: str) -> None:
    cooperation = CooperativeDistillation(instances_from=instances_from, random_state=0).fit(wards(make))
    lessons = cooperation.transfers_.query("teacher == @ADVERSARY")
    assert lessons["reached"].sum() == 0
    reason = "no better than the base rate" if instances_from == "everyone" else "not confirmed by others"
    assert set(lessons["reason"]) == {f"0, 1: {reason}"}
    gained = gains(cooperation)
    # Who learns of its own forty rows alone can win nothing, and lose what chance takes: six of 409 here.
    assert gained[HONEST].min() >= (-0.02 if instances_from == "student" else -0.01)
    assert gained[ADVERSARY] >= -0.01
    if instances_from != "student":  # there it would be taught of its own rows alone
        assert gained[ADVERSARY] > 0.3


def test_who_shares_labels_drawn_at_random_is_not_trusted_for_knowing_them_by_heart() -> None:
    rng = np.random.default_rng(0)
    drawn = {name: (rng.normal(size=(200, 3)), rng.integers(2, size=200)) for name in "ab"}
    coins = [Participant(name, DecisionTreeClassifier(), *rows) for name, rows in drawn.items()]
    with pytest.warns(CoopdistillWarning, match="nobody can teach anybody anything"):
        cooperation = CooperativeDistillation(instances_from="everyone", random_state=0).fit(coins)
    assert set(cooperation.transfers_["reason"]) == {"0, 1: no better than the base rate"}


@pytest.mark.parametrize("make", [tree, linear])
def test_taken_at_its_own_word_it_would_harm_everyone(make: Any) -> None:
    cooperation = CooperativeDistillation(**NAIVE, random_state=0).fit(wards(make))
    lessons = cooperation.transfers_.query("teacher == @ADVERSARY")
    assert (lessons["kept"] > N_EACH / 2).all()
    assert set(lessons["reason"]) == {""}
    assert gains(cooperation)[HONEST].max() < -0.05


def test_two_that_contradict_each_other_teach_each_other_nothing() -> None:
    honest, *_, adversary = wards(linear)
    with pytest.warns(CoopdistillWarning, match=r"nobody can teach anybody anything \(d: 0, 1: not confirmed"):
        cooperation = CooperativeDistillation(random_state=0).fit([honest, adversary])
    assert (cooperation.transfers_["reached"] == 0).all()
    assert cooperation.accepted_ == {"a": True, "d": True}
    assert set(cooperation.reasons_.values()) == {"there was nothing new to learn"}


def test_two_that_agree_compare_by_each_other() -> None:
    small = part("a", linear(), ORDER[: N_EACH // 4])
    large = part("b", linear(), ORDER[N_EACH : 4 * N_EACH])
    cooperation = CooperativeDistillation(random_state=0).fit([small, large])
    assert f"squared error on {3 * N_EACH} rows of others" in cooperation.reasons_["a"]
    assert f"squared error on {N_EACH // 4} rows of others" in cooperation.reasons_["b"]
    assert cooperation.accepted_["a"]
    assert gains(cooperation)["a"] > 0


def test_a_model_without_rows_is_confirmed_by_its_students() -> None:
    space = infer_feature_space(X)
    rows = [ORDER[place * N_EACH : (place + 1) * N_EACH] for place in range(2)]
    wise = linear().fit(X.iloc[TEST[::2]], Y.iloc[TEST[::2]])
    wrong = linear().fit(X.iloc[TEST[::2]], 1 - Y.iloc[TEST[::2]])
    students = [part(name, tree(), own) for name, own in zip("ab", rows, strict=True)]
    frozen = [Participant(name, model, feature_space=space) for name, model in (("wise", wise), ("wrong", wrong))]
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit([*students, *frozen])
    taught = cooperation.transfers_.set_index(["teacher", "student"])
    assert (taught.loc["wise", "kept"] > 0).all()
    assert (taught.loc["wrong", "reached"] == 0).all()
    assert set(taught.loc["wrong", "reason"]) == {"0, 1: not confirmed by others"}
    left = cooperation.disclosures_
    assert not left["sender"].isin(["wise", "wrong"])[left["what"] == "testimony"].any()
    assert set(left.query("what == 'testimony' and receiver == 'wrong'")["sender"]) == {"a", "b"}


def test_a_student_whose_teachers_have_no_rows_accepts_what_it_is_taught() -> None:
    wise = linear().fit(X.iloc[TEST[::2]], Y.iloc[TEST[::2]])
    frozen = Participant("wise", wise, feature_space=infer_feature_space(X))
    cooperation = CooperativeDistillation(random_state=0).fit([part("a", tree(), ORDER[:N_EACH]), frozen])
    assert cooperation.transfers_["kept"].sum() > 0
    assert cooperation.reasons_ == {"a": "nobody else has rows to compare on"}
    assert not {"draft", "comparison"} & set(cooperation.disclosures_["what"])


@pytest.mark.filterwarnings("ignore:participant 'lone' has a single row of class")
@pytest.mark.filterwarnings("ignore:participant '.*' would be made worse")
@pytest.mark.parametrize("instances_from", ["teacher", "student", "everyone"])
@pytest.mark.parametrize("n_rows", [1, 12])
def test_one_row_or_one_class_can_tell_nothing_and_is_taught_all_the_same(n_rows: int, instances_from: str) -> None:
    ill = np.flatnonzero(Y == 0)[:n_rows]
    others = [part(name, linear(), ORDER[place * 60 : (place + 1) * 60]) for place, name in enumerate("ab")]
    lone = part("lone", GaussianNB() if n_rows > 1 else DecisionTreeClassifier(), ill)
    options: dict[str, Any] = {"instances_from": instances_from, "random_state": 0}
    cooperation = CooperativeDistillation(**options).fit([*others, lone])
    assert cooperation.transfers_.query("teacher == 'lone'")["reached"].sum() == 0
    assert set(cooperation.accepted_) == {"a", "b", "lone"}
    if instances_from != "student":
        assert gains(cooperation)["lone"] > 0.2
        assert set(cooperation.learners_["lone"].classes_) == {0, 1}


def test_values_that_are_mirrored_teach_nobody() -> None:
    table, values = load_diabetes(return_X_y=True, as_frame=True)
    mirrored = 2 * values.mean() - values
    participants = [
        Participant("a", LinearRegression(), table[:150], values[:150]),
        Participant("b", DecisionTreeRegressor(min_samples_leaf=10), table[150:300], values[150:300]),
        Participant(ADVERSARY, LinearRegression(), table[300:350], mirrored[300:350]),
    ]
    for instances_from in ("teacher", "student"):
        options: dict[str, Any] = {"instances_from": instances_from, "acceptance": "always", "random_state": 0}
        taught = CooperativeDistillation(**options).fit(participants).transfers_.set_index("teacher")
        assert (taught.loc[[ADVERSARY], "reached"] == 0).all()
        assert (taught.loc[[ADVERSARY], "reason"] != "").all()
    table_of_gains = CooperativeDistillation(random_state=0).fit(participants).evaluate(table[350:], values[350:])
    gained = (table_of_gains["after"] - table_of_gains["before"]).set_axis(table_of_gains["participant"])
    assert gained[["a", "b"]].min() >= -0.01


@pytest.mark.filterwarnings("ignore:participant '.*' would be made worse")
@pytest.mark.parametrize("make", [tree, linear])
def test_who_learned_better_still_teaches_nobody_from_its_false_labels(make: Any) -> None:
    """By what it learned its model does well on others' rows; the labels it would start from are as false as before."""
    assert CooperativeDistillation(random_state=0).fit(wards(make)).accepted_[ADVERSARY]
    cooperation = CooperativeDistillation(rounds=2, random_state=0).fit(wards(make))
    assert cooperation.n_rounds_ == 2
    lessons = cooperation.transfers_.query("teacher == @ADVERSARY")
    assert lessons["reached"].sum() == 0
    assert lessons["reason"].str.contains("no better than the base rate|not confirmed by others").all()
    assert gains(cooperation)[HONEST].min() >= -0.01


@pytest.mark.filterwarnings("ignore:participant '.*' would be made worse")
def test_two_rounds_ask_and_compare_twice() -> None:
    cooperation = CooperativeDistillation(rounds=2, random_state=0).fit(wards(tree))
    assert cooperation.n_rounds_ == 2
    left = cooperation.disclosures_
    for what in ("testimony", "model", "virtual instances"):
        assert set(left.loc[left["what"] == what, "round"]) == {1, 2}
    assert gains(cooperation)[HONEST].min() >= -0.01
    features = list(X.columns)
    assert not cooperation.virtual_instances_.duplicated([*features, "label", "student"]).any()
