"""A teacher that keeps count of what it is asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners import Capabilities, Learner, as_learner
from coopdistill.schema import Table, count_rows

__all__ = ["MeteredTeacher"]


class MeteredTeacher(Learner):
    """Passes every question on to a teacher, and keeps count of calls, rows and time.

    What a generator reads off the model's structure, trees or gradients, is no question and is not counted.

    Parameters
    ----------
    teacher : estimator or Learner
        Any model that `coopdistill.as_learner` takes.

    Attributes
    ----------
    calls, rows : int
        Questions, and points asked about in all of them.
    seconds : float
        Time spent on the answers, all threads together.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> meter = MeteredTeacher(DummyClassifier().fit([[0.0], [1.0]], [0, 1]))
    >>> meter.scores(np.zeros((3, 1))).shape, meter.calls, meter.rows
    ((3, 2), 1, 3)
    """

    def __init__(self, teacher: Any) -> None:
        self._learner = as_learner(teacher)
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Count from nothing again."""
        self.calls = 0
        self.rows = 0
        self.seconds = 0.0

    @property
    def estimator(self) -> Any:
        """The teacher's own object."""
        return self._learner.estimator

    @property
    def is_fitted(self) -> bool:
        """Whether the teacher can predict."""
        return self._learner.is_fitted

    @property
    def task(self) -> str:
        """What the teacher predicts."""
        return self._learner.task

    @property
    def classes(self) -> NDArray[Any]:
        """The teacher's classes."""
        return self._learner.classes

    @property
    def capabilities(self) -> Capabilities:
        """What the teacher can do beyond predicting."""
        return self._learner.capabilities

    def scores(self, X: Table) -> NDArray[np.float64]:
        """Return the teacher's scores, and count."""
        scores: NDArray[np.float64] = self._counted(self._learner.scores, X)
        return scores

    def predict(self, X: Table) -> NDArray[Any]:
        """Return the teacher's predictions, and count."""
        predicted: NDArray[Any] = self._counted(self._learner.predict, X)
        return predicted

    def refit(self, X: Table, y: NDArray[Any], *, seed: int, **more: Any) -> MeteredTeacher:
        """Return the teacher refitted, with a count of its own."""
        return MeteredTeacher(self._learner.refit(X, y, seed=seed, **more))

    def _counted(self, ask: Callable[[Table], Any], X: Table) -> Any:
        began = time.perf_counter()
        answer = ask(X)
        spent = time.perf_counter() - began
        with self._lock:
            self.calls += 1
            self.rows += count_rows(X)
            self.seconds += spent
        return answer
