"""Virtual instances beside the rows that they were made from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.report.evidence.pictures import encode_bytes, grey, picture_shape, pixels
from coopdistill.report.evidence.records import Example, Value
from coopdistill.report.evidence.tables import Tables, Taught, expressed
from coopdistill.schema import Alignment, Feature, FeatureSpace

__all__ = ["examples_of"]

_MOST = 120
_MOST_OF_A_PAIR = 2
_TRIED = 8
_SHOWN_FEATURES = 8


def examples_of(tables: Tables, instances_from: str) -> tuple[Example, ...]:
    """Find some virtual instances of each lesson whose row is known, those of typical distance first.

    Which row an instance was made from is nowhere recorded, because it would leave the row's owner. It is found
    again by the distance that is: a row of the same label that lies exactly so far away. An instance for which there
    is none, such as one of a teacher that also changed what its student does not know, is no example.

    Parameters
    ----------
    tables : Tables
    instances_from : str
        As of `CooperativeDistillation`.

    Returns
    -------
    tuple of Example
        A few of each pair, of as many labels as there are.
    """
    a_pair = max(1, min(_MOST_OF_A_PAIR, _MOST // max(len(tables.taught), 1)))
    found: list[Example] = []
    for (teacher, student), taught in tables.taught.items():
        if teacher not in tables.spaces:
            continue
        owners = {"teacher": [teacher], "student": [student]}.get(instances_from, list(tables.spaces))
        pool = _Pool(tables, tables.spaces[teacher], owners)
        tried = pool.examples(tables.spaces[student], taught, _typical(taught))
        found.extend([example for example in tried if example is not None][:a_pair])
    return tuple(found)


def _typical(taught: Taught) -> NDArray[np.intp]:
    """Some instances in turn of each label, the most frequent first; those nearest to the median distance first."""
    distance = taught.about["distance"].to_numpy(dtype=np.float64)
    order = np.argsort(np.abs(distance - np.median(distance)), kind="stable")
    labels = taught.about["label"].astype(str).iloc[order]
    turn = labels.groupby(labels).cumcount().to_numpy()
    rarity = -labels.map(labels.value_counts()).to_numpy()
    return order[np.lexsort((labels.to_numpy(), rarity, turn))][:_TRIED]


class _Pool:
    """The rows that instances of a teacher may have been made from, in its space."""

    def __init__(self, tables: Tables, space: FeatureSpace, owners: list[str]) -> None:
        self.space = space
        self.owner = np.concatenate([np.full(len(tables.rows[owner]), owner) for owner in owners])
        self.labels = np.concatenate([tables.labels[owner].astype(str) for owner in owners])
        self.rows = np.vstack([expressed(tables.rows[owner], tables.spaces[owner], space) for owner in owners])
        self.shape = picture_shape(space)

    def examples(self, student: FeatureSpace, taught: Taught, which: NDArray[np.intp]) -> Iterator[Example | None]:
        instances = expressed(taught.X[which], student, self.space)
        known = np.isin(self.space.names, [name for _, name in Alignment(student, self.space).shared])
        for i, instance in zip(which, instances, strict=True):
            yield self._example(taught.about.iloc[i], instance, known)

    def _example(self, about: pd.Series, instance: NDArray[np.float64], known: NDArray[np.bool_]) -> Example | None:
        there = np.flatnonzero(self.labels == str(about["label"]))
        # What the student does not know counts for nothing here, so a row that differs there is not found again.
        away = self.space.distance(np.where(known, instance, 0.0), np.where(known, self.rows[there], 0.0))
        off = np.abs(away - about["distance"])
        if not len(there) or off.min() > 1e-6 * (1.0 + about["distance"]):
            return None
        row = there[int(off.argmin())]
        return self._shown(about, str(self.owner[row]), self.rows[row], instance, known)

    def _shown(
        self,
        about: pd.Series,
        owner: str,
        row: NDArray[np.float64],
        made: NDArray[np.float64],
        known: NDArray[np.bool_],
    ) -> Example:
        same = (row == made) | (np.isnan(row) & np.isnan(made))
        steps = np.where(self.space.numeric, (made - row) / self.space.spread, 1.0)
        steps = np.where(np.isnan(steps), 1.0, steps)
        differing = np.flatnonzero(known & ~same)
        order = differing[np.argsort(-np.abs(steps[differing]), kind="stable")]
        values = [
            Value(feature.name, _told(feature, row[j]), _told(feature, made[j]), round(float(steps[j]), 3))
            for j in order[: 0 if self.shape else _SHOWN_FEATURES]
            for feature in [self.space.features[j]]
        ]
        return Example(
            teacher=str(about["teacher"]),
            student=str(about["student"]),
            label=str(about["label"]),
            owner=owner,
            sureness=(round(float(about["score_before"]), 4), round(float(about["score_after"]), 4)),
            changed=tuple(values),
            n_changed=len(order),
            n_same=int((known & same).sum()),
            shape=self.shape,
            pictures=self._pictures(row, made) if self.shape else (),
        )

    def _pictures(self, *rows: NDArray[np.float64]) -> tuple[str, ...]:
        values = pixels(self.rows, self.space)
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        return tuple(encode_bytes(grey(shown, low, high)) for shown in pixels(np.vstack(rows), self.space))


def _told(feature: Feature, value: float) -> str:
    """A value as a person reads it, with its unit."""
    if np.isnan(value):
        return "missing"
    if not feature.kind.is_numeric:
        return str(feature.categories[int(value)])
    number = f"{value:,.0f}" if feature.kind == "integer" or abs(value) >= 1e4 else f"{value:.4g}"
    return f"{number} {feature.unit}" if feature.unit else number
