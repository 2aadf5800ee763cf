"""Counterfactuals by derivatives: all rows at once, along the features that count most."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.neighbours import nearest_teaching
from coopdistill.counterfactuals.problem import TOLERANCE, Problem, Proposal
from coopdistill.counterfactuals.segments import is_new
from coopdistill.learners import Model
from coopdistill.learners.gradients import Differentiable, Gradient, differentiable

__all__ = ["GradientGenerator"]

_STRIDE = 1.0
"""How far, in spreads, a number may go before its derivative is looked at again."""
_PULL = 1.5
"""What a step counts more if it leads towards a surer row of the class, or goes on with a feature that moved."""
_OVERSHOOT = 1e-6
"""How far beyond its target a log odds is aimed, in relative terms: the answer is checked in other arithmetic."""


class GradientGenerator(Generator):
    """Takes for each row the cheapest steps to its target, as the derivatives tell.

    The log odds of the row's class, or the prediction, is to rise by what is missing. Features are taken in the order
    of what a spread of theirs, or the switch to a category, adds: of all ways to the target of a linear model within
    the ranges this is the one of least L1 length, and it changes few features. Other models are linearised
    anew after steps of a spread at most. A row that has arrived leaves the batch; then changed features are taken
    back one by one, the least useful first, and the rest is drawn in towards the row while the target holds. Steps
    towards a nearby surer row of the class count half as much again, so that the way leads along the data.

    Parameters
    ----------
    n_steps : int, default=40
        Steps at the most.
    n_shrinks : int, default=8
        Changed features that are tried to be taken back, and halvings of the way back.

    Notes
    -----
    The teacher is asked once about each row, for the final check; derivatives are computed beside it.
    """

    name = "gradient"

    def __init__(self, n_steps: int = 40, n_shrinks: int = 8) -> None:
        self.n_steps = n_steps
        self.n_shrinks = n_shrinks
        self._found: tuple[Model, Differentiable | str] | None = None

    def refusal(self, problem: Problem) -> str | None:
        """Refuse a teacher whose derivatives are not known."""
        found = self._derivatives_of(problem.teacher)
        return found if isinstance(found, str) else None

    def propose(self, problem: Problem) -> Proposal:
        """Return, for each row, the point that was reached by derivatives, checked by the teacher."""
        slopes = self._derivatives_of(problem.teacher)
        if isinstance(slopes, str) or len(problem.X) == 0 or problem.budget.questions(1, 1) == 0:
            return Proposal(problem.X.copy(), problem.before.copy(), _reasons(problem, "it may not be checked"))
        way = _Way(problem, slopes)
        X = self._walk(problem, way)
        X = self._shrunk(problem, way, X)
        return _checked(problem, X)

    def _walk(self, problem: Problem, way: _Way) -> NDArray[np.float64]:
        X = problem.X.copy()
        towards = _towards(problem)
        active = np.arange(len(X))
        for _ in range(self.n_steps):
            gradient = way.gradient(X[active], active)
            missing = way.goal[active] - gradient.value
            still = (missing > 0) & np.isfinite(missing)
            active, missing = active[still], missing[still]
            if active.size == 0 or problem.budget.is_over:
                break
            gradient = Gradient(gradient.value[still], gradient.features[still], gradient.switches[still])
            steps = _steps(problem, way, X[active], active, gradient, missing, towards)
            moved = ((steps != X[active]) & ~np.isnan(steps)).any(axis=1)
            X[active] = np.where(np.isnan(X[active]), X[active], steps)
            active = active[moved]
        return X

    def _shrunk(self, problem: Problem, way: _Way, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take back what was not needed; only where the target was reached."""
        arrived = np.flatnonzero(way.value(X, np.arange(len(X))) >= way.goal)
        gain = np.abs(X[arrived] - problem.X[arrived]) / problem.space.spread
        gain = np.where(problem.space.numeric, gain, 1.0)
        changed = (X[arrived] != problem.X[arrived]) & ~np.isnan(X[arrived])
        order = np.argsort(np.where(changed, gain, np.inf), axis=1, kind="stable")
        for k in range(min(self.n_shrinks, X.shape[1])):
            column = order[:, k]
            tries = np.flatnonzero(changed[np.arange(len(arrived)), column] & (changed.sum(axis=1) > k + 1))
            self._keep_if_holding(problem, way, X, arrived[tries], column[tries])
        return self._drawn_in(problem, way, X, arrived)

    def _keep_if_holding(
        self,
        problem: Problem,
        way: _Way,
        X: NDArray[np.float64],
        rows: NDArray[np.intp],
        column: NDArray[np.intp],
    ) -> None:
        if rows.size == 0 or problem.budget.is_over:
            return
        tried = X[rows]
        tried[np.arange(len(rows)), column] = problem.X[rows, column]
        holds = way.value(tried, rows) >= way.goal[rows]
        X[rows[holds]] = tried[holds]

    def _drawn_in(
        self, problem: Problem, way: _Way, X: NDArray[np.float64], arrived: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Halve the way back of the numbers, as long as the target holds."""
        if arrived.size == 0:
            return X
        near, far = np.zeros(len(arrived)), np.ones(len(arrived))
        start, end = problem.X[arrived], X[arrived]
        best = end.copy()
        for _ in range(self.n_shrinks):
            middle = (near + far) / 2
            along = np.where(problem.space.numeric, start + middle[:, None] * (end - start), end)
            points = problem.within(arrived, along[:, None, :])[:, 0]
            holds = way.value(points, arrived) >= way.goal[arrived]
            best[holds] = points[holds]
            near, far = np.where(holds, near, middle), np.where(holds, middle, far)
        X[arrived] = best
        return X

    def _derivatives_of(self, teacher: Model) -> Differentiable | str:
        if self._found is None or self._found[0] is not teacher:
            self._found = (teacher, differentiable(teacher))
        return self._found[1]


class _Way:
    """What is to rise, for each row: the log odds of its class, or the prediction in the direction of its value."""

    def __init__(self, problem: Problem, slopes: Differentiable) -> None:
        self.slopes = slopes
        self.exact = slopes.link.task == "regression"
        self._label = problem.label
        sought = problem.target if problem.sought is None else problem.sought
        if self.exact:
            now = slopes.margin(problem.X, problem.label)
            self._sign = np.where(sought >= now, 1.0, -1.0)
            # Just before the value, well inside of the tolerance.
            self.goal: NDArray[np.float64] = self._sign * sought - 1e-3 * np.abs(sought - now)
        else:
            self._sign = np.ones(len(problem.X))
            # A score of one is never reached by log odds; as close as numbers go is as good.
            goal = logit(np.minimum(sought, 1.0 - 1e-15))
            self.goal = goal + _OVERSHOOT * (1.0 + np.abs(goal))

    def value(self, X: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.asarray(self._sign[rows] * self.slopes.margin(X, self._label[rows]))

    def gradient(self, X: NDArray[np.float64], rows: NDArray[np.intp]) -> Gradient:
        made = self.slopes.margin_gradient(X, self._label[rows])
        sign = self._sign[rows]
        return Gradient(sign * made.value, sign[:, None] * made.features, sign[:, None] * made.switches)


def _towards(problem: Problem) -> NDArray[np.float64]:
    """From each row to the nearest surer row of its class; zero where there is none."""
    if problem.reference is None or len(problem.reference.X) < 2:
        return np.zeros_like(problem.X)
    index, usable = nearest_teaching(problem, 1)
    difference = np.nan_to_num(problem.reference.X[index[:, 0]] - problem.X)
    return np.where(usable, difference, 0.0)


def _steps(
    problem: Problem,
    way: _Way,
    X: NDArray[np.float64],
    rows: NDArray[np.intp],
    gradient: Gradient,
    missing: NDArray[np.float64],
    towards: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Take the most useful features, in order, until they add up to what is missing; the last one in part."""
    space, d = problem.space, X.shape[1]
    # A value is to be met, not passed, so what cannot be taken in part must not add more than is missing.
    most = missing if way.exact else np.full(len(X), np.inf)
    worth, room, goal = _number_moves(problem, X, rows, gradient, most)
    switch_worth, switch_goal = _switch_moves(problem, way.slopes, X, rows, gradient, most)
    worth, room, goal = np.where(space.numeric, (worth, room, goal), (switch_worth, switch_worth, switch_goal))
    worth = np.where(room > 0, worth, 0.0)
    liked = ((goal - X) * towards[rows] > 0) | ((problem.X[rows] != X) & ~np.isnan(X))
    order = np.argsort(-np.where(liked, _PULL, 1.0) * worth, axis=1, kind="stable")
    added = np.cumsum(np.take_along_axis(room, order, axis=1), axis=1)
    before = added - np.take_along_axis(room, order, axis=1)
    share = np.empty((len(X), d))
    left = np.clip(missing[:, None] * (1.0 + _OVERSHOOT) - before, 0.0, added - before)
    np.put_along_axis(
        share, order, np.divide(left, added - before, out=np.zeros_like(left), where=added > before), axis=1
    )
    share = np.where(space.numeric, share, share > 0)
    useful = (room > 0) & (share > 0)
    numbers = X + share * (goal - X)
    # A whole number takes the whole step that it was to take a part of, or none where a value is to be met.
    up, down = (np.floor, np.ceil) if way.exact else (np.ceil, np.floor)
    nudge = 1e-9 if way.exact else -1e-9
    whole = np.where(goal > X, up(numbers + nudge), down(numbers - nudge))
    moved = np.where(space.integer, whole, np.where(space.numeric, numbers, goal))
    return problem.within(rows, np.where(useful, moved, X)[:, None, :])[:, 0]


def _number_moves(
    problem: Problem,
    X: NDArray[np.float64],
    rows: NDArray[np.intp],
    gradient: Gradient,
    most: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """What a spread of each number adds, what it can add in one stride, and where that stride ends."""
    space = problem.space
    low, high = space.bounds_around(problem.X[rows])
    slope = np.where(problem.changeable[rows], gradient.features, 0.0)
    stride = np.maximum(_STRIDE * space.spread, np.where(space.integer, 1.0, 0.0))
    goal = np.clip(X + np.sign(slope) * stride, low, high)
    steps = np.trunc(goal - X)
    allowed = np.floor(most[:, None] / np.maximum(np.abs(slope), np.finfo(np.float64).eps))
    steps = np.sign(steps) * np.minimum(np.abs(steps), allowed)
    goal = np.where(space.integer, X + steps, goal)
    return np.abs(slope) * space.spread, np.nan_to_num(np.abs(slope * (goal - X))), goal


def _switch_moves(
    problem: Problem,
    slopes: Differentiable,
    X: NDArray[np.float64],
    rows: NDArray[np.intp],
    gradient: Gradient,
    most: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the best switch of each category adds, and to which category it is."""
    worth, goal = np.zeros(X.shape), X.copy()
    switches = np.nan_to_num(gradient.switches, nan=-np.inf)
    design = slopes.design
    for j in np.flatnonzero(~problem.space.numeric):
        among = np.flatnonzero(design.category_feature == j)
        best = switches[:, among].argmax(axis=1)
        adds = switches[np.arange(len(X)), among[best]]
        free = problem.changeable[rows, j] & ~np.isnan(X[:, j]) & (adds > 0) & (adds <= most)
        worth[free, j] = adds[free]
        goal[free, j] = design.category_code[among[best[free]]]
    return worth, goal


def _checked(problem: Problem, X: NDArray[np.float64]) -> Proposal:
    """Ask the teacher itself about every point that is new."""
    score, rows = problem.before.copy(), np.arange(len(X))
    new = np.flatnonzero(is_new(problem, rows, X))
    out = problem.X.copy()
    if new.size:
        asked = problem.ask(X[new], new)
        better = asked > problem.before[new] + TOLERANCE
        there = better | (asked >= problem.target[new] - TOLERANCE)
        out[new[there]], score[new[there]] = X[new[there]], asked[there]
    reason = _reasons(problem, "its derivatives lead to no point that reaches the target")
    reason[score >= problem.target - TOLERANCE] = ""
    return Proposal(out, score, reason)


def _reasons(problem: Problem, reason: str) -> NDArray[Any]:
    return np.full(len(problem.X), reason, dtype=object)
