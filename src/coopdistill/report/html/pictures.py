"""Small pictures as data in the page."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["decode", "difference_picture", "grey_picture"]

# What was taken away is orange, what was added is teal; both read on light and on dark paper.
_LESS = np.array([200.0, 85.0, 40.0])
_MORE = np.array([11.0, 140.0, 130.0])
_SAME = np.array([236.0, 236.0, 230.0])


def decode(pixels: str, shape: tuple[int, int], dtype: str) -> NDArray[np.float64]:
    """Read pixels that evidence holds as text.

    Parameters
    ----------
    pixels : str
        base64.
    shape : (int, int)
    dtype : {"uint8", "int8"}

    Returns
    -------
    ndarray of that shape, float64
    """
    return np.frombuffer(base64.b64decode(pixels), dtype=dtype).reshape(shape).astype(np.float64)


def grey_picture(pixels: NDArray[np.float64]) -> str:
    """Draw shades of grey.

    Parameters
    ----------
    pixels : ndarray of shape (height, width)
        From 0 to 255.

    Returns
    -------
    str
        A PNG as a data URI.

    Examples
    --------
    >>> grey_picture(np.zeros((2, 2)))[:22]
    'data:image/png;base64,'
    """
    return _png(np.repeat(pixels.astype(np.uint8)[:, :, None], 3, axis=2))


def difference_picture(change: NDArray[np.float64]) -> str:
    """Draw what became less and what became more.

    Parameters
    ----------
    change : ndarray of shape (height, width)
        From -1 to 1.

    Returns
    -------
    str
        A PNG as a data URI.
    """
    share = np.clip(change, -1.0, 1.0)[:, :, None]
    # The root lets small changes be seen.
    depth = np.sqrt(np.abs(share))
    colour = _SAME + depth * (np.where(share > 0, _MORE, _LESS) - _SAME)
    return _png(np.rint(colour).astype(np.uint8))


def _png(rgb: NDArray[np.uint8]) -> str:
    """Write eight bits a channel, no filter (PNG specification, third edition, sections 5 and 11)."""
    height, width, _ = rgb.shape
    lines = np.hstack([np.zeros((height, 1), dtype=np.uint8), rgb.reshape(height, 3 * width)])
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}"
