"""Seventy thousand small pictures of clothes, of ten kinds."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.datasets.source import SourceFile, locate
from coopdistill.datasets.table import LabelledTable
from coopdistill.exceptions import DatasetError

__all__ = ["CLASSES", "PIXELS", "load_fashion_mnist"]

URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"

PARTS = {"train": ("train", 60_000), "test": ("t10k", 10_000)}
"""How the files of each part are called, and how many pictures it has."""

SHA256 = {
    "train-images-idx3-ubyte.gz": "08dc20ab1689590a0bcd66e874647b6ee8464e2d501b5a3f1f78831db19a3fdc",
    "train-labels-idx1-ubyte.gz": "b0197879cbda89f3dc7b894f9fd52b858e68ea4182b6947c9d8c2b67e5f18dcc",
    "t10k-images-idx3-ubyte.gz": "78dcbbfb5a27efaf1b6c1d616caca68560be8766c5bffcb2791df9273a534229",
    "t10k-labels-idx1-ubyte.gz": "42bd18137a62d5998cdeae52bf3a0676ac6b706f5cf8439b47bb5b151ae3dccf",
}

SIDE = 28

PIXELS = tuple(f"pixel_{row}_{column}" for row in range(SIDE) for column in range(SIDE))
"""The names of the columns."""

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
"""The labels in the order of their numbers."""

# A file in the format IDX begins with two zeros, the type of its values (8: one byte without a sign) and the number of
# its dimensions; then comes the length of each dimension, four bytes each, the most significant first.
UNSIGNED_BYTE = 8
GREATEST_BYTE = 255


def load_fashion_mnist() -> dict[str, LabelledTable]:
    """Load Fashion-MNIST.

    Returns
    -------
    dict of str to LabelledTable
        ``"train"`` (60,000 rows) and ``"test"`` (10,000). `X` has 784 columns of dtype float32, ``"pixel_0_0"``,
        ``"pixel_0_1"``, … row by row, from 0.0 (background) to 1.0; `y` is the name of the class (dtype object),
        named ``"garment"``.

    Raises
    ------
    DatasetError
        If a file is absent, cannot be downloaded, or is damaged.

    Notes
    -----
    The pictures are those of Xiao, Rasul and Vollgraf (2017, "Fashion-MNIST: a Novel Image Dataset for Benchmarking
    Machine Learning Algorithms", arXiv:1708.07747, MIT licence). The files are taken from the folder
    ``fashion-mnist`` in the folder named by the environment variable ``COOPDISTILL_DATA``, or downloaded once.
    A copy in that folder may divide the same pictures differently into train and test; only their numbers are checked.

    Single precision holds the grey values in half of the memory (220 MB). The library works in double precision, which
    is what to convert the rows of a participant to.

    Examples
    --------
    >>> parts = load_fashion_mnist()  # doctest: +SKIP
    >>> parts["test"]  # doctest: +SKIP
    LabelledTable(10000 rows, 784 columns, y='garment')
    """
    return {part: _read_part(stem, n_rows) for part, (stem, n_rows) in PARTS.items()}


def _read_part(stem: str, n_rows: int) -> LabelledTable:
    images = _read_idx(_located(f"{stem}-images-idx3-ubyte.gz"), (n_rows, SIDE, SIDE))
    path = _located(f"{stem}-labels-idx1-ubyte.gz")
    numbers = _read_idx(path, (n_rows,))
    if numbers.max() >= len(CLASSES):
        raise DatasetError(
            f"{str(path)!r}: label {int(numbers.max())} is none of 0 to {len(CLASSES) - 1}; "
            "replace the file with a fresh copy"
        )
    pixels = np.divide(images.reshape(n_rows, -1), GREATEST_BYTE, dtype=np.float32)
    labels = np.array(CLASSES, dtype=object)[numbers]
    return LabelledTable(
        pd.DataFrame(pixels, columns=list(PIXELS), copy=False), pd.Series(labels, name="garment", dtype=object)
    )


def _located(name: str) -> Path:
    return locate(SourceFile(f"fashion-mnist/{name}", URL + name, SHA256[name]))


def _read_idx(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Read a compressed file of bytes, and make sure that it is what it should be."""
    try:
        content = gzip.decompress(path.read_bytes())
    # Of a file that is cut off, EOFError; of one that is changed, zlib.error or BadGzipFile, which is an OSError.
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"{str(path)!r} cannot be unpacked: {error}; replace it with a fresh copy") from error
    header = bytes([0, 0, UNSIGNED_BYTE, len(shape)]) + np.array(shape, dtype=">u4").tobytes()
    if not content.startswith(header):
        raise DatasetError(
            f"{str(path)!r} begins with {content[: len(header)].hex()!r} instead of {header.hex()!r}, so it does not "
            f"hold bytes of shape {shape}; replace it with a fresh copy"
        )
    values = np.frombuffer(content, dtype=np.uint8, offset=len(header))
    n_expected = int(np.prod(shape))
    if len(values) != n_expected:
        raise DatasetError(
            f"{str(path)!r} holds {len(values)} values instead of {n_expected}; replace it with a fresh copy"
        )
    return values.reshape(shape)
