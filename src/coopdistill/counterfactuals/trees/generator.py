"""Counterfactuals of decision trees, forests and boosting, from their structure."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.problem import TOLERANCE, USED_UP, Problem, Proposal
from coopdistill.counterfactuals.segments import is_new, unmoved
from coopdistill.counterfactuals.trees.atlas import atlas_of
from coopdistill.counterfactuals.trees.climb import climb
from coopdistill.counterfactuals.trees.landscape import Landscape, landscape_of
from coopdistill.counterfactuals.trees.points import Points
from coopdistill.counterfactuals.trees.polish import polish
from coopdistill.counterfactuals.trees.starts import from_peaks, from_surer_rows

__all__ = ["TreeGenerator"]

_N_ASKED = 4
_FURTHER_STEPS = 12


class TreeGenerator(Generator):
    """Moves rows across the cuts of the teacher's trees, the only places where its output changes.

    What the teacher would say after each move of one feature into each of its cells is computed from the structure of
    the trees, for all moves at once and exactly. The cheapest move to the target is taken; where no single one leads
    there, the best go on along further features, and what proves unnecessary is taken back. Rows that get stuck start
    again from a surer row of their class, then from where the trees are surest of it. The teacher itself is asked only
    about the points that are proposed.

    What is cheap: few features changed; among these, values in cells where reference rows of the class have some;
    among these, nearness. Values lie a little inside their cells.

    Parameters
    ----------
    beam : int, default=4
        How many ways of each row are followed at a time.

    Notes
    -----
    Costs one row of the teacher's time an instance, rarely a few.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from coopdistill import generate_counterfactuals
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> forest = RandomForestClassifier(20, min_samples_leaf=3, random_state=0).fit(X, y)
    >>> batch = generate_counterfactuals(forest, X, y, generator="trees", random_state=0)
    >>> open_rows = batch.score_before < 1
    >>> bool((batch.status == "reached")[open_rows].all()), int((batch.X != X)[open_rows].sum(axis=1).max())
    (True, 2)
    """

    name = "trees"

    def __init__(self, beam: int = 4) -> None:
        self.beam = beam

    def refusal(self, problem: Problem) -> str | None:
        """Refuse where the teacher is not made of trees, or they cannot be read."""
        if not problem.space.mutable.any():
            return "no feature may change"
        atlas = atlas_of(problem.teacher, problem.X)
        return atlas if isinstance(atlas, str) else None

    def propose(self, problem: Problem) -> Proposal:
        """Return the cheapest point found that reaches the target, else the surest."""
        atlas = atlas_of(problem.teacher, problem.X)
        if isinstance(atlas, str):
            return unmoved(problem, atlas)
        answers = _Answers(problem)
        rows = np.flatnonzero(problem.changeable.any(axis=1))
        if rows.size == 0 or problem.budget.is_over:
            return answers.proposal()
        land = landscape_of(problem, atlas)
        _try_from(land, land.starting(rows), self.beam, len(problem.space), answers)
        again: list[Callable[[Landscape, NDArray[np.intp]], Points]] = [from_surer_rows]
        if atlas.peaks is not None:
            again.append(partial(from_peaks, peaks=atlas.peaks))
        for start in again:
            stuck = rows[~answers.is_there[rows]]
            if stuck.size == 0 or problem.budget.is_over:
                break
            _try_from(land, start(land, stuck), 1, _FURTHER_STEPS, answers)
        return answers.proposal()


class _Answers:
    """The best point of each row so far, by the teacher's own word."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._X, self._score = problem.X.copy(), problem.before.copy()
        self._n_asked = np.zeros(len(problem.X), dtype=np.intp)
        self._is_cut_short = np.zeros(len(problem.X), dtype=bool)
        self.is_there = np.zeros(len(problem.X), dtype=bool)

    def consider(self, points: NDArray[np.float64], rows: NDArray[np.intp]) -> None:
        """Ask the teacher about points, one for each of some rows, and keep what is better."""
        problem = self._problem
        allowed = is_new(problem, rows, points)
        if problem.budget.rows_each is not None:
            within = self._n_asked[rows] < problem.budget.rows_each
            self._is_cut_short[rows[allowed & ~within]] = True
            allowed &= within
        points, rows = points[allowed], rows[allowed]
        if len(rows) == 0 or problem.budget.is_over:
            return
        score = problem.ask(points, rows)
        self._n_asked[rows] += 1
        better = score > self._score[rows] + TOLERANCE
        self._X[rows[better]], self._score[rows[better]] = points[better], score[better]
        self.is_there[rows] |= score >= problem.target[rows] - TOLERANCE

    def proposal(self) -> Proposal:
        nowhere = self._problem.budget.why_ended(
            "no way that was tried through the cells of the trees reaches the target"
        )
        reason = np.where(self.is_there, "", np.where(self._is_cut_short, USED_UP, nowhere))
        return Proposal(self._X, self._score, reason.astype(object))


def _try_from(land: Landscape, points: Points, beam: int, n_steps: int, answers: _Answers) -> None:
    """Climb, and ask the teacher about the cheapest way of each row; where that does not hold, about the next."""
    reached, best = climb(land, points, beam, n_steps)
    reached = reached.take(np.lexsort((reached.cost, reached.row)))
    rank = np.arange(len(reached)) - np.searchsorted(reached.row, reached.row)
    for turn in range(_N_ASKED):
        turned = reached.take((rank == turn) & ~answers.is_there[reached.row])
        if len(turned) == 0 or land.problem.budget.is_over:
            break
        turned = polish(land, turned)
        answers.consider(land.values(turned.row, turned.cells), turned.row)
    answers.consider(land.values(best.row, best.cells), best.row)
