"""A cooperation of whose virtual instances only some are sent, to see what each further one is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from coopdistill import CooperativeDistillation, Participant
from coopdistill.baselines.model_for_each import ModelForEach
from coopdistill.expertise import OwnRows
from coopdistill.learners import Model
from coopdistill.participants import Prepared
from coopdistill.schema import Alignment
from coopdistill.seeds import derive_seed


class Thinned(ModelForEach):
    """Refits every student with a random share of what it keeps by default.

    Values of its own rows stay as they are: what a committee says of them is told to the student alone. So of values
    the whole share is a little less than the defaults.

    Parameters
    ----------
    random_state : int, default=0
    share : float, default=1.0
        In (0, 1].

    Attributes
    ----------
    n_sent_ : int
        That share of all instances that were sent, kept or not.
    """

    name = "thinned"

    def __init__(self, random_state: int = 0, *, share: float = 1.0) -> None:
        super().__init__(random_state)
        self.share = share

    def fit(self, participants: Sequence[Participant]) -> Thinned:
        cooperation = CooperativeDistillation(random_state=self.random_state).fit(participants)
        self._kept = cooperation.virtual_instances_
        left = cooperation.disclosures_
        # What a student then refuses has travelled, too.
        self.n_sent_ = round(self.share * left.loc[left["what"] == "virtual instances", "count"].sum())
        super().fit(participants)
        return self

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        models = {}
        for name, own in prepared.items():
            lesson = self._kept[self._kept["student"] == name]
            rng = np.random.default_rng(derive_seed(seed, "thinned", name))
            kept = lesson.iloc[np.sort(rng.permutation(len(lesson))[: round(self.share * len(lesson))])]
            models[name] = _taught(own, kept, prepared, seed) if len(kept) else own.model
        self._take(models, prepared)


def _taught(own: Prepared, kept: pd.DataFrame, prepared: dict[str, Prepared], seed: int) -> Model:
    """A student refitted with some instances, as cooperation refits it."""
    student = own.model
    lacking = {
        teacher: Alignment(prepared[teacher].model.space, student.space).lacking for teacher in set(kept["teacher"])
    }
    rows = replace(
        OwnRows.untaught(own.X, own.y, own.weight),
        taught_X=student.read_table(kept[list(student.space.columns)]),
        taught_y=kept["label"].to_numpy(own.y.dtype),
        taught_from=np.full(len(kept), -1),
        taught_lacking=np.vstack([lacking[teacher] for teacher in kept["teacher"]]),
    )
    return rows.refit(student, np.arange(len(own.y)), seed=derive_seed(seed, "refit", student.name, 1))
