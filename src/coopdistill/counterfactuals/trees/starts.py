"""Other places to start from, for rows that found no way from where they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.neighbours import nearest_teaching
from coopdistill.counterfactuals.trees.landscape import Landscape
from coopdistill.counterfactuals.trees.peaks import Peaks
from coopdistill.counterfactuals.trees.points import Points
from coopdistill.counterfactuals.trees.ranking import best_of_groups

__all__ = ["from_peaks", "from_surer_rows"]

_N_PEAKS = 8


def from_surer_rows(land: Landscape, rows: NDArray[np.intp]) -> Points:
    """Move rows into the cells of the nearest row of their class that is surer, as far as they may.

    Parameters
    ----------
    land : Landscape
    rows : ndarray of shape (n,), int
        In ascending order.

    Returns
    -------
    Points
        One for each row that has such a neighbour.
    """
    problem = land.problem
    if problem.reference is None:
        return land.starting(rows[:0])
    index, usable = nearest_teaching(problem.part(rows), 1)
    has_one = usable[:, 0]
    return land.towards(rows[has_one], problem.reference.X[index[has_one, 0]])


def from_peaks(land: Landscape, rows: NDArray[np.intp], peaks: Peaks) -> Points:
    """Move rows to a peak of their class, as far as they may: of the highest few, the one that brings most.

    Parameters
    ----------
    land : Landscape
        Of a classifier.
    rows : ndarray of shape (n,), int
        In ascending order.
    peaks : Peaks

    Returns
    -------
    Points
        One for each row.
    """
    label = land.problem.label[rows]
    places = [_on_peaks(land, rows[label == one], peaks, int(one)) for one in np.unique(label)]
    points = Points.joined(places)
    return points.take(np.argsort(points.row, kind="stable"))


def _on_peaks(land: Landscape, rows: NDArray[np.intp], peaks: Peaks, label: int) -> Points:
    tried: list[Points] = []
    worth: list[NDArray[np.float64]] = []
    for cells in peaks.of(label, land.problem.budget)[:_N_PEAKS]:
        points = land.towards(rows, land.values(rows, np.repeat(cells[None, :], len(rows), axis=0)))
        tried.append(points)
        worth.extend(land.worth(part)[1] for _, part in land.chunks(points))
    points = Points.joined(tried)
    return points.take(best_of_groups(points.row, -np.concatenate(worth), 1))
