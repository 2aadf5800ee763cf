"""Baselines that teach one participant after the other, each on its own."""

from __future__ import annotations

from abc import abstractmethod

from coopdistill.baselines.baseline import with_rows
from coopdistill.baselines.model_for_each import ModelForEach, Predictor
from coopdistill.exceptions import AlignmentError, InapplicableError, LearnerError
from coopdistill.participants import Prepared
from coopdistill.seeds import derive_seed

__all__ = ["PerStudent"]


class PerStudent(ModelForEach):
    """A baseline in which what one participant learns depends on the others' models before, not on what they learn."""

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        models: dict[str, Predictor] = {}
        reasons: dict[str, str] = {}
        for name in with_rows(prepared):
            try:
                models[name] = self._teach(name, prepared, derive_seed(seed, self.name, name))
            except (InapplicableError, AlignmentError, LearnerError) as error:
                reasons[name] = str(error)
        self._take(models, prepared, reasons)

    @abstractmethod
    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Predictor:
        """Return the model of one student with rows, or raise `InapplicableError`."""
