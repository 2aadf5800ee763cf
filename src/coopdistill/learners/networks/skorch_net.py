"""Adapter of PyTorch modules held by skorch."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from coopdistill.learners.learner import Capabilities
from coopdistill.learners.libraries.library import Library
from coopdistill.learners.libraries.preprocessing import Preprocessing
from coopdistill.learners.libraries.validation_rows import ValidationRows
from coopdistill.learners.scikit_learn import ScikitLearnLearner
from coopdistill.schema import Table

__all__ = ["SkorchLearner", "ends_in_skorch", "is_skorch"]


class SkorchLearner(ScikitLearnLearner):
    """A skorch net, bare or at the end of a pipeline, that takes tables as they come.

    A net takes arrays of single precision; here a step of a pipeline makes them, so that frames and double precision
    go in, before and after cooperation. Classes are whole numbers from 0, as skorch wants them; where the rows may
    lack one, give the net ``classes=``. A net with the callback ``EarlyStopping`` is stopped by own rows alone, in
    place of those that its ``train_split`` would choose among all.

    Parameters
    ----------
    estimator : skorch.NeuralNetClassifier, NeuralNetBinaryClassifier, NeuralNetRegressor, or a pipeline
        Fitted or not. It is never changed.
    preprocessing : {"kept", "own", "all"}, default="kept"
        See `ScikitLearnLearner`.
    """

    def __init__(self, estimator: Any, *, preprocessing: Preprocessing = "kept") -> None:
        super().__init__(_in_single_precision(estimator), preprocessing=preprocessing)

    @property
    def capabilities(self) -> Capabilities:
        """What it can do beyond predicting; a regressor's ``predict_proba`` is only another name of ``predict``."""
        said = super().capabilities
        return replace(said, probabilities=said.probabilities and self.task == "classification")

    def scores(self, X: Table) -> NDArray[np.float64]:
        """Return probabilities, shape (n_rows, n_classes), or values, shape (n_rows, 1).

        Raises
        ------
        ValueError
            If one is NaN or infinite, as a net's are where a value is missing.
        """
        scores = super().scores(X)
        if not np.isfinite(scores).all():
            raise ValueError("the net returned a score that is NaN or infinite; are values of the rows missing?")
        return scores

    def predict(self, X: Table) -> NDArray[Any]:
        """Return class labels or values, shape (n_rows,)."""
        return super().predict(X).reshape(-1)

    def refit(
        self,
        X: Table,
        y: NDArray[Any],
        *,
        seed: int,
        sample_weight: NDArray[np.float64] | None = None,
        n_own: int | None = None,
    ) -> ScikitLearnLearner:
        """Return a clone fitted on these rows; PyTorch's own random numbers are put back where they were."""
        import torch

        target = _as_target(self.estimator.steps[-1][1], self.task, np.asarray(y))
        with torch.random.fork_rng():
            torch.manual_seed(zlib.crc32(f"{seed}/torch".encode()))
            return super().refit(X, target, seed=seed, sample_weight=sample_weight, n_own=n_own)

    def _library_of(self, estimator: Any) -> Library:
        return Skorch() if is_skorch(estimator) else super()._library_of(estimator)


class Skorch(Library):
    """The manners of skorch: rows to stop by come from a split, not from the arguments of ``fit``."""

    package = "skorch"

    def stops_early(self, estimator: Any) -> bool:
        """Whether it has the callback, and rows to stop by."""
        return bool(estimator.train_split) and any(map(_is_early_stopping, _callbacks(estimator)))

    def share(self, estimator: Any, n_own: int) -> float:
        """Share of the own rows to hold out: that of its split."""
        part = getattr(estimator.train_split, "cv", None)
        if isinstance(part, float):
            return part
        return 1 / part if isinstance(part, int) and part > 1 else self.share_held_out

    def fit(
        self,
        estimator: Any,
        X: Any,
        y: NDArray[Any],
        sample_weight: NDArray[np.float64] | None,
        validation: ValidationRows | None,
    ) -> None:
        """Train in place, with the validation rows as its split where there are some."""
        split = estimator.train_split
        if validation is not None:
            from skorch.dataset import Dataset
            from skorch.helper import predefined_split

            estimator.train_split = predefined_split(Dataset(validation.X, validation.y))
        super().fit(estimator, X, y, sample_weight, None)
        estimator.train_split = split

    def without_early_stopping(self, estimator: Any) -> dict[str, Any]:
        """Return the other callbacks."""
        return {"callbacks": [one for one in _callbacks(estimator) if not _is_early_stopping(one)]}


def _callbacks(net: Any) -> list[Any]:
    return [] if net.callbacks in (None, "disable") else list(net.callbacks)


def _is_early_stopping(callback: Any) -> bool:
    named = callback[1] if isinstance(callback, tuple) else callback
    return "EarlyStopping" in (type(named).__name__, getattr(named, "__name__", ""))


def is_skorch(estimator: Any) -> bool:
    """Tell whether an estimator is a net of skorch, without importing it."""
    return any(kind.__module__.startswith("skorch.") for kind in type(estimator).__mro__)


def ends_in_skorch(estimator: Any) -> bool:
    """Tell whether an estimator is such a net, or a pipeline with one at its end."""
    if hasattr(estimator, "named_steps") and hasattr(estimator, "steps"):
        return ends_in_skorch(estimator.steps[-1][1])
    return is_skorch(estimator)


def _as_target(net: Any, task: str, y: NDArray[Any]) -> NDArray[Any]:
    """Labels or values in the type and shape that the usual criterion of a net compares its output with."""
    if task == "regression":
        return y.astype(np.float32).reshape(-1, 1)
    if any(kind.__name__ == "NeuralNetBinaryClassifier" for kind in type(net).__mro__):
        return y.astype(np.float32)
    return y.astype(np.int64) if y.dtype.kind in "biuO" else y


def _in_single_precision(estimator: Any) -> Any:
    """A pipeline of the same steps, with one before the net that makes arrays of single precision."""
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    steps = list(estimator.steps) if hasattr(estimator, "steps") else [("net", estimator)]
    if any(getattr(step, "func", None) is as_single_precision for _, step in steps):
        return estimator
    return Pipeline([*steps[:-1], ("single_precision", FunctionTransformer(as_single_precision)), steps[-1]])


def as_single_precision(X: Any) -> NDArray[np.float32]:
    """Turn a table of numbers into an array of single precision."""
    dense = X.toarray() if sparse.issparse(X) else X
    return np.ascontiguousarray(dense, dtype=np.float32)
