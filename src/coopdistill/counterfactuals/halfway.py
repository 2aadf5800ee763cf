"""Counterfactuals of the rows next to the surest ones: what is surest has nothing to walk towards itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.problem import Problem, Proposal
from coopdistill.counterfactuals.segments import is_new, points_between, unmoved

__all__ = ["HalfwayGenerator"]


class HalfwayGenerator(Generator):
    """Walks from each row halfway towards a row of its own.

    Parameters
    ----------
    ends : ndarray of shape (n_ends, n_features), float64
        Where ways lead: that of a row to the one in the place that its id names.
    """

    name = "halfway"

    def __init__(self, ends: NDArray[np.float64]) -> None:
        self.ends = ends

    def refusal(self, problem: Problem) -> str | None:
        """Never refuse."""
        return None

    def propose(self, problem: Problem) -> Proposal:
        """Return the point halfway, where that is new; whether it is surer is found when it is checked."""
        rows = np.arange(len(problem.X))
        ends = self.ends[problem.row_ids]
        points = points_between(problem, rows, np.zeros_like(rows), ends, np.array([0.5]))[:, 0]
        fresh = is_new(problem, rows, points)
        proposal = unmoved(problem, "nothing new lies halfway")
        proposal.X[fresh] = points[fresh]
        proposal.score[fresh] = problem.ask(points[fresh], rows[fresh])
        proposal.reason[fresh] = "the point halfway does not reach the target"
        return proposal
