"""Counterfactuals of the rows next to the surest ones: what is surest has nothing to walk towards itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.neighbours import embedding
from coopdistill.counterfactuals.problem import TOLERANCE, Problem, Proposal
from coopdistill.counterfactuals.segments import is_new, points_between, unmoved
from coopdistill.schema import FeatureSpace

__all__ = ["HalfwayGenerator", "nearest_kin"]


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


def nearest_kin(
    X: NDArray[np.float64], y: NDArray[Any], rows: NDArray[np.intp], space: FeatureSpace
) -> NDArray[np.intp]:
    """Find the nearest other row of each row's class.

    Parameters
    ----------
    X : ndarray of shape (n_all, n_features), float64
        Encoded rows.
    y : ndarray of shape (n_all,)
        Their classes.
    rows : ndarray of shape (n_rows,), int
        Positions of those that look for kin.
    space : FeatureSpace

    Returns
    -------
    ndarray of shape (n_rows,), int
        Positions, -1 where there is no other row, or only duplicates.
    """
    kin = np.full(len(rows), -1, dtype=np.intp)
    for label in np.unique(y[rows]).tolist():
        looking, there = np.flatnonzero(y[rows] == label), np.flatnonzero(y == label)
        distance = cdist(embedding(X[rows[looking]], space), embedding(X[there], space), "cityblock")
        distance[distance <= TOLERANCE] = np.inf
        nearest = distance.argmin(axis=1)
        found = np.isfinite(distance[np.arange(len(looking)), nearest])
        kin[looking[found]] = there[nearest[found]]
    return kin
