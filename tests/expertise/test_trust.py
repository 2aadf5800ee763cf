"""In what a teacher is trusted, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from coopdistill.expertise import LEAST_LIFT, Answers, competence, trust_in
from coopdistill.expertise import Testimony as Word  # else pytest takes it for tests
from coopdistill.expertise import testimony_of as word_of

CLASSES = np.array(["a", "b", "c", "d"], dtype=object)
PLACES = hnp.arrays(np.int64, st.tuples(st.just(2), st.integers(1, 40)), elements=st.integers(0, 3))
TESTIMONIES = st.lists(
    st.builds(
        lambda can_tell, excess, variance: Word(
            can_tell, np.where(can_tell, excess, 0.0), np.where(can_tell, variance, 0.0)
        ),
        hnp.arrays(bool, 4),
        hnp.arrays(np.float64, 4, elements=st.integers(-3, 3).map(float)),
        hnp.arrays(np.float64, 4, elements=st.integers(0, 3).map(float)),
    ),
    max_size=3,
)


def said(places: NDArray[Any]) -> tuple[Answers, NDArray[Any]]:
    predicted, y = CLASSES[places]
    return Answers.of_labels(predicted, y, (predicted == y).astype(float)), y


def by_class(granted: NDArray[np.bool_], y: NDArray[Any]) -> dict[Any, bool]:
    for label in set(y.tolist()):
        assert len(set(granted[y == label].tolist())) == 1  # a class is taught as a whole, or not
    return dict(zip(y.tolist(), granted.tolist(), strict=True))


@given(PLACES, TESTIMONIES)
def test_without_a_least_lift_everything_is_granted(places: NDArray[Any], testimonies: list[Word]) -> None:
    answers, y = said(places)
    trust = trust_in(answers, y, classes=CLASSES, testimonies=testimonies, least_lift=None)
    assert trust.granted.all()
    assert trust.explained(y, np.ones(len(y), dtype=bool)) == ""


@given(PLACES)
def test_who_is_not_heard_of_is_measured_by_its_own_rows(places: NDArray[Any]) -> None:
    answers, y = said(places)
    lifts = competence(answers.predicted, y)
    granted = by_class(trust_in(answers, y, classes=CLASSES).granted, y)
    assert granted == {label: lift >= LEAST_LIFT for label, lift in lifts.items()}


@given(PLACES, TESTIMONIES.filter(len))
def test_others_decide_where_they_can_tell_and_own_rows_elsewhere(
    places: NDArray[Any], testimonies: list[Word]
) -> None:
    answers, y = said(places)
    granted = by_class(trust_in(answers, y, classes=CLASSES, testimonies=testimonies).granted, y)
    lifts = competence(answers.predicted, y)
    can_tell = np.any([one.can_tell for one in testimonies], axis=0)
    excess, variance = (np.sum([getattr(one, what) for one in testimonies], axis=0) for what in ("excess", "variance"))
    for place, label in enumerate(CLASSES):
        if label in granted:
            own = lifts[label] >= LEAST_LIFT
            settled = excess[place] <= 0 or excess[place] ** 2 > variance[place]
            assert granted[label] == (excess[place] > 0 if can_tell[place] and settled else own)


@given(PLACES, TESTIMONIES)
def test_who_was_taught_must_convince_others_and_its_own_rows(places: NDArray[Any], testimonies: list[Word]) -> None:
    answers, y = said(places)
    usual, alone, both = (
        by_class(trust_in(answers, y, classes=CLASSES, testimonies=heard, was_taught=was_taught).granted, y)
        for heard, was_taught in ((testimonies, False), ([], False), (testimonies, True))
    )
    assert both == {label: usual[label] and alone[label] for label in usual}


@given(PLACES, TESTIMONIES.filter(len), hnp.arrays(bool, 4))
def test_praise_takes_no_trust_away(places: NDArray[Any], testimonies: list[Word], where: NDArray[Any]) -> None:
    answers, y = said(places)
    where = where & np.any([one.can_tell for one in testimonies], axis=0)
    praise = Word(where, 9.0 * where, np.zeros(4))
    before, after = (
        trust_in(answers, y, classes=CLASSES, testimonies=heard).granted
        for heard in (testimonies, [*testimonies, praise])
    )
    assert (before <= after).all()


@given(PLACES, TESTIMONIES, st.integers(0, 9))
def test_just_the_classes_that_were_wanted_and_refused_are_explained(
    places: NDArray[Any], testimonies: list[Word], seed: int
) -> None:
    answers, y = said(places)
    wanted = np.random.default_rng(seed).random(len(y)) < 0.5
    trust = trust_in(answers, y, classes=CLASSES, testimonies=testimonies)
    text = trust.explained(y, wanted)
    refused = set(y[wanted & ~trust.granted].tolist())
    assert {label for label in CLASSES if repr(label) in text} == refused
    reasons = [part.partition(": ")[2] for part in text.split("; ")] if text else []
    assert len(reasons) == len(set(reasons))
    assert set(reasons) <= {"no better than the base rate", "not confirmed by others"}


def test_a_class_that_the_teacher_does_not_know_is_not_taught() -> None:
    y = np.array(["a", "a", "b", "b", "new", "new"], dtype=object)
    predicted = np.array(["a", "a", "b", "b", "a", "b"], dtype=object)
    known = np.array(["a", "b"], dtype=object)
    praise = Word(np.array([True, True]), np.array([5.0, 5.0]), np.zeros(2))
    trust = trust_in(
        Answers.of_labels(predicted, y, (predicted == y).astype(float)), y, classes=known, testimonies=[praise]
    )
    assert by_class(trust.granted, y) == {"a": True, "b": True, "new": False}
    assert trust.explained(y, np.ones(6, dtype=bool)) == "'new': no better than the base rate"


VALUES = np.arange(20.0)


def of_values(
    error: float, testimonies: list[Word] | None = None, student: float | None = None, was_taught: bool = False
) -> Any:
    answers, by_student = (None if e is None else Answers.of_values(VALUES + e, VALUES) for e in (error, student))
    assert answers is not None
    return trust_in(answers, VALUES, student=by_student, testimonies=testimonies or [], was_taught=was_taught)


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        pytest.param({"error": 1.0, "student": 2.0}, "", id="nearer than the student"),
        pytest.param({"error": 2.0, "student": 2.0}, "no better than the student", id="as far as the student"),
        pytest.param({"error": 9.0, "student": 10.0}, "", id="far off, the student further"),
        pytest.param({"error": 1.0}, "", id="nearer than the mean"),
        pytest.param({"error": 9.0}, "hardly better than the mean", id="no nearer than the mean"),
        pytest.param({"error": 1.0, "student": 2.0, "was_taught": True}, "", id="taught, nearer than either"),
        pytest.param(
            {"error": 9.0, "student": 10.0, "was_taught": True},
            "hardly better than the mean",
            id="taught, no nearer than the mean",
        ),
        pytest.param(
            {"error": 2.0, "student": 1.0, "was_taught": True}, "no better than the student", id="taught, further off"
        ),
    ],
)
def test_values_are_taught_by_whoever_is_nearer(given_: dict[str, float], reason: str) -> None:
    trust = of_values(**given_)
    assert trust.granted.tolist() == [not reason] * 20
    assert trust.explained(VALUES, np.ones(20, dtype=bool)) == reason
    assert trust.explained(VALUES, np.zeros(20, dtype=bool)) == ""


def test_values_that_go_against_others_truth_are_not_taught() -> None:
    none = VALUES[:0]
    against = word_of(-VALUES[:, None], VALUES, none, about=none)
    silent = word_of(VALUES[:3, None], VALUES[:3], none, about=none)
    everything = np.ones(20, dtype=bool)
    refused = of_values(1.0, [against, silent], student=2.0)
    assert not refused.granted.any()
    assert refused.explained(VALUES, everything) == "not confirmed by others"
    assert of_values(1.0, [silent], student=2.0).granted.all()
