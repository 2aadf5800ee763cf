"""The teachers' rows themselves, instead of counterfactuals made from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coopdistill.baselines.baseline import with_rows
from coopdistill.baselines.per_student import PerStudent
from coopdistill.expertise import OwnRows, answer_out_of_fold, answers_of, qualified
from coopdistill.learners import Model
from coopdistill.participants import Prepared
from coopdistill.schema import Alignment
from coopdistill.seeds import derive_seed

__all__ = ["RawRows"]


class RawRows(PerStudent):
    """Sends each student the very rows that cooperation would start from: those that a teacher is qualified on.

    Rows leave their participants; features that they lack are filled in as in cooperation. It tells what the
    counterfactuals themselves are worth.

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

    name = "raw-rows"

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        self._own = {name: OwnRows.untaught(one.X, one.y, one.weight) for name, one in with_rows(prepared).items()}
        self._unseen = {
            name: answer_out_of_fold(prepared[name].model, rows, seed=derive_seed(seed, "expertise", name, 1))
            for name, rows in self._own.items()
        }
        super()._fit(prepared, seed)

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        student = prepared[name].model
        # As in cooperation, half of its own rows a regressor gets right.
        tolerance = float(np.median(self._unseen[name].error)) if student.task == "regression" else 0.0
        own = self._own[name]
        rows, labels, lacking = [own.X[:0]], [own.y[:0]], [own.taught_lacking]
        for giver in self._own:
            if giver == name:
                continue
            other = prepared[giver]
            theirs = student.read(other.X, other.model.space)
            deficient = ~answers_of(student, theirs, other.y).right(tolerance)
            where = qualified(self._unseen[giver].right(tolerance), deficient)
            rows.append(theirs[where])
            labels.append(other.y[where])
            untold = Alignment(other.model.space, student.space).lacking
            lacking.append(np.broadcast_to(untold, rows[-1].shape))
        received = np.concatenate(labels)
        taught = replace(
            own,
            taught_X=np.vstack(rows),
            taught_y=received,
            taught_from=np.full(len(received), -1),
            taught_lacking=np.vstack(lacking),
        )
        return taught.refit(student, np.arange(len(own.y)), seed=seed)
