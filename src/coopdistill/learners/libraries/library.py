"""What one library's estimators need beyond scikit-learn's interface."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners.libraries.validation_rows import ValidationRows

__all__ = ["Library", "is_of", "nested_estimators", "seed_for"]


class Library:
    """A library whose estimators keep scikit-learn's interface, but for some manners of their own.

    The estimators that are asked about are unfitted clones; what is answered are parameters and arguments for them.
    """

    package: ClassVar[str]
    """As it is imported."""

    share_held_out: ClassVar[float] = 0.2
    """Share of the own rows that is held out for early stopping, where an estimator does not say it."""

    known_warnings: ClassVar[tuple[str, ...]] = ()
    """How warnings begin that fitting may bring and that say nothing to the user."""

    def open_settings(self, estimator: Any, X: Any, seed: int, *, takes_table: bool) -> dict[str, Any]:
        """Return parameters that the user left open: silence, one thread, seeds, categories of their own.

        Parameters
        ----------
        estimator : estimator
        X : DataFrame or ndarray
            The table that the whole model is fitted on.
        seed : int
        takes_table : bool
            Whether the estimator takes the table as it is, with no preprocessing before it.
        """
        return {}

    def stops_early(self, estimator: Any) -> bool:
        """Whether the estimator wants rows by which to stop its training."""
        return False

    def share(self, estimator: Any, n_own: int) -> float:
        """Share of the own rows to hold out."""
        return self.share_held_out

    def validation_arguments(self, estimator: Any, rows: ValidationRows) -> dict[str, Any]:
        """Return the arguments of ``fit`` that hand these rows over."""
        return {}

    def fit(
        self,
        estimator: Any,
        X: Any,
        y: NDArray[Any],
        sample_weight: NDArray[np.float64] | None,
        validation: ValidationRows | None,
    ) -> None:
        """Fit an estimator in place, its training stopped by the validation rows where there are some."""
        arguments = {} if validation is None else self.validation_arguments(estimator, validation)
        if sample_weight is not None:
            arguments["sample_weight"] = sample_weight
        estimator.fit(X, y, **arguments)

    def without_early_stopping(self, estimator: Any) -> dict[str, Any]:
        """Return the parameters that switch early stopping off."""
        return {}


def is_of(estimator: Any, package: str) -> bool:
    """Tell whether an estimator is of a library, without importing it.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> is_of(SVC(), "sklearn"), is_of(SVC(), "xgboost")
    (True, False)
    """
    return any(kind.__module__.partition(".")[0] == package for kind in type(estimator).__mro__)


def nested_estimators(estimator: Any) -> Iterator[tuple[str, Any]]:
    """Yield an estimator and all those among its parameters, each with the prefix of its parameters' names.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> [prefix for prefix, _ in nested_estimators(make_pipeline(StandardScaler(), SVC()))]
    ['', 'standardscaler__', 'svc__']
    """
    yield "", estimator
    for name, value in estimator.get_params(deep=True).items():
        if hasattr(value, "get_params") and hasattr(value, "fit") and not isinstance(value, type):
            yield f"{name}__", value


def seed_for(seed: int, key: str) -> int:
    """Derive the seed of one parameter; 31 bits, which every library takes."""
    return zlib.crc32(f"{seed}/{key}".encode()) & 0x7FFFFFFF
