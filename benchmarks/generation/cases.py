"""One teacher and the rows that counterfactuals are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tables import Rows
from teachers import fitted_teacher

from coopdistill.counterfactuals import MeteredTeacher
from coopdistill.learners import Model, as_learner
from coopdistill.schema import Codec

__all__ = ["ALPHA", "Case", "make_case"]

ALPHA = 0.5
CERTAIN = 1.0 - 1e-9


@dataclass(eq=False)
class Case:
    """A cell of the benchmark: every method gets the same rows, in the same order, with the same targets."""

    rows: Rows
    teacher_name: str
    estimator: Any
    meter: MeteredTeacher
    model: Model
    start: NDArray[np.intp]
    before: NDArray[np.float64]

    @cached_property
    def target(self) -> NDArray[np.float64]:
        return self.before + ALPHA * (1.0 - self.before)

    @property
    def y(self) -> NDArray[np.intp]:
        return self.rows.y[self.start]

    def table(self, n: int | None = None) -> Any:
        """The first of the rows to start from, as they are."""
        positions = self.start[:n]
        return self.rows.X[positions] if self.rows.is_image else self.rows.X.iloc[positions].reset_index(drop=True)


def make_case(rows: Rows, teacher_name: str, n_rows: int) -> Case:
    """Fit a teacher and choose rows of its own that it gets right and is not certain about."""
    estimator = fitted_teacher(teacher_name, rows)
    learner = as_learner(estimator)
    scores = learner.scores(rows.X)
    of_class = scores[np.arange(len(scores)), rows.y]
    usable = np.flatnonzero((scores.argmax(axis=1) == rows.y) & (of_class < CERTAIN))
    start = np.random.default_rng(0).permutation(usable)[:n_rows]
    meter = MeteredTeacher(learner)
    model = Model("teacher", meter, Codec.of(rows.X, rows.space))
    return Case(rows, teacher_name, estimator, meter, model, start, of_class[start])
