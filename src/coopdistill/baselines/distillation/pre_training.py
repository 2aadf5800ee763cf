"""What a teacher says of the student's rows, learned before their labels."""

from __future__ import annotations

from coopdistill.baselines.distillation.continuation import continued
from coopdistill.baselines.distillation.targets import classes_of, fit_on_targets, mean_said, softened
from coopdistill.baselines.distillation.teacher import teachers_of
from coopdistill.baselines.per_student import PerStudent
from coopdistill.learners import Model
from coopdistill.options import check_number, check_whole
from coopdistill.participants import Prepared

__all__ = ["PreTraining"]


class PreTraining(PerStudent):
    """Response-based distillation as pre-training: first the teachers' soft labels, then the student's own labels.

    The soft label of a row is the softened mean [1]_ of what all others say of it; the student is fitted on these
    alone, and then trained further on its labels, which only some models can be.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    temperature : float, default=2.0
        1 or more.
    steps : int, default=20
        Epochs, iterations or trees on the student's own labels.

    See Also
    --------
    SoftLabels, SoftLabelsAverage : Both kinds of labels at once.

    References
    ----------
    .. [1] G. Hinton, O. Vinyals, J. Dean: Distilling the Knowledge in a Neural Network. NIPS Deep Learning and
       Representation Learning Workshop, 2015. Section 2.

    Examples
    --------
    >>> PreTraining(temperature=4.0).steps
    20
    """

    name = "pre-training"

    def __init__(self, random_state: int = 0, *, temperature: float = 2.0, steps: int = 20) -> None:
        super().__init__(random_state)
        self.temperature = temperature
        self.steps = steps

    def _check(self) -> None:
        check_number("temperature", self.temperature, least=1.0)
        check_whole("steps", self.steps, least=0)

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        own = prepared[name]
        classes = classes_of(prepared.values())
        soft = softened(mean_said(teachers_of(name, prepared).values(), own, classes), self.temperature)
        first = fit_on_targets(own.model, own.X, soft, classes, seed=seed, weight=own.weight)
        return continued(first, own.X, own.y, steps=self.steps, seed=seed, weight=own.weight)
