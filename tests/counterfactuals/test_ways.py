"""Several counterfactuals of a row, each on the way to another neighbour."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from coopdistill.counterfactuals import Generated, SegmentGenerator, generate, reference_of
from coopdistill.learners import Model
from coopdistill.schema import Codec, infer_feature_space
from doubles import Scripted
from worlds import World, worlds

few = settings(max_examples=25)


def made(model: Model, X: np.ndarray, y: np.ndarray, seed: int, **options: object) -> Generated:
    given_ = {"alpha": 0.5, "generator": SegmentGenerator(), "reference": reference_of(model, X, y), "seed": seed}
    return generate(model, X, y, **(given_ | options))


@few
@given(worlds(), st.integers(0, 9))
def test_the_best_of_single_ways_is_what_all_of_them_find(world: World, seed: int) -> None:
    model, X, y = world.model, world.rows, world.y
    of_all = made(model, X, y, seed)
    ways = [made(model, X, y, seed, way=np.full(len(y), way)) for way in range(3)]
    has_room = of_all.before < of_all.target - 1e-9
    reached = np.array([way.status == "reached" for way in ways])
    assert (reached.any(axis=0) == (of_all.status == "reached"))[has_room].all()
    distance = np.where(reached, [way.distance for way in ways], np.inf).min(axis=0)
    there = has_room & reached.any(axis=0)
    np.testing.assert_allclose(distance[there], of_all.distance[there])
    elsewhere = has_room & ~there
    surest = np.max([way.after for way in ways], axis=0)
    np.testing.assert_allclose(surest[elsewhere], of_all.after[elsewhere])


@few
@given(st.integers(0, 2**16), st.integers(2, 12), st.sampled_from([0.0, 0.2, 0.4]))
def test_what_a_way_finds_lies_between_its_bounds(seed: int, n_rows: int, closest: float) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n_rows, 3)), columns=["a", "b", "c"])
    y = rng.integers(0, 2, n_rows)

    def says(X: pd.DataFrame) -> np.ndarray:
        second = 0.5 + 0.5 * np.tanh(X.to_numpy().sum(axis=1))
        return np.column_stack([1.0 - second, second])

    model = Model("teacher", Scripted([0, 1], says), Codec.of(frame, infer_feature_space(frame)))
    X = model.codec.encode(frame)
    walker = SegmentGenerator(closest=closest, farthest=0.5)
    for way in range(3):
        found = made(model, X, y, seed, generator=walker, way=np.full(n_rows, way))
        for i in np.flatnonzero(found.status != "failed"):
            kin = (y == y[i]) & (np.arange(n_rows) != i)
            # The point is one share of the way to some row of the class, the same in every feature.
            share = (found.X[i] - X[i]) / (X[kin] - X[i])
            is_on = np.ptp(share, axis=1) < 1e-6
            assert is_on.any()
            assert ((share[is_on] > closest) & (share[is_on] < 0.5)).any()
            nearest = model.space.distance(X[kin], X[i]).min()
            assert found.distance[i] >= closest * nearest - 1e-9
