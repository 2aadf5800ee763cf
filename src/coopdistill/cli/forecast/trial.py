"""How long a job would take, found out by doing it with few rows."""

from __future__ import annotations

import math
import time
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from coopdistill.cli.job import Job
from coopdistill.exceptions import CoopdistillError
from coopdistill.participants import Participant, task_of
from coopdistill.plural import plural
from coopdistill.schema import as_frame, as_labels

__all__ = ["Estimate", "estimate_time"]

_FIRST_ROWS = 25
_LEAST_ROWS = 10


@dataclass(frozen=True)
class Estimate:
    """How long a job would take.

    Parameters
    ----------
    low, high : float or None
        Seconds; `high` is None where trials were too slow to tell.
    method : str
        How it was found out.
    """

    low: float
    high: float | None
    method: str


def estimate_time(job: Job, *, budget: float = 10.0) -> Estimate | str:
    """Do a job with more and more rows, and extrapolate.

    Each trial is the whole job, scoring included and the report left out, with the same share of every participant's
    rows, twice as many as in the trial before. The lower end of the estimate assumes that the time grows in proportion
    to the rows, the upper end that it grows as between the last two trials, where that is faster.

    Parameters
    ----------
    job : Job
    budget : float, default=10.0
        Seconds after which no further trial begins, and the one that runs is given up.

    Returns
    -------
    Estimate or str
        A text says why there is none.
    """
    most = max(len(p.X) for p in job.participants if not p.is_frozen)
    until = time.perf_counter() + budget
    trials: list[tuple[int, float]] = []
    n_rows = min(_FIRST_ROWS, most)
    while True:
        began = time.perf_counter()
        try:
            _try(_with_share(job, n_rows / most), until)
        except _OutOfTimeError:
            if not trials:
                return Estimate(
                    budget, None, f"a trial with at most {plural(n_rows, 'row')} each took longer than {budget:g} s"
                )
            break
        except CoopdistillError as error:
            if not trials:
                return f"a trial with at most {plural(n_rows, 'row')} each did not work: {error}"
            break
        trials.append((n_rows, time.perf_counter() - began))
        if n_rows == most or time.perf_counter() + 2 * trials[-1][1] > until:
            break
        n_rows = min(2 * n_rows, most)
    return _extrapolated(trials, most)


def _extrapolated(trials: list[tuple[int, float]], most: int) -> Estimate:
    n_rows, seconds = trials[-1]
    if n_rows == most:
        return Estimate(seconds, seconds, "measured: the job was done once with all rows")
    fewer, quicker = trials[-2] if len(trials) > 1 else (n_rows, seconds)
    slope = max((seconds - quicker) / (n_rows - fewer), 0.0) if n_rows > fewer else 0.0
    low = seconds + slope * (most - n_rows)
    growth = math.log(seconds / quicker) / math.log(n_rows / fewer) if n_rows > fewer else 1.0
    high = max(low, seconds * (most / n_rows) ** max(growth, 1.0))
    shown = ", ".join(f"{plural(rows, 'row')} in {spent:.2g} s" for rows, spent in trials[-2:])
    return Estimate(low, high, f"extrapolated to {plural(most, 'row')} from trials with at most {shown}")


class _OutOfTimeError(Exception):
    """No trial is worth more than that."""


def _try(job: Job, until: float) -> None:
    from coopdistill.evaluation import compare

    def watch(*_: object) -> None:
        if time.perf_counter() > until:
            raise _OutOfTimeError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cooperation = job.cooperation.set_params(progress=watch).fit(job.participants)
        if job.X_test is not None:
            compare(cooperation, job.participants, job.X_test, job.y_test, intervals=True)


def _with_share(job: Job, share: float) -> Job:
    """The same job with a share of everyone's rows."""
    test = {}
    if job.X_test is not None:
        few = _few(np.asarray(job.y_test), share, by_class=False)
        test = {"X_test": as_frame(job.X_test).iloc[few], "y_test": np.asarray(job.y_test)[few]}
    by_class = task_of(job.participants) == "classification"
    participants = [p if p.is_frozen else _participant_with_share(p, share, by_class) for p in job.participants]
    return replace(job, cooperation=clone(job.cooperation), participants=participants, **test)


def _participant_with_share(participant: Participant, share: float, by_class: bool) -> Participant:
    frame = as_frame(participant.X)
    y = as_labels(participant.y, len(frame), whose=participant.name)
    few = _few(y, share, by_class=by_class)
    return Participant(
        participant.name,
        participant.estimator,
        frame.iloc[few],
        y[few],
        feature_space=participant.feature_space,
        refit_preprocessing=participant.refit_preprocessing,
    )


def _few(y: Any, share: float, *, by_class: bool) -> Any:
    """Choose a share of the rows, of each class two at least."""
    rng = np.random.default_rng(0)
    order = rng.permutation(len(y))
    chosen = np.arange(len(y)) < max(round(share * len(y)), min(_LEAST_ROWS, len(y)))
    if by_class:
        label = pd.factorize(y)[0][order]  # as numbers, whatever labels are
        chosen |= pd.Series(label).groupby(label).cumcount().to_numpy() < 2
    return np.sort(order[chosen])
