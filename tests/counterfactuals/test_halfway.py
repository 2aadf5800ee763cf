"""Near ways and ways between kin, on random tables and teachers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from coopdistill.counterfactuals import HalfwayGenerator, SegmentGenerator, generate, nearest_kin, reference_of
from coopdistill.counterfactuals.neighbours import embedding
from worlds import World, worlds

few = settings(max_examples=25)


@few
@given(worlds())
def test_kin_is_another_row_of_the_class_and_none_is_nearer(world: World) -> None:
    X, y = world.rows, world.y
    rows = np.arange(len(X))
    place = embedding(X, world.model.space)
    kin = nearest_kin(X, y, rows, world.model.space)
    for row, found in zip(rows, kin, strict=True):
        distance = np.abs(place - place[row]).sum(axis=1)
        others = distance[(y == y[row]) & (distance > 1e-6)]
        assert (found >= 0) == bool(len(others))
        if len(others):
            assert y[found] == y[row]
            assert distance[found] == others.min()


@few
@given(worlds(), st.integers(0, 9))
def test_what_lies_halfway_is_between_and_surer_or_not_there(world: World, seed: int) -> None:
    model, X, y = world.model, world.rows, world.y
    rows = np.arange(len(X))
    ends = nearest_kin(X, y, rows, model.space)
    rows, ends = rows[ends >= 0], ends[ends >= 0]
    made = generate(
        model,
        X[rows],
        y[rows],
        alpha=0.5,
        generator=HalfwayGenerator(X),
        reference=reference_of(model, X, y),
        seed=seed,
        ids=ends,
    )
    moved = made.status != "failed"
    assert (made.after[moved] >= made.before[moved]).all()
    numeric = model.space.numeric & ~np.isnan(X[rows]) & ~np.isnan(X[ends])
    low, high = np.minimum(X[rows], X[ends]), np.maximum(X[rows], X[ends])
    certain = made.before >= made.target - 1e-9  # these go to the middle of several neighbours
    within = (low - 1e-9 <= made.X) & (high + 1e-9 >= made.X)
    assert within[(moved & ~certain)[:, None] & numeric].all()


@few
@given(worlds(), st.integers(0, 9))
def test_who_may_walk_half_of_the_way_stays_nearer_to_its_row(world: World, seed: int) -> None:
    model, X, y = world.model, world.rows, world.y
    reference = reference_of(model, X, y)
    made = generate(model, X, y, alpha=0.5, generator=SegmentGenerator(1, farthest=0.5), reference=reference, seed=seed)
    numbers = model.space.numeric & ~model.space.integer
    for i in np.flatnonzero((made.status != "failed") & (made.before < made.target - 1e-9)):
        # One neighbour alone was walked to: some row of the class to which the point is no nearer, number by number.
        kin = np.flatnonzero((y == y[i]) & (model.space.distance(X, X[i]) > 0))
        there = np.abs(made.X[i] - X[i]) <= np.abs(made.X[i] - X[kin]) + 1e-9
        assert (there | np.isnan(X[kin]) | np.isnan(X[i]) | ~numbers).all(axis=1).any()
