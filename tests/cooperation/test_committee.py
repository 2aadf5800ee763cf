"""What participants say together of instances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from coopdistill import CooperativeDistillation, Participant
from coopdistill.cooperation.committee import contradicts, tempered, values_by
from coopdistill.cooperation.drafts import Drafts
from coopdistill.learners import CallableLearner, Model
from doubles import Scripted, as_model, constant, threshold

X = np.linspace(-2.0, 2.0, 12)[:, None]
Y = (X[:, 0] > 0).astype(int)
HALF = np.arange(12, dtype=np.int8) % 2
RIGHT, WRONG = threshold(0, 0.0, sure=0.9), constant([0.05, 0.95])


def model_of(says: Any, classes: tuple[int, ...] = (0, 1)) -> Model:
    return as_model(Scripted(list(classes), says), X)


def untaught(says: Any, classes: tuple[int, ...] = (0, 1)) -> Drafts:
    return Drafts.of_one(model_of(says, classes))


def asked(committee: list[Drafts], y: NDArray[np.int_] = Y) -> NDArray[np.bool_]:
    return contradicts(committee, X, y, committee[0].first.space, HALF)


def test_most_of_a_committee_contradict_what_is_false_and_nothing_else() -> None:
    committee = [untaught(RIGHT), untaught(RIGHT), untaught(WRONG)]
    assert not asked(committee).any()
    assert asked(committee, 1 - Y)[Y == 1].all()
    assert asked([untaught(WRONG)] * 3).tolist() == (Y == 0).tolist()


def test_what_is_about_as_likely_is_not_contradicted() -> None:
    undecided = [untaught(constant([0.4, 0.6]))] * 3
    assert not asked(undecided).any()
    assert asked([untaught(constant([0.3, 0.7]))] * 3).tolist() == (Y == 0).tolist()


def test_who_does_not_know_a_class_has_no_vote_for_it() -> None:
    two = untaught(RIGHT)
    knows_more = untaught(constant([0.0, 0.0, 1.0]), (0, 1, 2))
    assert asked([two, two, knows_more], np.full(12, 3)).all()  # a label that nobody knows
    assert not asked([two, two, knows_more]).any()


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=4), st.integers(0, 9))
def test_a_committee_of_regressors_says_the_mean_in_any_order(levels: list[float], seed: int) -> None:
    def at(level: float) -> Drafts:
        return Drafts.of_one(as_model(CallableLearner(lambda rows: np.full(len(rows), level)), X))

    committee = [at(level) for level in levels]
    space = committee[0].first.space
    said = values_by(committee, X, space, HALF)
    np.testing.assert_allclose(said, np.full(12, np.mean(levels)))
    order = np.random.default_rng(seed).permutation(len(levels))
    np.testing.assert_allclose(values_by([committee[i] for i in order], X, space, HALF), said)


def test_own_values_meet_those_of_others_halfway() -> None:
    at_two, at_four = (
        Drafts.of_one(as_model(CallableLearner(lambda rows, v=v: np.full(len(rows), v)), X)) for v in (2.0, 4.0)
    )
    own, space = X[:, 0], at_two.first.space
    np.testing.assert_allclose(tempered(own, [at_two, at_four], X, space, HALF), (own + 3.0) / 2)
    assert tempered(own, [], X, space, HALF) is own


def test_whom_others_tell_of_its_own_rows_is_refitted_with_less_noise() -> None:
    """A tree of single rows says what it was fitted with."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(240, 2))
    truth = table.sum(axis=1)
    values = truth + rng.normal(scale=1.0, size=240)
    parts = {f"ward {i}": slice(i, None, 4) for i in range(4)}
    participants = [
        Participant(name, DecisionTreeRegressor(random_state=0), table[part], values[part])
        for name, part in parts.items()
    ]
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    taught = set(cooperation.virtual_instances_["student"])
    assert taught
    for name, part in parts.items():
        says = cooperation.learners_[name].predict(table[part])
        was_off, is_off = (np.abs(those - truth[part]).mean() for those in (values[part], says))
        assert is_off < 0.7 * was_off if name in taught else is_off == pytest.approx(was_off)


@pytest.mark.parametrize("n", [2, 4])
def test_three_and_more_decide_on_values_and_two_do_not(n: int) -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(120, 2))
    values = table.sum(axis=1) + rng.normal(scale=2.0, size=120)
    participants = [
        Participant(f"ward {i}", LinearRegression(), table[20 * i : 20 * i + 8], values[20 * i : 20 * i + 8])
        for i in range(n)
    ]
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    learned = cooperation.virtual_instances_
    assert len(learned)
    assert set(learned["label"]).isdisjoint(values) == (n > 2)


@pytest.mark.parametrize("classes", [(0, 1), (0, 1, 2)])
def test_nobody_is_asked_about_nothing(classes: tuple[int, ...]) -> None:
    says = constant([1.0 / len(classes)] * len(classes))
    assert contradicts([untaught(says, classes)], X[:0], Y[:0], model_of(RIGHT).space, HALF[:0]).tolist() == []
