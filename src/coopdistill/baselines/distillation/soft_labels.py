"""What a teacher says of the student's own rows, learned beside their labels."""

from __future__ import annotations

from coopdistill.baselines.distillation.targets import classes_of, fit_on_targets, given, mean_said, softened
from coopdistill.baselines.distillation.teacher import best_teacher, teachers_of
from coopdistill.baselines.per_student import PerStudent
from coopdistill.learners import Model
from coopdistill.options import check_number
from coopdistill.participants import Prepared

__all__ = ["SoftLabels", "SoftLabelsAverage"]


class SoftLabels(PerStudent):
    r"""Response-based distillation from one teacher, on the student's rows.

    The student learns labels and the teacher's softened scores at once, which is the weighted average of two cross
    entropies [1]_: :math:`(1-w)\,y + w\,q`, with :math:`q` at the temperature. By `fit_on_targets` it works for any
    learner. The student itself is at temperature 1, since not every learner has logits to divide; so there is no factor
    :math:`T^2` either. A regressor learns the weighted average of its values and the teacher's.

    The teacher is the participant that predicts the student's rows best.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    temperature : float, default=2.0
        1 or more.
    weight : float, default=0.5
        Of the soft labels; in [0, 1].

    References
    ----------
    .. [1] G. Hinton, O. Vinyals, J. Dean: Distilling the Knowledge in a Neural Network. NIPS Deep Learning and
       Representation Learning Workshop, 2015. Section 2.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> taught = SoftLabels().fit([Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()])
    >>> bool((taught.predict_for("small", clinics.test.X) == clinics.test.y).mean() > 0.8)
    True
    """

    name = "soft-labels"

    def __init__(self, random_state: int = 0, *, temperature: float = 2.0, weight: float = 0.5) -> None:
        super().__init__(random_state)
        self.temperature = temperature
        self.weight = weight

    def _check(self) -> None:
        check_number("temperature", self.temperature, least=1.0)
        check_number("weight", self.weight, least=0.0, most=1.0)

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        own = prepared[name]
        classes = classes_of(prepared.values())
        soft = softened(mean_said(self._teachers(name, prepared), own, classes), self.temperature)
        targets = (1.0 - self.weight) * given(own.y, classes) + self.weight * soft
        return fit_on_targets(own.model, own.X, targets, classes, seed=seed, weight=own.weight)

    def _teachers(self, name: str, prepared: dict[str, Prepared]) -> list[Model]:
        return [prepared[best_teacher(name, prepared)].model]


class SoftLabelsAverage(SoftLabels):
    """Response-based distillation from all others at once: the mean of their scores is the soft label.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    temperature : float, default=2.0
        1 or more; it softens the mean.
    weight : float, default=0.5
        Of the soft labels; in [0, 1].

    See Also
    --------
    SoftLabels : From one teacher.

    Examples
    --------
    >>> SoftLabelsAverage(temperature=4.0).temperature
    4.0
    """

    name = "soft-labels-average"

    def _teachers(self, name: str, prepared: dict[str, Prepared]) -> list[Model]:
        return list(teachers_of(name, prepared).values())
