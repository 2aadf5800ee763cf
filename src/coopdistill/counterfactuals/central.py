"""What becomes of a row on which the teacher is already certain: a more central instance of its class."""

from __future__ import annotations

import numpy as np

from coopdistill.counterfactuals.neighbours import nearest_teaching
from coopdistill.counterfactuals.problem import TOLERANCE, USED_UP, Problem, Proposal
from coopdistill.counterfactuals.segments import is_new, points_between, unmoved

__all__ = ["propose_central"]

_HALFWAY = np.array([0.5])
_NO_OTHER = {
    "classification": "the teacher is certain already, and no other row of the class is as certain",
    "regression": "the prediction is its value already, and between it and other rows it is not",
}


def propose_central(problem: Problem, n_neighbours: int = 5) -> Proposal:
    """Move certain rows halfway towards the neighbour that leaves them amidst the others.

    With f(x) = y there is no room for y' = f(x) + α (y − f(x)) to grow into, and the paper is silent. Such a row
    still knows something: the teacher is sure of its whole surroundings. Of the points halfway to its nearest
    certain neighbours of the class, the one with the least mean distance to all of these is taken, if the teacher
    is certain there too.

    Parameters
    ----------
    problem : Problem
        Rows with a target that they have already.
    n_neighbours : int, default=5
        How many neighbours to consider.

    Returns
    -------
    Proposal
    """
    X, score = problem.X.copy(), problem.before.copy()
    n_asked = problem.budget.questions(n_neighbours, 1)
    if n_asked == 0 or problem.budget.is_over:
        return unmoved(problem, USED_UP)
    why = problem.budget.why_ended(_NO_OTHER[problem.teacher.task], cut_short=n_asked < n_neighbours)
    reason = np.full(len(X), why, dtype=object)
    if problem.reference is None or len(problem.reference.X) < 2:
        return Proposal(X, score, reason)
    index, usable = nearest_teaching(problem, n_asked)
    rows, slot = np.nonzero(usable)
    points = points_between(problem, rows, slot, problem.reference.X[index[rows, slot]], _HALFWAY)[:, 0]
    fresh = is_new(problem, rows, points)
    rows, points = rows[fresh], points[fresh]
    if len(rows) == 0:
        return Proposal(X, score, reason)
    asked = problem.ask(points, rows)
    certain = asked >= problem.target[rows] - TOLERANCE
    rows, points, asked = rows[certain], points[certain], asked[certain]
    spread_out = np.zeros(len(rows))
    for k in range(index.shape[1]):
        among = problem.space.distance(points, problem.reference.X[index[rows, k]])
        spread_out += np.where(usable[rows, k], among, 0.0)
    order = np.lexsort((spread_out, rows))
    found, first = np.unique(rows[order], return_index=True)
    X[found], score[found] = points[order[first]], asked[order[first]]
    reason[found] = ""
    return Proposal(X, score, reason)
