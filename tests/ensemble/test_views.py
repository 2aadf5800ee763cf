"""Which rows each member gets."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopdistill.ensemble.views import check_views, member_rows
from coopdistill.exceptions import CoopdistillWarning, OptionError

NAMES = ["forest", "linear", "tree", "neighbours"]


@given(
    counts=st.lists(st.integers(20, 60), min_size=2, max_size=4),
    n_members=st.integers(2, 4),
    seed=st.integers(0, 2**16),
)
def test_shares_are_a_stratified_partition_and_folds_their_complements(
    counts: list[int], n_members: int, seed: int
) -> None:
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    names = NAMES[:n_members]
    shares = member_rows("shares", names, y, by_class=True, seed=seed)
    folds = member_rows("folds", names, y, by_class=True, seed=seed)
    everything = np.arange(len(y))
    assert np.array_equal(np.sort(np.concatenate(list(shares.values()))), everything)
    for name in names:
        assert np.array_equal(np.sort(np.concatenate([shares[name], folds[name]])), everything)
    dealt = np.array([np.bincount(y[rows]) for rows in shares.values()])
    assert (np.ptp(dealt, axis=0) <= 1).all()
    backwards = member_rows("shares", names[::-1], y, by_class=True, seed=seed)
    assert all(np.array_equal(shares[name], backwards[name]) for name in names)


@given(n_rows=st.integers(40, 90), n_members=st.integers(2, 4), seed=st.integers(0, 2**16))
def test_shares_of_values_have_a_row_from_every_stretch(n_rows: int, n_members: int, seed: int) -> None:
    y = np.random.default_rng(seed).normal(size=n_rows)
    rank = y.argsort().argsort()
    shares = member_rows("shares", NAMES[:n_members], y, by_class=False, seed=seed)
    for rows in shares.values():
        assert all(b - a <= 2 * n_members for a, b in pairwise(np.sort(rank[rows])))


def test_a_rare_class_goes_to_every_member() -> None:
    y = np.array(["common"] * 30 + ["other"] * 30 + ["rare"] * 4)
    with pytest.warns(CoopdistillWarning, match="class 'rare' has 4 rows, where 3 shares need 5 each"):
        shares = member_rows("shares", NAMES[:3], y, by_class=True, seed=0)
    assert all(np.isin(np.arange(60, 64), rows).all() for rows in shares.values())
    assert sum(map(len, shares.values())) == 60 + 3 * 4


@pytest.mark.parametrize("views", ["shares", "folds"])
def test_a_table_too_small_to_be_dealt_goes_to_every_member(views: str) -> None:
    with pytest.warns(CoopdistillWarning, match="1 more classes have too few"):
        rows = member_rows(views, NAMES[:2], np.array([0, 1] * 4), by_class=True, seed=0)
    assert all(len(own) == 8 for own in rows.values())
    with pytest.warns(CoopdistillWarning, match="19 rows are too few for 2 shares of 10"):
        rows = member_rows(views, NAMES[:2], np.arange(19.0), by_class=False, seed=0)
    assert all(len(own) == 19 for own in rows.values())


def test_an_unknown_way_of_dealing_is_refused_by_name() -> None:
    with pytest.raises(OptionError, match="unknown views='share'; did you mean 'shares'"):
        check_views("share")
