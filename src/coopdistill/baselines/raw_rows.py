"""The teachers' rows themselves, instead of counterfactuals made from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.baseline import Baseline, with_rows
from coopdistill.expertise import OwnRows, answer_out_of_fold, qualified
from coopdistill.learners import Model
from coopdistill.participant import Prepared
from coopdistill.seeds import derive_seed

__all__ = ["RawRows"]


class RawRows(Baseline):
    """Sends each student the very rows that cooperation would start from: those that a teacher is qualified on.

    Rows leave their participants. It tells what the counterfactuals themselves are worth.

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
    >>> raw = RawRows().fit([Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()])
    >>> bool((raw.predict_for("small", clinics.test.X) == clinics.test.y).mean() > 0.8)
    True
    """

    name = "raw rows"

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        givers = with_rows(prepared)
        right = {
            name: answer_out_of_fold(
                one.model, OwnRows.untaught(one.X, one.y), seed=derive_seed(seed, "expertise", name, 1)
            ).predicted
            == one.y
            for name, one in givers.items()
        }
        self.models_: dict[str, Model] = {}
        for name, one in givers.items():
            parts, labels = [one.X], [one.y]
            for giver, other in givers.items():
                if giver == name:
                    continue
                rows = one.model.read(other.X, other.model.space)
                where = qualified(right[giver], one.model.predict(rows) != other.y)
                parts.append(rows[where])
                labels.append(other.y[where])
            refit_seed = derive_seed(seed, "raw", name)
            self.models_[name] = one.model.refit(np.vstack(parts), np.concatenate(labels), seed=refit_seed)

    def predict_for(self, name: str, X: Any) -> NDArray[Any]:
        """Return the predictions of the participant's learner, trained on its own rows and those it was sent."""
        model = self.models_[name]
        return model.predict(model.read_table(X))
