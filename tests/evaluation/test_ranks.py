import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coopdistill.evaluation import critical_difference, friedman, groups_of_equals, mean_ranks
from coopdistill.exceptions import OptionError, TableError

# Table 6 of Demšar (2006): areas under the curve of four settings of a decision tree on fourteen data sets.
# Its ranks are those of scores before rounding: of two that are printed as 0.975, one is greater.
DEMSAR = pd.DataFrame(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975],
        [0.957, 0.978, 0.946, 0.970],
    ],
    columns=["C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"],
)

tables = st.tuples(st.integers(2, 8), st.integers(3, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.integers(0, 20).map(lambda n: n / 20))
)


def test_demsars_example():
    ranks = mean_ranks(DEMSAR)
    assert ranks.round(3).to_dict() == {"C4.5+m+cf": 1.964, "C4.5+m": 2.0, "C4.5+cf": 2.893, "C4.5": 3.143}
    difference = critical_difference(4, 14)
    assert difference == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 14)), abs=1e-3)
    assert critical_difference(4, 14, alpha=0.1) == pytest.approx(2.291 * np.sqrt(4 * 5 / (6 * 14)), abs=1e-3)
    # No two of the four differ by it, although Friedman's test finds that they do; 9.28 there, without ties.
    assert groups_of_equals(ranks, difference) == [tuple(ranks.index)]
    found = friedman(DEMSAR)
    assert found.statistic == pytest.approx(10.2283, abs=1e-4)
    assert found.p_value == pytest.approx(0.01672, abs=1e-5)


@given(tables)
def test_ranks_lie_between_first_and_last_and_their_sum_is_fixed(values):
    ranks = mean_ranks(pd.DataFrame(values))
    k = values.shape[1]
    assert ranks.between(1, k).all()
    assert ranks.sum() == pytest.approx(k * (k + 1) / 2)
    assert ranks.is_monotonic_increasing
    found = friedman(pd.DataFrame(values))
    assert 0 <= found.p_value <= 1


@given(tables, st.randoms(use_true_random=False))
def test_neither_the_order_of_blocks_nor_of_methods_counts_nor_a_monotone_change(values, random):
    scores = pd.DataFrame(values)
    rows, columns = list(scores.index), list(scores.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    once, again = mean_ranks(scores), mean_ranks(np.exp(scores.loc[rows, columns]))
    pd.testing.assert_series_equal(once.sort_index(), again.sort_index())
    assert friedman(scores).p_value == pytest.approx(friedman(scores.loc[rows, columns]).p_value)


@given(st.integers(2, 30), st.integers(1, 50))
def test_more_blocks_tell_more_apart_and_more_methods_less(n_methods, n_blocks):
    here = critical_difference(n_methods, n_blocks)
    assert critical_difference(n_methods, 4 * n_blocks) == pytest.approx(here / 2)
    assert critical_difference(n_methods + 1, n_blocks) > here


@given(
    st.lists(st.integers(4, 40).map(lambda n: n / 4), min_size=2, max_size=10), st.integers(1, 20).map(lambda n: n / 4)
)
def test_groups_are_the_largest_of_equals(values, difference):
    ranks = pd.Series({f"m{i}": value for i, value in enumerate(values)})
    groups = groups_of_equals(ranks, difference)
    together = {frozenset(pair) for group in groups for pair in _pairs(group)}
    close = {frozenset((a, b)) for a, b in _pairs(ranks.index) if abs(ranks[a] - ranks[b]) <= difference}
    assert together == close
    assert not any(set(one) < set(other) for one in groups for other in groups)
    assert len(set(groups)) == len(groups)


def _pairs(names):
    return [(a, b) for i, a in enumerate(names) for b in list(names)[i + 1 :]]


def test_equal_scores_are_no_reason_to_prefer_one():
    same = pd.DataFrame(np.full((3, 4), 0.5))
    assert set(mean_ranks(same)) == {2.5}
    assert friedman(same).p_value == 1.0
    # What differs by rounding alone is equal, too.
    assert set(mean_ranks(pd.DataFrame({"a": [0.1 + 0.2], "b": [0.3]}))) == {1.5}


@pytest.mark.parametrize(
    ("work", "error", "message"),
    [
        (lambda: mean_ranks(pd.DataFrame()), TableError, "empty"),
        (lambda: mean_ranks(DEMSAR.mask(DEMSAR == 0.599)), TableError, "none for 'C4.5' in block 1"),
        (lambda: friedman(DEMSAR[["C4.5", "C4.5+m"]]), TableError, "14 blocks of 2 methods"),
        (lambda: critical_difference(1, 14), OptionError, "n_methods=1"),
        (lambda: critical_difference(4, 0), OptionError, "n_blocks=0"),
        (lambda: critical_difference(4, 14, alpha=5), OptionError, "alpha=5"),
    ],
)
def test_what_cannot_be_ranked_is_said(work, error, message):
    with pytest.raises(error, match=message):
        work()
