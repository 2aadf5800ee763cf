"""Counterfactuals of decision trees, forests and boosting, from their structure."""

from __future__ import annotations

import threading
import weakref

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.neighbours import nearest_teaching
from coopdistill.counterfactuals.problem import TOLERANCE, Problem, Proposal
from coopdistill.counterfactuals.segments import is_new
from coopdistill.counterfactuals.trees.cells import CellGrid
from coopdistill.counterfactuals.trees.climb import Points, Search
from coopdistill.counterfactuals.trees.goal import TreeGoal
from coopdistill.counterfactuals.trees.moves import TreeMoves
from coopdistill.learners import Learner, Model
from coopdistill.learners.trees.ensemble import tree_ensemble_of
from coopdistill.schema import Codec

__all__ = ["TreeGenerator"]

_N_ASKED = 4
_CLIMB_ON = 4

_read: weakref.WeakKeyDictionary[Learner, tuple[Codec, TreeMoves | str]] = weakref.WeakKeyDictionary()
_reading = threading.Lock()


class TreeGenerator(Generator):
    """Moves rows across the cuts of the teacher's trees, the only places where its output changes.

    What the teacher would say after each move of one feature into each of its cells is computed from the structure of
    the trees, for all moves at once and exactly. The cheapest move to the target is taken; where no single one leads
    there, the best go on along further features, and what proves unnecessary is taken back. Rows that get stuck start
    again from a surer row of their class. The teacher itself is asked only about the points that are proposed.

    What is cheap: few features changed; among these, values in cells where reference rows of the class have some;
    among these, nearness. Values lie a little inside their cells.

    Parameters
    ----------
    beam : int, default=4
        How many ways of each row are followed at a time.

    Notes
    -----
    Costs one row of the teacher's time an instance, rarely a few.
    """

    name = "trees"

    def __init__(self, beam: int = 4) -> None:
        self.beam = beam

    def refusal(self, problem: Problem) -> str | None:
        """Refuse where the teacher is not made of trees, or they cannot be read."""
        if not problem.space.mutable.any():
            return "no feature may change"
        moves = _moves_of(problem.teacher, problem.X)
        return moves if isinstance(moves, str) else None

    def propose(self, problem: Problem) -> Proposal:
        """Return the cheapest point found that reaches the target, else the surest."""
        state = _State(problem)
        moves = _moves_of(problem.teacher, problem.X)
        rows = np.flatnonzero(problem.changeable.any(axis=1))
        if isinstance(moves, str) or rows.size == 0 or problem.budget.is_over:
            return state.proposal()
        search = _search(problem, moves)
        reached, best = search.climb(search.starting(rows), self.beam, len(problem.space))
        self._ask_in_turn(search, state, reached)
        state.consider(search.values(best), best.row)
        stuck = np.setdiff1d(rows, np.flatnonzero(state.is_there))
        if stuck.size and problem.reference is not None and not problem.budget.is_over:
            again, _ = search.climb(_from_surer_rows(search, stuck), 1, _CLIMB_ON)
            self._ask_in_turn(search, state, again)
        return state.proposal()

    def _ask_in_turn(self, search: Search, state: _State, points: Points) -> None:
        """Ask the teacher about the cheapest point of each row, and where that does not hold, about the next."""
        points = points.take(np.lexsort((points.cost, points.row)))
        rank = np.arange(len(points)) - np.searchsorted(points.row, points.row)
        for turn in range(_N_ASKED):
            turned = points.take((rank == turn) & ~state.is_there[points.row])
            if len(turned) == 0 or search.problem.budget.is_over:
                break
            polished = search.polish(turned)
            state.consider(search.values(polished), polished.row)


class _State:
    """The best point of each row so far, by the teacher's own word."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._X, self._score = problem.X.copy(), problem.before.copy()
        self._n_asked = np.zeros(len(problem.X), dtype=np.intp)
        self.is_there = np.zeros(len(problem.X), dtype=bool)

    def consider(self, points: NDArray[np.float64], rows: NDArray[np.intp]) -> None:
        """Ask the teacher about points, one for each of some rows, and keep what is better."""
        problem = self._problem
        allowed = is_new(problem, rows, points)
        if problem.budget.rows_each is not None:
            allowed &= self._n_asked[rows] < problem.budget.rows_each
        points, rows = points[allowed], rows[allowed]
        if len(rows) == 0 or problem.budget.is_over:
            return
        score = problem.ask(points, rows)
        self._n_asked[rows] += 1
        better = score > self._score[rows] + TOLERANCE
        self._X[rows[better]], self._score[rows[better]] = points[better], score[better]
        self.is_there[rows] |= score >= problem.target[rows] - TOLERANCE

    def proposal(self) -> Proposal:
        reason = np.where(self.is_there, "", "no way that was tried through the cells of the trees reaches the target")
        return Proposal(self._X, self._score, reason.astype(object))


def _moves_of(teacher: Model, rows: NDArray[np.float64]) -> TreeMoves | str:
    """The trees of a teacher, read once for as long as its learner lives."""
    with _reading:
        known = _read.get(teacher.learner)
        if known is not None and known[0] == teacher.codec:
            return known[1]
        ensemble = tree_ensemble_of(teacher, rows)
        moves = ensemble if isinstance(ensemble, str) else TreeMoves(ensemble)
        _read[teacher.learner] = teacher.codec, moves
        return moves


def _search(problem: Problem, moves: TreeMoves) -> Search:
    ensemble = moves.ensemble
    home = ensemble.cells(problem.X)
    grid = CellGrid(ensemble, moves.first_cell, problem.reference)
    return Search(problem, moves, grid, TreeGoal(ensemble, problem, home), home)


def _from_surer_rows(search: Search, rows: NDArray[np.intp]) -> Points:
    """Rows moved into the cells of the nearest row of their class that is surer, as far as they may."""
    problem = search.problem
    assert problem.reference is not None
    index, usable = nearest_teaching(problem, 1)
    rows = rows[usable[rows, 0]]
    goal = problem.within(rows, problem.reference.X[index[rows]])[:, 0]
    goal = np.where(np.isnan(goal), problem.X[rows], goal)
    return search.at(rows, search.moves.ensemble.cells(goal))
