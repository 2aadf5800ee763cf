"""What rows say of a model: hits beyond chance, and a correlation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import stats

from coopdistill.expertise import Testimony as Word  # else pytest takes it for tests
from coopdistill.expertise import averaged, heard_together
from coopdistill.expertise import testimony_of as word_of

CLASSES = np.arange(4)
LABELS = hnp.arrays(np.int64, st.tuples(st.just(2), st.integers(1, 60)), elements=st.integers(0, 3))
VALUES = hnp.arrays(np.int64, st.tuples(st.just(2), st.integers(5, 40)), elements=st.integers(-50, 50))


def one_hot(predicted: NDArray[Any]) -> NDArray[np.float64]:
    return (predicted[:, None] == CLASSES).astype(float)


def of_labels(predicted: NDArray[Any], y: NDArray[Any]) -> Word:
    return word_of(one_hot(predicted), y, CLASSES, about=CLASSES)


def of_scores(scores: NDArray[Any], y: NDArray[Any]) -> Word:
    return word_of(scores, y, CLASSES, about=CLASSES)


def of_values(predicted: NDArray[Any], y: NDArray[Any]) -> Word:
    return word_of(predicted[:, None].astype(float), y, CLASSES[:0], about=CLASSES[:0])


def alike(one: Word, other: Word) -> None:
    assert one.can_tell.tolist() == other.can_tell.tolist()
    np.testing.assert_allclose(one.excess, other.excess, atol=1e-9)
    np.testing.assert_allclose(one.variance, other.variance, atol=1e-9)


@given(st.one_of(LABELS.map(lambda two: (of_labels, two)), VALUES.map(lambda two: (of_values, two))), st.integers(0, 9))
def test_the_order_of_rows_says_nothing(case: Any, seed: int) -> None:
    testimony, (predicted, y) = case
    order = np.random.default_rng(seed).permutation(len(y))
    alike(testimony(predicted, y), testimony(predicted[order], y[order]))


@given(st.lists(LABELS, min_size=1, max_size=4), st.integers(0, 9))
def test_what_several_say_adds_up_in_any_order(tables: list[NDArray[Any]], seed: int) -> None:
    testimonies = [of_labels(*table) for table in tables]
    heard = heard_together(testimonies)
    assert heard is not None
    np.testing.assert_allclose(heard.excess, np.sum([one.excess for one in testimonies], axis=0))
    assert heard.can_tell.tolist() == np.any([one.can_tell for one in testimonies], axis=0).tolist()
    other = heard_together([testimonies[i] for i in np.random.default_rng(seed).permutation(len(testimonies))])
    assert other is not None
    alike(heard, other)


def test_whom_nobody_was_asked_about_is_not_heard_of() -> None:
    assert heard_together([]) is None
    assert averaged([]) is None


@given(LABELS, st.integers(1, 4))
def test_who_says_the_same_of_the_same_rows_says_it_once(labels: NDArray[Any], n_models: int) -> None:
    one = of_labels(*labels)
    together = averaged([one] * n_models)
    assert together is not None
    alike(together, one)


@given(LABELS)
def test_who_cannot_tell_does_not_count_in_a_mean(labels: NDArray[Any]) -> None:
    predicted, y = labels
    knows_two = word_of(one_hot(predicted)[:, :2], y, CLASSES[:2], about=CLASSES)
    assert not knows_two.can_tell[2:].any()
    together = averaged([of_labels(predicted, y), knows_two])
    assert together is not None
    np.testing.assert_allclose(together.excess[2:], of_labels(predicted, y).excess[2:])


@given(LABELS)
def test_rows_of_one_class_alone_cannot_tell(labels: NDArray[Any]) -> None:
    predicted, y = labels
    told = of_labels(predicted, y).can_tell
    n_classes = len(set(y.tolist()))
    assert told.tolist() == [n_classes > 1 and label in y for label in CLASSES]


@given(LABELS, st.integers(0, 3))
@example(np.stack([np.arange(49) == 0] * 2).astype(int), 1)  # 1 / 49 * 49 is less than 1
def test_a_model_of_one_answer_is_nowhere_confirmed(labels: NDArray[Any], answer: int) -> None:
    """To the last bit: what is added up of many who say nothing says nothing."""
    y = labels[0]
    assert not of_labels(np.full(len(y), answer), y).is_confirmed.any()


@given(LABELS)
def test_a_model_that_is_never_wrong_is_confirmed_wherever_anyone_can_tell(labels: NDArray[Any]) -> None:
    y = labels[0]
    testimony = of_labels(y, y)
    assert testimony.is_confirmed.tolist() == testimony.can_tell.tolist()
    assert (testimony.excess >= of_labels(labels[1], y).excess - 1e-9).all()
    n_own = np.array([np.sum(y == label) for label in CLASSES])
    most = np.where(testimony.can_tell, n_own * (len(y) - n_own) / len(y), 0)
    np.testing.assert_allclose(testimony.excess, most)


@given(LABELS, st.integers(0, 9), st.floats(0.01, 0.99))
def test_how_much_a_model_leans_to_a_class_does_not_matter(labels: NDArray[Any], seed: int, lean: float) -> None:
    """Whoever has seen one class nearly alone names it everywhere; what counts is where it is surer of it."""
    scores = np.random.default_rng(seed).random((labels.shape[1], len(CLASSES)))
    alike(of_scores(scores, labels[0]), of_scores(lean * scores + (1 - lean) * (CLASSES == 2), labels[0]))


@given(LABELS)
def test_chance_varies_as_a_draw_without_replacement(labels: NDArray[Any]) -> None:
    y = labels[0]
    said = of_labels(y, y)
    for place, label in enumerate(CLASSES[said.can_tell]):
        n_own = int(np.sum(y == label))
        hits = np.arange(n_own + 1)
        chance = stats.hypergeom(len(y), n_own, n_own).pmf(hits)
        expected = np.sum(chance * hits**2) - np.sum(chance * hits) ** 2
        assert said.variance[said.can_tell][place] == pytest.approx(expected)


@given(LABELS)
def test_what_is_settled_is_refused_or_clearly_confirmed(labels: NDArray[Any]) -> None:
    said = of_labels(*labels)
    clearly = said.excess**2 > said.variance
    np.testing.assert_array_equal(said.settles, said.can_tell & (clearly & (said.excess > 0) | (said.excess <= 0)))


@given(LABELS)
def test_an_adversary_of_two_classes_is_confirmed_where_nobody_else_would_be(labels: NDArray[Any]) -> None:
    predicted, y = labels % 2
    honest, adversary = of_labels(predicted, y), of_labels(1 - predicted, y)
    np.testing.assert_array_equal(np.sign(adversary.excess), -np.sign(honest.excess))


def test_to_know_whose_rows_they_are_is_not_to_know_the_class() -> None:
    """A model that calls all of a ward ill, and all of another well, would be right on both wards' rows together."""
    ward, other = np.repeat([1, 0], [9, 1]), np.repeat([1, 0], [1, 9])
    apart = of_labels(np.ones(10, dtype=int), ward) + of_labels(np.zeros(10, dtype=int), other)
    assert not apart.is_confirmed.any()
    together = of_labels(np.repeat([1, 0], 10), np.concatenate([ward, other]))
    assert together.is_confirmed[:2].all()


@given(VALUES)
def test_values_are_confirmed_where_they_go_with_the_truth(values: NDArray[Any]) -> None:
    predicted, y = values
    assume(np.ptp(predicted) > 0 and np.ptp(y) > 0)
    covariance = np.sum(predicted * len(y) * y) - predicted.sum() * y.sum()
    testimony = of_values(predicted, y)
    assert testimony.can_tell.tolist() == [True]
    if covariance == 0:
        assert testimony.excess[0] == pytest.approx(0, abs=1e-6)
    else:
        assert testimony.is_confirmed[0] == (covariance > 0)
    np.testing.assert_allclose(of_values(7 * predicted - 3, y).excess, testimony.excess)
    np.testing.assert_allclose(of_values(-predicted, y).excess, -testimony.excess)


@given(hnp.arrays(np.int64, st.integers(1, 12), elements=st.integers(-50, 50)))
def test_few_values_or_values_that_are_all_alike_cannot_tell(y: NDArray[Any]) -> None:
    assert of_values(y, y).can_tell[0] == (len(y) >= 5 and np.ptp(y) > 0)
    assert not of_values(np.full(len(y), 3.0), y).is_confirmed[0]


def test_more_rows_of_the_same_kind_say_more() -> None:
    y = np.arange(10.0)
    noisy = y + np.tile([4.0, -4.0], 5)
    few, many = of_values(noisy, y), of_values(np.tile(noisy, 3), np.tile(y, 3))
    assert 0 < few.excess[0] < many.excess[0] < np.inf
    assert of_values(np.tile(y, 3), np.tile(y, 3)).excess[0] < np.inf
