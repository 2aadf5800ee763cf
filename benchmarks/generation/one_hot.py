"""The table as a matrix of numbers and one-hot columns: what methods that know no categories work on."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from cases import Case
from numpy.typing import NDArray

from coopdistill.learners import Capabilities, Learner
from coopdistill.schema import Feature, FeatureSpace

__all__ = ["OneHotView"]


class OneHotView(Learner):
    """A case's teacher without its encoder, asked about one-hot rows; keeps count like `MeteredTeacher`.

    The columns are the numbers in their own units, then one block of columns a category, as the encoder orders them.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self.rows = 0
        if case.rows.is_image:
            d = case.rows.X.shape[1]
            self._numbers, self._groups, self._one_hot = np.arange(d), [], None
            self._mean, self._scale = np.zeros(d), np.ones(d)
            self.inner = case.estimator
            return
        columns, self.inner = case.estimator.steps[0][1], case.estimator.steps[-1][1]
        self._numbers = np.flatnonzero(case.rows.space.numeric)
        self._categories = np.flatnonzero(~case.rows.space.numeric)
        self._one_hot = columns.named_transformers_["categories"] if len(self._categories) else None
        d = len(self._numbers)
        steps = getattr(columns.named_transformers_["numbers"], "named_steps", {})
        scaler = steps.get("standardscaler")
        self._mean = np.zeros(d) if scaler is None else scaler.mean_
        self._scale = np.ones(d) if scaler is None else scaler.scale_
        self._groups, first = [], d
        for values in [] if self._one_hot is None else self._one_hot.categories_:
            self._groups.append(np.arange(first, first + len(values)))
            first += len(values)

    @cached_property
    def names(self) -> tuple[str, ...]:
        space = self._case.rows.space
        return (
            *(space.names[j] for j in self._numbers),
            *(f"{k}_{i}" for k, group in enumerate(self._groups) for i in range(len(group))),
        )

    @property
    def n_numbers(self) -> int:
        return len(self._numbers)

    @property
    def groups(self) -> list[list[str]]:
        """The columns of each category."""
        return [[self.names[j] for j in group] for group in self._groups]

    @cached_property
    def space(self) -> FeatureSpace:
        """What the columns mean. Spread 2: another category counts as much as in the table."""
        numbers = [list(self._case.rows.space)[j] for j in self._numbers]
        hot = [
            Feature(name=name, kind="continuous", low=0.0, high=1.0, spread=2.0) for name in self.names[len(numbers) :]
        ]
        return FeatureSpace((*numbers, *hot))

    @cached_property
    def spread(self) -> NDArray[np.float64]:
        return self.space.spread

    def encode(self, table: Any) -> NDArray[np.float64]:
        if self._case.rows.is_image:
            return np.asarray(table, dtype=np.float64)
        numbers = table.iloc[:, self._numbers].to_numpy(dtype=np.float64)
        if self._one_hot is None:
            return numbers
        return np.hstack([numbers, self._one_hot.transform(table.iloc[:, self._categories])])

    def decode(self, Z: NDArray[np.float64]) -> pd.DataFrame:
        """Back to a table; of a category the greatest column counts."""
        space = self._case.rows.space
        columns: dict[str, Any] = {space.names[j]: Z[:, k] for k, j in enumerate(self._numbers)}
        for group, values, j in zip(
            self._groups, [] if self._one_hot is None else self._one_hot.categories_, self._categories, strict=True
        ):
            columns[space.names[j]] = np.asarray(values, dtype=object)[Z[:, group].argmax(axis=1)]
        return pd.DataFrame(columns)[list(space.names)]

    def frame(self, Z: NDArray[np.float64]) -> pd.DataFrame:
        return pd.DataFrame(Z, columns=list(self.names))

    def scaled(self, Z: NDArray[np.float64]) -> NDArray[np.float64]:
        """As the estimator behind the encoder takes them."""
        d = self.n_numbers
        return np.hstack([(Z[:, :d] - self._mean) / self._scale, Z[:, d:]])

    def unscaled(self, S: NDArray[np.float64]) -> NDArray[np.float64]:
        d = self.n_numbers
        return np.hstack([S[:, :d] * self._scale + self._mean, S[:, d:]])

    def ask(self, Z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores of all classes, counted."""
        self.rows += len(Z)
        return self._scores(Z)

    def _scores(self, Z: NDArray[np.float64]) -> NDArray[np.float64]:
        from coopdistill.learners import as_learner

        S = self.scaled(Z)
        return as_learner(self.inner).scores(S.astype(np.float32) if self._case.rows.is_image else S)

    # The interface of a learner, so that what these methods return is measured as they returned it.
    @property
    def estimator(self) -> Any:
        return self.inner

    @property
    def is_fitted(self) -> bool:
        return True

    @property
    def classes(self) -> NDArray[Any]:
        return np.unique(self._case.rows.y)

    @property
    def capabilities(self) -> Capabilities:
        return self._case.meter.capabilities

    def scores(self, X: Any) -> NDArray[np.float64]:
        return self._scores(np.asarray(X, dtype=np.float64))

    def predict(self, X: Any) -> NDArray[Any]:
        return self.classes[self.scores(X).argmax(axis=1)]

    def refit(self, X: Any, y: NDArray[Any], *, seed: int) -> Learner:
        raise NotImplementedError
