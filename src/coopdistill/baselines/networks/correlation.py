"""Relation-based distillation: how alike rows are, as the teacher sees it."""

from __future__ import annotations

import math
from typing import Any

from coopdistill.baselines.networks.hint_layers import softened_loss
from coopdistill.baselines.networks.torch_student import best_torch_teacher, trained_beside
from coopdistill.baselines.per_student import PerStudent
from coopdistill.learners import Model
from coopdistill.options import check_number
from coopdistill.participants import Prepared

__all__ = ["Correlation", "congruence_loss", "kernel"]

_GAMMA = 0.4
_ORDER = 2


class Correlation(PerStudent):
    r"""Trains a network so that rows are as alike to it as to the teacher; for `TorchModule` alone.

    Correlation congruence [1]_: labels; the teacher's softened outputs, by the factor :math:`T^2` of as great gradients
    as labels; and the mean squared difference of two matrices that hold, for each pair of a batch, how alike its
    representations in the last hidden layer are, by a Gaussian kernel in its second order. The teacher is the network
    that predicts the student's rows best.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    temperature : float, default=4.0
        1 or more.
    soft : float, default=1.0
        Weight of the softened outputs beside the labels.
    congruence : float, default=100.0
        Weight of the difference of the matrices. Its elements lie in [0, 1], so it is small beside the others.

    References
    ----------
    .. [1] B. Peng, X. Jin, J. Liu, S. Zhou, Y. Wu, Y. Liu, D. Li, Z. Zhang: Correlation Congruence for Knowledge
       Distillation. ICCV, 2019. Section 3.

    Examples
    --------
    >>> Correlation(soft=0.0).temperature
    4.0
    """

    name = "correlation"

    def __init__(
        self, random_state: int = 0, *, temperature: float = 4.0, soft: float = 1.0, congruence: float = 100.0
    ) -> None:
        super().__init__(random_state)
        self.temperature = temperature
        self.soft = soft
        self.congruence = congruence

    def _check(self) -> None:
        check_number("temperature", self.temperature, least=1.0)
        check_number("soft", self.soft, least=0.0)
        check_number("congruence", self.congruence, least=0.0)

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        of_values = prepared[name].model.task == "regression"
        weight = self.soft if of_values else self.soft * self.temperature**2

        def loss(outputs: Any, usual: Any, beside: Any) -> Any:
            soft = weight * softened_loss(outputs, beside.said, self.temperature, of_values=of_values)
            return usual + soft + self.congruence * congruence_loss(beside.hidden, beside.of_teacher)

        return trained_beside(prepared[name], best_torch_teacher(name, prepared), loss, seed=seed)


def congruence_loss(hidden: Any, of_teacher: Any) -> Any:
    """Return the mean squared difference of two representations' kernels.

    Parameters
    ----------
    hidden, of_teacher : Tensor of shape (n_rows, n_units)
        Of the same rows.
    """
    return (kernel(hidden) - kernel(of_teacher)).square().mean()


def kernel(points: Any) -> Any:
    r"""Return how alike each two rows are.

    Of rows of length 1 the Gaussian kernel :math:`\exp(-\gamma\lVert x-y\rVert^2)` is
    :math:`e^{-2\gamma} \sum_p \frac{(2\gamma)^p}{p!} (x \cdot y)^p`; the sum ends at the second order.

    Parameters
    ----------
    points : Tensor of shape (n_rows, n_units)

    Returns
    -------
    Tensor of shape (n_rows, n_rows)
    """
    from torch.nn import functional

    unit = functional.normalize(points, dim=1)
    cosine = unit @ unit.T
    terms = [(2 * _GAMMA) ** p / math.factorial(p) * cosine**p for p in range(_ORDER + 1)]
    return math.exp(-2 * _GAMMA) * sum(terms)
