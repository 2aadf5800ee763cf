"""What derivatives are to raise, and how far."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from coopdistill.counterfactuals.problem import Problem
from coopdistill.learners.derivatives.gradients import Differentiable, Gradient

__all__ = ["MarginGoal"]

_NOISE = 0.1
"""What share of the derivatives' own tolerance is gone beyond the target at once."""

_INSIDE = 0.05
"""How far inside the tolerance around a value a prediction is to end, in shares of it; and at the most."""
_MOST_INSIDE = 0.5


class MarginGoal:
    """What is to rise for each row of a problem, and between which bounds it has arrived.

    In classification that is the log odds of the row's class, which do not level off as scores do; in regression how
    far the prediction is on the way to the value sought, as the problem's own scores are.

    Parameters
    ----------
    problem : Problem
        Rows and targets.
    slopes : Differentiable
        The teacher's derivatives.
    surer : float
        How much more than the target to aim at, as a share of the way there; for rows on which the teacher itself
        said less than what its derivatives were computed from.

    Attributes
    ----------
    low, high : ndarray of shape (n_rows,), float64
        Between these a row has arrived.
    aim : ndarray of shape (n_rows,), float64
        A little above `low`, so that rounding does not leave a step short.
    """

    def __init__(self, problem: Problem, slopes: Differentiable, surer: float = 0.0) -> None:
        self.problem, self.slopes = problem, slopes
        if slopes.link.task == "regression":
            assert problem.sought is not None
            self._start = slopes.margin(problem.X, problem.label)
            self._way = np.where(problem.sought == self._start, 1.0, problem.sought - self._start)
            inside = np.minimum(_INSIDE + surer, _MOST_INSIDE) * (1.0 - problem.target)
            self.low, self.high = problem.target + inside, 2.0 - problem.target - inside
        else:
            self._start, self._way = np.zeros(len(problem.X)), np.ones(len(problem.X))
            # Log odds of certainty are beyond all numbers; this is what double precision tells from it.
            goal = logit(np.minimum(problem.target, 1.0 - 1e-12))
            here = logit(np.clip(problem.before, 1e-300, 1.0 - 1e-12))
            noise = _NOISE * slopes.raw.tolerance * (1.0 + np.abs(goal))
            self.low = goal + noise + surer * (1.0 + goal - here)
            self.high = np.full(len(problem.X), np.inf)
        self.aim = self.low + 1e-9 * (1.0 + np.abs(self.low))

    def gap(self, value: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return how far values are from where they are to be, 0 where they have arrived."""
        return np.asarray(np.maximum(np.maximum(self.low[rows] - value, value - self.high[rows]), 0.0))

    def value(self, points: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return what is to rise, at points each for a row."""
        margin = self.slopes.margin(points, self.problem.label[rows])
        return np.asarray((margin - self._start[rows]) / self._way[rows])

    def has_arrived(self, points: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Tell which points, each for a row, are where they are to be."""
        return np.asarray(self.gap(self.value(points, rows), rows) <= 0.0)

    def gradient(self, points: NDArray[np.float64], rows: NDArray[np.intp]) -> Gradient:
        """Return what is to rise, with its derivatives."""
        made = self.slopes.margin_gradient(points, self.problem.label[rows])
        way = self._way[rows][:, None]
        return Gradient((made.value - self._start[rows]) / way[:, 0], made.features / way, made.switches / way)
