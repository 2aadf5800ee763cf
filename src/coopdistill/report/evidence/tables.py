"""Rows and virtual instances of a finished cooperation, encoded, so that they can be laid beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.cooperation import CooperativeDistillation
from coopdistill.participants import Participant, space_of
from coopdistill.schema import Alignment, Codec, FeatureSpace, as_frame, as_labels

__all__ = ["Tables", "Taught", "expressed", "read_tables"]

ABOUT = ("label", "teacher", "student", "score_before", "score_target", "score_after", "distance")


@dataclass(frozen=True, eq=False)
class Taught:
    """The virtual instances that one student kept of one teacher.

    Parameters
    ----------
    X : ndarray of shape (n_instances, n_student_features), float64
        In the student's space.
    about : DataFrame of shape (n_instances, 7)
        Label, teacher, student, scores and distance.
    """

    X: NDArray[np.float64]
    about: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Tables:
    """All rows and virtual instances, encoded.

    Parameters
    ----------
    spaces : dict of str to FeatureSpace
        Of all participants with rows.
    rows, labels : dict of str to ndarray
        What each of them has.
    taught : dict of (str, str) to Taught
        By teacher and student, in order of their names.
    """

    spaces: dict[str, FeatureSpace]
    rows: dict[str, NDArray[np.float64]]
    labels: dict[str, NDArray[np.generic]]
    taught: dict[tuple[str, str], Taught]


def read_tables(cooperation: CooperativeDistillation, participants: Sequence[Participant]) -> Tables:
    """Encode what participants had and what they were taught.

    Parameters
    ----------
    cooperation : CooperativeDistillation
        Fitted.
    participants : sequence of Participant
        What it was fitted on.

    Returns
    -------
    Tables
    """
    own = [participant for participant in participants if not participant.is_frozen]
    spaces = {participant.name: space_of(participant) for participant in own}
    return Tables(
        spaces,
        {p.name: Codec.of(p.X, spaces[p.name]).encode(p.X) for p in own},
        {p.name: np.asarray(as_labels(p.y, len(as_frame(p.X)))) for p in own},
        _taught(cooperation.virtual_instances_, spaces),
    )


def _taught(instances: Any, spaces: dict[str, FeatureSpace]) -> dict[tuple[str, str], Taught]:
    found: dict[tuple[str, str], Taught] = {}
    if len(instances) == 0:  # which is no table of rows
        return found
    for student, part in as_frame(instances).groupby("student", observed=True):
        space = spaces[str(student)]
        # A feature that is called like what is said about an instance has been given another name in the table.
        names = {column: f"{column} (feature)" if column in ABOUT else column for column in space.columns}
        features = part[list(names.values())].set_axis(list(names), axis=1)
        X = Codec.of(features, space).encode(features)
        about = part[list(ABOUT)].reset_index(drop=True)
        for teacher, lines in about.groupby("teacher", observed=True):
            found[str(teacher), str(student)] = Taught(X[lines.index], lines.reset_index(drop=True))
    return dict(sorted(found.items()))


def expressed(rows: NDArray[np.float64], source: FeatureSpace, target: FeatureSpace) -> NDArray[np.float64]:
    """Express encoded rows of one space in another; what the source lacks stays missing.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_source_features), float64
    source, target : FeatureSpace

    Returns
    -------
    ndarray of shape (n_rows, n_target_features), float64
    """
    return Alignment(source, target).apply(rows, keep_missing=np.ones(len(target), dtype=bool))
