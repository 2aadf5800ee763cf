"""Scripted doubles: learners whose every answer a test can work out by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.cooperation.settings import Settings
from coopdistill.learners import Learner, Model, ScriptedLearner
from coopdistill.schema import Codec, Table, infer_feature_space

__all__ = ["Scripted", "as_model", "constant", "memory", "threshold"]

Says = Callable[[Table], NDArray[np.float64]]


Scripted = ScriptedLearner


def as_model(learner: Learner, X: Any, name: str = "scripted", declared: Any = None) -> Model:
    """A learner as the model of these rows."""
    return Model(name, learner, Codec.of(X, infer_feature_space(X, declared)))


def constant(scores: Sequence[float]) -> Says:
    """The same scores everywhere."""
    return lambda X: np.tile(np.asarray(scores, dtype=np.float64), (len(X), 1))


def threshold(column: int, at: float, sure: float = 0.9) -> Says:
    """Sure of the second of two classes where a column is greater than a number, else of the first."""

    def says(X: Table) -> NDArray[np.float64]:
        second = np.where(np.asarray(X)[:, column].astype(np.float64) > at, sure, 1.0 - sure)
        return np.column_stack([1.0 - second, second])

    return says


def memory(X: Table, y: NDArray[Any]) -> Says:
    """Right about exactly the rows it was fitted on; elsewhere the other one of the classes 0 and 1 by their sign.

    A row's first value tells its class: 1 where it is positive.
    """
    known = {tuple(row) for row in np.asarray(X, dtype=np.float64).tolist()}

    def says(Z: Table) -> NDArray[np.float64]:
        rows = np.asarray(Z, dtype=np.float64)
        truth = (rows[:, 0] > 0).astype(int)
        right = np.array([tuple(row) in known for row in rows.tolist()], dtype=bool)
        answer = np.where(right, truth, 1 - truth)
        return np.eye(2)[answer]

    return says


def default_settings() -> Settings:
    """What agents are told by default, with seed 0."""
    return Settings(
        alpha=0.5,
        tolerance=None,
        focus="all",
        instances_from="teacher",
        qualification="instance",
        expertise="out-of-fold",
        generator="auto",
        instances_per_row=None,
        imputation="hot-deck",
        acceptance="auto",
        seed=0,
    )
