"""The nearest rows that are worth walking towards, whatever the number of categories."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from coopdistill.counterfactuals import Problem, Reference
from coopdistill.counterfactuals.neighbours import embedding, nearest_teaching
from coopdistill.schema import Feature, FeatureSpace


def a_space(n_numbers: int, n_categories: list[int]) -> FeatureSpace:
    numbers = [Feature(name=f"n{j}", kind="continuous", spread=2.0, fill=1.0) for j in range(n_numbers)]
    coded = [Feature(name=f"c{j}", kind="categorical", categories=tuple(range(n))) for j, n in enumerate(n_categories)]
    return FeatureSpace((*numbers, *coded))


def some_rows(space: FeatureSpace, n_rows: int, rng: np.random.Generator) -> np.ndarray:
    # Numbers whose sums are exact, in whatever order they are summed; many rows are equally far.
    numbers = rng.integers(-4, 5, (n_rows, len(space))) / 4.0
    codes = np.floor(rng.random((n_rows, len(space))) * space.n_categories)
    return np.where(rng.random((n_rows, len(space))) < 0.2, np.nan, np.where(space.numeric, numbers, codes))


@settings(max_examples=60)
@given(
    st.integers(0, 2),
    st.lists(st.sampled_from([1, 2, 3, 10, 11, 12, 50]), min_size=1, max_size=3),
    st.integers(1, 4),
    st.integers(0, 99),
)
def test_neighbours_are_the_nearest_by_the_distance_of_the_space(
    n_numbers: int, n_categories: list[int], n_neighbours: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    space = a_space(n_numbers, n_categories)
    X, others = some_rows(space, 20, rng), some_rows(space, 30, rng)
    everyone = np.zeros(30, dtype=np.intp)
    problem = Problem(
        teacher=None,  # which nobody asks
        ask=None,
        space=space,
        X=X,
        label=everyone[:20],
        before=np.zeros(20),
        target=np.full(20, 0.5),
        reference=Reference(others, everyone, np.ones(30)),
        seed=0,
    )
    index, usable = nearest_teaching(problem, n_neighbours)
    distance = cdist(embedding(X, space), embedding(others, space), "cityblock")
    distance[distance == 0.0] = np.inf  # a row is no neighbour of itself
    nearest = np.sort(distance, axis=1)[:, :n_neighbours]
    np.testing.assert_array_equal(usable, np.isfinite(nearest))
    np.testing.assert_array_equal(np.take_along_axis(distance, index, axis=1), nearest)
