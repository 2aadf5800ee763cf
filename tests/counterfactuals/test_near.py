"""Points near rows, on either side of them, surer ones or not, on random tables and teachers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from coopdistill.counterfactuals import Generated, NearGenerator, SegmentGenerator, generate, reference_of
from coopdistill.counterfactuals.neighbours import embedding
from worlds import World, worlds

few = settings(max_examples=25)
BOUNDS = {"closest": 0.2, "farthest": 0.5}


def made(world: World, generator: SegmentGenerator, way: int, seed: int) -> Generated:
    model, X, y = world.model, world.rows, world.y
    return generate(
        model,
        X,
        y,
        alpha=0.5,
        generator=generator,
        reference=reference_of(model, X, y),
        seed=seed,
        way=np.full(len(y), way),
    )


@few
@given(worlds(), st.integers(0, 9), st.sampled_from((0, 2)))
def test_what_is_surer_nearby_goes_first(world: World, seed: int, way: int) -> None:
    surer, near = (made(world, walker(**BOUNDS), way, seed) for walker in (SegmentGenerator, NearGenerator))
    # Whoever is certain goes to the middle of several neighbours where only surer points count.
    found = (surer.status != "failed") & (surer.before < surer.target - 1e-9)
    np.testing.assert_array_equal(near.X[found], surer.X[found])
    assert (near.status[found] == surer.status[found]).all()


@few
@given(worlds(), st.integers(0, 9), st.integers(0, 3))
def test_a_row_with_a_like_is_told_of_on_either_side(world: World, seed: int, way: int) -> None:
    model, X, y = world.model, world.rows, world.y
    near = made(world, NearGenerator(**BOUNDS), way, seed)
    place = embedding(X, model.space)
    exact = model.space.numeric & ~model.space.integer & model.space.mutable
    side = -1 if way % 2 else 1
    for i in range(len(X)):
        likes = np.flatnonzero((y == y[i]) & (np.abs(place - place[i]).sum(axis=1) > 1e-6))
        if near.status[i] == "failed":
            # Too few likes for this way, or all points there are copies of rows.
            assert len(likes) <= way or near.reason[i] != "too few rows are of its class"
            np.testing.assert_array_equal(near.X[i], X[i])
            continue
        assert len(likes) > way
        numbers = exact & ~np.isnan(X[i])
        gap = X[likes] - X[i]
        share = side * (near.X[i] - X[i]) / np.where(gap == 0, 1, gap)
        is_at_the_end = (near.X[i] <= model.space.low) | (near.X[i] >= model.space.high)
        stands_there = (share > 0.2 - 1e-6) & (share < 0.5 + 1e-6) | (gap == 0) | np.isnan(gap) | is_at_the_end
        assert (stands_there | ~numbers).all(axis=1).any()
