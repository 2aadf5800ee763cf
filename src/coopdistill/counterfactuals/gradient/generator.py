"""Counterfactuals by derivatives: all rows at once, along the few features that count most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.gradient.goal import MarginGoal
from coopdistill.counterfactuals.gradient.moves import differ
from coopdistill.counterfactuals.gradient.retreat import draw_in, take_back
from coopdistill.counterfactuals.gradient.walk import walk
from coopdistill.counterfactuals.neighbours import nearest_teaching
from coopdistill.counterfactuals.problem import TOLERANCE, USED_UP, Problem, Proposal
from coopdistill.counterfactuals.segments import is_new, points_between, unmoved
from coopdistill.exceptions import OptionError
from coopdistill.learners import Model
from coopdistill.learners.derivatives.gradients import Differentiable, differentiable

__all__ = ["GradientGenerator"]

_SURER = (0.0, 0.03, 0.3)
"""How much more than the target is aimed at, the more the oftener the teacher has not confirmed."""

_RESTARTS = 3
"""From how many surer rows of the class a row starts again that its derivatives have led nowhere."""

_STANDS_AT = np.array([0.9])
"""Where it starts on the way there: short of the row itself, which must not come out."""

_MOST_PULLED = 250_000
"""Values of reference rows beyond which looking for the nearest would cost more than all the rest."""

_LOOKED_AT = 4096
"""Reference rows of a class that are looked at, at the most."""


class GradientGenerator(Generator):
    """Takes for each row the cheapest steps to its target, as the derivatives tell.

    What rises is the log odds of the row's class, which do not level off as scores do, or the prediction in the
    direction asked for. Each step moves the features that give most for their cost, and no further than needed: so one
    step does for a linear model. Cost is the number of features changed plus L1 distance in spreads, half as much
    again where the way does not lead towards the nearest surer row of the class. Steps of other models are as long as
    their derivatives have held so far. Rows that have arrived leave the batch. Then changes that were not needed are
    taken back, and the others drawn in. A row that derivatives lead nowhere starts again from surer rows of its class.

    Parameters
    ----------
    n_steps : int, default=48
        Steps at the most.
    n_shrinks : int, default=6
        Rounds of taking back, and of drawing in.

    Notes
    -----
    The teacher is asked about each row once, for the check, and where that fails up to five times more. Derivatives
    are worked out beside it. Where space and reference rows have very many values together, as of images, nothing is
    pulled towards the data.
    """

    name = "gradient"

    def __init__(self, n_steps: int = 48, n_shrinks: int = 6) -> None:
        self.n_steps = n_steps
        self.n_shrinks = n_shrinks
        self._found: tuple[Model, Differentiable | str] | None = None

    def refusal(self, problem: Problem) -> str | None:
        """Refuse a teacher whose derivatives are not known, and a space in which nothing may change."""
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
        wanted = len(_SURER) + _RESTARTS
        n_questions = problem.budget.questions(wanted, 1)
        if n_questions == 0 or problem.budget.is_over:
            return unmoved(problem, USED_UP)
        left = self._from_the_row(problem, slopes, out, n_questions)
        self._from_the_data(problem, slopes, out, left, n_questions - len(_SURER))
        nowhere = "its derivatives lead to no point that reaches the target"
        out.reason[out.score < problem.target - TOLERANCE] = problem.budget.why_ended(
            nowhere, cut_short=n_questions < wanted
        )
        return out

    def _from_the_row(
        self, problem: Problem, slopes: Differentiable, out: Proposal, n_questions: int
    ) -> NDArray[np.intp]:
        """Walk from each row, and on from where that ended; return the rows that have not arrived."""
        left = np.flatnonzero(problem.changeable.any(axis=1))
        points, ends = problem.X.copy(), _ends_of(problem)
        for surer in _SURER[:n_questions]:
            if left.size == 0 or problem.budget.is_over:
                break
            goal = MarginGoal(problem, slopes, surer)
            points[left] = self._travelled(goal, left, points[left], None if ends is None else ends[left])
            _confirm(problem, out, left, points[left])
            left = _short(problem, out, left)
        return left

    def _from_the_data(
        self, problem: Problem, slopes: Differentiable, out: Proposal, left: NDArray[np.intp], n_restarts: int
    ) -> None:
        """Walk from surer rows of the class, for the rows that are left."""
        if left.size == 0 or n_restarts <= 0 or problem.budget.is_over or not _has_rows_to_look_at(problem):
            return
        assert problem.reference is not None
        index, usable = nearest_teaching(problem.part(left), _RESTARTS)
        goal = MarginGoal(problem, slopes, _SURER[1])
        for slot in range(min(n_restarts, _RESTARTS)):
            at = np.flatnonzero(usable[:, slot] & (out.score[left] < problem.target[left] - TOLERANCE))
            if at.size == 0 or problem.budget.is_over:
                break
            rows, ends = left[at], problem.reference.X[index[at, slot]]
            points = points_between(problem, rows, np.full(len(at), slot), ends, _STANDS_AT)[:, 0]
            _confirm(problem, out, rows, self._travelled(goal, rows, points, None))

    def _travelled(
        self,
        goal: MarginGoal,
        rows: NDArray[np.intp],
        points: NDArray[np.float64],
        ends: NDArray[np.float64] | None,
    ) -> NDArray[np.float64]:
        """Walk to the goal; where it was reached, take back what was not needed."""
        points = walk(goal, rows, points, ends, self.n_steps)
        arrived = np.flatnonzero(goal.has_arrived(points, rows))
        several = arrived[differ(points[arrived], goal.problem.X[rows[arrived]]).sum(axis=1) > 1]
        if several.size:
            points[several] = take_back(goal, rows[several], points[several], 2 * self.n_shrinks)
        if arrived.size:
            points[arrived] = draw_in(goal, rows[arrived], points[arrived], self.n_shrinks)
        return points

    def _derivatives_of(self, teacher: Model) -> Differentiable | str:
        if self._found is None or self._found[0] is not teacher:
            self._found = (teacher, differentiable(teacher))
        return self._found[1]


def _has_rows_to_look_at(problem: Problem) -> bool:
    return problem.reference is not None and len(problem.reference.X) >= 2


def _ends_of(problem: Problem) -> NDArray[np.float64] | None:
    """The nearest surer row of each row's class, the row itself where there is none."""
    if problem.reference is None or not _has_rows_to_look_at(problem) or problem.budget.is_over:
        return None
    if min(len(problem.reference.X), _LOOKED_AT) * len(problem.space) > _MOST_PULLED:
        return None
    index, usable = nearest_teaching(problem, 1)
    return np.where(usable, problem.reference.X[index[:, 0]], problem.X)


def _short(problem: Problem, out: Proposal, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows that have not reached their target."""
    return rows[out.score[rows] < problem.target[rows] - TOLERANCE]


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
