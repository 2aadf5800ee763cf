"""What the outputs of trees are worth to each row, as a number to be raised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, logsumexp

from coopdistill.counterfactuals.problem import TOLERANCE, Problem
from coopdistill.learners.trees.ensemble import TreeEnsemble
from coopdistill.learners.trees.structure import linked

__all__ = ["TreeGoal", "class_worth", "output_of"]


class TreeGoal:
    """Worth of outputs, which rises with the score, and what of it is to be reached.

    Of classes it is the log odds, or for sums without a link the score itself; of values how far along they are.

    Parameters
    ----------
    ensemble : TreeEnsemble
    problem : Problem
    cells : ndarray of shape (n_rows, n_features), int
        Where its rows are.

    Attributes
    ----------
    column : ndarray of shape (n_rows,), int, optional
        The one output of each row that matters; None where all do.
    target : ndarray of shape (n_rows,), float64
        The worth that each row is to reach.
    """

    column: NDArray[np.intp] | None
    target: NDArray[np.float64]

    def __init__(self, ensemble: TreeEnsemble, problem: Problem, cells: NDArray[np.intp]) -> None:
        self._link = ensemble.trees.link
        self._is_value = problem.teacher.task == "regression"
        self._label = problem.label
        target = problem.target - TOLERANCE / 2
        if self._is_value:
            self.column = np.zeros(len(problem.X), dtype=np.intp)
            self._sought = problem.target if problem.sought is None else problem.sought
            said = linked(self._link, ensemble.outputs(cells), classification=False)[:, 0]
            self._way = np.maximum(np.abs(self._sought - said), TOLERANCE * (1.0 + np.abs(said)))
            noise = ensemble.noise * (1.0 + np.abs(self._sought)) / self._way
        else:
            self.column = output_of(self._link, problem.label)
            if self._link != "identity":
                target = logit(np.clip(target, TOLERANCE, 1.0 - TOLERANCE))
            noise = ensemble.noise * (1.0 + np.abs(target))
        # What adds up in single precision is to be beyond the target by more than that can be wrong.
        self.target = target + np.where(noise > TOLERANCE, noise, 0.0)

    def worth(self, outputs: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return what outputs are worth, shape (n, n_points); may write into the outputs.

        Parameters
        ----------
        outputs : ndarray of shape (n_columns, n, n_points), float64
        rows : ndarray of shape (n,), int
            The row of the problem that each belongs to.
        """
        if not self._is_value:
            return class_worth(self._link, outputs, self._label[rows])
        off = linked(self._link, outputs[0], classification=False) - self._sought[rows][:, None]
        return np.asarray(1.0 - np.abs(off) / self._way[rows][:, None])


def output_of(link: str, label: NDArray[np.intp]) -> NDArray[np.intp] | None:
    """Return the one output that tells what a class is worth, None where it takes all.

    Parameters
    ----------
    link : str
        From outputs to scores; see `Trees`.
    label : ndarray of shape (n,), int
    """
    if link == "softmax":
        return None
    return label if link == "identity" else np.zeros(len(label), dtype=np.intp)


def class_worth(link: str, outputs: NDArray[np.float64], label: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return what outputs are worth to classes, shape (n, n_points); may write into the outputs.

    Parameters
    ----------
    link : str
    outputs : ndarray of shape (n_columns, n, n_points), float64
        Those that `output_of` names.
    label : ndarray of shape (n,), int
    """
    if link == "sigmoid":
        outputs[0] *= np.where(label == 1, 1.0, -1.0)[:, None]
    if link != "softmax":
        return np.asarray(outputs[0])
    own = np.take_along_axis(outputs, label[None, :, None], axis=0)[0]
    np.put_along_axis(outputs, label[None, :, None], -np.inf, axis=0)
    return np.asarray(own - logsumexp(outputs, axis=0))
