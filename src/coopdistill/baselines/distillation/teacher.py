"""Whom a student would choose as its teacher."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import AlignmentError, InapplicableError
from coopdistill.expertise import default_metric, score
from coopdistill.learners import Model
from coopdistill.participants import Prepared

__all__ = ["best_teacher", "teachers_of"]


def teachers_of(name: str, prepared: dict[str, Prepared]) -> dict[str, Model]:
    """Return the models of all others that can read the student's rows.

    Raises
    ------
    InapplicableError
        If there is none.
    """
    space = prepared[name].model.space
    teachers: dict[str, Model] = {}
    reason = ""
    for other, one in prepared.items():
        if other == name:
            continue
        try:
            one.model.read(np.empty((0, len(space))), space)
        except AlignmentError as error:
            reason = str(error)
        else:
            teachers[other] = one.model
    if not teachers:
        raise InapplicableError(f"nobody can read the rows of {name!r}: {reason}")
    return teachers


def best_teacher(name: str, prepared: dict[str, Prepared]) -> str:
    """Return the name of the participant that predicts a student's own rows best; of equals, the first by name.

    Raises
    ------
    InapplicableError
        If nobody can read them.
    """
    own = prepared[name]
    metric = default_metric(own.y, own.model.task)

    def worth(teacher: Model) -> float:
        predicted: NDArray[Any] = teacher.predict(teacher.read(own.X, own.model.space))
        return score(own.y, predicted, metric)

    teachers = teachers_of(name, prepared)
    return max(sorted(teachers), key=lambda other: worth(teachers[other]))
