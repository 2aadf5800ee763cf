"""Trials whose models are fitted: what all methods start from, made once for many of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

from coopdistill.exceptions import CoopdistillError
from coopdistill.experiments.trial import Trial
from coopdistill.one_thread import one_thread
from coopdistill.participants import Participant, prepare
from coopdistill.seeds import run_seed

__all__ = ["fitted_trial"]

_latest: dict[tuple[str, int], tuple[Callable[[int], Trial], Trial]] = {}
"""The trial that this process made last; the next cell is mostly of the same one."""


def fitted_trial(make: Callable[[int], Trial], seed: int) -> Trial:
    """Make a trial, and fit its models as every method would do first.

    Parameters
    ----------
    make : callable
        From a seed to a trial; told by its `repr`.
    seed : int
        Of the trial and of the methods.

    Returns
    -------
    Trial
        The one that was made before, where it is the same. A model that cannot be fitted stays as it is, so that each
        method says so.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill.datasets import make_clinics
    >>> def make(seed):
    ...     clinics = make_clinics(random_state=seed)
    ...     who = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    ...     return Trial(tuple(who), *clinics.test)
    >>> trial = fitted_trial(make, 0)
    >>> [one.estimator.is_fitted for one in trial.participants]
    [True, True, True]
    >>> fitted_trial(make, 0) is trial
    True
    """
    key = (repr(make), seed)
    if key not in _latest:
        _latest.clear()
        trial = make(seed)  # outside: only libraries that are imported by then can be limited
        with one_thread(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = tuple(_fitted(participant, run_seed(seed)) for participant in trial.participants)
        # The maker is kept, too: nothing else can then have its address, which may be all that its `repr` tells.
        _latest[key] = (make, replace(trial, participants=fitted))
    return _latest[key][1]


def _fitted(participant: Participant, seed: int) -> Participant:
    if participant.is_frozen:
        return participant
    try:
        learner = prepare(participant, seed=seed).model.learner
    except CoopdistillError:
        return participant
    return Participant(
        participant.name,
        learner,
        participant.X,
        participant.y,
        sample_weight=participant.sample_weight,
        feature_space=participant.feature_space,
        refit_preprocessing=participant.refit_preprocessing,
    )
