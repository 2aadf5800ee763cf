"""How much a student's model heeds what those who judge it cannot see.

A host that lacks some of a visitor's columns takes typical values for them. What makes much of these columns errs there
more than at home, and what has unlearned them looks better than it is. So the student finds out at home whether it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coopdistill.expertise import OwnRows
from coopdistill.learners import Model
from coopdistill.schema import Alignment, FeatureSpace

__all__ = ["Heed", "heed_of"]

OF_VARIANCE = 0.1
"""Of what is predicted: whatever moves predictions by more is heeded."""

OF_BEFORE = 0.3
"""Of what it was: features that said little before need not say more."""


@dataclass(frozen=True)
class Heed:
    """How much a model of values heeds features that others lack, before it was taught and after.

    Parameters
    ----------
    before, after : float
        Mean squares by which predictions of own rows move where these features are shuffled.
    variance : float
        Of the values of own rows, in the same unit.

    Examples
    --------
    >>> Heed(before=0.8, after=0.12, variance=1.0).is_kept
    True
    >>> Heed(before=0.8, after=0.08, variance=1.0).is_kept
    False
    """

    before: float
    after: float
    variance: float

    @property
    def is_kept(self) -> bool:
        """Whether the features still matter to it, if they did."""
        return self.after >= min(OF_VARIANCE * self.variance, OF_BEFORE * self.before)


def heed_of(before: Model, after: Model, rows: OwnRows, others: Sequence[FeatureSpace], *, seed: int) -> Heed | None:
    """Find out how much models heed features that others lack: these are shuffled among rows [1]_.

    Parameters
    ----------
    before, after : Model
        Of values, in one feature space.
    rows : OwnRows
        One at the least.
    others : sequence of FeatureSpace
        Of those who judge. What each lacks is shuffled on its own.
    seed : int

    Returns
    -------
    Heed or None
        The mean over those who lack anything; None where nobody does, or a class is predicted, of which hits tell more.

    References
    ----------
    .. [1] A. Fisher, C. Rudin and F. Dominici, "All models are wrong, but many are useful: learning a variable's
       importance by studying an entire class of prediction models simultaneously", Journal of Machine Learning
       Research 20(177), 2019, § 3: model reliance; here without labels.
    """
    lacking = [these for these in (Alignment(space, before.space).lacking for space in others) if these.any()]
    if before.task == "classification" or not lacking:
        return None
    order = np.random.default_rng(seed).permutation(len(rows.y))
    shuffled = [np.where(these, rows.X[order], rows.X) for these in lacking]
    return Heed(_moved(before, rows.X, shuffled), _moved(after, rows.X, shuffled), float(np.var(rows.y)))


def _moved(model: Model, rows: NDArray[np.float64], shuffled: Sequence[NDArray[np.float64]]) -> float:
    """Return the mean squared difference of predictions."""
    said = model.scores(rows)
    return float(np.mean([np.mean((model.scores(each) - said) ** 2) for each in shuffled]))
