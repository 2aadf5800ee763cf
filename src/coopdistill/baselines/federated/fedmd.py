"""What all agree on about rows that everyone may see."""

from __future__ import annotations

from typing import Any

import numpy as np

from coopdistill.baselines.baseline import with_rows
from coopdistill.baselines.distillation.targets import classes_of, fit_on_targets, given, said
from coopdistill.baselines.model_for_each import ModelForEach
from coopdistill.exceptions import InapplicableError, LearnerError
from coopdistill.learners import Model
from coopdistill.options import check_whole
from coopdistill.participants import Prepared
from coopdistill.seeds import derive_seed

__all__ = ["FedMD"]


class FedMD(ModelForEach):
    """Federated learning by model distillation on a public set.

    In every round each model says its scores of the public rows, the mean of these is the consensus, and each learns to
    say it, too, and its own labels again [1]_. The paper's two phases, digest and revisit, are one here: a refit on own
    rows with their labels and public rows with the consensus, which any learner can do. Its first phase, training on
    labels of the public set, is left out: the public rows need none.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    public : DataFrame or array-like of shape (n_rows, n_features), optional
        Rows that everyone may see, of any participant's columns. Without them the method does not apply.
    rounds : int, default=3

    References
    ----------
    .. [1] D. Li, J. Wang: FedMD: Heterogenous Federated Learning via Model Distillation. NeurIPS Workshop on Federated
       Learning for Data Privacy and Confidentiality, 2019. Algorithm 1.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> company = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items() if name != "small"]
    >>> taught = FedMD(public=clinics.train["small"].X).fit(company)
    >>> bool((taught.predict_for("large", clinics.test.X) == clinics.test.y).mean() > 0.8)
    True
    """

    name = "fedmd"

    def __init__(self, random_state: int = 0, *, public: Any = None, rounds: int = 3) -> None:
        super().__init__(random_state)
        self.public = public
        self.rounds = rounds

    def _check(self) -> None:
        check_whole("rounds", self.rounds, least=1)

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        if self.public is None:
            raise InapplicableError("there are no rows that everyone may see; pass public=…")
        classes = classes_of(prepared.values())
        now = {name: one.model for name, one in prepared.items()}
        public = {name: model.read_table(self.public) for name, model in now.items()}
        learned: dict[str, Model] = {}
        reasons: dict[str, str] = {}
        for round_number in range(1, self.rounds + 1):
            consensus = np.mean([said(model, public[name], classes) for name, model in now.items()], axis=0)
            for name, own in with_rows(prepared).items():
                weight = None
                if own.weight is not None:
                    weight = np.concatenate([own.weight, np.full(len(consensus), own.weight.mean())])
                try:
                    learned[name] = fit_on_targets(
                        own.model,
                        np.vstack([own.X, public[name]]),
                        np.vstack([given(own.y, classes), consensus]),
                        classes,
                        seed=derive_seed(seed, self.name, name, round_number),
                        weight=weight,
                        n_own=len(own.y),
                    )
                except (InapplicableError, LearnerError) as error:
                    reasons[name] = str(error)
            now |= learned
        self._take(learned, prepared, reasons)
