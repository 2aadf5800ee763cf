"""All rows in one place: what nobody may do, and the bound to be measured against."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.baseline import Baseline, pooled_weight, with_rows
from coopdistill.learners import Model
from coopdistill.participants import Prepared
from coopdistill.seeds import derive_seed

__all__ = ["Pooled"]


class Pooled(Baseline):
    """Refits every participant's learner on the rows of all, expressed in its own feature space.

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
    >>> pooled = Pooled().fit([Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()])
    >>> bool((pooled.predict_for("small", clinics.test.X) == clinics.test.y).mean() > 0.8)
    True
    """

    name = "pooled"

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        givers = with_rows(prepared)
        weight = pooled_weight(list(givers.values()))
        self.models_: dict[str, Model] = {}
        for name, one in givers.items():
            X = np.vstack(
                [
                    other.X if giver == name else one.model.read(other.X, other.model.space)
                    for giver, other in givers.items()
                ]
            )
            y = np.concatenate([other.y for other in givers.values()])
            self.models_[name] = one.model.refit(X, y, seed=derive_seed(seed, "pooled", name), sample_weight=weight)

    def predict_for(self, name: str, X: Any) -> NDArray[Any]:
        """Return the predictions of the participant's learner, trained on all rows."""
        model = self.models_[name]
        return model.predict(model.read_table(X))
