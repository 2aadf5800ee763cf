"""All rows in one place: what nobody may do, and the bound to be measured against."""

from __future__ import annotations

import numpy as np

from coopdistill.baselines.baseline import pooled_weight, with_rows
from coopdistill.baselines.per_student import PerStudent
from coopdistill.learners import Model
from coopdistill.participants import Prepared

__all__ = ["Pooled"]


class Pooled(PerStudent):
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

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        givers, student = with_rows(prepared), prepared[name].model
        X = np.vstack(
            [other.X if giver == name else student.read(other.X, other.model.space) for giver, other in givers.items()]
        )
        y = np.concatenate([other.y for other in givers.values()])
        return student.from_scratch().refit(X, y, seed=seed, sample_weight=pooled_weight(list(givers.values())))
