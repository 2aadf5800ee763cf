"""Feature-based distillation: a hidden layer that foretells the teacher's."""

from __future__ import annotations

from typing import Any

from coopdistill.baselines.networks.torch_student import Beside, best_torch_teacher, trained_beside
from coopdistill.baselines.per_student import PerStudent
from coopdistill.learners import Model
from coopdistill.options import check_number
from coopdistill.participants import Prepared
from coopdistill.seeds import derive_seed

__all__ = ["HintLayers", "hint_loss", "softened_loss"]


class HintLayers(PerStudent):
    r"""Trains a network in two stages, as FitNets are [1]_; for students and teachers that are `TorchModule`.

    First up to its middle layer, so that a regressor foretells from what it has there what the teacher has in its own:
    :math:`\frac12 \lVert u_h(x) - r(v_g(x)) \rVert^2`, equation 3; the regressor is a linear map, and rectified where
    the teacher's representation is. Then as a whole, on labels and, with a weight that falls evenly, on the teacher's
    softened outputs: equation 2. In both stages on its own rows. The teacher is the network that predicts these best.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    temperature : float, default=3.0
        1 or more.
    weight, last_weight : float, default=4.0, 1.0
        Of the softened outputs beside the labels, at the beginning and at the end; 0 or more. The paper's.

    References
    ----------
    .. [1] A. Romero, N. Ballas, S. Ebrahimi Kahou, A. Chassang, C. Gatta, Y. Bengio: FitNets: Hints for Thin Deep Nets.
       ICLR, 2015. Algorithm 1.

    Examples
    --------
    >>> HintLayers(temperature=4.0).weight
    4.0
    """

    name = "hint-layers"

    def __init__(
        self, random_state: int = 0, *, temperature: float = 3.0, weight: float = 4.0, last_weight: float = 1.0
    ) -> None:
        super().__init__(random_state)
        self.temperature = temperature
        self.weight = weight
        self.last_weight = last_weight

    def _check(self) -> None:
        check_number("temperature", self.temperature, least=1.0)
        check_number("weight", self.weight, least=0.0)
        check_number("last_weight", self.last_weight, least=0.0)

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        own, teacher = prepared[name], best_torch_teacher(name, prepared)
        of_values = own.model.task == "regression"

        def whole(outputs: Any, usual: Any, beside: Beside) -> Any:
            weight = self.weight + beside.done * (self.last_weight - self.weight)
            return usual + weight * softened_loss(outputs, beside.said, self.temperature, of_values=of_values)

        hinted = trained_beside(
            own,
            teacher,
            lambda outputs, usual, beside: hint_loss(beside),
            seed=derive_seed(seed, "hint"),
            which="middle",
        )
        return trained_beside(own, teacher, whole, seed=derive_seed(seed, "whole"), start=hinted)


def hint_loss(beside: Beside) -> Any:
    """Return half of the squared distance between the teacher's representation and what foretells it."""
    return 0.5 * (beside.of_teacher - beside.regressor(beside.hidden)).square().sum(dim=1).mean()


def softened_loss(outputs: Any, said: Any, temperature: float, *, of_values: bool = False) -> Any:
    """Return the cross entropy of softened outputs; of values, the mean squared difference.

    Parameters
    ----------
    outputs : Tensor of shape (n_rows, n_outputs)
        The student's logits; a single one is that of the second of two classes.
    said : Tensor of shape (n_rows, n_classes)
        The teacher's; a class of which it has none, NaN, is left out on both sides.
    temperature : float
    of_values : bool, default=False
        Whether these are values.
    """
    import torch

    if of_values:
        return (outputs - said).square().mean()
    if outputs.shape[1] == 1:
        outputs = torch.cat([torch.zeros_like(outputs), outputs], dim=1)
    known = ~said[0].isnan()
    outputs, said = outputs[:, known], said[:, known]
    soft = torch.softmax(said / temperature, dim=1)
    return -(soft * torch.log_softmax(outputs / temperature, dim=1)).sum(dim=1).mean()
