"""How far a teacher's virtual instances lie from the rows that they were made from, feature by feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.schema import FeatureSpace

__all__ = ["ALL_VALUES", "LEAST_INSTANCES", "Changes", "change_table", "no_changes", "summarise_changes"]

LEAST_INSTANCES = 5
"""Of fewer, nothing is said: the change of one virtual instance would give away the row that it was made from."""

ALL_VALUES = "all values"
"""Stands for a class in regression."""


@dataclass(frozen=True, eq=False)
class Changes:
    """A summary of what a teacher changed on the way from rows to virtual instances.

    Parameters
    ----------
    labels : ndarray of shape (n_labels,)
        Classes of which enough instances were made; in regression `ALL_VALUES` is the only one.
    n : ndarray of shape (n_labels,), int64
        How many.
    share : ndarray of shape (n_labels, n_features), float64
        In what share of them each of the teacher's features differs from the row.
    mean : ndarray of shape (n_labels, n_features), float64
        How far each number moved in the mean, in spreads; NaN for categories, which have no direction.
    """

    labels: NDArray[Any]
    n: NDArray[np.int64]
    share: NDArray[np.float64]
    mean: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.labels)


def no_changes(n_features: int) -> Changes:
    """Return the summary that says nothing."""
    none = np.empty((0, n_features))
    return Changes(np.empty(0, dtype=object), np.empty(0, dtype=np.int64), none, none)


def summarise_changes(
    rows: NDArray[np.float64], made: NDArray[np.float64], labels: NDArray[Any], space: FeatureSpace
) -> Changes:
    """Summarise, class by class, how virtual instances differ from their rows.

    Parameters
    ----------
    rows, made : ndarray of shape (n_instances, n_features), float64
        In the space; each instance beside the row that it was made from.
    labels : ndarray of shape (n_instances,)
    space : FeatureSpace

    Returns
    -------
    Changes
        Without classes of fewer than `LEAST_INSTANCES`.

    Examples
    --------
    >>> from coopdistill.schema import Feature, FeatureSpace
    >>> space = FeatureSpace((Feature(name="age", kind="continuous", spread=10.0),))
    >>> rows = np.array([[30.0], [40.0], [50.0], [60.0], [70.0]])
    >>> changes = summarise_changes(rows, np.maximum(rows, 50.0), np.repeat("ill", 5), space)
    >>> float(changes.share[0, 0]), float(changes.mean[0, 0])
    (0.4, 0.6)
    """
    found, place = np.unique(labels.astype(object), return_inverse=True)
    n = np.bincount(place, minlength=len(found))
    enough = np.flatnonzero(n >= LEAST_INSTANCES)
    if len(enough) == 0:
        return no_changes(len(space))
    parts = [_summary(rows[place == i], made[place == i], space) for i in enough]
    return Changes(found[enough], n[enough], np.array([share for share, _ in parts]), np.array([m for _, m in parts]))


def _summary(
    rows: NDArray[np.float64], made: NDArray[np.float64], space: FeatureSpace
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    differs = (rows != made) & ~(np.isnan(rows) & np.isnan(made))
    moved = (made - rows) / space.spread
    # A value that was missing before came from nowhere, so it did not move.
    known = ~np.isnan(moved)
    n_known = known.sum(axis=0)
    total = np.where(known, moved, 0.0).sum(axis=0)
    mean = np.divide(total, n_known, out=np.full(len(space), np.nan), where=(n_known > 0) & space.numeric)
    return differs.mean(axis=0), mean


def change_table(told: Iterable[tuple[str, str, Changes]], spaces: Mapping[str, FeatureSpace]) -> pd.DataFrame:
    """Return summaries of changes as a table.

    Parameters
    ----------
    told : iterable of (str, str, Changes)
        Teacher, student, and what the one told the other.
    spaces : mapping of str to FeatureSpace
        The teachers'.

    Returns
    -------
    DataFrame
        Columns teacher, student, label, feature, n, share_changed, mean_change.
    """
    columns = ["teacher", "student", "label", "feature", "n", "share_changed", "mean_change"]
    parts = []
    for teacher, student, changes in told:
        n_labels, n_features = changes.share.shape
        values = {
            "label": np.repeat(changes.labels, n_features),
            "feature": np.tile(np.array(spaces[teacher].names, dtype=object), n_labels),
            "n": np.repeat(changes.n, n_features),
            "share_changed": changes.share.ravel(),
            "mean_change": changes.mean.ravel(),
        }
        if n_labels:
            parts.append(pd.DataFrame(values).assign(teacher=teacher, student=student)[columns])
    if not parts:
        return pd.DataFrame({name: [] for name in columns}).astype({"n": np.int64})
    return pd.concat(parts, ignore_index=True).infer_objects()
