"""Frames of one library put one below the other, whatever their columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from coopdistill.schema.container import Container, OtherFrame

__all__ = ["common_library", "stacked"]


def common_library(containers: Iterable[Container]) -> Any:
    """Return the library of frames, other than pandas, that all containers are of, None if there is no such.

    Parameters
    ----------
    containers : iterable of Container

    Returns
    -------
    narwhals.Implementation or None

    Examples
    --------
    >>> import pandas as pd
    >>> from coopdistill.schema.container import container_of
    >>> common_library([container_of(pd.DataFrame({"a": [1]}), ["a"])]) is None
    True
    """
    libraries = {container.library if isinstance(container, OtherFrame) else None for container in containers}
    return libraries.pop() if len(libraries) == 1 else None


def stacked(frames: Sequence[nw.DataFrame[Any]]) -> nw.DataFrame[Any]:
    """Put frames one below the other; a column that one lacks is null there.

    Parameters
    ----------
    frames : sequence of narwhals.DataFrame
        Of one library, at least one. Columns of one name and different dtypes become floats, or else strings.

    Returns
    -------
    narwhals.DataFrame
        The columns in the order in which they first appear.

    Examples
    --------
    >>> import pyarrow as pa
    >>> parts = [nw.from_native(pa.table({"a": [1]})), nw.from_native(pa.table({"a": [0.5], "b": ["x"]}))]
    >>> stacked(parts).rows()
    [(1.0, None), (0.5, 'x')]
    """
    dtypes: dict[str, list[Any]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            dtypes.setdefault(name, []).append(dtype)
    common = {
        name: nw.Float64() if all(dtype.is_numeric() for dtype in held) else nw.String()
        for name, held in dtypes.items()
        if any(dtype != held[0] for dtype in held)
    }
    alike = [
        frame.with_columns(*(nw.col(name).cast(common[name]) for name in frame.columns if name in common))
        if common.keys() & set(frame.columns)
        else frame
        for frame in frames
    ]
    return nw.concat(alike, how="diagonal").select(*dtypes)
