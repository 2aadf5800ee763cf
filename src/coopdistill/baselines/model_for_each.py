"""Baselines that end with a model of each participant's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.baseline import Baseline
from coopdistill.exceptions import InapplicableError, ParticipantError, nearest_name
from coopdistill.participants import Prepared

__all__ = ["ModelForEach", "Predictor"]


class Predictor(Protocol):
    """A `Model`, or what predicts like one."""

    def read_table(self, X: Any) -> NDArray[np.float64]:
        """Turn a table of any participant's columns into rows for `predict`."""

    def predict(self, rows: NDArray[np.float64]) -> NDArray[Any]:
        """Return labels or values."""


class ModelForEach(Baseline):
    """A baseline with a model for each participant, or a reason why there is none.

    Attributes
    ----------
    models_ : dict of str to Predictor
        Each participant's model.
    reasons_ : dict of str to str
        For each of the others, why there is none.
    """

    models_: dict[str, Predictor]
    reasons_: dict[str, str]

    def _take(
        self, models: Mapping[str, Predictor], prepared: dict[str, Prepared], reasons: Mapping[str, str] | None = None
    ) -> None:
        """Keep models and reasons; who has neither has no rows.

        Raises
        ------
        InapplicableError
            If there is no model at all.
        """
        without_rows = {name: f"participant {name!r} has no rows to learn on" for name in prepared}
        self.models_ = {name: models[name] for name in prepared if name in models}
        self.reasons_ = {
            name: reason for name, reason in {**without_rows, **(reasons or {})}.items() if name not in models
        }
        if not self.models_:
            raise InapplicableError("; ".join(dict.fromkeys(self.reasons_.values())))

    def predict_for(self, name: str, X: Any) -> NDArray[Any]:
        """Return the predictions of the participant's model; see `Baseline.predict_for`."""
        if name in self.models_:
            model = self.models_[name]
            return model.predict(model.read_table(X))
        if name in self.reasons_:
            raise InapplicableError(self.reasons_[name])
        known = [*self.models_, *self.reasons_]
        raise ParticipantError(f"no participant is named {name!r}{nearest_name(name, known)}")
