"""What is worked out once about a teacher's trees, and kept for as long as the teacher lives."""

from __future__ import annotations

import threading
import weakref

import numpy as np
from numpy.typing import NDArray

from coopdistill.counterfactuals.problem import Reference
from coopdistill.counterfactuals.trees.cells import CellGrid
from coopdistill.counterfactuals.trees.moves import TreeMoves
from coopdistill.counterfactuals.trees.peaks import Peaks
from coopdistill.learners import Learner, Model
from coopdistill.learners.trees.ensemble import TreeEnsemble, tree_ensemble_of
from coopdistill.schema import Codec

__all__ = ["Atlas", "atlas_of"]


class Atlas:
    """The moves, cells and peaks of a teacher's trees.

    Parameters
    ----------
    ensemble : TreeEnsemble

    Attributes
    ----------
    moves : TreeMoves
    peaks : Peaks, optional
        None where the teacher predicts values.
    """

    def __init__(self, ensemble: TreeEnsemble) -> None:
        self.moves = TreeMoves(ensemble)
        self.peaks = Peaks(self.moves) if ensemble.task == "classification" else None
        self._bare = CellGrid(ensemble, self.moves.first_cell, None)
        self._grids: weakref.WeakKeyDictionary[Reference, CellGrid] = weakref.WeakKeyDictionary()
        self._making = threading.Lock()

    def grid(self, reference: Reference | None) -> CellGrid:
        """Return the cells, told which of them are populated by reference rows, if there are any."""
        if reference is None:
            return self._bare
        with self._making:
            grid = self._grids.get(reference)
            if grid is None:
                grid = self._grids[reference] = CellGrid(self.moves.ensemble, self.moves.first_cell, reference)
            return grid


_atlases: weakref.WeakKeyDictionary[Learner, tuple[Codec, Atlas | str]] = weakref.WeakKeyDictionary()
_reading = threading.Lock()


def atlas_of(teacher: Model, rows: NDArray[np.float64]) -> Atlas | str:
    """Return the atlas of a teacher's trees, or why they cannot be read.

    Parameters
    ----------
    teacher : Model
        Fitted.
    rows : ndarray of shape (n_rows, n_features), float64
        Encoded rows to verify on that the trees say what the teacher says.

    Returns
    -------
    Atlas or str
    """
    with _reading:
        known = _atlases.get(teacher.learner)
        if known is not None and known[0] == teacher.codec:
            return known[1]
        ensemble = tree_ensemble_of(teacher, rows)
        atlas = ensemble if isinstance(ensemble, str) else Atlas(ensemble)
        _atlases[teacher.learner] = teacher.codec, atlas
        return atlas
