"""Every model before and after, beside two bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from coopdistill.baselines import Average, Baseline, Pooled
from coopdistill.cooperation import CooperativeDistillation
from coopdistill.expertise import score
from coopdistill.participants import Participant
from coopdistill.schema import as_frame, as_labels

__all__ = ["compare"]


def compare(
    cooperation: CooperativeDistillation,
    participants: Sequence[Participant],
    X: Any,
    y: Any,
    *,
    metric: str | None = None,
    baselines: Sequence[Baseline] | None = None,
) -> pd.DataFrame:
    """Score every model before and after cooperation, beside what could be done instead.

    Parameters
    ----------
    cooperation : CooperativeDistillation
        Fitted.
    participants : list of Participant
        Those that it was fitted on.
    X : DataFrame or array-like of shape (n_rows, n_features)
        Test rows.
    y : array-like of shape (n_rows,)
        True labels.
    metric : str, optional
        See `CooperativeDistillation.evaluate`.
    baselines : list of Baseline, optional
        Not fitted. Default: all rows pooled, and the average of all models.

    Returns
    -------
    DataFrame
        Columns participant, metric, before, after, accepted, then one for each baseline. Frozen participants have no
        value in accepted and pooled.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    >>> cooperation = CooperativeDistillation(random_state=0).fit(participants)
    >>> list(compare(cooperation, participants, *clinics.test).columns)
    ['participant', 'metric', 'before', 'after', 'accepted', 'pooled', 'average']
    """
    table = cooperation.evaluate(X, y, metric=metric)
    table["accepted"] = [cooperation.accepted_.get(name) for name in table["participant"]]
    used = str(table["metric"].iloc[0])
    truth = as_labels(y, len(as_frame(X)))
    seed = 0 if cooperation.random_state is None else cooperation.random_state
    frozen = {participant.name for participant in participants if participant.is_frozen}
    for baseline in (Pooled(seed), Average(seed)) if baselines is None else baselines:
        baseline.fit(participants)
        table[baseline.name] = [
            None if name in frozen else score(truth, baseline.predict_for(name, X), used)
            for name in table["participant"]
        ]
    return table
