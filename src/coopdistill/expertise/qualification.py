"""Who may teach whom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["qualified", "qualified_pairs"]


def qualified(right_teacher: NDArray[np.bool_], right_student: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell where one is a qualified teacher of another: R = S_teacher minus S_student.

    Parameters
    ----------
    right_teacher, right_student : ndarray of shape (n_instances,), bool
        Who is right where, on the same instances.

    Returns
    -------
    ndarray of shape (n_instances,), bool

    Examples
    --------
    >>> qualified(np.array([True, True, False]), np.array([True, False, False]))
    array([False,  True, False])
    """
    return np.asarray(right_teacher & ~right_student)


def qualified_pairs(right: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell where anyone is a qualified teacher of anyone.

    Parameters
    ----------
    right : ndarray of shape (n_participants, n_instances), bool
        Expertise.

    Returns
    -------
    ndarray of shape (n_participants, n_participants, n_instances), bool
        Teacher, student, instance; nobody is a teacher of itself.

    Examples
    --------
    >>> qualified_pairs(np.array([[True, True], [True, False]]))[0, 1]
    array([False,  True])
    """
    return np.asarray(right[:, None, :] & ~right[None, :, :])
