"""All models asked at once, nothing learned."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.baseline import Baseline, models_of
from coopdistill.learners import Model, all_classes
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
        self.classes_ = all_classes(self.models_.values())

    def predict_for(self, name: str, X: Any) -> NDArray[Any]:
        """Return the class of the greatest mean score, or the mean value; it is the same for every participant."""
        said = [model.by_class(model.scores(model.read_table(X)), self.classes_) for model in self.models_.values()]
        mean = np.mean(said, axis=0)
        return np.asarray(self.classes_[mean.argmax(axis=1)] if len(self.classes_) else mean[:, 0])
