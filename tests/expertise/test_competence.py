"""Being right counts only beyond the base rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coopdistill.expertise import Answers, competence, expertise_of

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
def test_asking_for_no_lift_trusts_whoever_is_right(labels: np.ndarray) -> None:
    predicted, y = labels
    answers = Answers.of_labels(predicted, y, np.ones(len(y)))
    expertise = expertise_of(answers, y, least_lift=None)
    assert expertise.competent.all()
    strict = expertise_of(answers, y, least_lift=1.0).competent
    for label in set(y[strict].tolist()):
        assert (y[predicted == label] == label).all()
