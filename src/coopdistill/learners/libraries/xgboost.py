"""XGBoost's manners."""

from __future__ import annotations

from typing import Any

import pandas as pd

from coopdistill.learners.libraries.library import Library
from coopdistill.learners.libraries.validation_rows import ValidationRows

__all__ = ["XGBoost"]


class XGBoost(Library):
    """Labels must be 0 to k-1; columns of pandas' category dtype need a word; rows to stop by go in as a set."""

    package = "xgboost"

    def open_settings(self, estimator: Any, X: Any, seed: int, *, takes_table: bool) -> dict[str, Any]:
        """Return one thread, and native categories where the table has such columns."""
        settings: dict[str, Any] = {}
        if estimator.n_jobs is None:
            settings["n_jobs"] = 1
        # Left off, a column of categories is an error and nothing else; so there is nothing to overrule here.
        dtypes: Any = X.dtypes if isinstance(X, pd.DataFrame) else ()
        if not estimator.enable_categorical and any(isinstance(dtype, pd.CategoricalDtype) for dtype in dtypes):
            settings["enable_categorical"] = True
        return settings

    def stops_early(self, estimator: Any) -> bool:
        """Whether it was given a number of rounds, or the callback."""
        callbacks = [type(callback).__name__ for callback in estimator.callbacks or ()]
        return estimator.early_stopping_rounds is not None or "EarlyStopping" in callbacks

    def validation_arguments(self, estimator: Any, rows: ValidationRows) -> dict[str, Any]:
        """Return the evaluation set; silent."""
        arguments: dict[str, Any] = {"eval_set": [(rows.X, rows.y)], "verbose": False}
        if rows.sample_weight is not None:
            arguments["sample_weight_eval_set"] = [rows.sample_weight]
        return arguments

    def without_early_stopping(self, estimator: Any) -> dict[str, Any]:
        """Return neither rounds nor callback."""
        callbacks = [c for c in estimator.callbacks or () if type(c).__name__ != "EarlyStopping"]
        return {"early_stopping_rounds": None, "callbacks": callbacks or None}
