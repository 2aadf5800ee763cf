"""All rows in one place, but for those that no learner can make sense of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.baselines.architecture import settings_of
from coopdistill.baselines.baseline import pooled_weight, with_rows
from coopdistill.baselines.distillation.targets import classes_of
from coopdistill.baselines.out_of_fold import said_out_of_fold
from coopdistill.baselines.per_student import PerStudent
from coopdistill.exceptions import AlignmentError, LearnerFailure
from coopdistill.learners import Model
from coopdistill.options import check_number
from coopdistill.participants import Prepared
from coopdistill.seeds import derive_seed

__all__ = ["Prefiltered", "kept_rows"]


class Prefiltered(PerStudent):
    """Hands rows over after their giver has dropped the doubtful ones, once for all learners.

    Learner-agnostic robust prefiltering [1]_ seeks one filter of a data set that serves every learner of a given set,
    whichever of them is trained on it later. Here the set is the participants' learners. Each is refitted on parts of
    the giver's rows and asked about the rest; a row whose label the mean of these answers puts behind another class is
    doubtful, and the most doubtful are dropped. In regression, rows of the greatest mean error are. What is left of all
    others' rows is added to the student's own, which stay whole.

    The paper states the problem for any filter; this one is our choice, since those of its experiments could not be
    looked up.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    share : float, default=0.1
        At most so much of a giver's rows is dropped; in regression, exactly.

    See Also
    --------
    Pooled : Without a filter.

    References
    ----------
    .. [1] K. Minchev, D. I. Dimitrov, N. Konstantinov: LARP: Learner-Agnostic Robust Data Prefiltering.
       arXiv:2506.20573, 2025.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> filtered = Prefiltered().fit([Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()])
    >>> bool((filtered.predict_for("small", clinics.test.X) == clinics.test.y).mean() > 0.8)
    True
    """

    name = "prefiltered"

    def __init__(self, random_state: int = 0, *, share: float = 0.1) -> None:
        super().__init__(random_state)
        self.share = share

    def _check(self) -> None:
        check_number("share", self.share, least=0.0, most=1.0)

    def _fit(self, prepared: dict[str, Prepared], seed: int) -> None:
        learners = _distinct(with_rows(prepared))
        self.kept_ = {
            name: kept_rows(one, learners, self.share, seed=derive_seed(seed, self.name, "filter", name))
            for name, one in with_rows(prepared).items()
        }
        super()._fit(prepared, seed)

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        student = prepared[name].model
        givers = {giver: prepared[giver] for giver in self.kept_}
        kept = {giver: mask if giver != name else np.ones_like(mask) for giver, mask in self.kept_.items()}
        X = [
            one.X if giver == name else student.read(one.X[kept[giver]], one.model.space)
            for giver, one in givers.items()
        ]
        y = np.concatenate([one.y[kept[giver]] for giver, one in givers.items()])
        weight = pooled_weight(list(givers.values()))
        if weight is not None:
            weight = weight[np.concatenate(list(kept.values()))]
        return student.from_scratch().refit(np.vstack(X), y, seed=seed, sample_weight=weight)


def kept_rows(giver: Prepared, learners: list[Model], share: float, *, seed: int) -> NDArray[np.bool_]:
    """Tell which rows of a giver are not among its most doubtful.

    Parameters
    ----------
    giver : Prepared
        With rows.
    learners : list of Model
        Those that the rows are to serve; who cannot read them, or be fitted on them alone, is
        passed over.
    share : float
        How many may be dropped, in [0, 1].
    seed : int

    Returns
    -------
    ndarray of shape (n_rows,), bool
    """
    classes = classes_of([giver])
    answers = []
    for learner in learners:
        try:
            rows = learner.read(giver.X, giver.model.space)
            # Fitted on the giver's rows, as a learner that receives them will be.
            fitted = learner.from_scratch().refit(rows, giver.y, seed=seed, sample_weight=giver.weight)
            there = Prepared(fitted, rows, giver.y, giver.weight)
            answers.append(said_out_of_fold(there, classes, seed=derive_seed(seed, learner.name)))
        except (AlignmentError, LearnerFailure):
            continue
    if not answers:
        return np.ones(len(giver.y), dtype=bool)
    mean = np.mean(answers, axis=0)
    if len(classes):
        true = np.searchsorted(classes, giver.y)
        doubt = 1.0 - mean[np.arange(len(true)), true]
        doubtful = mean.argmax(axis=1) != true
    else:
        doubt = np.mean([np.abs(answer[:, 0] - giver.y.astype(np.float64)) for answer in answers], axis=0)
        doubtful = np.ones(len(doubt), dtype=bool)
    order = np.argsort(-np.where(doubtful, doubt, -np.inf), kind="stable")
    kept = np.ones(len(doubt), dtype=bool)
    kept[order[: min(int(share * len(doubt)), int(doubtful.sum()))]] = False
    return kept


def _distinct(givers: dict[str, Prepared]) -> list[Model]:
    """One model of each kind: several of the same settings and features would only repeat each other."""
    kinds: dict[Any, Model] = {}
    for one in givers.values():
        estimator = one.model.learner.estimator
        # What was fitted bears a seed of its own, which makes no other kind of it.
        settings = settings_of(estimator) if hasattr(estimator, "get_params") else {"": repr(estimator)}
        kinds.setdefault((type(estimator), one.model.space.names, *settings.items()), one.model)
    return list(kinds.values())
