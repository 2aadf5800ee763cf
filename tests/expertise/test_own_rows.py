"""Who is right on own rows, with a learner that knows just what it was fitted on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

from coopdistill.exceptions import CoopdistillWarning
from coopdistill.expertise import OwnRows, answer_out_of_fold, answers_of
from coopdistill.learners import Model, as_learner
from doubles import Scripted, as_model, constant, memory


def rows_of(n_negative: int, n_positive: int) -> OwnRows:
    X = np.concatenate([-1.5 - np.arange(n_negative), 1.5 + np.arange(n_positive)])[:, None]
    return OwnRows.untaught(X, (X[:, 0] > 0).astype(int))


def rote_learner(rows: OwnRows) -> Model:
    """Right on all rows in-sample, wrong on every row that it has not seen."""
    return as_model(Scripted([0, 1], memory(rows.X, rows.y), memory), rows.X)


def out_of_fold(model: Model, rows: OwnRows, *, seed: int) -> np.ndarray:
    return answer_out_of_fold(model, rows, seed=seed).right(0.0)


def test_in_sample_is_what_the_model_itself_says() -> None:
    rows = rows_of(3, 4)
    assert answers_of(rote_learner(rows), rows.X, rows.y).right(0.0).all()
    says_one = as_model(Scripted([0, 1], constant([0.2, 0.8])), rows.X)
    answers = answers_of(says_one, rows.X, rows.y)
    assert answers.right(0.0).tolist() == [False] * 3 + [True] * 4
    assert answers.score is not None
    assert answers.score.tolist() == [0.2] * 3 + [0.8] * 4


def test_the_score_of_a_class_that_was_never_seen_is_zero() -> None:
    X = np.array([[0.5], [1.5]])
    answers = answers_of(as_model(Scripted(["a", "b"], constant([0.2, 0.8])), X), X, np.array(["b", "c"], dtype=object))
    assert answers.score is not None
    assert answers.score.tolist() == [0.8, 0.0]
    assert answers.right(0.0).tolist() == [True, False]


@given(st.integers(2, 8), st.integers(2, 8), st.integers(0, 9))
def test_out_of_fold_no_row_was_seen(n_negative: int, n_positive: int, seed: int) -> None:
    rows = rows_of(n_negative, n_positive)
    assert not out_of_fold(rote_learner(rows), rows, seed=seed).any()


@pytest.mark.parametrize(("rarest", "n_folds"), [(2, 2), (9, 2)])
def test_rows_are_held_out_by_halves(rarest: int, n_folds: int) -> None:
    rows = rows_of(rarest, 10)
    sizes = []

    def learns(X: np.ndarray, y: np.ndarray) -> object:
        sizes.append(len(y))
        assert set(y) == {0, 1}
        return constant([1.0, 0.0])

    out_of_fold(as_model(Scripted([0, 1], constant([1.0, 0.0]), learns), rows.X), rows, seed=0)
    assert len(sizes) == n_folds
    assert sum(rarest + 10 - size for size in sizes) == rarest + 10


def test_a_class_of_a_single_row_is_judged_in_sample_with_a_warning() -> None:
    rows = rows_of(1, 4)
    with pytest.warns(CoopdistillWarning, match=r"'scripted' has a single row of class 0.*in-sample"):
        right = out_of_fold(rote_learner(rows), rows, seed=0)
    assert right.tolist() == [True, False, False, False, False]


def test_one_class_alone_is_judged_in_sample() -> None:
    rows = rows_of(0, 4)
    assert out_of_fold(rote_learner(rows), rows, seed=0).all()


def test_a_virtual_instance_is_held_out_with_the_row_it_came_from() -> None:
    base = rows_of(4, 4)
    told = np.zeros((8, 1), dtype=bool)
    taught = OwnRows(base.X, base.y, base.X + 0.25, base.y, np.arange(8), told)
    foreign = OwnRows(base.X, base.y, np.array([[99.0]]), np.array([1]), np.array([-1]), told[:1])
    seen = []

    def learns(X: np.ndarray, y: np.ndarray) -> object:
        seen.append(set(np.asarray(X)[:, 0].tolist()))
        return constant([1.0, 0.0])

    model = as_model(Scripted([0, 1], constant([1.0, 0.0]), learns), base.X)
    out_of_fold(model, taught, seed=0)
    assert all((x + 0.25 in fold) == (x in fold) for fold in seen for x in base.X[:, 0].tolist())
    seen.clear()
    out_of_fold(model, foreign, seed=0)
    assert all(99.0 in fold for fold in seen)


def test_what_nobody_told_of_an_instance_comes_from_rows_that_are_fitted_on() -> None:
    """No held-out row gives to the instances of its training part."""
    y = np.tile([0, 1], 8)
    X = np.column_stack([np.arange(16.0), 100.0 + np.arange(16.0)])
    taught_X = np.column_stack([np.arange(16.0) + 0.5, np.zeros(16)])
    rows = OwnRows(X, y, taught_X, y, np.full(16, -1), np.tile([False, True], (16, 1)))
    seen = []

    def learns(X: np.ndarray, y: np.ndarray) -> object:
        seen.append((np.asarray(X), np.asarray(y)))
        return constant([1.0, 0.0])

    out_of_fold(as_model(Scripted([0, 1], constant([1.0, 0.0]), learns), X), rows, seed=0)
    assert len(seen) == 2
    for fitted_on, labels in seen:
        own, taught = fitted_on[:-16], fitted_on[-16:]
        for donated, label in zip(taught[:, 1], labels[-16:], strict=True):
            assert label in labels[:-16][own[:, 1] == donated]
        np.testing.assert_array_equal(taught[:, 0], taught_X[:, 0])
    assert (rows.taught_X[:, 1] == 0).all()


@pytest.mark.parametrize("labels", [np.array([0, 1]), np.array(["no", "yes"], dtype=object), np.array([False, True])])
def test_predictions_are_labels_of_the_rows_kind(labels: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 2))
    rows = OwnRows.untaught(X, labels[(X[:, 0] > 0).astype(int)])
    model = as_model(as_learner(DecisionTreeClassifier(random_state=0).fit(X, rows.y)), X)
    predicted = answer_out_of_fold(model, rows, seed=1).predicted
    assert predicted.dtype == rows.y.dtype
    assert (predicted == rows.y).mean() > 0.7
    assert (predicted == answer_out_of_fold(model, rows, seed=1).predicted).all()


def test_the_model_itself_stays_as_it_is() -> None:
    X = np.random.default_rng(0).normal(size=(20, 2))
    rows = OwnRows.untaught(X, (X[:, 0] > 0).astype(int))
    tree = DecisionTreeClassifier(random_state=0).fit(X, rows.y)
    before = tree.tree_.threshold.copy()
    out_of_fold(as_model(as_learner(tree), X), rows, seed=0)
    assert (tree.tree_.threshold == before).all()
