"""Another participant's model, trained further on the student's rows."""

from __future__ import annotations

from coopdistill.baselines.architecture import settings_of
from coopdistill.baselines.distillation.continuation import continued, last_estimator
from coopdistill.baselines.distillation.teacher import best_teacher
from coopdistill.baselines.per_student import PerStudent
from coopdistill.exceptions import AlignmentError, InapplicableError
from coopdistill.learners import Model
from coopdistill.options import check_whole
from coopdistill.participants import Prepared
from coopdistill.schema import Alignment

__all__ = ["ParameterTransfer"]


class ParameterTransfer(PerStudent):
    """Starts from another's parameters and fine-tunes them on the student's rows [1]_.

    The other must be of the same architecture: the same kind of model with the same settings, on the same features.
    Networks go on from its weights; boosters add trees to its trees. Among several, it is the one that predicts the
    student's rows best.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    steps : int, default=20
        Epochs, iterations or trees of fine-tuning; 0 takes the other's model as it is.

    References
    ----------
    .. [1] J. Yosinski, J. Clune, Y. Bengio, H. Lipson: How transferable are features in deep neural networks? NIPS,
       2014. All layers copied and fine-tuned.

    Examples
    --------
    >>> from sklearn.linear_model import SGDClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> net = make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss"))
    >>> tuned = ParameterTransfer().fit([Participant(name, net, *table) for name, table in clinics.train.items()])
    >>> bool((tuned.predict_for("small", clinics.test.X) == clinics.test.y).mean() > 0.8)
    True
    """

    name = "parameter-transfer"

    def __init__(self, random_state: int = 0, *, steps: int = 20) -> None:
        super().__init__(random_state)
        self.steps = steps

    def _check(self) -> None:
        check_whole("steps", self.steps, least=0)

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        own = prepared[name]
        alike, reasons = {name: own}, {}
        for other, one in prepared.items():
            if other != name:
                difference = _difference(own.model, one.model)
                if difference:
                    reasons[other] = difference
                else:
                    alike[other] = one
        if len(alike) == 1:
            listed = "; ".join(f"{other!r} {reason}" for other, reason in reasons.items())
            raise InapplicableError(f"nobody has the architecture of {name!r}: {listed}")
        teacher = alike[best_teacher(name, alike)].model
        rows = teacher.read(own.X, own.model.space)
        return continued(teacher, rows, own.y, steps=self.steps, seed=seed, weight=own.weight)


def _difference(student: Model, teacher: Model) -> str:
    """What keeps a teacher's parameters from fitting a student; nothing where they do."""
    mine, theirs = last_estimator(student), last_estimator(teacher)
    if type(mine) is not type(theirs):
        return f"is a {type(theirs).__name__}, not a {type(mine).__name__}"
    expected = settings_of(theirs)
    changed = [key for key, value in settings_of(mine).items() if expected.get(key) != value]
    if changed:
        return f"has another {changed[0]!r}"
    try:
        shared = Alignment(student.space, teacher.space).shared
    except AlignmentError:
        return "shares no feature"
    if not len(shared) == len(student.space) == len(teacher.space):
        return "has other features"
    if student.task == "classification" and not set(student.classes.tolist()) <= set(teacher.classes.tolist()):
        return "does not know all of its classes"
    return ""
