"""What is kept of a cooperation for its pictures: little, and plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coopdistill.cooperation import CooperativeDistillation
from coopdistill.exceptions import DisplayError
from coopdistill.experiments.trial import Trial

__all__ = ["FIRST_SEED", "Picture", "keep_picture"]

FIRST_SEED = 0
"""Of the repetitions of a trial, that of which pictures are drawn."""

N_POINTS = 150
"""Rows, and virtual instances, on a map."""

DIGITS = 4


@dataclass(frozen=True, eq=False)
class Picture:
    """What the pictures of one cooperation show.

    Parameters
    ----------
    setting, method : str
    changes : DataFrame
        Columns label, feature, n, share_changed and mean_change, over all teachers; no lines where too little was made.
    points : DataFrame
        Columns x, y, label, virtual; no lines where there is no map.

    Examples
    --------
    >>> picture = Picture.of({"setting": "hospitals", "method": "paper"}, {"points": {"x": [0.5], "y": [1.0]}})
    >>> picture.points.shape, len(picture.changes)
    ((1, 2), 0)
    """

    setting: str
    method: str
    changes: pd.DataFrame
    points: pd.DataFrame

    @classmethod
    def of(cls, named: Mapping[str, Any], kept: Mapping[str, Any]) -> Picture:
        """Read what `keep_picture` gave, and a cell wrote.

        Parameters
        ----------
        named : mapping
            With the setting and the method.
        kept : mapping
        """
        parts = []
        for label, told in kept.get("changes", {}).get("of", []):
            part = pd.DataFrame({"feature": kept["changes"]["features"], **told}).assign(label=label)
            parts.append(part.astype({"share_changed": float, "mean_change": float}))
        changes = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
        return cls(str(named["setting"]), str(named["method"]), changes, pd.DataFrame(kept.get("points", {})))


def keep_picture(cooperation: CooperativeDistillation, trial: Trial) -> dict[str, Any]:
    """Keep of a cooperation what its pictures need.

    Parameters
    ----------
    cooperation : CooperativeDistillation
        Fitted.
    trial : Trial
        On whose participants.

    Returns
    -------
    dict
        Plain data: changes, for each class how often and how far each feature was changed, over all teachers; and
        points, a map of few rows and instances.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    >>> cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(participants)
    >>> kept = keep_picture(cooperation, Trial(tuple(participants), *clinics.test))
    >>> len(kept["changes"]["features"]), len(kept["points"]["x"])
    (30, 300)
    """
    return {"changes": _changes(cooperation.changes_), "points": _points(cooperation, trial)}


def _changes(told: pd.DataFrame) -> dict[str, Any]:
    if len(told) == 0:
        return {}
    # What a teacher made is told to each of its students alike.
    own = told.drop_duplicates(["teacher", "label", "feature"])
    known = own["mean_change"].notna()
    sums = (
        own.assign(
            share_changed=own["share_changed"] * own["n"],
            mean_change=own["mean_change"] * own["n"],
            n_known=own["n"].where(known),
        )
        .groupby(["label", "feature"], sort=False)[["n", "share_changed", "mean_change", "n_known"]]
        .sum()
    )
    over_all = pd.DataFrame(
        {
            "n": sums["n"],
            "share_changed": (sums["share_changed"] / sums["n"]).round(DIGITS),
            "mean_change": (sums["mean_change"] / sums["n_known"].where(sums["n_known"] > 0)).round(DIGITS),
        }
    )
    features = list(dict.fromkeys(own["feature"]))
    of = []
    for label in dict.fromkeys(own["label"]):
        part = over_all.loc[label].reindex(features)
        values = part.astype(object).where(part.notna(), None)
        of.append([label, {str(name): values[name].tolist() for name in values}])
    return {"features": features, "of": of}


def _points(cooperation: CooperativeDistillation, trial: Trial) -> dict[str, Any]:
    try:
        points = cooperation.map_points(trial.participants, n_points=N_POINTS)
    except DisplayError:  # too little was made, or nothing is shared by all
        return {}
    rounded = points.assign(x=points["x"].round(DIGITS), y=points["y"].round(DIGITS))
    return {str(name): rounded[name].tolist() for name in rounded}
