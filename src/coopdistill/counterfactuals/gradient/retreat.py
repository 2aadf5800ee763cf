"""Back towards the row, as far as the target holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.gradient.goal import MarginGoal
from coopdistill.counterfactuals.gradient.moves import differ
from coopdistill.learners.derivatives.gradients import Gradient

__all__ = ["draw_in", "take_back"]

_FEWER = 0.3
"""What share of the changes is tried next where taking back so many at once was too much."""

_SPARE = 1e-3
"""How far beyond its goal a point has to be for drawing it in to be worth it."""


def take_back(
    goal: MarginGoal, rows: NDArray[np.intp], points: NDArray[np.float64], n_rounds: int
) -> NDArray[np.float64]:
    """Undo whole changes that are not needed: as many at once as the derivatives allow, then fewer.

    Parameters
    ----------
    goal : MarginGoal
    rows : ndarray of shape (n,), int
        The row of the problem that each point is for.
    points : ndarray of shape (n, n_features), float64
        Which have arrived.
    n_rounds : int
        At the most.

    Returns
    -------
    ndarray of shape (n, n_features), float64
        Which have arrived, too.
    """
    start, points = goal.problem.X[rows], points.copy()
    gradient = goal.gradient(points, rows)
    loss = _loss(goal, points, start, gradient)
    free, spare = differ(points, start), gradient.value - goal.low[rows]
    n_changed, share = free.sum(axis=1), np.ones(len(rows))
    at = np.arange(len(rows))
    for _ in range(n_rounds):
        at = at[free[at].any(axis=1) & (n_changed[at] > 1)]
        if at.size == 0 or goal.problem.budget.is_over:
            break
        back = _cheapest(free[at], loss[at], spare[at], share[at])
        tried = np.where(back, start[at], points[at])
        value = goal.value(tried, rows[at])
        holds = (goal.gap(value, rows[at]) <= 0.0) & differ(tried, start[at]).any(axis=1)
        points[at[holds]] = tried[holds]
        spare[at[holds]] = (value - goal.low[rows[at]])[holds]
        # What alone cannot be taken back stays; of several, fewer are tried next.
        free[at] &= ~(back & (holds | (back.sum(axis=1) == 1))[:, None])
        n_changed[at] = differ(points[at], start[at]).sum(axis=1)
        share[at] = np.where(holds, share[at], _FEWER * share[at])
    return points


def draw_in(
    goal: MarginGoal, rows: NDArray[np.intp], points: NDArray[np.float64], n_halvings: int
) -> NDArray[np.float64]:
    """Bring changed numbers back towards the row, all in proportion.

    Parameters
    ----------
    goal : MarginGoal
    rows : ndarray of shape (n,), int
        The row of the problem that each point is for.
    points : ndarray of shape (n, n_features), float64
        Which have arrived.
    n_halvings : int
        Each asks at which end of the rest of the way the target still holds.

    Returns
    -------
    ndarray of shape (n, n_features), float64
        Which have arrived, too.
    """
    start = goal.problem.X[rows]
    loose = goal.problem.space.numeric & differ(points, start)
    spare = goal.value(points, rows) - goal.low[rows]
    at = np.flatnonzero(loose.any(axis=1) & (spare > _SPARE * (1.0 + np.abs(goal.low[rows]))))
    near, far = np.zeros(len(at)), np.ones(len(at))
    points = points.copy()
    whole = points[at]
    for _ in range(n_halvings):
        if at.size == 0 or goal.problem.budget.is_over:
            break
        middle = (near + far) / 2.0
        along = np.where(loose[at], start[at] + middle[:, None] * (whole - start[at]), whole)
        tried = goal.problem.within(rows[at], along[:, None, :])[:, 0]
        holds = goal.has_arrived(tried, rows[at]) & differ(tried, start[at]).any(axis=1)
        points[at[holds]] = tried[holds]
        near, far = np.where(holds, near, middle), np.where(holds, middle, far)
    return points


def _cheapest(
    free: NDArray[np.bool_], loss: NDArray[np.float64], spare: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Choose a share of the changes that cost no more together than there is to spare, one at the least."""
    order = np.argsort(np.where(free, loss, np.inf), axis=1, kind="stable")
    lost = np.cumsum(np.maximum(np.take_along_axis(np.where(free, loss, 0.0), order, axis=1), 0.0), axis=1)
    n_back = np.minimum((lost <= spare[:, None]).sum(axis=1), free.sum(axis=1))
    n_back = np.maximum(1, np.floor(share * n_back)).astype(np.intp)
    back = np.zeros(order.shape, dtype=bool)
    np.put_along_axis(back, order, np.arange(order.shape[1]) < n_back[:, None], axis=1)
    return back


def _loss(
    goal: MarginGoal, points: NDArray[np.float64], start: NDArray[np.float64], gradient: Gradient
) -> NDArray[np.float64]:
    """What taking back each change costs, if the derivatives hold."""
    space, design = goal.problem.space, goal.slopes.design
    loss = gradient.features * (points - start)
    for j in np.flatnonzero(~space.numeric & space.mutable):
        code = np.nan_to_num(start[:, j]).astype(np.intp)
        loss[:, j] = -gradient.switches[:, design.category_feature == j][np.arange(len(start)), code]
    return np.nan_to_num(loss)
