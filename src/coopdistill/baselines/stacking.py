"""All models, weighed by what they are worth on the student's own rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression, LogisticRegression

from coopdistill.baselines.distillation.targets import classes_of, said
from coopdistill.baselines.out_of_fold import said_out_of_fold
from coopdistill.baselines.per_student import PerStudent
from coopdistill.exceptions import InapplicableError
from coopdistill.learners import Model
from coopdistill.participants import Prepared

__all__ = ["Stacking"]


class Stacking(PerStudent):
    """Learns, on each student's own rows, how much to trust each participant's model.

    Stacked generalization [1]_: the scores of all models are the features of a second model, which is fitted on the
    student's rows. The student's own scores there come from refits that have not seen the row; the others never saw it.
    The second model is a logistic regression, as Ting and Witten found best [2]_, or, of values, least squares with no
    negative coefficient [3]_.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.

    References
    ----------
    .. [1] D. H. Wolpert: Stacked Generalization. Neural Networks 5(2), 1992.
    .. [2] K. M. Ting, I. H. Witten: Issues in Stacked Generalization. Journal of Artificial Intelligence Research 10,
       1999.
    .. [3] L. Breiman: Stacked Regressions. Machine Learning 24, 1996.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> stacking = Stacking().fit([Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()])
    >>> bool((stacking.predict_for("small", clinics.test.X) == clinics.test.y).mean() > 0.8)
    True
    """

    name = "stacking"

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Stack:
        own = prepared[name]
        classes = classes_of(prepared.values())
        scores = [
            said_out_of_fold(own, classes, seed=seed)
            if other == name
            else said(one.model, one.model.read(own.X, own.model.space), classes)
            for other, one in prepared.items()
        ]
        if len(classes) and len(np.unique(own.y)) < 2:
            raise InapplicableError(
                f"participant {name!r} has rows of one class only, which tell no model from another"
            )
        # Without a penalty on probabilities, which are all of one scale, a perfect model's coefficient has no end.
        second = LogisticRegression(max_iter=1000) if len(classes) else LinearRegression(positive=True)
        second.fit(np.hstack(scores), own.y, sample_weight=own.weight)
        return Stack(tuple(one.model for one in prepared.values()), second, classes)


@dataclass(frozen=True, eq=False)
class Stack:
    """Several models, and a second one that reads their scores.

    Parameters
    ----------
    models : tuple of Model
    second : estimator
        Fitted on the scores, side by side.
    classes : ndarray of shape (n_classes,)
        Of each model's scores; none in regression.
    """

    models: tuple[Model, ...]
    second: Any
    classes: NDArray[Any]

    def read_table(self, X: Any) -> NDArray[np.float64]:
        """Return the scores of all models, side by side."""
        return np.hstack([said(model, model.read_table(X), self.classes) for model in self.models])

    def predict(self, rows: NDArray[np.float64]) -> NDArray[Any]:
        """Return labels or values of rows of scores."""
        return np.asarray(self.second.predict(rows))
