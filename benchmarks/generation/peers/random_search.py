"""A plain search in numpy, all rows at once: what one would write in an hour."""

from __future__ import annotations

import time

import numpy as np
from answer import Answer
from cases import Case
from one_hot import OneHotView

__all__ = ["numpy_search"]

ROUNDS = 20
CANDIDATES = 32


def numpy_search(case: Case, _: OneHotView, n: int, limit: float) -> Answer:
    """Each round: random steps in a third of the features, ever longer; the nearest that reaches the target stays."""
    codec, space = case.model.codec, case.rows.space
    rng = np.random.default_rng(0)
    case.meter.reset()
    began = time.perf_counter()
    start = codec.encode(case.table(n))
    found, distance = start.copy(), np.full(n, np.inf)
    for round_ in range(ROUNDS):
        open_rows = np.flatnonzero(~np.isfinite(distance))
        if open_rows.size == 0 or time.perf_counter() - began > limit:
            break
        x = np.repeat(start[open_rows], CANDIDATES, axis=0)
        step = rng.normal(size=x.shape) * space.spread * 0.1 * 1.3**round_
        other = np.floor(rng.random(x.shape) * np.maximum(space.n_categories, 1))
        value = np.where(space.numeric, x + step, other)
        value = np.clip(np.where(space.integer, np.rint(value), value), space.low, space.high)
        points = np.where(rng.random(x.shape) < 1 / 3, value, x)
        label = np.repeat(case.y[open_rows], CANDIDATES)
        score = case.model.scores(points)[np.arange(len(points)), label]
        far = np.where(
            score >= np.repeat(case.target[open_rows], CANDIDATES), space.distance(points, x), np.inf
        ).reshape(-1, CANDIDATES)
        best = far.argmin(axis=1)
        least = far[np.arange(len(best)), best]
        hit = np.isfinite(least)
        found[open_rows[hit]] = points.reshape(len(best), CANDIDATES, -1)[hit, best[hit]]
        distance[open_rows[hit]] = least[hit]
    seconds = time.perf_counter() - began
    return Answer(codec.decode(found), n, seconds, case.meter.rows / n, case.meter.seconds)
