"""Rows and virtual instances as points on a plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.displays import as_points, project
from coopdistill.exceptions import AlignmentError, DisplayError, InputError, OptionError, nearest_name
from coopdistill.learners import Model
from coopdistill.options import check_whole
from coopdistill.participants import Participant, space_of
from coopdistill.schema import Alignment, Codec, FeatureSpace, as_frame, as_labels

__all__ = ["Encoded", "encoded_instances", "map_points"]

Encoded = tuple[NDArray[np.float64], FeatureSpace, NDArray[Any]]
"""Rows, what they mean, and their labels."""


def map_points(
    students: Mapping[str, Model],
    taught: Sequence[tuple[str, Encoded]],
    rows: Any,
    *,
    student: str | None,
    method: str,
    n_points: int,
    random_state: int,
) -> pd.DataFrame:
    """Lay rows and virtual instances on one plane.

    Parameters
    ----------
    students : mapping of str to Model
    taught : sequence of (str, Encoded)
        What students learned, encoded in their spaces.
    rows : sequence of Participant, Participant, or (X, y)
    student : str, optional
        Whose instances, in its features. Default: everyone's, in the features that all share.
    method : {"pca", "tsne", "umap"}
    n_points : int
        Rows, and virtual instances, of each so many at the most.
    random_state : int

    Returns
    -------
    DataFrame
        Columns x, y, label, virtual.

    Raises
    ------
    InputError
        If rows cannot be read or laid on a plane.
    """
    _check(students, student, n_points)
    reference = students[student or min(students)]
    chosen = {name: model for name, model in students.items() if student in (None, name)}
    rng = np.random.default_rng(random_state)
    original = _some(_encoded(rows, students, reference, student), n_points, rng)
    virtual = [part for name in sorted(chosen) for learner, part in taught if learner == name]
    parts = [*original, *_some(virtual, n_points, rng)]
    shared = _shared(reference.space, [space for _, space, _ in parts])
    points = np.vstack([_read(X, space, reference.space)[:, shared] for X, space, _ in parts])
    space = FeatureSpace(tuple(feature for feature, is_in in zip(reference.space, shared, strict=True) if is_in))
    plane = project(as_points(points, space), method, random_state=random_state)
    n_original = sum(len(X) for X, _, _ in original)
    label = np.concatenate([labels.astype(object) for _, _, labels in parts])
    about = {"label": label, "virtual": np.arange(len(plane)) >= n_original}
    return pd.DataFrame({"x": plane[:, 0], "y": plane[:, 1], **about}).infer_objects()


def _check(students: Mapping[str, Model], student: str | None, n_points: object) -> None:
    if student is not None and student not in students:
        raise OptionError(f"no student {student!r}{nearest_name(student, students)}")
    check_whole("n_points", n_points, least=1)


def _encoded(rows: Any, students: Mapping[str, Model], reference: Model, student: str | None) -> list[Encoded]:
    given = [rows] if isinstance(rows, Participant) else rows
    if isinstance(given, Sequence) and len(given) and all(isinstance(one, Participant) for one in given):
        own = [one for one in given if not one.is_frozen and student in (None, one.name)]
        codecs = [students[p.name].codec if p.name in students else Codec.of(p.X, space_of(p)) for p in own]
        return [
            (codec.encode(one.X), codec.space, as_labels(one.y, len(as_frame(one.X))))
            for one, codec in zip(own, codecs, strict=True)
        ]
    pair: Any = None if hasattr(given, "columns") else given  # for out of a table come the names of its columns
    try:
        X, y = pair
    except (TypeError, ValueError):
        kind = type(rows).__name__
        raise InputError(
            f"a map needs participants, or a pair (X, y) of rows and labels; got an object of {kind!r}"
        ) from None
    return [(reference.read_table(X), reference.space, as_labels(y, len(as_frame(X))))]


def encoded_instances(students: Mapping[str, Model], instances: pd.DataFrame) -> list[tuple[str, Encoded]]:
    """Encode a table of virtual instances, student by student.

    Parameters
    ----------
    students : mapping of str to Model
    instances : DataFrame
        See `CooperativeDistillation`.

    Returns
    -------
    list of (str, Encoded)
    """
    parts = ((name, model, instances[instances["student"] == name]) for name, model in students.items())
    return [(name, _encoded_part(model, part)) for name, model, part in parts if len(part)]


def _encoded_part(model: Model, instances: pd.DataFrame) -> Encoded:
    # A feature that is called like what is said about an instance has another name in the table.
    names = [f"{name} (feature)" if f"{name} (feature)" in instances else name for name in model.space.columns]
    features = instances[names].set_axis(list(model.space.columns), axis=1)
    return Codec.of(features, model.space).encode(features), model.space, instances["label"].to_numpy()


def _some(parts: list[Encoded], n_points: int, rng: np.random.Generator) -> list[Encoded]:
    """Draw so many rows of all parts together at the most."""
    n = sum(len(X) for X, _, _ in parts)
    chosen = np.zeros(n, dtype=bool)
    chosen[rng.choice(n, min(n, n_points), replace=False)] = True
    ends = np.cumsum([len(X) for X, _, _ in parts])
    taken = zip(parts, np.split(chosen, ends[:-1]), strict=True) if parts else ()
    return [(X[which], space, labels[which]) for (X, space, labels), which in taken if which.any()]


def _shared(target: FeatureSpace, sources: Sequence[FeatureSpace]) -> NDArray[np.bool_]:
    """Which features of a space all others have, too."""
    shared = np.ones(len(target), dtype=bool)
    for source in sources:
        try:
            met = {name for _, name in Alignment(source, target).shared}
        except AlignmentError:
            met = set()
        shared &= np.array([name in met for name in target.names])
    if not shared.any():
        raise DisplayError("no feature is shared by all, so there is no map of all; draw one student's: student='…'")
    return shared


def _read(X: NDArray[np.float64], source: FeatureSpace, target: FeatureSpace) -> NDArray[np.float64]:
    return X if source is target else Alignment(source, target).apply(X, keep_missing=np.ones(len(target), dtype=bool))
