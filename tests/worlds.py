"""Small random tables with a teacher of each: what properties of counterfactuals are tested on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from numpy.typing import NDArray

from coopdistill.learners import Model
from coopdistill.schema import Codec, Kind, Table, infer_feature_space
from doubles import Scripted

__all__ = ["TEACHERS", "World", "worlds"]

SQUASH: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "smooth": lambda z: 0.5 + 0.5 * np.tanh(z),
    "steps": lambda z: np.clip(np.floor(4 * (0.5 + 0.5 * np.tanh(z))), 0, 4) / 4,
    "certain": lambda z: (z > 0).astype(np.float64),
    "flat": lambda z: np.full_like(z, 0.5),
}
TEACHERS = tuple(SQUASH)


@dataclass
class World:
    """Rows, their labels, and a teacher whose answer on a row depends on nothing but the row."""

    frame: pd.DataFrame
    y: NDArray[np.intp]
    learner: Scripted
    declared: dict[str, dict[str, Any]]

    @property
    def model(self) -> Model:
        return Model("teacher", self.learner, Codec.of(self.frame, infer_feature_space(self.frame, self.declared)))

    @property
    def rows(self) -> NDArray[np.float64]:
        return self.model.codec.encode(self.frame)


def _column(kind: str, n_rows: int, scale: float, rng: np.random.Generator) -> list[Any]:
    values: list[Any]
    if kind == "continuous":
        values = (scale * rng.normal(size=n_rows)).tolist()
    elif kind == "integer":
        values = rng.integers(-5, 6, n_rows).tolist()
    elif kind == "categorical":
        values = rng.choice(["a", "b", "c", "d"], n_rows).tolist()
    else:
        values = rng.choice(["no", "yes"], n_rows).tolist()
    return values


def _worth(column: pd.Series, kind: str, scale: float, weight: float) -> NDArray[np.float64]:
    if kind in ("continuous", "integer"):
        return weight * column.to_numpy(dtype=np.float64, na_value=0.0) / (scale if kind == "continuous" else 3.0)
    steps = {"a": -1.0, "b": 0.3, "c": 1.0, "d": -0.2, "no": -0.5, "yes": 0.5}
    return weight * column.map(steps).to_numpy(dtype=np.float64, na_value=0.1)


@st.composite
def worlds(draw: st.DrawFn, teachers: tuple[str, ...] = TEACHERS) -> World:
    kinds = draw(st.lists(st.sampled_from([str(kind) for kind in Kind]), min_size=1, max_size=5))
    n_rows = draw(st.integers(2, 12))
    missing = draw(st.sampled_from([0.0, 0.3]))
    teacher = draw(st.sampled_from(teachers))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    scales = 10.0 ** rng.integers(-2, 4, len(kinds))
    weights = rng.normal(size=len(kinds))
    frame = pd.DataFrame()
    for j, kind in enumerate(kinds):
        values = [None if rng.random() < missing else v for v in _column(kind, n_rows, scales[j], rng)]
        if all(v is None for v in values):
            values[0] = _column(kind, 1, scales[j], rng)[0]
        frame[f"f{j}"] = pd.Series(values, dtype=object if kind in ("categorical", "binary") else np.float64)
    declared: dict[str, dict[str, Any]] = {name: {"mutable": bool(rng.random() > 0.25)} for name in frame}
    numbers = frame.select_dtypes("number")
    for name in numbers:
        if rng.random() < 0.3:  # some rows are out of range
            declared[name]["high"] = float(np.ceil(numbers[name].median()))
            declared[name]["low"] = min(float(numbers[name].min()), declared[name]["high"])

    def says(X: Table) -> NDArray[np.float64]:
        z = np.zeros(len(X))
        for j, kind in enumerate(kinds):
            z += _worth(X[f"f{j}"], kind, scales[j], weights[j])
        second = SQUASH[teacher](z)
        return np.column_stack([1.0 - second, second])

    return World(frame, rng.integers(0, 2, n_rows), Scripted([0, 1], says), declared)
