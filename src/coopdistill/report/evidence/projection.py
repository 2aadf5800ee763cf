"""A map of virtual instances and of where the original rows are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from coopdistill.exceptions import AlignmentError
from coopdistill.report.evidence.pictures import picture_shape, pixels
from coopdistill.report.evidence.records import Cloud, Points, RowMap
from coopdistill.report.evidence.tables import Tables, expressed
from coopdistill.schema import Alignment, FeatureSpace

__all__ = ["map_of"]

_MOST_POINTS = 1500
_MOST_CELLS = 36
_LEAST_IN_CELL = 5


def map_of(tables: Tables, *, show_rows: bool, regression: bool = False) -> RowMap | None:
    """Place virtual instances on the two axes along which they vary most.

    The axes are found from the virtual instances alone, in the features that all participants share; rows are laid
    over them, and shape nothing.

    Parameters
    ----------
    tables : Tables
    show_rows : bool
        Whether rows may be shown one by one; else as counts in the cells of a grid.
    regression : bool, default=False
        Whether labels are values, which have no classes to be coloured by.

    Returns
    -------
    RowMap or None
        None where fewer than three instances or two shared features are there.
    """
    reference, shared = _common(tables)
    parts = [(pair, _within(taught.X, tables.spaces[pair[1]], reference)) for pair, taught in tables.taught.items()]
    n_instances = sum(len(X) for _, X in parts)
    if reference is None or len(shared) < 2 or n_instances < 3:
        return None
    made = np.vstack([X for _, X in parts])
    scale = _Scale(reference, shared, made)
    flat = scale.flat(made)
    chosen = _every(len(flat), 5 * _MOST_POINTS)
    if flat[chosen].std(axis=0).max() == 0:
        return None
    axes = PCA(n_components=2, svd_solver="full").fit(flat[chosen])
    names, place = tuple(tables.spaces), {} if regression else _places(tables)
    names += tuple(dict.fromkeys(teacher for (teacher, _), _ in parts if teacher not in names))
    said = [label for taught in tables.taught.values() for label in taught.about["label"].tolist()]
    kept = _every(n_instances, _MOST_POINTS)
    instances = _points(
        axes.transform(flat[kept]),
        _positions(said, place)[kept],
        np.concatenate([np.full(len(X), names.index(teacher)) for (teacher, _), X in parts])[kept],
        np.concatenate([np.full(len(X), names.index(student)) for (_, student), X in parts])[kept],
    )
    owners = np.concatenate([np.full(len(rows), names.index(name)) for name, rows in tables.rows.items()])
    classes = [label for name in tables.rows for label in tables.labels[name].tolist()]
    there = axes.transform(
        scale.flat(np.vstack([_within(rows, tables.spaces[name], reference) for name, rows in tables.rows.items()]))
    )
    some = _every(len(there), _MOST_POINTS)
    positions = _positions(classes, place)
    return RowMap(
        names=names,
        labels=tuple(map(str, place)),
        n_features=len(shared),
        explained=(
            round(float(axes.explained_variance_ratio_[0]), 4),
            round(float(axes.explained_variance_ratio_[1]), 4),
        ),
        instances=instances,
        rows=_points(there[some], positions[some], owners[some], np.full(len(some), -1)) if show_rows else Points(),
        cloud=None if show_rows else _cloud(there),
        n_instances=n_instances,
        n_rows=len(there),
    )


def _common(tables: Tables) -> tuple[FeatureSpace | None, list[int]]:
    """The narrowest space, and which of its features all the others share."""
    if not tables.spaces:
        return None, []
    reference = min(tables.spaces.values(), key=len)
    shared = set(reference.names)
    try:
        for space in tables.spaces.values():
            shared &= {name for _, name in Alignment(space, reference).shared}
    except AlignmentError:
        return None, []
    return reference, [j for j, name in enumerate(reference.names) if name in shared]


def _within(rows: NDArray[np.float64], space: FeatureSpace, reference: FeatureSpace | None) -> NDArray[np.float64]:
    return rows if reference is None else expressed(rows, space, reference)


class _Scale:
    """Turns encoded rows into numbers of which the distance between rows is roughly that of the space."""

    def __init__(self, space: FeatureSpace, shared: list[int], made: NDArray[np.float64]) -> None:
        # Of pictures, brightness itself: spreads would blow up the pixels that are seldom anything but dark.
        self._picture = space if picture_shape(space) is not None and len(shared) == len(space) else None
        self._numeric = [j for j in shared if space.numeric[j]]
        self._coded = [(j, int(space.n_categories[j])) for j in shared if not space.numeric[j]]
        self._spread = space.spread[self._numeric]
        values = made[:, self._numeric]
        known = np.isfinite(values)
        self._fill = np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)

    def flat(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._picture is not None:
            return np.nan_to_num(pixels(rows, self._picture))
        values = rows[:, self._numeric]
        numbers = np.where(np.isfinite(values), values, self._fill) / self._spread
        marks = [(rows[:, [j]] == np.arange(n)) * np.sqrt(0.5) for j, n in self._coded]
        return np.hstack([numbers, *marks])


def _every(n: int, most: int) -> NDArray[np.intp]:
    """Evenly spaced positions, so that each pair keeps its share without a draw."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.intp))


def _places(tables: Tables) -> dict[Any, int]:
    """Number the labels; 0, 0.0 and False are one, as they are for models."""
    rows = [label for labels in tables.labels.values() for label in np.unique(labels).tolist()]
    made = [label for taught in tables.taught.values() for label in taught.about["label"].unique().tolist()]
    return {label: i for i, label in enumerate(sorted({*rows, *made}, key=lambda v: (str(type(v)), v)))}


def _positions(labels: list[Any], place: dict[Any, int]) -> NDArray[np.intp]:
    """Return each label's number, or -1 for values, of which there are none."""
    return np.array([place[label] for label in labels] if place else [-1] * len(labels), dtype=np.intp)


def _points(
    at: NDArray[np.float64], label: NDArray[np.intp], teacher: NDArray[np.intp], student: NDArray[np.intp]
) -> Points:
    rounded = np.round(at, 3)
    return Points(
        tuple(rounded[:, 0].tolist()),
        tuple(rounded[:, 1].tolist()),
        tuple(label.tolist()),
        tuple(teacher.tolist()),
        tuple(student.tolist()),
    )


def _cloud(at: NDArray[np.float64]) -> Cloud:
    """Count rows in cells; the outermost percent would stretch the grid, and are in cells of few rows anyway."""
    low, high = np.percentile(at, [0.5, 99.5], axis=0)
    high = np.where(high > low, high, low + 1.0)
    across = int(np.clip(round(np.sqrt(len(at)) / 2), 6, _MOST_CELLS))
    bins = (across, max(4, 2 * across // 3))
    count, x, y = np.histogram2d(at[:, 0], at[:, 1], bins=bins, range=list(zip(low, high, strict=True)))
    i, j = np.nonzero(count >= _LEAST_IN_CELL)
    centre_x, centre_y = (edges[:-1] + np.diff(edges) / 2 for edges in (x, y))
    return Cloud(
        tuple(np.round(centre_x[i], 3).tolist()),
        tuple(np.round(centre_y[j], 3).tolist()),
        tuple(count[i, j].astype(int).tolist()),
        round(float(x[1] - x[0]), 4),
        round(float(y[1] - y[0]), 4),
        _LEAST_IN_CELL,
    )
