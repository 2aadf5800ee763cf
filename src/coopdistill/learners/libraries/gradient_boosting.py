"""The manners of scikit-learn's older gradient boosting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.metrics import log_loss, mean_absolute_error, mean_pinball_loss, mean_squared_error

from coopdistill.learners.libraries.library import Library
from coopdistill.learners.libraries.validation_rows import ValidationRows

__all__ = ["GradientBoosting", "is_gradient_boosting", "rounds_until_stop"]


class GradientBoosting(Library):
    """It chooses rows to stop by itself, among all; so here trees are grown some at a time, and stopped from outside.

    By its own rule: it ends with the first tree after which the loss on the validation rows is not less, by ``tol``,
    than after any of the ``n_iter_no_change`` trees before.
    """

    package = "sklearn"

    def stops_early(self, estimator: Any) -> bool:
        """Whether it was given ``n_iter_no_change``."""
        return estimator.n_iter_no_change is not None

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
        """Train in place, some trees at a time where there are rows to stop by."""
        if validation is None:
            super().fit(estimator, X, y, sample_weight, None)
            return
        given = {name: getattr(estimator, name) for name in ("n_estimators", "n_iter_no_change", "warm_start")}
        patience, most, n_trees = given["n_iter_no_change"], given["n_estimators"], 0
        estimator.set_params(n_iter_no_change=None, warm_start=True)
        rounds = None
        while rounds is None and n_trees < most:
            n_trees = min(n_trees + patience, most)
            estimator.set_params(n_estimators=n_trees).fit(X, y, sample_weight=sample_weight)
            rounds = rounds_until_stop(_losses(estimator, validation), patience, estimator.tol)
        if rounds is not None and rounds < n_trees:
            # The same seed grows the same trees again, so fewer of them are the first ones of these.
            estimator.set_params(n_estimators=rounds, warm_start=False).fit(X, y, sample_weight=sample_weight)
        estimator.set_params(**given)

    def without_early_stopping(self, estimator: Any) -> dict[str, Any]:
        """Return the switch."""
        return {"n_iter_no_change": None}


def is_gradient_boosting(estimator: Any) -> bool:
    """Tell whether an estimator is one, or derives from one."""
    return any(kind.__name__ == "BaseGradientBoosting" for kind in type(estimator).__mro__)


def rounds_until_stop(losses: list[float], patience: int, tol: float) -> int | None:
    """Return how many rounds there are until no loss of the last ones is undercut.

    Parameters
    ----------
    losses : list of float
        After each round.
    patience : int
        How many rounds before a round count.
    tol : float
        By how much a loss has to be undercut.

    Returns
    -------
    int or None
        None: it goes on.

    Examples
    --------
    >>> rounds_until_stop([3.0, 2.0, 2.5, 2.5, 2.4], patience=2, tol=0.0)
    4
    """
    for i in range(patience, len(losses)):
        if not any(losses[i] + tol < loss for loss in losses[i - patience : i]):
            return i + 1
    return None


def _losses(estimator: Any, rows: ValidationRows) -> list[float]:
    if is_classifier(estimator):
        stages = estimator.staged_predict_proba(rows.X)
        return [float(log_loss(rows.y, p, labels=estimator.classes_, sample_weight=rows.sample_weight)) for p in stages]
    if estimator.loss == "quantile":
        return [
            float(mean_pinball_loss(rows.y, p, alpha=estimator.alpha, sample_weight=rows.sample_weight))
            for p in estimator.staged_predict(rows.X)
        ]
    loss = mean_squared_error if estimator.loss == "squared_error" else mean_absolute_error
    return [float(loss(rows.y, p, sample_weight=rows.sample_weight)) for p in estimator.staged_predict(rows.X)]
