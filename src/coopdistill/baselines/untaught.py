"""No cooperation."""

from __future__ import annotations

from coopdistill.baselines.model_for_each import ModelForEach
from coopdistill.participants import Prepared

__all__ = ["Untaught"]


class Untaught(ModelForEach):
    """Leaves every model as it is: the state before.

    Parameters
    ----------
    random_state : int, default=0
        With the value given to `CooperativeDistillation`, models before are the same.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> untaught = Untaught().fit([Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()])
    >>> alone = GaussianNB().fit(*clinics.train["small"])
    >>> bool((untaught.predict_for("small", clinics.test.X) == alone.predict(clinics.test.X)).all())
    True
    """

    name = "untaught"

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        self._take({name: one.model for name, one in prepared.items()}, prepared)
