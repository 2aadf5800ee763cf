"""Parts of models that other libraries made, one file a library."""

from __future__ import annotations

from typing import Any

from coopdistill.saving.foreign.catboost import CatBoostPart
from coopdistill.saving.foreign.foreign_part import Dumped, ForeignPart
from coopdistill.saving.foreign.lightgbm import LightGBMPart
from coopdistill.saving.foreign.onnx import OnnxPart
from coopdistill.saving.foreign.skorch import SkorchPart
from coopdistill.saving.foreign.torch import TorchPart
from coopdistill.saving.foreign.xgboost import XGBoostPart

__all__ = ["KINDS", "Dumped", "ForeignPart", "kind_of"]

KINDS: dict[str, ForeignPart] = {
    kind.name: kind for kind in (XGBoostPart(), LightGBMPart(), CatBoostPart(), TorchPart(), SkorchPart(), OnnxPart())
}


def kind_of(part: Any) -> ForeignPart | None:
    """Return how a part of a model is saved that is not scikit-learn's; None of all others."""
    return next((kind for kind in KINDS.values() if kind.holds(part)), None)
