"""What participants say together of instances, by drafts that have not been told of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression

from coopdistill import CooperativeDistillation, Participant
from coopdistill.cooperation.committee import contradicts, values_by
from coopdistill.learners import CallableLearner, Model
from coopdistill.schema import Table
from doubles import Scripted, as_model, constant, threshold

X = np.linspace(-2.0, 2.0, 12)[:, None]
Y = (X[:, 0] > 0).astype(int)
HALF = np.arange(12, dtype=np.int8) % 2
RIGHT, WRONG = threshold(0, 0.0, sure=0.9), constant([0.05, 0.95])


def model_of(says: Any, classes: tuple[int, ...] = (0, 1)) -> Model:
    return as_model(Scripted(list(classes), says), X)


def twice(says: Any, classes: tuple[int, ...] = (0, 1)) -> tuple[Model, Model]:
    return (model_of(says, classes),) * 2


def asked(committee: list[tuple[Model, Model]], y: NDArray[np.int_] = Y) -> NDArray[np.bool_]:
    return contradicts(committee, X, y, committee[0][0].space, HALF)


def test_a_draft_is_asked_about_what_it_was_not_taught() -> None:
    told: tuple[set[float], set[float]] = (set(), set())

    def listening(place: int) -> Any:
        def says(rows: Table) -> NDArray[np.float64]:
            told[place].update(np.asarray(rows, dtype=float)[:, 0].tolist())
            return RIGHT(rows)

        return says

    drafts = (model_of(listening(0)), model_of(listening(1)))
    for heard in told:
        heard.clear()  # of what was asked when the models were made
    asked([drafts])
    for taught_from, heard in enumerate(told):
        assert heard == set(X[taught_from != HALF, 0].tolist())


def test_most_of_a_committee_contradict_what_is_false_and_nothing_else() -> None:
    committee = [twice(RIGHT), twice(RIGHT), twice(WRONG)]
    assert not asked(committee).any()
    assert asked(committee, 1 - Y)[Y == 1].all()
    assert asked([twice(WRONG)] * 3).tolist() == (Y == 0).tolist()


def test_what_is_about_as_likely_is_not_contradicted() -> None:
    undecided = [twice(constant([0.4, 0.6]))] * 3
    assert not asked(undecided).any()
    assert asked([twice(constant([0.3, 0.7]))] * 3).tolist() == (Y == 0).tolist()


def test_who_does_not_know_a_class_has_no_vote_for_it() -> None:
    two = twice(RIGHT)
    knows_more = twice(constant([0.0, 0.0, 1.0]), (0, 1, 2))
    assert asked([two, two, knows_more], np.full(12, 3)).all()  # a label that nobody knows
    assert not asked([two, two, knows_more]).any()


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=4), st.integers(0, 9))
def test_a_committee_of_regressors_says_the_mean_in_any_order(levels: list[float], seed: int) -> None:
    def at(level: float) -> tuple[Model, Model]:
        return (as_model(CallableLearner(lambda rows: np.full(len(rows), level)), X),) * 2

    committee = [at(level) for level in levels]
    space = committee[0][0].space
    said = values_by(committee, X, space, HALF)
    np.testing.assert_allclose(said, np.full(12, np.mean(levels)))
    order = np.random.default_rng(seed).permutation(len(levels))
    np.testing.assert_allclose(values_by([committee[i] for i in order], X, space, HALF), said)


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
    assert contradicts([twice(says, classes)], X[:0], Y[:0], model_of(RIGHT).space, HALF[:0]).tolist() == []
