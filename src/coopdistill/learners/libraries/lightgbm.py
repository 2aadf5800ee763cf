"""LightGBM's manners."""

from __future__ import annotations

from typing import Any

from coopdistill.learners.libraries.library import Library
from coopdistill.learners.libraries.validation_rows import ValidationRows

__all__ = ["LightGBM"]

# One parameter goes by several names, and two of them at once are a warning.
_VERBOSITY = ("verbosity", "verbose")
_STOPPING = ("early_stopping_round", "early_stopping_rounds", "early_stopping", "n_iter_no_change")
_THREADS = ("n_jobs", "num_threads", "num_thread", "nthread", "nthreads")
_LAYOUT = ("force_col_wise", "force_row_wise")


class LightGBM(Library):
    """It talks a lot, sums in the order of its threads, and stops early by parameters of four names."""

    package = "lightgbm"
    known_warnings = ("The argument 'eval_set' is deprecated",)

    def open_settings(self, estimator: Any, X: Any, seed: int, *, takes_table: bool) -> dict[str, Any]:
        """Return silence, one thread, and sums in a fixed order."""
        given = estimator.get_params()
        settings: dict[str, Any] = {}
        if not _is_given(given, _VERBOSITY):
            settings["verbosity"] = -1
        if not _is_given(given, _THREADS):
            settings["n_jobs"] = 1
        if not _is_given(given, ("deterministic",)):
            settings["deterministic"] = True
            if not _is_given(given, _LAYOUT):
                settings["force_col_wise"] = True
        return settings

    def stops_early(self, estimator: Any) -> bool:
        """Whether it was given a number of rounds, by any name."""
        given = estimator.get_params()
        return any((given.get(name) or 0) > 0 for name in _STOPPING)

    def validation_arguments(self, estimator: Any, rows: ValidationRows) -> dict[str, Any]:
        """Return the evaluation set.

        4.7 deprecates the argument, but does not encode the labels of what stands in its place (LightGBM's issue 7400).
        """
        arguments: dict[str, Any] = {"eval_set": [(rows.X, rows.y)]}
        if rows.sample_weight is not None:
            arguments["eval_sample_weight"] = [rows.sample_weight]
        return arguments

    def without_early_stopping(self, estimator: Any) -> dict[str, Any]:
        """Return no rounds."""
        return {name: None for name in _STOPPING if name in estimator.get_params()}


def _is_given(parameters: dict[str, Any], names: tuple[str, ...]) -> bool:
    return any(parameters.get(name) is not None for name in names)
