"""Experiment 4: three models on random, disjoint parts of the German credit data."""

from __future__ import annotations

from functools import partial

import numpy as np

from coopdistill.datasets import load_german_credit
from coopdistill.datasets.cohorts import take_rows
from coopdistill.experiments.experiment import Experiment, Setting
from coopdistill.experiments.trial import Trial, as_trained
from coopdistill.learners import make_learner
from coopdistill.schema import infer_feature_space
from coopdistill.seeds import derive_seed

__all__ = ["GERMAN_CREDIT", "make_banks"]

LEARNERS = {"linear": "logistic-regression", "forest": "random-forest", "network": "mlp"}
SIZES = (50, 100, 200)
N_PUBLIC = 100


def make_banks(seed: int, *, n_rows: int) -> Trial:
    """Make the trial: three kinds of model, each on so many credits of its own, tested on others.

    Parameters
    ----------
    seed : int
        Decides who gets which rows.
    n_rows : int
        Of each participant.

    Returns
    -------
    Trial
        A hundred credits are public; all that are left are tested.
    """
    table = load_german_credit()
    order = np.random.default_rng(derive_seed(seed, "german credit", n_rows)).permutation(len(table.X))
    participants = []
    for place, (name, learner) in enumerate(LEARNERS.items()):
        X, y = take_rows(table, order[place * n_rows : (place + 1) * n_rows])
        words = X.select_dtypes("category").columns
        X[words] = X[words].apply(lambda column: column.cat.remove_unused_categories())
        model = make_learner(learner, infer_feature_space(X))
        participants.append(as_trained(name, model, X, y))
    public, tested = (take_rows(table, rows) for rows in np.split(order[len(LEARNERS) * n_rows :], [N_PUBLIC]))
    return Trial(tuple(participants), tested.X, tested.y, public.X)


def _setting(n_rows: int) -> Setting:
    return Setting(f"{n_rows} credits each", partial(make_banks, n_rows=n_rows))


GERMAN_CREDIT = Experiment(
    number=4,
    title="Three models on disjoint parts of the German credit data",
    settings=tuple(_setting(n_rows) for n_rows in SIZES),
    small=(_setting(SIZES[1]),),
)
