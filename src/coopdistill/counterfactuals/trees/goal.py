"""What the outputs of trees are worth to each row, as a number to be raised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, logsumexp

from coopdistill.counterfactuals.problem import TOLERANCE, Problem
from coopdistill.learners.trees.ensemble import TreeEnsemble
from coopdistill.learners.trees.structure import linked

__all__ = ["TreeGoal"]


class TreeGoal:
    """Worth of outputs: log odds of the row's class, or what rises with them just as well, and what is to be reached.

    Parameters
    ----------
    ensemble : TreeEnsemble
    problem : Problem
    cells : ndarray of shape (n_rows, n_features), int
        Where its rows are.

    Attributes
    ----------
    column : ndarray of shape (n_rows,), int, optional
        The one output that matters to each row; None where all do.
    target : ndarray of shape (n_rows,), float64
        The worth that each row is to reach.
    """

    column: NDArray[np.intp] | None
    target: NDArray[np.float64]

    def __init__(self, ensemble: TreeEnsemble, problem: Problem, cells: NDArray[np.intp]) -> None:
        self._link = ensemble.trees.link
        self._is_value = problem.teacher.task == "regression"
        self._label = problem.label
        n_rows, n_outputs = len(problem.X), len(ensemble.trees.offset)
        self.column = None if self._link == "softmax" else np.zeros(n_rows, dtype=np.intp)
        target = problem.target - TOLERANCE / 2
        if self._is_value:
            sought = problem.target if problem.sought is None else problem.sought
            said = linked(self._link, ensemble.outputs(cells), classification=False)[:, 0]
            self._sought = sought
            self._way = np.maximum(np.abs(sought - said), TOLERANCE * (1.0 + np.abs(said)))
            noise = ensemble.noise * (1.0 + np.abs(sought)) / self._way
            self.target = target + np.where(noise > TOLERANCE, noise, 0.0)
            return
        if self._link == "identity":
            self.column = np.minimum(problem.label, n_outputs - 1)
        else:
            self._sign = np.where(problem.label == 1, 1.0, -1.0)
            target = logit(np.clip(target, TOLERANCE, 1.0 - TOLERANCE))
        # What adds up in single precision is to be beyond the target by more than that can be wrong.
        noise = ensemble.noise * (1.0 + np.abs(target))
        self.target = target + np.where(noise > TOLERANCE, noise, 0.0)

    def worth(self, outputs: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return what outputs are worth, shape (n, n_grid); may write into the outputs.

        Parameters
        ----------
        outputs : ndarray of shape (n_columns, n, n_grid), float64
        rows : ndarray of shape (n,), int
            The row of the problem that each belongs to.
        """
        if self._is_value:
            off = linked(self._link, outputs[0], classification=False) - self._sought[rows][:, None]
            return np.asarray(1.0 - np.abs(off) / self._way[rows][:, None])
        if self._link == "sigmoid":
            outputs[0] *= self._sign[rows][:, None]
        if self._link != "softmax":
            return np.asarray(outputs[0])
        own = np.take_along_axis(outputs, self._label[rows][None, :, None], axis=0)[0]
        np.put_along_axis(outputs, self._label[rows][None, :, None], -np.inf, axis=0)
        return np.asarray(own - logsumexp(outputs, axis=0))
