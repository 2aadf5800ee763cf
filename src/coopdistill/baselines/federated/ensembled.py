"""Two chains of alternating distillation, whose models are asked together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.baseline import with_rows
from coopdistill.baselines.distillation.targets import classes_of, said
from coopdistill.baselines.federated.alternating import chain
from coopdistill.baselines.model_for_each import ModelForEach
from coopdistill.exceptions import InapplicableError
from coopdistill.learners import Model
from coopdistill.options import check_whole
from coopdistill.participants import Prepared
from coopdistill.seeds import derive_seed

__all__ = ["EnsembledDistillation"]


class EnsembledDistillation(ModelForEach):
    r"""EKD: two participants distil in turn, once starting with either, and all models along the way are kept.

    Their answers are added with alternating signs [1]_, :math:`\sum_t (-1)^t (f_t + g_t)`, where :math:`f` and
    :math:`g` are the models of the two chains; for kernel ridge regression the sum converges to a fit on all rows.
    It is defined for two participants.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    steps : int, default=4
        Models of each chain.

    References
    ----------
    .. [1] A. Afonin, S. P. Karimireddy: Towards Model Agnostic Federated Learning Using Knowledge Distillation. ICLR,
       2022. Ensembled KD.

    Examples
    --------
    >>> EnsembledDistillation(steps=2).steps
    2
    """

    name = "ekd"

    def __init__(self, random_state: int = 0, *, steps: int = 4) -> None:
        super().__init__(random_state)
        self.steps = steps

    def _check(self) -> None:
        check_whole("steps", self.steps, least=1)

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        agents = list(with_rows(prepared))
        if len(agents) != 2:
            raise InapplicableError(
                f"ensembled distillation is defined for two participants with rows, not {len(agents)}"
            )
        both = [
            chain(prepared, order, self.steps, derive_seed(seed, self.name, order[0]))
            for order in (agents, agents[::-1])
        ]
        models = tuple(model for steps in zip(*both, strict=True) for model in steps)
        signs = np.repeat([(-1.0) ** step for step in range(self.steps)], 2)
        ensemble = SignedEnsemble(models, signs, classes_of(prepared.values()))
        self._take(dict.fromkeys(agents, ensemble), prepared)


@dataclass(frozen=True, eq=False)
class SignedEnsemble:
    """Models whose answers are added, each with a sign.

    Parameters
    ----------
    models : tuple of Model
    signs : ndarray of shape (n_models,), float64
    classes : ndarray of shape (n_classes,)
        None in regression.
    """

    models: tuple[Model, ...]
    signs: NDArray[np.float64]
    classes: NDArray[Any]

    def read_table(self, X: Any) -> NDArray[np.float64]:
        """Return the signed sum of all answers."""
        answers = [said(model, model.read_table(X), self.classes) for model in self.models]
        return np.asarray(np.tensordot(self.signs, answers, axes=1))

    def predict(self, rows: NDArray[np.float64]) -> NDArray[Any]:
        """Return the class of the greatest sum, or the value."""
        return np.asarray(self.classes[rows.argmax(axis=1)]) if len(self.classes) else rows[:, 0]
