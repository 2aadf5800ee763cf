"""What every counterfactual keeps, on random tables and teachers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopdistill.counterfactuals import Generated, generate, reference_of
from worlds import World, worlds

GENERATORS = st.sampled_from(["auto", "segments", "search"])
ALPHAS = st.sampled_from([0.1, 0.5, 1.0])
TOLERANCE = 1e-9

few = settings(max_examples=25)


def made_of(world: World, generator: str, alpha: float = 0.5, seed: int = 0, **more: Any) -> Generated:
    model, rows = world.model, world.rows
    reference = more.pop("reference", reference_of(model, rows, world.y))
    if generator == "search" and not model.space.mutable.any():
        generator = "segments"  # the search refuses where nothing may change
    return generate(model, rows, world.y, alpha=alpha, generator=generator, reference=reference, seed=seed, **more)


def same(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Row by row, bit by bit, the missing included."""
    return ((A == B) | (np.isnan(A) & np.isnan(B))).all(axis=1)


@few
@given(worlds(), GENERATORS, ALPHAS)
def test_constraints_hold(world: World, generator: str, alpha: float) -> None:
    rows, space = world.rows, world.model.space
    made = made_of(world, generator, alpha)
    assert same(made.X[:, ~space.mutable], rows[:, ~space.mutable]).all()
    np.testing.assert_array_equal(np.isnan(made.X), np.isnan(rows))
    present = ~np.isnan(rows)
    low, high = np.minimum(rows, space.low), np.maximum(rows, space.high)
    assert (low[present] <= made.X[present]).all()
    assert (made.X[present] <= high[present]).all()
    for whole in (space.integer, ~space.numeric):
        values = made.X[:, whole][present[:, whole]]
        assert (values == np.rint(values)).all()


@few
@given(worlds(), GENERATORS, ALPHAS)
def test_the_status_is_what_the_teacher_says(world: World, generator: str, alpha: float) -> None:
    model, rows = world.model, world.rows
    made = made_of(world, generator, alpha)
    each = np.arange(len(rows))
    before, after = model.scores(rows)[each, world.y], model.scores(made.X)[each, world.y]
    np.testing.assert_array_equal(made.before, before)
    np.testing.assert_allclose(made.target, before + alpha * (1.0 - before))
    np.testing.assert_array_equal(made.after, after)
    moved = ~same(made.X, rows)
    reached = moved & (after >= made.target - TOLERANCE)
    assert (made.status[reached] == "reached").all()
    assert (made.status[~reached] != "reached").all()
    improved = made.status == "improved"
    assert (after[improved] > before[improved]).all()


@few
@given(worlds(), GENERATORS)
def test_no_row_that_exists_is_handed_on(world: World, generator: str) -> None:
    made = made_of(world, generator)
    for point in made.X[made.status != "failed"]:
        assert not same(world.rows, point).any()


@few
@given(worlds(), GENERATORS)
def test_a_failed_row_is_itself_with_a_reason(world: World, generator: str) -> None:
    made = made_of(world, generator)
    failed = made.status == "failed"
    assert same(made.X[failed], world.rows[failed]).all()
    assert (made.reason[failed] != "").all()
    assert (made.reason[made.status == "improved"] != "").all()
    assert (made.reason[made.status == "reached"] == "").all()
    assert (made.distance[failed] == 0).all()
    assert (made.distance[~failed] > 0).all()
    for numbers in (made.before, made.target, made.after, made.distance):
        assert np.isfinite(numbers).all()


@few
@given(worlds(), GENERATORS, st.integers(0, 3))
def test_the_same_seed_gives_the_same_bits(world: World, generator: str, seed: int) -> None:
    one, two = (made_of(world, generator, seed=seed) for _ in range(2))
    assert one.X.tobytes() == two.X.tobytes()
    assert one.after.tobytes() == two.after.tobytes()
    assert one.status.tolist() == two.status.tolist()


@few
@given(worlds(), GENERATORS, st.integers(1, 5))
def test_chunks_and_threads_change_nothing(world: World, generator: str, chunk_rows: int) -> None:
    whole, parts = made_of(world, generator), made_of(world, generator, chunk_rows=chunk_rows)
    assert whole.X.tobytes() == parts.X.tobytes()
    assert whole.reason.tolist() == parts.reason.tolist()


@few
@given(worlds(), GENERATORS, st.integers(1, 12))
def test_a_row_does_not_depend_on_those_after_it(world: World, generator: str, n_rows: int) -> None:
    reference = reference_of(world.model, world.rows, world.y)
    whole = made_of(world, generator, reference=reference)
    fewer = World(world.frame.iloc[:n_rows], world.y[:n_rows], world.learner, world.declared)
    part = generate(
        world.model,
        world.rows[:n_rows],
        fewer.y,
        alpha=0.5,
        generator="auto" if not world.model.space.mutable.any() else generator,
        reference=reference,
        seed=0,
    )
    assert whole.X[:n_rows].tobytes() == part.X.tobytes()
    assert whole.status[:n_rows].tolist() == part.status.tolist()


@few
@given(worlds(teachers=("certain",)), GENERATORS)
def test_where_the_teacher_is_certain_it_stays_certain_or_gives_nothing(world: World, generator: str) -> None:
    made = made_of(world, generator)
    certain = made.before == 1.0
    assert (made.after[certain] == 1.0).all()
    assert set(made.status[certain]) <= {"reached", "failed"}


@few
@given(worlds(teachers=("flat",)), GENERATORS)
def test_a_teacher_without_an_opinion_reaches_nothing(world: World, generator: str) -> None:
    made = made_of(world, generator)
    assert (made.status == "failed").all()


@few
@given(worlds(teachers=("smooth", "steps")))
def test_without_reference_rows_the_search_works_alone(world: World) -> None:
    if world.model.space.mutable.any():
        made = made_of(world, "search", reference=None)
        assert (made.after >= made.before).all()


@pytest.mark.parametrize("generator", ["segments", "search"])
@few
@given(world=worlds(teachers=("smooth",)))
def test_a_smaller_alpha_asks_for_less(generator: str, world: World) -> None:
    less, more = made_of(world, generator, 0.1), made_of(world, generator, 0.9)
    assert (less.target <= more.target).all()
    assert (less.status == "reached").sum() >= (more.status == "reached").sum()
