"""Counterfactuals by asking alone: a batched search for any teacher."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.counter_random import row_uniforms
from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.neighbours import nearest_teaching
from coopdistill.counterfactuals.problem import TOLERANCE, Problem, Proposal
from coopdistill.counterfactuals.segments import is_new, unmoved

__all__ = ["SearchGenerator"]

_CHANGE_COST = 1.0


@dataclass(eq=False)
class _State:
    """The best point of each row so far."""

    X: NDArray[np.float64]
    score: NDArray[np.float64]
    cost: NDArray[np.float64]
    idle: NDArray[np.intp]


class SearchGenerator(Generator):
    """Climbs to the target in sparse steps, then takes back whatever was not needed.

    All rows advance together and each generation is one call of the teacher. A row that has not reached its target
    tries values of surer rows of its class and random steps, in one feature, few or all of them; one that has
    reached it reverts changed features or halves their change while the target still holds. Cost of a point:
    features changed, plus L1 distance in spreads.

    Parameters
    ----------
    n_candidates : int, default=12
        Points asked about for each row in each generation.
    n_generations : int, default=24
        Generations at the most; a row whose shrinking stalls drops out earlier.
    patience : int, default=4
        Generations without success after which a row that has reached its target is done.

    Notes
    -----
    Costs ``n_candidates * n_generations`` rows of the teacher's time an instance at the most.
    """

    name = "search"

    def __init__(self, n_candidates: int = 12, n_generations: int = 24, patience: int = 4) -> None:
        self.n_candidates = n_candidates
        self.n_generations = n_generations
        self.patience = patience

    def refusal(self, problem: Problem) -> str | None:
        """Work on anything that has a feature to change."""
        return None if problem.space.mutable.any() else "no feature may change"

    def propose(self, problem: Problem) -> Proposal:
        """Return the cheapest point found that reaches the target, else the surest."""
        if problem.budget.is_over:
            return unmoved(problem, "what may be spent was used up")
        n_rows = len(problem.X)
        state = _State(
            problem.X.copy(), problem.before.copy(), np.full(n_rows, np.inf), np.zeros(n_rows, dtype=np.intp)
        )
        donors = _donors(problem)
        active = np.flatnonzero(problem.changeable.any(axis=1))
        for generation in range(problem.budget.questions(self.n_generations, self.n_candidates)):
            if active.size == 0 or problem.budget.is_over:
                break
            points = self._candidates(problem, state, active, donors, generation)
            self._advance(problem, state, active, points)
            done = np.isfinite(state.cost[active]) & (state.idle[active] >= self.patience)
            active = active[~done]
        reason = np.where(
            state.score >= problem.target - TOLERANCE, "", "the search ended before the target was reached"
        )
        return Proposal(state.X, state.score, reason.astype(object))

    def _candidates(
        self,
        problem: Problem,
        state: _State,
        active: NDArray[np.intp],
        donors: NDArray[np.float64] | None,
        generation: int,
    ) -> NDArray[np.float64]:
        """Points to ask about next, shape (n_active, n_candidates, n_features)."""
        d = len(problem.space)
        drawn = row_uniforms(problem.seed, 1 + generation, problem.row_ids[active], (self.n_candidates, 2 * d + 1))
        reached = np.isfinite(state.cost[active])
        points = np.empty((len(active), self.n_candidates, d))
        climbing, shrinking = ~reached, reached
        if climbing.any():
            own_donors = None if donors is None else donors[active[climbing]]
            points[climbing] = _climb(problem, state, active[climbing], own_donors, drawn[climbing], generation)
        if shrinking.any():
            points[shrinking] = _shrink(problem, state, active[shrinking], drawn[shrinking])
        return points

    def _advance(self, problem: Problem, state: _State, active: NDArray[np.intp], points: NDArray[np.float64]) -> None:
        rows = np.repeat(active, self.n_candidates)
        flat = points.reshape(-1, points.shape[2])
        score = np.full(len(flat), -np.inf)
        fresh = is_new(problem, rows, flat)
        if fresh.any():
            score[fresh] = problem.ask(flat[fresh], rows[fresh])
        reached = score >= problem.target[rows] - TOLERANCE
        cost = np.where(reached, _cost(problem, rows, flat), np.inf)
        shape = (len(active), self.n_candidates)
        # The cheapest that reaches the target; where none does, the surest.
        order = np.lexsort((-score.reshape(shape), cost.reshape(shape)), axis=1)[:, 0]
        pick = np.arange(len(active)) * self.n_candidates + order
        cheaper = cost[pick] < state.cost[active] - TOLERANCE
        surer = ~np.isfinite(state.cost[active]) & (score[pick] > state.score[active] + TOLERANCE)
        better = cheaper | surer
        gained = active[better]
        state.X[gained], state.score[gained], state.cost[gained] = (
            flat[pick][better],
            score[pick][better],
            cost[pick][better],
        )
        state.idle[active] = np.where(better, 0, state.idle[active] + 1)


def _donors(problem: Problem) -> NDArray[np.float64] | None:
    """Surer rows of the class, whose values are worth trying, shape (n_rows, n_donors, n_features)."""
    if problem.reference is None or len(problem.reference.X) < 2:
        return None
    index, usable = nearest_teaching(problem, 8)
    donors = problem.reference.X[index]
    return np.where(usable[:, :, None], donors, problem.X[:, None, :])


def _climb(
    problem: Problem,
    state: _State,
    rows: NDArray[np.intp],
    donors: NDArray[np.float64] | None,
    drawn: NDArray[np.float64],
    generation: int,
) -> NDArray[np.float64]:
    space, d = problem.space, len(problem.space)
    now = state.X[rows][:, None, :]
    free = problem.changeable[rows][:, None, :]
    # From one feature to all of them, spread over the candidates.
    share = np.geomspace(1.0 / d, 1.0, drawn.shape[1])[:, None]
    touched = _some(free, share * free.sum(axis=2, keepdims=True), drawn[..., :d])
    # The whole quarters of a number tell where a value comes from, the rest of it which value.
    kind, uniform = np.divmod(4.0 * drawn[..., d : 2 * d], 1.0)
    reach = 0.5 * 1.25 ** min(generation, 12)
    step = (2.0 * uniform - 1.0) * reach * space.spread
    other = np.floor(uniform * np.maximum(space.n_categories, 1))
    value = np.where(space.numeric, np.where(np.isnan(now), space.fill_codes(), now) + step, other)
    if donors is not None:
        which = np.floor(drawn[..., 2 * d :] * donors.shape[1]).astype(np.intp)
        given = np.take_along_axis(donors, which, axis=1)
        value = np.where((kind < 3) & ~np.isnan(given), given, value)
    return problem.within(rows, np.where(touched, value, now))


def _shrink(problem: Problem, state: _State, rows: NDArray[np.intp], drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    space, d = problem.space, len(problem.space)
    now, start = state.X[rows][:, None, :], problem.X[rows][:, None, :]
    changed = (now != start) & ~(np.isnan(now) & np.isnan(start))
    # Three quarters of the changed features, fewer, … down to a single one.
    share = np.geomspace(0.75, 1e-3, drawn.shape[1])[:, None]
    touched = _some(changed, share * changed.sum(axis=2, keepdims=True), drawn[..., :d])
    halved = start + (now - start) * drawn[..., d : 2 * d]
    halves = (drawn[..., 2 * d :] < 1 / 3) & space.numeric & ~np.isnan(start)
    return problem.within(rows, np.where(touched, np.where(halves, halved, start), now))


def _some(eligible: NDArray[np.bool_], how_many: NDArray[np.float64], drawn: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Choose so many of the eligible features by random numbers, one at the least."""
    keys = np.where(eligible, drawn, 2.0)
    last = np.maximum(1, np.rint(how_many)).astype(np.intp) - 1
    threshold = np.take_along_axis(np.sort(keys, axis=2), last, axis=2)
    return np.asarray((keys <= threshold) & eligible)


def _cost(problem: Problem, rows: NDArray[np.intp], points: NDArray[np.float64]) -> NDArray[np.float64]:
    start = problem.X[rows]
    changed = ((points != start) & ~(np.isnan(points) & np.isnan(start))).sum(axis=1)
    return np.asarray(_CHANGE_COST * changed + problem.space.distance(points, start))
