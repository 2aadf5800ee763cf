"""Who may teach whom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["FOCUSES", "QUALIFICATIONS", "in_need", "qualified"]

FOCUSES = ("wrong", "unsure", "all")
"""What a student may be taught: where it is wrong, also where it is right but unsure, or anything."""

QUALIFICATIONS = ("instance", "row")
"""Of what a teacher must be right: of the virtual instance that it ends at, or of the row that it starts from."""

_UNSURE = 0.75
"""A student is unsure where its score of the true class is below this."""


def in_need(right: NDArray[np.bool_], score: NDArray[np.float64], focus: str) -> NDArray[np.bool_]:
    """Tell where a student is to be taught.

    Parameters
    ----------
    right : ndarray of shape (n_instances,), bool
        Where it predicts the true class.
    score : ndarray of shape (n_instances,), float64
        Its score of the true class; 0 of a class that it never saw.
    focus : {"wrong", "unsure", "all"}
        ``"wrong"`` is the paper's deficiency.

    Returns
    -------
    ndarray of shape (n_instances,), bool

    Examples
    --------
    >>> in_need(np.array([True, True, False]), np.array([0.9, 0.6, 0.3]), "unsure")
    array([False,  True,  True])
    """
    if focus == "all":
        return np.ones(len(right), dtype=bool)
    return np.asarray(~right | (score < _UNSURE)) if focus == "unsure" else ~right


def qualified(
    right_teacher: NDArray[np.bool_], need_student: NDArray[np.bool_], qualification: str = "row"
) -> NDArray[np.bool_]:
    """Tell from which instances one may teach another.

    Parameters
    ----------
    right_teacher, need_student : ndarray of shape (n_instances,), bool
        Where the teacher is right, and where the student is to be taught, on the same instances.
    qualification : {"row", "instance"}, default="row"
        ``"row"``: where the teacher is right itself, the paper's R = S_teacher minus S_student. ``"instance"``: also
        elsewhere, for it must be right only where it ends.

    Returns
    -------
    ndarray of shape (n_instances,), bool

    Examples
    --------
    >>> right, need = np.array([True, True, False]), np.array([False, True, True])
    >>> qualified(right, need)
    array([False,  True, False])
    >>> qualified(right, need, "instance")
    array([False,  True,  True])
    """
    return need_student if qualification == "instance" else np.asarray(right_teacher & need_student)
