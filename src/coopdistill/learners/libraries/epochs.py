"""The manners of scikit-learn's models that are trained by epochs: multi-layer perceptrons and stochastic descent."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.utils.class_weight import compute_class_weight

from coopdistill.learners.libraries.library import Library
from coopdistill.learners.libraries.validation_rows import ValidationRows

__all__ = ["ByEpochs", "learns_by_epochs"]


class ByEpochs(Library):
    """They choose rows to stop by themselves, among all; so here they are led epoch by epoch, and stopped from outside.

    By the rule of scikit-learn's perceptron: where the score on the validation rows has not risen by ``tol`` for
    ``n_iter_no_change`` epochs, training ends with the state that scored best.
    """

    package = "sklearn"

    def stops_early(self, estimator: Any) -> bool:
        """Whether its ``early_stopping`` is on."""
        return bool(estimator.early_stopping)

    def share(self, estimator: Any, n_own: int) -> float:
        """Share of the own rows to hold out: its own ``validation_fraction``."""
        return float(estimator.validation_fraction)

    def fit(
        self,
        estimator: Any,
        X: Any,
        y: NDArray[Any],
        sample_weight: NDArray[np.float64] | None,
        validation: ValidationRows | None,
    ) -> None:
        """Train in place, epoch by epoch where there are rows to stop by."""
        if validation is None:
            super().fit(estimator, X, y, sample_weight, None)
            return
        given = {name: value for name, value in estimator.get_params().items() if name in _CHANGED}
        # Each epoch draws from the seed again, unless it is a generator that goes on.
        meanwhile = {"early_stopping": False, "random_state": np.random.RandomState(given["random_state"])}
        if given.get("class_weight") == "balanced":  # which is worked out from all rows at once
            classes = np.unique(y)
            balanced = compute_class_weight("balanced", classes=classes, y=y).tolist()
            meanwhile["class_weight"] = dict(zip(classes.tolist(), balanced, strict=True))
        estimator.set_params(**meanwhile)
        _train(estimator, X, y, sample_weight, validation)
        estimator.set_params(**given)

    def without_early_stopping(self, estimator: Any) -> dict[str, Any]:
        """Return the switch."""
        return {"early_stopping": False}


_CHANGED = ("early_stopping", "random_state", "class_weight")


def learns_by_epochs(estimator: Any) -> bool:
    """Tell whether an estimator is trained by epochs and can be stopped early between them.

    Examples
    --------
    >>> from sklearn.neural_network import MLPClassifier
    >>> learns_by_epochs(MLPClassifier()), learns_by_epochs(MLPClassifier(solver="lbfgs"))
    (True, False)
    """
    names = ("partial_fit", "early_stopping", "n_iter_no_change", "validation_fraction", "max_iter")
    return all(hasattr(estimator, name) for name in names)


def _train(
    estimator: Any,
    X: Any,
    y: NDArray[Any],
    sample_weight: NDArray[np.float64] | None,
    validation: ValidationRows,
) -> None:
    arguments: dict[str, Any] = {} if sample_weight is None else {"sample_weight": sample_weight}
    first: dict[str, Any] = {"classes": np.unique(y)} if is_classifier(estimator) else {}
    best, best_state, n_lost = -np.inf, {}, 0
    for _ in range(estimator.max_iter):
        estimator.partial_fit(X, y, **first, **arguments)
        first = {}
        score = estimator.score(validation.X, validation.y, validation.sample_weight)
        n_lost = n_lost + 1 if score < best + (estimator.tol or 0.0) else 0
        if score > best:
            best, best_state = score, copy.deepcopy(vars(estimator))
        if n_lost > estimator.n_iter_no_change:
            break
    vars(estimator).update(best_state)
