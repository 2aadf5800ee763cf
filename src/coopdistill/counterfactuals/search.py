"""Counterfactuals by asking alone: a batched search for any teacher."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.counter_random import row_uniform_pairs
from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.neighbours import nearest_teaching
from coopdistill.counterfactuals.problem import TOLERANCE, USED_UP, Problem, Proposal
from coopdistill.counterfactuals.segments import unmoved

__all__ = ["SearchGenerator"]

_CHANGE_COST = 1.0


@dataclass(eq=False)
class _State:
    """The best point of each row so far."""

    X: NDArray[np.float64]
    score: NDArray[np.float64]
    cost: NDArray[np.float64]
    idle: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Random numbers of some rows' candidates, the last of each for the candidate as a whole."""

    coarse: NDArray[np.float32]
    fine: NDArray[np.float64]

    @property
    def keys(self) -> NDArray[np.float32]:
        """One a feature, to choose features by; (n_rows, n_candidates, n_features)."""
        return self.coarse[..., :-1]

    @property
    def values(self) -> NDArray[np.float64]:
        """One a feature, to choose values by; (n_rows, n_candidates, n_features)."""
        return self.fine[..., :-1]

    @property
    def candidate(self) -> NDArray[np.float64]:
        """One a candidate, shape (n_rows, n_candidates)."""
        return self.fine[..., -1]


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
            return unmoved(problem, USED_UP)
        n_rows = len(problem.X)
        state = _State(
            problem.X.copy(), problem.before.copy(), np.full(n_rows, np.inf), np.zeros(n_rows, dtype=np.intp)
        )
        donors = _donors(problem)
        active = np.flatnonzero(problem.changeable.any(axis=1))
        n_candidates = problem.budget.points(self.n_candidates)
        n_generations = problem.budget.questions(self.n_generations, n_candidates)
        for generation in range(n_generations):
            if active.size == 0 or problem.budget.is_over:
                break
            points = self._candidates(problem, state, active, donors, generation, n_candidates)
            self._advance(problem, state, active, points)
            done = np.isfinite(state.cost[active]) & (state.idle[active] >= self.patience)
            active = active[~done]
        ended = problem.budget.why_ended(
            "the search ended before the target was reached",
            cut_short=(n_generations, n_candidates) != (self.n_generations, self.n_candidates),
        )
        reason = np.where(state.score >= problem.target - TOLERANCE, "", ended)
        return Proposal(state.X, state.score, reason.astype(object))

    def _candidates(
        self,
        problem: Problem,
        state: _State,
        active: NDArray[np.intp],
        donors: NDArray[np.float64] | None,
        generation: int,
        n_candidates: int,
    ) -> NDArray[np.float64]:
        """Points to ask about next, shape (n_active, n_candidates, n_features)."""
        d = len(problem.space)
        drawn = row_uniform_pairs(problem.seed, 1 + generation, problem.row_ids[active], (n_candidates, d + 1))
        reached = np.isfinite(state.cost[active])
        points = np.empty((len(active), n_candidates, d))
        climbing, shrinking = ~reached, reached
        if climbing.any():
            own_donors = None if donors is None else donors[active[climbing]]
            own = _Drawn(drawn[0][climbing], drawn[1][climbing])
            points[climbing] = _climb(problem, state, active[climbing], own_donors, own, generation)
        if shrinking.any():
            own = _Drawn(drawn[0][shrinking], drawn[1][shrinking])
            points[shrinking] = _shrink(problem, state, active[shrinking], own)
        return points

    def _advance(self, problem: Problem, state: _State, active: NDArray[np.intp], points: NDArray[np.float64]) -> None:
        shape = points.shape[:2]
        rows, flat = np.repeat(active, shape[1]), points.reshape(-1, points.shape[2])
        n_changed = _differ(points, problem.X[active][:, None, :]).sum(axis=2).ravel()
        score = np.full(len(flat), -np.inf)
        fresh = n_changed > 0
        if problem.reference is not None:
            fresh &= ~problem.reference.contains(flat)
        if fresh.any():
            score[fresh] = problem.ask(flat[fresh], rows[fresh])
        there = np.flatnonzero(score >= problem.target[rows] - TOLERANCE)
        cost = np.full(len(flat), np.inf)
        distance = problem.space.distance(flat[there], problem.X[rows[there]])
        cost[there] = _CHANGE_COST * n_changed[there] + distance
        # The cheapest that reaches the target; where none does, the surest.
        order = np.lexsort((-score.reshape(shape), cost.reshape(shape)), axis=1)[:, 0]
        _keep_better(state, active, flat, score, cost, np.arange(len(active)) * shape[1] + order)


def _keep_better(
    state: _State,
    active: NDArray[np.intp],
    points: NDArray[np.float64],
    score: NDArray[np.float64],
    cost: NDArray[np.float64],
    pick: NDArray[np.intp],
) -> None:
    """Let the point picked for each row take the place of its best, where it is better."""
    cheaper = cost[pick] < state.cost[active] - TOLERANCE
    surer = ~np.isfinite(state.cost[active]) & (score[pick] > state.score[active] + TOLERANCE)
    better = cheaper | surer
    gained, taken = active[better], pick[better]
    state.X[gained], state.score[gained], state.cost[gained] = points[taken], score[taken], cost[taken]
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
    drawn: _Drawn,
    generation: int,
) -> NDArray[np.float64]:
    """Candidates that may be surer: values of surer rows, and random steps."""
    space, n_candidates = problem.space, drawn.keys.shape[1]
    now = state.X[rows][:, None, :]
    free = problem.changeable[rows][:, None, :]
    # From one feature to all of them, spread over the candidates.
    share = np.geomspace(1.0 / len(space), 1.0, n_candidates)[:, None]
    touched = _some(free, share * free.sum(axis=2, keepdims=True), drawn.keys)
    # The whole quarters of a number tell where a value comes from, the rest of it which value.
    uniform, kind = np.modf(4.0 * drawn.values)
    reach = 0.5 * 1.25 ** min(generation, 12)
    step = (2.0 * uniform - 1.0) * (reach * space.spread)
    value = np.where(np.isnan(now), space.fill_codes(), now) + step
    if not space.numeric.all():
        value = np.where(space.numeric, value, np.floor(uniform * np.maximum(space.n_categories, 1)))
    if donors is not None:
        which = np.floor(drawn.candidate * donors.shape[1]).astype(np.intp)
        given = donors[np.arange(len(rows))[:, None], which]
        value = np.where((kind < 3) & ~np.isnan(given), given, value)
    return problem.within(rows, np.where(touched, value, now))


def _shrink(problem: Problem, state: _State, rows: NDArray[np.intp], drawn: _Drawn) -> NDArray[np.float64]:
    """Candidates that are nearer: some of the changes reverted, or numbers brought back part of the way."""
    space, n_candidates = problem.space, drawn.keys.shape[1]
    now, start = state.X[rows][:, None, :], problem.X[rows][:, None, :]
    changed = _differ(now, start)
    # Three quarters of the changed features, fewer, … down to a single one.
    share = np.geomspace(0.75, 1e-3, n_candidates)[:, None]
    touched = _some(changed, share * changed.sum(axis=2, keepdims=True), drawn.keys)
    points = np.where(touched, start, now)
    # A third of the candidates only bring numbers back part of the way, which keeps them within all bounds.
    part = touched & (drawn.candidate < 1 / 3)[:, :, None] & (space.numeric & ~np.isnan(start))
    row, candidate, feature = np.nonzero(part)
    begin, end = problem.X[rows[row], feature], state.X[rows[row], feature]
    value = begin + (end - begin) * drawn.values[row, candidate, feature]
    points[row, candidate, feature] = np.where(space.integer[feature], np.rint(value), value)
    return points


def _some(eligible: NDArray[np.bool_], how_many: NDArray[np.float64], keys: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Choose so many of the eligible features by random numbers, one at the least."""
    keys = np.where(eligible, keys, np.float32(2.0))
    last = np.maximum(1, np.rint(how_many)).astype(np.intp) - 1
    threshold = np.take_along_axis(np.sort(keys, axis=2), last, axis=2)
    return np.asarray((keys <= threshold) & eligible)


def _differ(points: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.bool_]:
    differs = points != start
    missing = np.isnan(start)
    if missing.any():
        differs &= ~(missing & np.isnan(points))
    return np.asarray(differs)
