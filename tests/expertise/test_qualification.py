"""Who may teach whom is set algebra."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coopdistill.expertise import in_need, qualified

EXPERTISE = hnp.arrays(bool, st.tuples(st.integers(2, 5), st.integers(0, 9)))


@given(EXPERTISE)
def test_a_teacher_is_right_where_its_student_is_wrong(right: np.ndarray) -> None:
    where = qualified(right[0], ~right[1])
    assert set(np.flatnonzero(where)) == set(np.flatnonzero(right[0])) - set(np.flatnonzero(right[1]))


@given(EXPERTISE, st.integers(0, 99))
def test_a_wider_focus_finds_more_need(right: np.ndarray, seed: int) -> None:
    score = np.random.default_rng(seed).random(right.shape[1])
    wrong, unsure, everything = (in_need(right[0], score, focus) for focus in ("wrong", "unsure", "all"))
    assert (wrong == ~right[0]).all()
    assert (wrong <= unsure).all()
    assert everything.all()
    assert not (unsure & right[0] & (score >= 0.75)).any()
