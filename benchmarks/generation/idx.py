"""Images and labels in the IDX format, compressed."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_idx"]

_BYTES = 0x08


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read one file of bytes: two zeros, the type, the number of axes, their lengths, the values."""
    raw = gzip.decompress(path.read_bytes())
    if raw[:2] != b"\0\0" or raw[2] != _BYTES:
        raise ValueError(f"{str(path)!r} is not an IDX file of bytes")
    n_axes = raw[3]
    shape: Any = np.frombuffer(raw, dtype=">u4", count=n_axes, offset=4).astype(int)
    return np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * n_axes).reshape(tuple(shape))
