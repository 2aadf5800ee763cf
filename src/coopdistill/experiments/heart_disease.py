"""Experiment 3: weak models of small hospitals, tested on a fourth hospital."""

from __future__ import annotations

from coopdistill.datasets import load_heart_disease
from coopdistill.experiments.experiment import Experiment, Setting
from coopdistill.experiments.trial import Trial, as_trained
from coopdistill.learners import make_learner
from coopdistill.schema import infer_feature_space

__all__ = ["HEART_DISEASE", "make_hospitals"]

TRAINED_AT = ("va", "switzerland", "hungarian")
TESTED_AT = "cleveland"


def make_hospitals(seed: int) -> Trial:  # noqa: ARG001  # as all others are called
    """Make the trial: a small network at each of three hospitals, tested on all patients of the fourth.

    Parameters
    ----------
    seed : int
        Plays no part: all rows are used each time, and networks get their seeds from the method.

    Returns
    -------
    Trial
        Without public rows: there is no fifth hospital.
    """
    tables = load_heart_disease()
    parameters = {"hidden_layer_sizes": (16,)}
    participants = tuple(
        as_trained(name, make_learner("mlp", infer_feature_space(tables[name].X), parameters), *tables[name])
        for name in TRAINED_AT
    )
    return Trial(participants, *tables[TESTED_AT])


# The paper numbers its models; the second of its list of hospitals is Switzerland.
_PUBLISHED = {"untaught": {"switzerland": 43.45}, "paper": {"switzerland": 62.36}}

_ALL = Setting("hospitals", make_hospitals, _PUBLISHED)

HEART_DISEASE = Experiment(
    number=3, title="Heart disease at three hospitals, tested on a fourth", settings=(_ALL,), small=(_ALL,)
)
