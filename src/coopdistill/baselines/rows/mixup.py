"""Rows between two own rows, with labels mixed alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.distillation.targets import classes_of, fit_on_targets, given
from coopdistill.baselines.per_student import PerStudent
from coopdistill.learners import Model
from coopdistill.options import check_number, check_whole
from coopdistill.participants import Prepared
from coopdistill.schema import FeatureSpace

__all__ = ["MixUp", "mixed"]


class MixUp(PerStudent):
    r"""Enlarges each student's rows by mixtures of two of them; nobody else is asked.

    A pair of own rows gives :math:`\lambda x_i + (1-\lambda) x_j` with the label
    :math:`\lambda y_i + (1-\lambda) y_j`, where :math:`\lambda` is drawn from Beta(α, α) [1]_. By `fit_on_targets` it
    works for any learner. Two things differ, for tables and for learners that are fitted once: a category is that of
    either row, of the first with probability λ; and mixtures are added to the own rows, where the paper draws new ones
    for every batch and trains on nothing else.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    alpha : float, default=0.2
        The greater, the further from both rows; the paper uses 0.1 to 0.4 on images.
    times : int, default=1
        Mixtures for each own row.

    References
    ----------
    .. [1] H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz: mixup: Beyond Empirical Risk Minimization. ICLR, 2018.
       Section 2.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> taught = MixUp().fit([Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()])
    >>> bool((taught.predict_for("small", clinics.test.X) == clinics.test.y).mean() > 0.8)
    True
    """

    name = "mixup"

    def __init__(self, random_state: int = 0, *, alpha: float = 0.2, times: int = 1) -> None:
        super().__init__(random_state)
        self.alpha = alpha
        self.times = times

    def _check(self) -> None:
        check_number("alpha", self.alpha, least=1e-3)
        check_whole("times", self.times, least=1)

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        own = prepared[name]
        classes = classes_of([own])
        targets = given(own.y, classes)
        rng = np.random.default_rng(seed)
        first = np.tile(np.arange(len(own.y)), self.times)
        second = np.concatenate([rng.permutation(len(own.y)) for _ in range(self.times)])
        share = rng.beta(self.alpha, self.alpha, size=len(first))
        rows = mixed(own.X[first], own.X[second], share, own.model.space, rng)
        labels = share[:, None] * targets[first] + (1.0 - share[:, None]) * targets[second]
        weight = None
        if own.weight is not None:
            weight = np.concatenate([own.weight, share * own.weight[first] + (1.0 - share) * own.weight[second]])
        return fit_on_targets(
            own.model,
            np.vstack([own.X, rows]),
            np.vstack([targets, labels]),
            classes,
            seed=seed,
            weight=weight,
            n_own=len(own.y),
        )


def mixed(
    A: NDArray[np.float64],
    B: NDArray[np.float64],
    share: NDArray[np.float64],
    space: FeatureSpace,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Mix encoded rows: numbers in proportion, whole ones rounded, categories and missing values of either row.

    Parameters
    ----------
    A, B : ndarray of shape (n_rows, n_features), float64
    share : ndarray of shape (n_rows,), float64
        Of `A`, in [0, 1].
    space : FeatureSpace
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_rows, n_features), float64
    """
    between = share[:, None] * A + (1.0 - share[:, None]) * B
    between = np.where(space.integer, np.rint(between), between)
    either = np.where(rng.random(A.shape) < share[:, None], A, B)
    return np.where(space.numeric & ~np.isnan(between), between, either)
