"""The rows of the benchmark."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from idx import read_idx
from numpy.typing import NDArray

from coopdistill.datasets import load_bundled, load_german_credit
from coopdistill.schema import FeatureSpace, infer_feature_space

__all__ = ["TABLES", "Rows"]

N_IMAGES = 2000


@dataclass(frozen=True, eq=False)
class Rows:
    """A teacher's own rows; classes are numbers from 0 on."""

    name: str
    X: Any
    y: NDArray[np.intp]
    space: FeatureSpace

    @property
    def is_image(self) -> bool:
        return not hasattr(self.X, "columns")


def breast_cancer() -> Rows:
    X, y = load_bundled("breast_cancer")
    return Rows("breast cancer", X, _as_codes(y), infer_feature_space(X))


def german_credit() -> Rows:
    X, y = load_german_credit()
    X = X.astype({name: object for name in X.columns if X[name].dtype == "category"})
    return Rows("German credit", X, _as_codes(y), infer_feature_space(X))


def fashion() -> Rows:
    folder = Path(os.environ.get("COOPDISTILL_DATA", "")) / "fashion-mnist"
    if not folder.is_dir():
        raise FileNotFoundError(
            f"no {str(folder)!r}; set COOPDISTILL_DATA to a folder with fashion-mnist/train-images-idx3-ubyte.gz"
        )
    images = read_idx(folder / "train-images-idx3-ubyte.gz")[:N_IMAGES]
    labels = read_idx(folder / "train-labels-idx1-ubyte.gz")[:N_IMAGES]
    X = images.reshape(len(images), -1).astype(np.float32) / 255.0
    pixel = {"kind": "continuous", "low": 0.0, "high": 1.0}
    return Rows(
        "Fashion-MNIST", X, labels.astype(np.intp), infer_feature_space(X, {f"x{i}": pixel for i in range(784)})
    )


def _as_codes(y: Any) -> NDArray[np.intp]:
    return np.unique(np.asarray(y, dtype=str), return_inverse=True)[1].astype(np.intp)


TABLES: dict[str, Callable[[], Rows]] = {
    "breast cancer": breast_cancer,
    "German credit": german_credit,
    "Fashion-MNIST": fashion,
}
