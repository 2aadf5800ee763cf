"""CatBoost's manners."""

from __future__ import annotations

from typing import Any

import pandas as pd

from coopdistill.learners.libraries.library import Library, seed_for
from coopdistill.learners.libraries.validation_rows import ValidationRows

__all__ = ["CatBoost"]

_SILENCE = ("verbose", "silent", "logging_level", "verbose_eval")
_SEEDS = ("random_seed", "random_state")
_STOPPING = ("early_stopping_rounds", "od_type", "od_wait", "od_pval", "use_best_model")


class CatBoost(Library):
    """It talks, writes a folder where it runs, and wants its categorical columns named."""

    package = "catboost"

    def open_settings(self, estimator: Any, X: Any, seed: int, *, takes_table: bool) -> dict[str, Any]:
        """Return silence, no files, one thread, a seed, and the names of columns that are no numbers."""
        given = estimator.get_params()
        settings: dict[str, Any] = {}
        if not any(name in given for name in _SILENCE):
            settings["verbose"] = False
        if "allow_writing_files" not in given:
            settings["allow_writing_files"] = False
        if "thread_count" not in given:
            settings["thread_count"] = 1
        if all(given.get(name) is None for name in _SEEDS):
            settings["random_seed"] = seed_for(seed, "random_seed")
        if takes_table and isinstance(X, pd.DataFrame) and "cat_features" not in given:
            named = [column for column, dtype in X.dtypes.items() if not pd.api.types.is_numeric_dtype(dtype)]
            if named:
                settings["cat_features"] = named
        return settings

    def stops_early(self, estimator: Any) -> bool:
        """Whether it was given any parameter of its overfitting detector."""
        given = estimator.get_params()
        return any(given.get(name) not in (None, False) for name in _STOPPING)

    def validation_arguments(self, estimator: Any, rows: ValidationRows) -> dict[str, Any]:
        """Return the evaluation set."""
        if rows.sample_weight is None:
            return {"eval_set": (rows.X, rows.y)}
        from catboost import Pool

        given = estimator.get_params()
        pool = Pool(rows.X, rows.y, weight=rows.sample_weight, cat_features=given.get("cat_features"))
        return {"eval_set": pool}

    def without_early_stopping(self, estimator: Any) -> dict[str, Any]:
        """Return that its best round need not be found; without rows to stop by it ignores the rest."""
        return {"use_best_model": False} if estimator.get_params().get("use_best_model") else {}
