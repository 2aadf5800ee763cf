"""Rows that are pictures, told by the names of their columns."""

from __future__ import annotations

import base64
import re

import numpy as np
from numpy.typing import NDArray

from coopdistill.schema import Feature, FeatureSpace

__all__ = ["encode_bytes", "grey", "picture_shape", "pixels"]

_PLACE = re.compile(r"(?:^|[^0-9])(\d+)[_x,](\d+)$")
_LEAST_PIXELS = 16


def picture_shape(space: FeatureSpace) -> tuple[int, int] | None:
    """Say whether all features are the pixels of a picture, row by row.

    Parameters
    ----------
    space : FeatureSpace
        Pixels are numbers, also at the rim, where few values occur. They are called such as
        ``pixel_3_17``, third row and seventeenth column, counted from 0 or 1.

    Returns
    -------
    (int, int) or None
        Height and width.

    Examples
    --------
    >>> from coopdistill.schema import Feature
    >>> names = [f"pixel_{i}_{j}" for i in range(8) for j in range(8)]
    >>> picture_shape(FeatureSpace(tuple(Feature(name=name, kind="continuous") for name in names)))
    (8, 8)
    """
    places = [_PLACE.search(name) for name in space.names]
    if len(space) < _LEAST_PIXELS or not all(map(_is_number, space)):
        return None
    found = [(int(place[1]), int(place[2])) for place in places if place is not None]
    if len(found) < len(space):
        return None
    height, width = (len({place[axis] for place in found}) for axis in (0, 1))
    first = min(found)
    grid = [(first[0] + i, first[1] + j) for i in range(height) for j in range(width)]
    return (height, width) if found == grid else None


def _is_number(feature: Feature) -> bool:
    return feature.kind.is_numeric or all(isinstance(value, int | float) for value in feature.categories)


def pixels(rows: NDArray[np.float64], space: FeatureSpace) -> NDArray[np.float64]:
    """Read encoded rows as brightness.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features), float64
    space : FeatureSpace
        For which `picture_shape` finds a shape.

    Returns
    -------
    ndarray of shape (n_rows, n_features), float64

    Examples
    --------
    >>> from coopdistill.schema import Feature
    >>> pixels(np.array([[1.0]]), FeatureSpace((Feature(name="p", kind="binary", categories=(0, 255)),)))
    array([[255.]])
    """
    out = rows.copy()
    for j, feature in enumerate(space):
        if feature.kind.is_numeric:
            continue
        known = np.isfinite(rows[:, j])
        # Only numbers are there, as `picture_shape` has seen.
        out[known, j] = np.array(feature.categories, dtype=np.float64)[rows[known, j].astype(np.intp)]
    return out


def grey(pixels: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    """Turn values into shades from 0 to 255.

    Parameters
    ----------
    pixels : ndarray, float64
        A missing one becomes 0.
    low, high : float
        What becomes 0 and 255.

    Returns
    -------
    ndarray, uint8
        Of the same shape.

    Examples
    --------
    >>> grey(np.array([0.0, 8.0, 16.0, np.nan]), 0.0, 16.0).tolist()
    [0, 128, 255, 0]
    """
    share = (np.nan_to_num(pixels, nan=low) - low) / max(high - low, np.finfo(np.float64).tiny)
    return np.rint(255 * np.clip(share, 0.0, 1.0)).astype(np.uint8)


def encode_bytes(values: NDArray[np.generic]) -> str:
    """Write small numbers as text, in a third more characters than bytes.

    Parameters
    ----------
    values : ndarray, uint8 or int8

    Returns
    -------
    str
        base64.

    Examples
    --------
    >>> encode_bytes(np.array([0, 255], dtype=np.uint8))
    'AP8='
    """
    return base64.b64encode(values.tobytes()).decode("ascii")
