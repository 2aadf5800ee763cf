"""Who may teach whom is set algebra."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coopdistill.expertise import in_need, qualified, qualified_pairs

EXPERTISE = hnp.arrays(bool, st.tuples(st.integers(2, 5), st.integers(0, 9)))


@given(EXPERTISE)
def test_a_teacher_is_right_where_its_student_is_wrong(right: np.ndarray) -> None:
    where = qualified(right[0], ~right[1])
    assert set(np.flatnonzero(where)) == set(np.flatnonzero(right[0])) - set(np.flatnonzero(right[1]))


@given(EXPERTISE)
def test_nobody_is_its_own_teacher_and_never_both_teach_each_other(right: np.ndarray) -> None:
    pairs = qualified_pairs(right)
    assert not pairs[np.arange(len(right)), np.arange(len(right))].any()
    assert not (pairs & pairs.transpose(1, 0, 2)).any()


@given(EXPERTISE)
def test_pairs_are_qualified_one_by_one(right: np.ndarray) -> None:
    pairs = qualified_pairs(right)
    for i in range(len(right)):
        for j in range(len(right)):
            assert (pairs[i, j] == qualified(right[i], ~right[j])).all()


@given(EXPERTISE)
def test_an_instance_is_taught_just_where_they_disagree(right: np.ndarray) -> None:
    taught = qualified_pairs(right).any(axis=(0, 1))
    assert (taught == (right.any(axis=0) & ~right.all(axis=0))).all()


@given(EXPERTISE, st.integers(0, 99))
def test_a_wider_focus_finds_more_need(right: np.ndarray, seed: int) -> None:
    score = np.random.default_rng(seed).random(right.shape[1])
    wrong, unsure, everything = (in_need(right[0], score, focus) for focus in ("wrong", "unsure", "all"))
    assert (wrong == ~right[0]).all()
    assert (wrong <= unsure).all()
    assert everything.all()
    assert not (unsure & right[0] & (score >= 0.75)).any()
