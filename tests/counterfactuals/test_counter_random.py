"""Random numbers that belong to a row."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coopdistill.counterfactuals.counter_random import row_uniform_pairs, row_uniforms


@given(st.integers(0, 2**32), st.integers(0, 50), st.lists(st.integers(0, 10**6), min_size=1, max_size=6))
def test_numbers_depend_on_the_row_alone(seed: int, step: int, rows: list[int]) -> None:
    together = row_uniforms(seed, step, np.array(rows), (2, 3))
    for i, row in enumerate(rows):
        assert (together[i] == row_uniforms(seed, step, np.array([row]), (2, 3))[0]).all()


def test_numbers_are_uniform_and_differ_between_seeds_steps_and_rows() -> None:
    numbers = row_uniforms(1, 2, np.arange(200), (100,))
    assert 0 <= numbers.min() < 0.001
    assert 0.999 < numbers.max() < 1
    assert abs(numbers.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(numbers[:-1].ravel(), numbers[1:].ravel())[0, 1]) < 0.03
    assert len(np.unique(numbers)) == numbers.size
    for other in (row_uniforms(2, 2, np.arange(200), (100,)), row_uniforms(1, 3, np.arange(200), (100,))):
        assert not np.isin(other, numbers).any()


def test_pairs_are_uniform_independent_and_of_the_row_alone() -> None:
    coarse, fine = row_uniform_pairs(1, 2, np.arange(200), (100,))
    for numbers in (coarse, fine):
        assert 0 <= numbers.min() < 0.001
        assert 0.999 < numbers.max() < 1
        assert abs(numbers.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(coarse.ravel(), fine.ravel())[0, 1]) < 0.03
    alone = row_uniform_pairs(1, 2, np.array([7]), (100,))
    assert (alone[0][0] == coarse[7]).all()
    assert (alone[1][0] == fine[7]).all()
