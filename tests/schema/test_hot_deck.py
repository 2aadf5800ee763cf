"""Features that a row lacks are taken from the nearest row of its label."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from coopdistill.schema import Feature, FeatureSpace, hot_deck
from coopdistill.schema.hot_deck import MAX_DONORS

SPACE = FeatureSpace(
    (
        Feature(name="age", kind="continuous", spread=10.0),
        Feature(name="ward", kind="categorical", categories=("a", "b", "c")),
        Feature(name="dose", kind="continuous", spread=2.0),
    )
)
LACKING = np.array([False, False, True])


def rows_of(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    X = np.column_stack([rng.normal(50, 10, n), rng.integers(0, 3, n), rng.permutation(n) + 100.0 * rng.random()])
    X[rng.random(X.shape) < 0.1] = np.nan
    return X


def filled(X: Any, y: Any, donors: Any, donor_y: Any, *, is_regression: bool = False, seed: int = 0) -> Any:
    return hot_deck(X, y, LACKING, donors, donor_y, SPACE, is_regression=is_regression, seed=seed)


@given(st.integers(0, 2**16), st.integers(1, 20), st.integers(1, 20))
def test_only_what_is_lacking_changes_and_comes_from_a_donor_of_the_class(seed: int, n: int, n_donors: int) -> None:
    rng = np.random.default_rng(seed)
    X, donors = rows_of(rng, n), rows_of(rng, n_donors)
    y, donor_y = rng.integers(0, 3, n), rng.integers(0, 2, n_donors)
    before = X.copy()
    out = filled(X, y, donors, donor_y)
    np.testing.assert_array_equal(X, before)
    np.testing.assert_array_equal(out[:, ~LACKING], X[:, ~LACKING])
    for label, row in zip(y, out, strict=True):
        kin = donors[donor_y == label] if label in donor_y else donors
        of_a_donor = (kin[:, 2] == row[2]) | (np.isnan(kin[:, 2]) & np.isnan(row[2]))
        nearest = SPACE.distance(row * [1, 1, 0], kin * [1, 1, 0]) if not np.isnan(row).any() else np.zeros(len(kin))
        assert (nearest[of_a_donor] == nearest.min()).any()


@given(st.integers(0, 2**16))
def test_a_row_gets_the_same_whatever_rows_are_beside_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, donors, y, donor_y = rows_of(rng, 12), rows_of(rng, 30), rng.integers(0, 2, 12), rng.integers(0, 2, 30)
    together, order = filled(X, y, donors, donor_y), rng.permutation(12)
    np.testing.assert_array_equal(filled(X[order], y[order], donors, donor_y), together[order])


def test_of_values_the_label_counts_as_much_as_all_shared_features() -> None:
    donors = np.array([[50.0, 0, 1.0], [50.0, 0, 2.0], [20.0, 0, 3.0]])
    donor_y = np.array([0.0, 10.0, 10.0])
    X = np.array([[50.0, 0, np.nan], [50.0, 0, np.nan], [20.0, 0, np.nan]])
    out = filled(X, np.array([1.0, 9.0, 9.0]), donors, donor_y, is_regression=True)
    assert out[:, 2].tolist() == [1.0, 2.0, 3.0]


def test_values_that_are_all_alike_tell_nothing_of_who_is_near() -> None:
    donors = np.array([[50.0, 0, 1.0], [20.0, 0, 2.0]])
    out = filled(np.array([[25.0, 0, np.nan]]), np.array([7.0]), donors, np.array([5.0, 5.0]), is_regression=True)
    assert out[0, 2] == 2.0


@pytest.mark.parametrize("is_regression", [False, True])
def test_of_many_donors_some_are_drawn_by_the_seed(is_regression: bool) -> None:
    rng = np.random.default_rng(0)
    donors, X = rows_of(rng, 3 * MAX_DONORS), rows_of(rng, 200)
    donor_y, y = np.zeros(len(donors)), np.zeros(len(X))
    given_by = [filled(X, y, donors, donor_y, is_regression=is_regression, seed=seed)[:, 2] for seed in (0, 0, 1)]
    np.testing.assert_array_equal(given_by[0], given_by[1])
    assert (given_by[0] != given_by[2]).any()
    assert len(np.unique(given_by[0])) <= MAX_DONORS
