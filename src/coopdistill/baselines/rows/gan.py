"""Rows that a generative adversarial network makes of the student's own."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.baselines.networks.dcgan import labelled_images
from coopdistill.baselines.per_student import PerStudent
from coopdistill.exceptions import InapplicableError, OptionError
from coopdistill.extra import import_extra
from coopdistill.learners import Model
from coopdistill.options import check_whole
from coopdistill.participants import Prepared
from coopdistill.schema import FeatureSpace

__all__ = ["GAN"]

_LEAST_ROWS = 20
_PACKED = 10
"""Rows that CTGAN's discriminator sees at once; a batch holds a multiple of it."""


class GAN(PerStudent):
    """Enlarges each student's rows by rows of a generative adversarial network; nobody else is asked.

    Tables are made by CTGAN [1]_, of the library of that name, the label as one more column. Its licence, the Business
    Source License, lets it be used but not everything be done with it, so it comes with an extra of its own:
    ``pip install 'coopdistill[gan]'``. It takes no missing numbers; these are filled by the usual value first. Images
    are made by a small DCGAN [2]_ that is told the class [3]_.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    times : int, default=1
        Generated rows for each own one.
    epochs : int, default=300
        CTGAN's own default; images need fewer.
    image_shape : tuple of int, optional
        Height and width, where the columns are the pixels of an image, row by row. Default: a table.

    References
    ----------
    .. [1] L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni: Modeling Tabular Data using Conditional GAN.
       NeurIPS, 2019.
    .. [2] A. Radford, L. Metz, S. Chintala: Unsupervised Representation Learning with Deep Convolutional Generative
       Adversarial Networks. ICLR, 2016.
    .. [3] M. Mirza, S. Osindero: Conditional Generative Adversarial Nets. arXiv:1411.1784, 2014.

    Examples
    --------
    >>> GAN(image_shape=(28, 28), epochs=20).times
    1
    """

    name = "gan"

    def __init__(
        self,
        random_state: int = 0,
        *,
        times: int = 1,
        epochs: int = 300,
        image_shape: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(random_state)
        self.times = times
        self.epochs = epochs
        self.image_shape = image_shape

    def _check(self) -> None:
        check_whole("times", self.times, least=1)
        check_whole("epochs", self.epochs, least=1)
        shape: Any = self.image_shape
        if shape is not None and not (isinstance(shape, tuple) and len(shape) == 2 and all(map(_is_side, shape))):
            raise OptionError(f"image_shape={shape!r} must be two whole numbers, 4 or more: height, width")

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        own = prepared[name]
        n_rows = self.times * len(own.y)
        if len(own.y) < _LEAST_ROWS:
            raise InapplicableError(f"participant {name!r} has {len(own.y)} rows, too few to train a network on")
        if self.image_shape is None:
            rows, labels = _table(own, n_rows, self.epochs, seed)
        else:
            rows, labels = self._images(own, n_rows, seed)
        weight = None
        if own.weight is not None:
            weight = np.concatenate([own.weight, np.full(len(rows), own.weight.mean())])
        return own.model.refit(
            np.vstack([own.X, rows]),
            np.concatenate([own.y, labels]),
            seed=seed,
            sample_weight=weight,
            n_own=len(own.y),
        )

    def _images(self, own: Prepared, n_rows: int, seed: int) -> tuple[NDArray[np.float64], NDArray[Any]]:
        assert self.image_shape is not None
        space = own.model.space
        if self.image_shape[0] * self.image_shape[1] != len(space) or not space.numeric.all():
            raise InapplicableError(f"{len(space)} columns are no images of shape {self.image_shape!r}")
        if own.model.task == "regression":
            raise InapplicableError("images are made class by class, and there are none in regression")
        import_extra("torch", "torch", what="baseline 'gan'")
        rows, labels = labelled_images(own.X, own.y, self.image_shape, n_rows, epochs=self.epochs, seed=seed)
        return _within(rows, own.X, space), labels


def _is_side(value: object) -> bool:
    return isinstance(value, int) and value >= 4


def _table(own: Prepared, n_rows: int, epochs: int, seed: int) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Rows and their labels by CTGAN."""
    ctgan = import_extra("ctgan", "gan", what="baseline 'gan'")
    space = own.model.space
    codes, fill = own.X, space.fill_codes()
    frame = pd.DataFrame({f"x{j}": np.where(np.isnan(codes[:, j]), fill[j], codes[:, j]) for j in range(len(space))})
    discrete = [f"x{j}" for j in np.flatnonzero(~space.numeric)]
    classes, label = np.unique(own.y, return_inverse=True)
    of_values = own.model.task == "regression"
    frame["label"] = own.y.astype(np.float64) if of_values else label.astype(np.float64)
    batch = max(_PACKED * 2, min(500, len(frame)) // (_PACKED * 2) * (_PACKED * 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries of its own
        network = ctgan.CTGAN(epochs=epochs, batch_size=batch, pac=_PACKED, cuda=False)
        network.set_random_state(int(seed))
        network.fit(frame, discrete if of_values else [*discrete, "label"])
        made = network.sample(n_rows)
    rows = made[[f"x{j}" for j in range(len(space))]].to_numpy(dtype=np.float64)
    said = made["label"].to_numpy(dtype=np.float64)
    return _within(rows, own.X, space), said if of_values else classes[said.astype(np.intp)]


def _within(rows: NDArray[np.float64], own: NDArray[np.float64], space: FeatureSpace) -> NDArray[np.float64]:
    """Numbers within the range of the student's rows, whole ones whole."""
    low, high = np.fmin.reduce(own, axis=0), np.fmax.reduce(own, axis=0)
    inside = np.clip(rows, low, high)
    return np.where(space.numeric & ~space.integer, inside, np.rint(inside))
