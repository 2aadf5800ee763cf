"""The teachers' rows themselves, instead of counterfactuals made from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.baseline import Baseline, with_rows
from coopdistill.expertise import OwnRows, answer_out_of_fold, answers_of, qualified
from coopdistill.learners import Model
from coopdistill.participants import Prepared
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
        own = {name: OwnRows.untaught(one.X, one.y, one.weight) for name, one in givers.items()}
        unseen = {
            name: answer_out_of_fold(one.model, own[name], seed=derive_seed(seed, "expertise", name, 1))
            for name, one in givers.items()
        }
        self.models_: dict[str, Model] = {}
        for name, one in givers.items():
            # As in cooperation, half of its own rows a regressor gets right.
            tolerance = float(np.median(unseen[name].error)) if one.model.task == "regression" else 0.0
            rows, labels = [], []
            for giver, other in givers.items():
                if giver == name:
                    continue
                theirs = one.model.read(other.X, other.model.space)
                deficient = ~answers_of(one.model, theirs, other.y).right(tolerance)
                where = qualified(unseen[giver].right(tolerance), deficient)
                rows.append(theirs[where])
                labels.append(other.y[where])
            received = np.vstack(rows), np.concatenate(labels)
            taught = replace(
                own[name], taught_X=received[0], taught_y=received[1], taught_from=np.full(len(received[1]), -1)
            )
            self.models_[name] = taught.refit(one.model, np.arange(len(one.y)), seed=derive_seed(seed, "raw", name))

    def predict_for(self, name: str, X: Any) -> NDArray[Any]:
        """Return the predictions of the participant's learner, trained on its own rows and those it was sent."""
        model = self.models_[name]
        return model.predict(model.read_table(X))
