"""Rounds in which all participants learn from all at once."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.baseline import with_rows
from coopdistill.baselines.distillation.targets import classes_of, fit_on_targets, given, said
from coopdistill.baselines.model_for_each import ModelForEach
from coopdistill.exceptions import AlignmentError, InapplicableError, LearnerError
from coopdistill.learners import Model
from coopdistill.options import check_whole
from coopdistill.participants import Prepared
from coopdistill.seeds import derive_seed

__all__ = ["AveragedDistillation", "ParallelDistillation"]


class _InRounds(ModelForEach):
    """In each round all learn, on their own rows, targets made of what the models of the last round say there."""

    def __init__(self, random_state: int = 0, *, rounds: int = 3) -> None:
        super().__init__(random_state)
        self.rounds = rounds

    def _check(self) -> None:
        check_whole("rounds", self.rounds, least=1)

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        classes = classes_of(prepared.values())
        now = {name: one.model for name, one in prepared.items()}
        learned: dict[str, Model] = {}
        reasons: dict[str, str] = {}
        for round_number in range(1, self.rounds + 1):
            for name, own in with_rows(prepared).items():
                if name in reasons:
                    continue
                try:
                    targets = self._targets(name, own, now, classes)
                    seed_here = derive_seed(seed, self.name, name, round_number)
                    learned[name] = fit_on_targets(
                        own.model, own.X, targets, classes, seed=seed_here, weight=own.weight
                    )
                except (AlignmentError, InapplicableError, LearnerError) as error:
                    # It goes on to teach by the model that it has.
                    reasons[name] = str(error)
            now |= learned
        self._take({name: model for name, model in learned.items() if name not in reasons}, prepared, reasons)

    @abstractmethod
    def _targets(self, name: str, own: Prepared, now: dict[str, Model], classes: NDArray[Any]) -> NDArray[np.float64]:
        """Return what a student is to learn in a round, by the models as they are now."""


def _answers(own: Prepared, models: list[Model], classes: NDArray[Any]) -> list[NDArray[np.float64]]:
    return [said(model, model.read(own.X, own.model.space), classes) for model in models]


class ParallelDistillation(_InRounds):
    """PKD: in every round each participant learns, on its own rows, the mean of what all models say there.

    Its labels count only before the first round [1]_. The mean is over all models, its own among them, as in the
    authors' code.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    rounds : int, default=3

    References
    ----------
    .. [1] A. Afonin, S. P. Karimireddy: Towards Model Agnostic Federated Learning Using Knowledge Distillation. ICLR,
       2022. Parallel KD.

    Examples
    --------
    >>> ParallelDistillation(rounds=1).rounds
    1
    """

    name = "pkd"

    def _targets(self, name: str, own: Prepared, now: dict[str, Model], classes: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(np.mean(_answers(own, list(now.values()), classes), axis=0))


class AveragedDistillation(_InRounds):
    """AvgKD: in every round each participant learns the mean of its labels and of what all others say of its rows.

    The labels keep it from forgetting [1]_; each of them weighs as much as one model.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    rounds : int, default=3

    References
    ----------
    .. [1] A. Afonin, S. P. Karimireddy: Towards Model Agnostic Federated Learning Using Knowledge Distillation. ICLR,
       2022. Averaged KD.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> company = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    >>> taught = AveragedDistillation().fit(company)
    >>> bool((taught.predict_for("small", clinics.test.X) == clinics.test.y).mean() > 0.8)
    True
    """

    name = "avgkd"

    def _targets(self, name: str, own: Prepared, now: dict[str, Model], classes: NDArray[Any]) -> NDArray[np.float64]:
        others = [model for other, model in now.items() if other != name]
        return np.asarray(np.mean([given(own.y, classes), *_answers(own, others, classes)], axis=0))
