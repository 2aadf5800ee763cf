"""CatBoost's models, in CatBoost's binary form."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from coopdistill.learners.libraries.library import is_of
from coopdistill.saving.foreign.foreign_part import Dumped, ForeignPart, class_named, is_fitted, plain_state

__all__ = ["CatBoostPart"]

_CLASSES = ("CatBoostClassifier", "CatBoostRegressor")
_READ_FROM_THE_MODEL = ("_object", "_is_fitted_", "_tree_count", "_learning_rate", "_random_seed")


class CatBoostPart(ForeignPart):
    """A classifier or regressor of CatBoost."""

    name = "CatBoost"
    suffix = "catboost.cbm"

    def holds(self, part: Any) -> bool:
        """Tell whether a part is an estimator of CatBoost, fitted or not."""
        return is_of(part, "catboost") and hasattr(type(part), "tree_count_")

    def dump(self, part: Any) -> Dumped:
        """Take an estimator apart."""
        state = plain_state(part, "catboost", _CLASSES, without=_READ_FROM_THE_MODEL)
        if not is_fitted(part):
            return Dumped(state, b"")
        with tempfile.TemporaryDirectory() as folder:  # CatBoost writes to files only
            path = Path(folder) / "model.cbm"
            part.save_model(str(path), format="cbm")
            return Dumped(state, path.read_bytes())

    def load(self, state: dict[str, Any], content: bytes, *, architecture: Any) -> Any:
        """Let CatBoost check and read the model."""
        made = class_named("catboost", _CLASSES, state["class"])()
        if content:
            made.load_model(blob=content)
        vars(made).update({name: v for name, v in state["attributes"].items() if name not in _READ_FROM_THE_MODEL})
        return made
