"""A cooperation of whose virtual instances only some are sent, to see what each further one is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coopdistill import CooperativeDistillation, Participant
from coopdistill.baselines.model_for_each import ModelForEach
from coopdistill.participants import Prepared
from coopdistill.seeds import derive_seed


class Thinned(ModelForEach):
    """Refits every student with a random share of what it keeps by default.

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
            models[name] = own.model
            if len(kept):
                X = np.vstack([own.X, own.model.read_table(kept[list(own.model.space.columns)])])
                y = np.concatenate([own.y, kept["label"].to_numpy(own.y.dtype)])
                weight = None if own.weight is None else np.concatenate([own.weight, np.ones(len(kept))])
                models[name] = own.model.refit(
                    X, y, seed=derive_seed(seed, "refit", name, 1), sample_weight=weight, n_own=len(own.y)
                )
        self._take(models, prepared)
