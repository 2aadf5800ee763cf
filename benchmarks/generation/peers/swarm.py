"""The published procedure for all other teachers: a particle swarm on one row at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from answer import Answer, one_by_one
from cases import Case
from one_hot import OneHotView

from peers.adam import LAMBDA

__all__ = ["published_swarm"]

PARTICLES = 100
ITERATIONS = 1000


def published_swarm(case: Case, view: OneHotView, n: int, limit: float) -> Answer:
    """100 particles, 1,000 iterations, the same loss; the options are those of pyswarms' own documentation."""
    from pyswarms.single import GlobalBestPSO

    starts = view.encode(case.table(n))
    every = view.encode(case.rows.X)
    low, high = every.min(axis=0), every.max(axis=0)
    bounds = (low, np.where(high > low, high, low + 1e-9))
    view.rows = 0
    finished = []

    def find(i: int) -> Any:
        x, target, label = starts[i], case.target[i], int(case.y[i])

        def loss(points: Any) -> Any:
            missed = view.ask(points)[:, label] - target
            return missed**2 + LAMBDA * (np.abs(points - x) / view.spread).sum(axis=1)

        np.random.seed(i)  # noqa: NPY002  # pyswarms draws from the global state
        swarm = GlobalBestPSO(PARTICLES, len(x), options={"c1": 0.5, "c2": 0.3, "w": 0.9}, bounds=bounds)
        found = swarm.optimize(loss, ITERATIONS, verbose=False)[1]
        finished.append(view.rows)
        return found

    return one_by_one(n, limit, find, lambda: finished[-1] / len(finished))
