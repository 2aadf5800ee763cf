"""Being right counts only beyond the base rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coopdistill.expertise import competence

LABELS = hnp.arrays(np.int64, st.tuples(st.just(2), st.integers(2, 30)), elements=st.integers(0, 3))


@given(LABELS)
def test_lift_is_at_most_one_and_whole_where_all_is_right(labels: np.ndarray) -> None:
    predicted, y = labels
    lifts = competence(predicted, y)
    assert set(lifts) == set(y.tolist())
    assert max(lifts.values()) <= 1
    perfect = competence(y, y)
    assert all(lift == (1.0 if len(perfect) > 1 else 0.0) for lift in perfect.values())


@given(LABELS, st.integers(0, 3))
def test_a_model_with_one_answer_knows_nothing(labels: np.ndarray, answer: int) -> None:
    lifts = competence(np.full(labels.shape[1], answer), labels[0])
    assert all(lift == pytest.approx(0.0) for lift in lifts.values())


@given(LABELS)
def test_whoever_has_the_whole_lift_is_right_whenever_it_names_the_class(labels: np.ndarray) -> None:
    predicted, y = labels
    for label, lift in competence(predicted, y).items():
        if lift == 1.0:
            assert (y[predicted == label] == label).all()
