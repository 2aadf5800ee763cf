"""The manners of scikit-learn's histogram gradient boosting."""

from __future__ import annotations

import inspect
from typing import Any

from coopdistill.learners.libraries.library import Library
from coopdistill.learners.libraries.validation_rows import ValidationRows
from coopdistill.schema import count_rows

__all__ = ["HistGradientBoosting", "is_hist_gradient_boosting"]

_MANY_ROWS = 10_000


class HistGradientBoosting(Library):
    """The one model of scikit-learn's that takes rows to stop by, from version 1.7 on."""

    package = "sklearn"

    def open_settings(self, estimator: Any, X: Any, seed: int, *, takes_table: bool) -> dict[str, Any]:
        """Return what ``early_stopping="auto"`` comes to on all rows, before any are held out."""
        return {"early_stopping": count_rows(X) > _MANY_ROWS} if estimator.early_stopping == "auto" else {}

    def stops_early(self, estimator: Any) -> bool:
        """Whether it does, by other rows than those it is trained on, and takes these from us."""
        takes_rows = "X_val" in inspect.signature(type(estimator).fit).parameters
        return bool(estimator.early_stopping) and estimator.validation_fraction is not None and takes_rows

    def share(self, estimator: Any, n_own: int) -> float:
        """Share of the own rows to hold out: its own ``validation_fraction``."""
        fraction = estimator.validation_fraction
        return fraction if isinstance(fraction, float) else min(0.5, fraction / n_own)

    def validation_arguments(self, estimator: Any, rows: ValidationRows) -> dict[str, Any]:
        """Return the rows by its names."""
        arguments = {"X_val": rows.X, "y_val": rows.y}
        return arguments if rows.sample_weight is None else {**arguments, "sample_weight_val": rows.sample_weight}

    def without_early_stopping(self, estimator: Any) -> dict[str, Any]:
        """Return the switch."""
        return {"early_stopping": False}


def is_hist_gradient_boosting(estimator: Any) -> bool:
    """Tell whether an estimator is one, or derives from one."""
    names = {"HistGradientBoostingClassifier", "HistGradientBoostingRegressor"}
    return any(kind.__name__ in names for kind in type(estimator).__mro__)
