"""Counterfactuals by derivatives: all rows at once, along the few features that count most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.neighbours import nearest_teaching
from coopdistill.counterfactuals.problem import TOLERANCE, Problem, Proposal
from coopdistill.counterfactuals.segments import is_new, points_between
from coopdistill.exceptions import OptionError
from coopdistill.learners import Model
from coopdistill.learners.derivatives.gradients import Differentiable, Gradient, differentiable
from coopdistill.schema import FeatureSpace

__all__ = ["GradientGenerator"]

_PULL = 0.5
"""What a spread costs more that does not lead towards the nearest surer row of the class."""

_NEW_FEATURE = 1.0
"""What it costs to change one more feature, in spreads."""

_STRIDE = 2.0
"""How many spreads a feature may go at first before derivatives are taken anew."""

_HOLDS = 0.25
"""What share of its promise a step has to keep."""

_LEAST_STRIDE = 1e-3
"""Where the stride has shrunk to this, a row is stuck."""

_MOST_FEATURES = 48
"""How many features may move in one step."""

_MOST_PULLED = 250_000
"""Values of reference rows beyond which looking for the nearest would cost more than all the rest."""

_LOOKED_AT = 4096
"""Reference rows of a class that are looked at, at the most."""

_ALONG = np.array([0.25, 0.5, 0.75, 0.9, 0.97])
"""Where to look on the way to a surer row, for rows that derivatives lead nowhere."""

_SURER = (0.0, 0.03, 0.3)
"""How much more than the target is aimed at, the more the oftener the teacher has not confirmed."""


class GradientGenerator(Generator):
    """Takes for each row the cheapest steps to its target, as the derivatives tell.

    What rises is the log odds of the row's class, which do not level off as scores do, or the prediction in the
    direction asked for. Each step moves the features that give most for their cost, and no further than needed: so one
    step does for a linear model. Cost is the number of features changed plus L1 distance in spreads, half as much
    again where the way does not lead towards the nearest surer row of the class. Steps of other models are as long as
    their derivatives have held so far. Rows that have arrived leave the batch. Then changes that were not needed are
    taken back, and the others drawn in. A row that derivatives lead nowhere looks on the way to that surer row.

    Parameters
    ----------
    n_steps : int, default=48
        Steps at the most.
    n_shrinks : int, default=6
        Rounds of taking back, and of drawing in.

    Notes
    -----
    The teacher is asked about each row once, for the check, and where that fails once or twice more. Derivatives are
    worked out beside it. Where space and reference rows have very many values together, as of images, nothing is
    pulled towards the data.
    """

    name = "gradient"

    def __init__(self, n_steps: int = 48, n_shrinks: int = 6) -> None:
        self.n_steps = n_steps
        self.n_shrinks = n_shrinks
        self._found: tuple[Model, Differentiable | str] | None = None

    def refusal(self, problem: Problem) -> str | None:
        """Refuse a teacher whose derivatives are not known."""
        if not problem.space.mutable.any():
            return "no feature may change"
        found = self._derivatives_of(problem.teacher)
        if isinstance(found, str):
            return found
        if found.link.task == "regression" and problem.sought is None:
            return "it is not said which values are sought"
        return None

    def propose(self, problem: Problem) -> Proposal:
        """Return, for each row, the cheapest point found that the teacher confirms, else the surest."""
        slopes = self._derivatives_of(problem.teacher)
        if isinstance(slopes, str):
            raise OptionError(f"generator='gradient' cannot work here: {slopes}")
        out = Proposal(problem.X.copy(), problem.before.copy(), np.full(len(problem.X), "", dtype=object))
        ends = _ends_of(problem)
        points = problem.X.copy()
        left = np.flatnonzero(problem.changeable.any(axis=1))
        for surer in _SURER[: problem.budget.questions(len(_SURER), 1)]:
            if left.size == 0 or problem.budget.is_over:
                break
            road = _Road(problem, slopes, surer)
            points[left] = self._travel(road, left, points[left], ends)
            _confirm(problem, out, left, points[left])
            left = left[out.score[left] < problem.target[left] - TOLERANCE]
        out.reason[out.score < problem.target - TOLERANCE] = "its derivatives lead to no point that reaches the target"
        return out

    def _travel(
        self, road: _Road, rows: NDArray[np.intp], points: NDArray[np.float64], ends: NDArray[np.float64] | None
    ) -> NDArray[np.float64]:
        points = self._walk(road, rows, points, ends)
        arrived = road.gap(road.value(points, rows), rows) <= 0.0
        stuck = np.flatnonzero(~arrived)
        if stuck.size and road.problem.reference is not None and not road.problem.budget.is_over:
            points[stuck], arrived[stuck] = _towards_the_data(road, rows[stuck], points[stuck])
        if arrived.any():
            points[arrived] = self._shrink(road, rows[arrived], points[arrived])
        return points

    def _walk(
        self, road: _Road, rows: NDArray[np.intp], points: NDArray[np.float64], ends: NDArray[np.float64] | None
    ) -> NDArray[np.float64]:
        """Step until the target is reached, or no step helps."""
        points = points.copy()
        trust = _Trust.at_first(points.shape)
        at = np.arange(len(rows))
        gradient = road.gradient(points, rows)
        for _ in range(self.n_steps):
            gap = road.gap(gradient.value, rows[at])
            going = (gap > 0.0) & (trust.stride[at] > _LEAST_STRIDE)
            at, gradient, gap = at[going], _some(gradient, going), gap[going]
            if at.size == 0 or road.problem.budget.is_over:
                break
            aims = None if ends is None else ends[rows[at]]
            moved, gain, length = _step(road, rows[at], points[at], gradient, trust.of(at), aims)
            ahead = road.gradient(moved, rows[at])
            came_nearer = gap - road.gap(ahead.value, rows[at])
            holds = (gain > 0.0) & (came_nearer >= _HOLDS * np.minimum(gain, gap))
            trust.learn(at, holds, _differ(moved, points[at]), length, road.problem.space)
            points[at[holds]] = moved[holds]
            gradient = _merged(gradient, ahead, holds)
        return points

    def _shrink(self, road: _Road, rows: NDArray[np.intp], points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take back whole changes while the target holds, the least useful first; then draw in the rest."""
        points = points.copy()
        start = road.problem.X[rows]
        several = np.flatnonzero(_differ(points, start).sum(axis=1) > 1)
        if several.size and not road.problem.budget.is_over:
            points[several] = _taken_back(road, rows[several], points[several], 2 * self.n_shrinks)
        return _drawn_in(road, rows, points, self.n_shrinks)

    def _derivatives_of(self, teacher: Model) -> Differentiable | str:
        if self._found is None or self._found[0] is not teacher:
            self._found = (teacher, differentiable(teacher))
        return self._found[1]


class _Road:
    """What is to rise for each row, and how far: from `low` to `high`."""

    def __init__(self, problem: Problem, slopes: Differentiable, surer: float) -> None:
        self.problem, self.slopes = problem, slopes
        noise = 0.1 * slopes.raw.tolerance
        if slopes.link.task == "regression":
            assert problem.sought is not None
            now = slopes.margin(problem.X, problem.label)
            # In units of the way to the value sought, as the problem's own scores are.
            self._now, self._way = now, np.where(problem.sought == now, 1.0, problem.sought - now)
            inside = np.minimum(0.05 + surer, 0.5) * (1.0 - problem.target)
            self.low, self.high = problem.target + inside, 2.0 - problem.target - inside
        else:
            self._now, self._way = np.zeros(len(problem.X)), np.ones(len(problem.X))
            # Log odds of certainty are beyond all numbers; this is what double precision tells from it.
            goal = logit(np.minimum(problem.target, 1.0 - 1e-12))
            here = logit(np.clip(problem.before, 1e-300, 1.0 - 1e-12))
            self.low = goal + noise * (1.0 + np.abs(goal)) + surer * (1.0 + goal - here)
            self.high = np.full(len(problem.X), np.inf)
        # A step is aimed a little beyond, so that rounding does not leave it short.
        self.aim = self.low + 1e-9 * (1.0 + np.abs(self.low))

    def gap(self, value: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """How far values are from where they are to be."""
        return np.asarray(np.maximum(np.maximum(self.low[rows] - value, value - self.high[rows]), 0.0))

    def value(self, points: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        margin = self.slopes.margin(points, self.problem.label[rows])
        return np.asarray((margin - self._now[rows]) / self._way[rows])

    def gradient(self, points: NDArray[np.float64], rows: NDArray[np.intp]) -> Gradient:
        made = self.slopes.margin_gradient(points, self.problem.label[rows])
        way = self._way[rows][:, None]
        return Gradient((made.value - self._now[rows]) / way[:, 0], made.features / way, made.switches / way)


@dataclass(frozen=True, eq=False)
class _Trust:
    """How far the derivatives of each row are trusted.

    Attributes
    ----------
    stride : ndarray of shape (n_rows,), float64
        How many spreads a feature may go.
    most : ndarray of shape (n_rows,), int
        How many features may move at once.
    barred : ndarray of shape (n_rows, n_features), bool
        Which whole steps, of integers and categories, did not give what they promised.
    """

    stride: NDArray[np.float64]
    most: NDArray[np.intp]
    barred: NDArray[np.bool_]

    @classmethod
    def at_first(cls, shape: tuple[int, ...]) -> _Trust:
        return cls(np.full(shape[0], _STRIDE), np.full(shape[0], _MOST_FEATURES), np.zeros(shape, dtype=bool))

    def of(self, at: NDArray[np.intp]) -> _Trust:
        return _Trust(self.stride[at], self.most[at], self.barred[at])

    def learn(
        self,
        at: NDArray[np.intp],
        holds: NDArray[np.bool_],
        touched: NDArray[np.bool_],
        length: NDArray[np.float64],
        space: FeatureSpace,
    ) -> None:
        """Go further after a step that held; else with fewer features, then less far."""
        n_touched = touched.sum(axis=1)
        stride, most = self.stride[at], self.most[at]
        several = ~holds & (n_touched > 1)
        whole = (~holds & (n_touched == 1))[:, None] & touched & ~(space.numeric & ~space.integer)
        shorter = ~holds & ~several & ~whole.any(axis=1)
        self.most[at] = np.where(holds, np.minimum(2 * most, _MOST_FEATURES), np.where(several, n_touched // 2, most))
        self.stride[at] = np.where(holds, 2.0 * stride, np.where(shorter, 0.5 * np.minimum(stride, length), stride))
        self.barred[at] = (self.barred[at] | whole) & ~holds[:, None]


@dataclass(frozen=True, eq=False)
class _Moves:
    """What each feature can do for each row, all of shape (n_rows, n_features).

    Attributes
    ----------
    rate : what a spread of it gives, of a category what the switch gives
    room : how many spreads it may move
    goal : where it would end
    """

    rate: NDArray[np.float64]
    room: NDArray[np.float64]
    goal: NDArray[np.float64]


def _step(
    road: _Road,
    rows: NDArray[np.intp],
    points: NDArray[np.float64],
    gradient: Gradient,
    trust: _Trust,
    ends: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Move the features that give most for their cost until they add up to what is missing.

    Returns
    -------
    moved : ndarray of shape (n_rows, n_features), float64
    gain : ndarray of shape (n_rows,), float64
        What that gives if the derivatives hold.
    length : ndarray of shape (n_rows,), float64
        The longest move of one feature.
    """
    problem, space = road.problem, road.problem.space
    under = road.aim[rows] - gradient.value
    need = np.where(under > 0.0, under, gradient.value - road.high[rows])
    sign = np.where(under > 0.0, 1.0, -1.0)
    slack = (road.high - road.low)[rows]
    moves = _moves(problem, road.slopes, rows, points, gradient, sign, trust.stride, need + slack)
    worth = np.where(trust.barred, 0.0, _worth(problem, rows, points, moves, need, ends))
    order = _most_worth(worth, min(_MOST_FEATURES, points.shape[1]))
    rate, room = np.take_along_axis(moves.rate, order, axis=1), np.take_along_axis(moves.room, order, axis=1)
    usable = (np.take_along_axis(worth, order, axis=1) > 0.0) & (np.arange(order.shape[1]) < trust.most[:, None])
    size = _sizes(space, order, rate, np.where(usable, room, 0.0), need, slack)
    taken = np.zeros(points.shape)
    np.put_along_axis(taken, order, size, axis=1)
    numbers = points + np.where(moves.goal > points, 1.0, -1.0) * taken * space.spread
    moved = np.where(space.numeric & (taken < moves.room), numbers, moves.goal)
    moved = problem.within(rows, np.where(taken > 0.0, moved, points)[:, None, :])[:, 0]
    return moved, (rate * size).sum(axis=1), size.max(axis=1, initial=0.0)


def _most_worth(worth: NDArray[np.float64], k: int) -> NDArray[np.intp]:
    """Positions of the k features of most worth, in order."""
    if k == worth.shape[1]:
        return np.argsort(-worth, axis=1, kind="stable")
    few = np.sort(np.argpartition(-worth, k - 1, axis=1)[:, :k], axis=1)
    order = np.argsort(-np.take_along_axis(worth, few, axis=1), axis=1, kind="stable")
    return np.take_along_axis(few, order, axis=1)


def _sizes(
    space: FeatureSpace,
    order: NDArray[np.intp],
    rate: NDArray[np.float64],
    room: NDArray[np.float64],
    need: NDArray[np.float64],
    slack: NDArray[np.float64],
) -> NDArray[np.float64]:
    """How many spreads each feature moves, in order, until they add up to the need; 1 for a switch.

    Whole steps go beyond the need where they may, by the slack at most, else stay before it.
    """
    full = rate * room
    lacking = np.maximum(need[:, None] - (np.cumsum(full, axis=1) - full), 0.0)
    most = lacking + slack[:, None]
    size = np.minimum(room, lacking / np.where(rate > 0.0, rate, 1.0))
    unit = 1.0 / space.spread[order]
    beyond = np.ceil(size / unit - 1e-9) * unit
    before = np.floor(size / unit + 1e-9) * unit
    whole = np.where((beyond <= room + 1e-9) & (beyond * rate <= most), beyond, before)
    switch = np.where((size > 0.0) & (rate <= most), 1.0, 0.0)
    return np.where(space.integer[order], whole, np.where(space.numeric[order], size, switch))


def _moves(
    problem: Problem,
    slopes: Differentiable,
    rows: NDArray[np.intp],
    points: NDArray[np.float64],
    gradient: Gradient,
    sign: NDArray[np.float64],
    stride: NDArray[np.float64],
    most: NDArray[np.float64],
) -> _Moves:
    space = problem.space
    slope = np.where(problem.changeable[rows], sign[:, None] * gradient.features, 0.0)
    low, high = space.bounds_around(problem.X[rows])
    reach = stride[:, None] * space.spread
    goal = np.where(slope > 0.0, np.fmin(points + reach, high), np.fmax(points - reach, low))
    goal = np.where(space.integer, points + np.trunc(goal - points), goal)
    room = np.where(slope != 0.0, np.abs(goal - points) / space.spread, 0.0)
    moves = _Moves(np.abs(slope) * space.spread, np.nan_to_num(room), goal)
    for j in np.flatnonzero(~space.numeric & space.mutable):
        among = np.flatnonzero(slopes.design.category_feature == j)
        gains = np.nan_to_num(sign[:, None] * gradient.switches[:, among], nan=-np.inf)
        gains[gains > most[:, None]] = -np.inf
        best = gains.argmax(axis=1)
        gain = gains[np.arange(len(rows)), best]
        open_ = (gain > 0.0) & problem.changeable[rows, j]
        moves.rate[:, j], moves.room[:, j] = np.where(open_, gain, 0.0), np.where(open_, 1.0, 0.0)
        moves.goal[:, j] = np.where(open_, slopes.design.category_code[among[best]], points[:, j])
    return moves


def _worth(
    problem: Problem,
    rows: NDArray[np.intp],
    points: NDArray[np.float64],
    moves: _Moves,
    need: NDArray[np.float64],
    ends: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """What each feature gives for its cost, 0 for what gives nothing."""
    space = problem.space
    size = np.minimum(moves.room, need[:, None] / np.where(moves.rate > 0.0, moves.rate, np.inf))
    size = np.where(space.numeric, size, moves.room)
    gain = np.minimum(size * moves.rate, need[:, None])
    cost = size + np.where(_differ(points, problem.X[rows]), 0.02, _NEW_FEATURE)
    if ends is not None:
        ahead = np.where(moves.goal > points, ends - points, points - ends) / space.spread
        ahead = np.where(space.numeric, np.maximum(np.nan_to_num(ahead), 0.0), ends == moves.goal)
        cost = cost + _PULL * np.maximum(size - ahead, 0.0)
    return np.asarray(np.where(gain > 0.0, gain / cost, 0.0))


def _taken_back(road: _Road, rows: NDArray[np.intp], points: NDArray[np.float64], n_rounds: int) -> NDArray[np.float64]:
    """Points without the changes that are not needed: as many at once as the derivatives allow, then fewer."""
    start, points = road.problem.X[rows], points.copy()
    gradient = road.gradient(points, rows)
    loss = _loss(road, points, start, gradient)
    free, spare = _differ(points, start), gradient.value - road.low[rows]
    n_free, share = free.sum(axis=1), np.ones(len(rows))
    at = np.arange(len(rows))
    for _ in range(n_rounds):
        at = at[free[at].any(axis=1) & (n_free[at] > 1)]
        if at.size == 0 or road.problem.budget.is_over:
            break
        order = np.argsort(np.where(free[at], loss[at], np.inf), axis=1, kind="stable")
        lost = np.cumsum(np.maximum(np.take_along_axis(np.where(free[at], loss[at], 0.0), order, axis=1), 0.0), axis=1)
        n_back = np.minimum((lost <= spare[at, None]).sum(axis=1), free[at].sum(axis=1))
        n_back = np.maximum(1, np.floor(share[at] * n_back)).astype(np.intp)
        back = np.zeros(order.shape, dtype=bool)
        np.put_along_axis(back, order, np.arange(order.shape[1]) < n_back[:, None], axis=1)
        tried = np.where(back, start[at], points[at])
        value = road.value(tried, rows[at])
        holds = (road.gap(value, rows[at]) <= 0.0) & _differ(tried, start[at]).any(axis=1)
        points[at[holds]] = tried[holds]
        spare[at[holds]] = (value - road.low[rows[at]])[holds]
        # What alone cannot be taken back stays; of several, fewer are tried next.
        free[at] &= ~(back & (holds | (n_back == 1))[:, None])
        n_free[at] = _differ(points[at], start[at]).sum(axis=1)
        share[at] = np.where(holds, share[at], 0.3 * share[at])
    return points


def _loss(
    road: _Road, points: NDArray[np.float64], start: NDArray[np.float64], gradient: Gradient
) -> NDArray[np.float64]:
    """What taking back each change costs, if the derivatives hold."""
    space, design = road.problem.space, road.slopes.design
    loss = gradient.features * (points - start)
    for j in np.flatnonzero(~space.numeric & space.mutable):
        code = np.nan_to_num(start[:, j]).astype(np.intp)
        loss[:, j] = -gradient.switches[:, design.category_feature == j][np.arange(len(start)), code]
    return np.nan_to_num(loss)


def _drawn_in(road: _Road, rows: NDArray[np.intp], points: NDArray[np.float64], n_halvings: int) -> NDArray[np.float64]:
    """Bring numbers back towards the row, as far as the target holds."""
    start = road.problem.X[rows]
    loose = road.problem.space.numeric & _differ(points, start)
    spare = road.value(points, rows) - road.low[rows]
    at = np.flatnonzero(loose.any(axis=1) & (spare > 1e-3 * (1.0 + np.abs(road.low[rows]))))
    near, far = np.zeros(len(at)), np.ones(len(at))
    points = points.copy()
    whole = points[at]
    for _ in range(n_halvings):
        if at.size == 0 or road.problem.budget.is_over:
            break
        middle = (near + far) / 2.0
        along = np.where(loose[at], start[at] + middle[:, None] * (whole - start[at]), whole)
        tried = road.problem.within(rows[at], along[:, None, :])[:, 0]
        holds = (road.gap(road.value(tried, rows[at]), rows[at]) <= 0.0) & _differ(tried, start[at]).any(axis=1)
        points[at[holds]] = tried[holds]
        near, far = np.where(holds, near, middle), np.where(holds, middle, far)
    return points


def _ends_of(problem: Problem) -> NDArray[np.float64] | None:
    """The nearest surer row of each row's class, the row itself where there is none."""
    if problem.reference is None or len(problem.reference.X) < 2 or problem.budget.is_over:
        return None
    if min(len(problem.reference.X), _LOOKED_AT) * len(problem.space) > _MOST_PULLED:
        return None
    index, usable = nearest_teaching(problem, 1)
    return np.where(usable, problem.reference.X[index[:, 0]], problem.X)


def _towards_the_data(
    road: _Road, rows: NDArray[np.intp], points: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Look on the way to surer rows of the class; points, and which of them reach the target."""
    problem = road.problem
    index, usable = nearest_teaching(problem.part(rows), 3)
    points, there = points.copy(), np.zeros(len(rows), dtype=bool)
    for slot in range(index.shape[1]):
        at = np.flatnonzero(usable[:, slot] & ~there)
        if at.size == 0:
            break
        assert problem.reference is not None
        ends = problem.reference.X[index[at, slot]]
        ways = points_between(problem, rows[at], np.full(len(at), slot), ends, _ALONG)
        flat, of = ways.reshape(-1, points.shape[1]), np.repeat(rows[at], len(_ALONG))
        reach = (road.gap(road.value(flat, of), of) <= 0.0).reshape(len(at), -1)
        hit = reach.any(axis=1)
        points[at[hit]] = ways[hit, reach[hit].argmax(axis=1)]
        there[at[hit]] = True
    return points, there


def _confirm(problem: Problem, out: Proposal, rows: NDArray[np.intp], points: NDArray[np.float64]) -> None:
    """Ask the teacher itself, and keep what is better than what there is."""
    new = is_new(problem, rows, points)
    rows, points = rows[new], points[new]
    if rows.size == 0:
        return
    asked = problem.ask(points, rows)
    # Where there is next to no room, the target is less than a tolerance away.
    there = (asked >= problem.target[rows] - TOLERANCE) & (out.score[rows] < problem.target[rows] - TOLERANCE)
    better = there | (asked > out.score[rows] + TOLERANCE)
    out.X[rows[better]], out.score[rows[better]] = points[better], asked[better]


def _differ(points: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((points != start) & ~(np.isnan(points) & np.isnan(start)))


def _some(gradient: Gradient, which: NDArray[np.bool_]) -> Gradient:
    return Gradient(gradient.value[which], gradient.features[which], gradient.switches[which])


def _merged(now: Gradient, ahead: Gradient, moved: NDArray[np.bool_]) -> Gradient:
    return Gradient(
        np.where(moved, ahead.value, now.value),
        np.where(moved[:, None], ahead.features, now.features),
        np.where(moved[:, None], ahead.switches, now.switches),
    )
