"""All models asked at once, nothing learned."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.baseline import Baseline, models_of
from coopdistill.learners import Model
from coopdistill.participants import Prepared

__all__ = ["Average"]


class Average(Baseline):
    """Averages the scores of all models; a class that a model never saw counts zero there.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> average = Average().fit([Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()])
    >>> bool((average.predict_for("small", clinics.test.X) == clinics.test.y).mean() > 0.8)
    True
    """

    name = "average"
    alike = True

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        self.models_: dict[str, Model] = models_of(prepared)
        self.task_ = next(iter(self.models_.values())).task
        labels = {label for model in self.models_.values() for label in model.classes.tolist()}
        self.classes_ = np.array(sorted(labels), dtype=object)

    def predict_for(self, name: str, X: Any) -> NDArray[Any]:
        """Return the class of the greatest mean score, or the mean value; it is the same for every participant."""
        if self.task_ == "regression":
            values = [model.scores(model.read_table(X))[:, 0] for model in self.models_.values()]
            return np.asarray(np.mean(values, axis=0))
        total = None
        for model in self.models_.values():
            scores = model.scores(model.read_table(X))
            spread_out = np.zeros((len(scores), len(self.classes_)))
            spread_out[:, np.searchsorted(self.classes_, model.classes)] = scores
            total = spread_out if total is None else total + spread_out
        assert total is not None
        return np.asarray(self.classes_[total.argmax(axis=1)])
