"""One step along the features that give most for their cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.gradient.goal import MarginGoal
from coopdistill.learners.derivatives.gradients import Gradient
from coopdistill.schema import FeatureSpace

__all__ = ["Step", "differ", "step_from"]

_PULL = 0.5
"""What a spread costs more that does not lead towards the nearest surer row of the class."""

_NEW_FEATURE = 1.0
"""What it costs to change one more feature, in spreads."""

_CHANGED_FEATURE = 0.02
"""What it costs to move on one that has changed already."""

_MOST_FEATURES = 48
"""How many features may move in one step."""


@dataclass(frozen=True, eq=False)
class Step:
    """Where a step ends.

    Attributes
    ----------
    points : ndarray of shape (n_rows, n_features), float64
    gain : ndarray of shape (n_rows,), float64
        What it gives if the derivatives hold.
    length : ndarray of shape (n_rows,), float64
        The longest move of one feature, in spreads.
    """

    points: NDArray[np.float64]
    gain: NDArray[np.float64]
    length: NDArray[np.float64]


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


@dataclass(frozen=True, eq=False)
class _Lack:
    """What is missing to each row's goal.

    Attributes
    ----------
    sign : 1 where the value is to rise, -1 where it is to fall
    need : how much
    slack : how much more is still inside the goal
    """

    sign: NDArray[np.float64]
    need: NDArray[np.float64]
    slack: NDArray[np.float64]


def step_from(
    goal: MarginGoal,
    rows: NDArray[np.intp],
    points: NDArray[np.float64],
    gradient: Gradient,
    stride: NDArray[np.float64],
    barred: NDArray[np.bool_],
    ends: NDArray[np.float64] | None,
) -> Step:
    """Move the features that give most for their cost until they add up to what is missing.

    Parameters
    ----------
    goal : MarginGoal
        What is missing.
    rows : ndarray of shape (n,), int
        The row of the problem that each point is for.
    points : ndarray of shape (n, n_features), float64
        Where the step starts.
    gradient : Gradient
        The derivatives there.
    stride : ndarray of shape (n,), float64
        How many spreads a number may move.
    barred : ndarray of shape (n, n_features), bool
        Which features may not.
    ends : ndarray of shape (n, n_features), float64, optional
        A row of the data each, towards which moves are cheaper.

    Returns
    -------
    Step
    """
    problem, space = goal.problem, goal.problem.space
    lack = _lack(goal, rows, gradient.value)
    moves = _moves(goal, rows, points, gradient, lack, stride)
    worth = np.where(barred, 0.0, _worth(goal, rows, points, moves, lack.need, ends))
    order = _most_worth(worth, min(_MOST_FEATURES, points.shape[1]))
    rate = np.take_along_axis(moves.rate, order, axis=1)
    usable = np.take_along_axis(worth, order, axis=1) > 0.0
    room = np.where(usable, np.take_along_axis(moves.room, order, axis=1), 0.0)
    size = _sizes(space, order, rate, room, lack)
    taken = np.zeros(points.shape)
    np.put_along_axis(taken, order, size, axis=1)
    numbers = points + np.where(moves.goal > points, 1.0, -1.0) * taken * space.spread
    moved = np.where(space.numeric & (taken < moves.room), numbers, moves.goal)
    moved = problem.within(rows, np.where(taken > 0.0, moved, points)[:, None, :])[:, 0]
    return Step(moved, (rate * size).sum(axis=1), size.max(axis=1, initial=0.0))


def differ(points: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell value by value what differs; missing values are the same as one another."""
    return np.asarray((points != others) & ~(np.isnan(points) & np.isnan(others)))


def _lack(goal: MarginGoal, rows: NDArray[np.intp], value: NDArray[np.float64]) -> _Lack:
    under = goal.aim[rows] - value
    return _Lack(
        sign=np.where(under > 0.0, 1.0, -1.0),
        need=np.where(under > 0.0, under, value - goal.high[rows]),
        slack=(goal.high - goal.low)[rows],
    )


def _moves(
    goal: MarginGoal,
    rows: NDArray[np.intp],
    points: NDArray[np.float64],
    gradient: Gradient,
    lack: _Lack,
    stride: NDArray[np.float64],
) -> _Moves:
    problem, space, design = goal.problem, goal.problem.space, goal.slopes.design
    slope = np.where(problem.changeable[rows], lack.sign[:, None] * gradient.features, 0.0)
    low, high = space.bounds_around(problem.X[rows])
    reach = stride[:, None] * space.spread
    end = np.where(slope > 0.0, np.fmin(points + reach, high), np.fmax(points - reach, low))
    end = np.where(space.integer, points + np.trunc(end - points), end)
    room = np.where(slope != 0.0, np.abs(end - points) / space.spread, 0.0)
    moves = _Moves(np.abs(slope) * space.spread, np.nan_to_num(room), end)
    most = lack.need + lack.slack
    for j in np.flatnonzero(~space.numeric & space.mutable):
        among = np.flatnonzero(design.category_feature == j)
        gains = np.nan_to_num(lack.sign[:, None] * gradient.switches[:, among], nan=-np.inf)
        gains[gains > most[:, None]] = -np.inf
        best = gains.argmax(axis=1)
        gain = gains[np.arange(len(rows)), best]
        open_ = (gain > 0.0) & problem.changeable[rows, j]
        moves.rate[:, j], moves.room[:, j] = np.where(open_, gain, 0.0), np.where(open_, 1.0, 0.0)
        moves.goal[:, j] = np.where(open_, design.category_code[among[best]], points[:, j])
    return moves


def _worth(
    goal: MarginGoal,
    rows: NDArray[np.intp],
    points: NDArray[np.float64],
    moves: _Moves,
    need: NDArray[np.float64],
    ends: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """What each feature gives for its cost, 0 for what gives nothing."""
    space = goal.problem.space
    size = np.minimum(moves.room, need[:, None] / np.where(moves.rate > 0.0, moves.rate, np.inf))
    size = np.where(space.numeric, size, moves.room)
    gain = np.minimum(size * moves.rate, need[:, None])
    cost = size + np.where(differ(points, goal.problem.X[rows]), _CHANGED_FEATURE, _NEW_FEATURE)
    if ends is not None:
        ahead = np.where(moves.goal > points, ends - points, points - ends) / space.spread
        ahead = np.where(space.numeric, np.maximum(np.nan_to_num(ahead), 0.0), ends == moves.goal)
        cost = cost + _PULL * np.maximum(size - ahead, 0.0)
    return np.asarray(np.where(gain > 0.0, gain / cost, 0.0))


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
    lack: _Lack,
) -> NDArray[np.float64]:
    """How many spreads each feature moves, in order, until they add up to the need; 1 for a switch.

    Whole steps go beyond the need where they may, by the slack at most, else stay before it.
    """
    full = rate * room
    lacking = np.maximum(lack.need[:, None] - (np.cumsum(full, axis=1) - full), 0.0)
    most = lacking + lack.slack[:, None]
    size = np.minimum(room, lacking / np.where(rate > 0.0, rate, 1.0))
    unit = 1.0 / space.spread[order]
    beyond = np.ceil(size / unit - 1e-9) * unit
    before = np.floor(size / unit + 1e-9) * unit
    whole = np.where((beyond <= room + 1e-9) & (beyond * rate <= most), beyond, before)
    switch = np.where((size > 0.0) & (rate <= most), 1.0, 0.0)
    return np.where(space.integer[order], whole, np.where(space.numeric[order], size, switch))
