"""What a run found, as plain data that JSON holds."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from coopdistill.cooperation import CooperativeDistillation
from coopdistill.library_versions import library_versions
from coopdistill.participants import Participant

__all__ = ["FORMAT", "learner_name", "make_result"]

FORMAT = 1
"""Grows when the meaning of a key changes."""

LIBRARIES = ("coopdistill", "numpy", "scipy", "scikit-learn", "pandas", "pyarrow", "skops")
OPTIONAL_LIBRARIES = ("torch", "skorch", "xgboost", "lightgbm", "catboost", "onnxruntime", "polars")
"""Named where a participant brought something of theirs."""
OPTIONS = (
    "alpha",
    "focus",
    "qualification",
    "instances_from",
    "expertise",
    "generator",
    "instances_per_row",
    "imputation",
    "tolerance",
    "rounds",
    "acceptance",
    "n_jobs",
)
SCORES = ("before", "after", "together", "pooled", "average")
BOUNDED = (*SCORES, "gain")


def make_result(
    cooperation: CooperativeDistillation,
    participants: Sequence[Participant],
    *,
    name: str,
    began: datetime,
    command: Sequence[str],
    scores: pd.DataFrame | None = None,
    n_test_rows: int = 0,
    models: Mapping[str, Mapping[str, str]] | None = None,
    file: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
) -> dict[str, Any]:
    """Gather what a run found.

    Parameters
    ----------
    cooperation : CooperativeDistillation
        Fitted.
    participants : sequence of Participant
        What it was fitted on.
    name : str
        What the run is called.
    began : datetime
        When.
    command : sequence of str
        What repeats it.
    scores : DataFrame, optional
        From `coopdistill.evaluation.compare`, if there were test rows; with intervals, if it gave any.
    n_test_rows : int, default=0
        How many test rows.
    models : mapping, optional
        For a participant, the ``file`` of its model or why it was ``withheld``.
    file : mapping, optional
        The ``file`` of the cooperation or why it was ``withheld``.
    notes : sequence of str, default=()
        What the user should know.

    Returns
    -------
    dict
        Plain data without NaN.
    """
    metric = None if scores is None else str(scores["metric"].iloc[0])
    result: dict[str, Any] = _plain(
        {
            "format": FORMAT,
            "name": name,
            "began": began.isoformat(timespec="seconds"),
            "seconds": round(cooperation.seconds_, 3),
            "command": list(command),
            "seed": cooperation.random_state,
            "options": {key: getattr(cooperation, key) for key in OPTIONS},
            "rounds": cooperation.n_rounds_,
            "versions": _versions(participants),
            "hardware": {"machine": platform.machine(), "system": platform.system(), "processors": os.cpu_count()},
            "metric": metric,
            "n_test_rows": n_test_rows,
            "participants": {
                p.name: {
                    **_described(p, cooperation),
                    **_scores_of(p.name, scores, metric),
                    "model": dict((models or {}).get(p.name, {})),
                }
                for p in participants
            },
            "members": cooperation.members_,
            "cooperation": dict(file or {}),
            "transfers": cooperation.transfers_.to_dict("records"),
            "n_virtual_instances": len(cooperation.virtual_instances_),
            "disclosures": cooperation.disclosures_.to_dict("records"),
            "notes": list(notes),
        }
    )
    return result


def _described(participant: Participant, cooperation: CooperativeDistillation) -> dict[str, Any]:
    n_rows, n_features = (0, None) if participant.is_frozen else np.shape(participant.X)
    return {
        "learner": learner_name(participant.estimator),
        "n_rows": n_rows,
        "n_features": n_features,
        "accepted": cooperation.accepted_.get(participant.name),
        "reason": cooperation.reasons_.get(participant.name),
        "consults": cooperation.consults_[participant.name],
        "consult_reason": cooperation.consult_reasons_[participant.name],
    }


def learner_name(estimator: Any) -> str:
    """Name what learns, which in a pipeline is the last step.

    Parameters
    ----------
    estimator : estimator or other model

    Returns
    -------
    str
        The name of its class.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> learner_name(make_pipeline(StandardScaler(), GaussianNB()))
    'GaussianNB'
    """
    steps = getattr(estimator, "steps", None)
    return learner_name(steps[-1][1]) if steps else type(estimator).__name__


def _scores_of(name: str, scores: pd.DataFrame | None, metric: str | None) -> dict[str, Any]:
    if scores is None:
        return dict.fromkeys(SCORES)
    own = scores[scores["participant"] == name].set_index("metric")
    named = {str(m): {key: own.at[m, key] for key in SCORES if key in own} for m in own.index}
    first = named.get(str(metric), {})
    more = {"metrics": named} if len(named) > 1 else {}
    return {**{key: first.get(key) for key in SCORES}, **_intervals_of(own, str(metric)), **more}


def _intervals_of(own: pd.DataFrame, metric: str) -> dict[str, Any]:
    if metric not in own.index:
        return {}
    ends = {key: [own.at[metric, f"{key}_{end}"] for end in ("low", "high")] for key in BOUNDED if f"{key}_low" in own}
    return {"intervals": {key: pair for key, pair in ends.items() if pd.notna(pair).all()}} if ends else {}


def _versions(participants: Sequence[Participant]) -> dict[str, str]:
    brought = {library for participant in participants for library in _libraries_of(participant)}
    return library_versions((*LIBRARIES, *(name for name in OPTIONAL_LIBRARIES if name in brought)))


def _libraries_of(participant: Participant) -> set[str]:
    """Where the classes of a model, of its parts and of the rows come from."""
    model = participant.estimator
    parts = model.get_params(deep=True).values() if isinstance(model, BaseEstimator) else ()
    modules = [type(part).__module__ for part in (model, participant.X, *parts)]
    found = {module.partition(".")[0] for module in modules}
    found |= {"torch"} if "skorch" in found else set()
    return found | ({"onnxruntime"} if any(module.endswith(".onnx") for module in modules) else set())


def _plain(value: Any) -> Any:
    """Turn numpy's and pandas' values into Python's, and what is no number into None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    return None if value is pd.NA else repr(value)
