"""Many steps, each as long as the derivatives have held so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.gradient.goal import MarginGoal
from coopdistill.counterfactuals.gradient.moves import Step, differ, step_from
from coopdistill.learners.derivatives.gradients import Gradient
from coopdistill.schema import FeatureSpace

__all__ = ["walk"]

_STRIDE = 2.0
"""How many spreads a feature may go at first before derivatives are taken anew."""

_HOLDS = 0.25
"""What share of its promise a step has to keep."""

_LEAST_STRIDE = 1e-3
"""Where the stride has shrunk to this, a row is stuck."""


def walk(
    goal: MarginGoal,
    rows: NDArray[np.intp],
    points: NDArray[np.float64],
    ends: NDArray[np.float64] | None,
    n_steps: int,
) -> NDArray[np.float64]:
    """Step until the goal is reached, or no step helps.

    A step that does not give a quarter of what it promised is not taken; from there, shorter ones are tried. Rows that
    have arrived, or are stuck, leave the batch.

    Parameters
    ----------
    goal : MarginGoal
    rows : ndarray of shape (n,), int
        The row of the problem that each point is for.
    points : ndarray of shape (n, n_features), float64
        Where to start.
    ends : ndarray of shape (n, n_features), float64, optional
        A row of the data each, towards which moves are cheaper.
    n_steps : int
        At the most.

    Returns
    -------
    ndarray of shape (n, n_features), float64
    """
    points = points.copy()
    trust = _Trust.at_first(points.shape)
    at = np.arange(len(rows))
    gradient = goal.gradient(points, rows)
    for _ in range(n_steps):
        gap = goal.gap(gradient.value, rows[at])
        going = (gap > 0.0) & (trust.stride[at] > _LEAST_STRIDE)
        at, gradient, gap = at[going], _some(gradient, going), gap[going]
        if at.size == 0 or goal.problem.budget.is_over:
            break
        towards = None if ends is None else ends[at]
        step = step_from(goal, rows[at], points[at], gradient, trust.stride[at], trust.barred[at], towards)
        ahead = goal.gradient(step.points, rows[at])
        came_nearer = gap - goal.gap(ahead.value, rows[at])
        holds = (step.gain > 0.0) & (came_nearer >= _HOLDS * np.minimum(step.gain, gap))
        trust.learn(at, holds, step, points[at], goal.problem.space)
        points[at[holds]] = step.points[holds]
        gradient = _merged(gradient, ahead, holds)
    return points


@dataclass(frozen=True, eq=False)
class _Trust:
    """How far the derivatives of each row are trusted.

    Attributes
    ----------
    stride : ndarray of shape (n_rows,), float64
        How many spreads a feature may go.
    barred : ndarray of shape (n_rows, n_features), bool
        Which whole steps, of integers and categories, did not give what they promised.
    """

    stride: NDArray[np.float64]
    barred: NDArray[np.bool_]

    @classmethod
    def at_first(cls, shape: tuple[int, ...]) -> _Trust:
        return cls(np.full(shape[0], _STRIDE), np.zeros(shape, dtype=bool))

    def learn(
        self,
        at: NDArray[np.intp],
        holds: NDArray[np.bool_],
        step: Step,
        points: NDArray[np.float64],
        space: FeatureSpace,
    ) -> None:
        """Go further after a step that held; else less far, and not along what cannot be halved."""
        stride = self.stride[at]
        shorter = 0.5 * np.minimum(stride, step.length)
        whole = differ(step.points, points) & ~(space.numeric & ~space.integer)
        failed = ~holds[:, None]
        self.stride[at] = np.where(holds, 2.0 * stride, shorter)
        self.barred[at] = (self.barred[at] | whole) & failed


def _some(gradient: Gradient, which: NDArray[np.bool_]) -> Gradient:
    return Gradient(gradient.value[which], gradient.features[which], gradient.switches[which])


def _merged(now: Gradient, ahead: Gradient, moved: NDArray[np.bool_]) -> Gradient:
    return Gradient(
        np.where(moved, ahead.value, now.value),
        np.where(moved[:, None], ahead.features, now.features),
        np.where(moved[:, None], ahead.switches, now.switches),
    )
