"""Baselines that give each participant a model of its own."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.baseline import Baseline
from coopdistill.exceptions import AlignmentError, InapplicableError, LearnerError, ParticipantError, nearest_name
from coopdistill.participants import Prepared
from coopdistill.seeds import derive_seed

__all__ = ["PerStudent", "Predictor"]


class Predictor(Protocol):
    """A `Model`, or what predicts like one."""

    def read_table(self, X: Any) -> NDArray[np.float64]:
        """Turn a table of any participant's columns into rows for `predict`."""

    def predict(self, rows: NDArray[np.float64]) -> NDArray[Any]:
        """Return labels or values."""


class PerStudent(Baseline):
    """A baseline that makes one model for each participant with rows, or has a reason why it cannot.

    Attributes
    ----------
    models_ : dict of str to Predictor
        Each student's model.
    reasons_ : dict of str to str
        For each of the others, why there is none.
    """

    models_: dict[str, Predictor]
    reasons_: dict[str, str]

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        self.models_, self.reasons_ = {}, {}
        for name, one in prepared.items():
            if not len(one.y):
                self.reasons_[name] = f"participant {name!r} has no rows to learn on"
                continue
            try:
                self.models_[name] = self._teach(name, prepared, derive_seed(seed, self.name, name))
            except (InapplicableError, AlignmentError, LearnerError) as error:
                self.reasons_[name] = str(error)
        self._refuse_if_nobody_learned()

    @abstractmethod
    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Predictor:
        """Return the model of one student with rows, or raise `InapplicableError`."""

    def _refuse_if_nobody_learned(self) -> None:
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
