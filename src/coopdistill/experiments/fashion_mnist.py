"""Experiment 5: ten networks that each have never seen one kind of clothes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier

from coopdistill.datasets import LabelledTable, load_fashion_mnist
from coopdistill.datasets.fashion_mnist import CLASSES, SIDE
from coopdistill.experiments.experiment import DEFAULTS, MEDIAN, PAPER, Experiment, Published, Setting
from coopdistill.experiments.method import Cooperation, Rival
from coopdistill.experiments.trial import Trial
from coopdistill.extra import import_extra
from coopdistill.learners import TorchModule
from coopdistill.participants import Participant
from coopdistill.seeds import derive_seed

__all__ = ["FASHION_MNIST", "make_semi_experts"]

N_EPOCHS = 12
"""At which networks on a tenth of the rows reach what was published of them."""

WIDTH = 64
LEARNING_RATE = 0.002
BATCH_SIZE = 128
LEAST_BATCHES = 20
"""In an epoch. A network on few rows would else be trained for too few steps, and gain by any more rows."""

MOST_PUBLIC = 5_000
"""As many as the authors of FedMD use."""

FOCUSED = Cooperation("focused, by gradients", {"focus": "wrong", "generator": "gradient"})
"""Teachers teach only what students get wrong, which is what the paper does: nine lessons of all rows cost too much."""


def make_semi_experts(seed: int, *, n_rows: int, n_test_rows: int, network: str = "scikit-learn") -> Trial:
    """Make the trial: the training pictures are divided among ten networks, each of which then loses one class.

    Parameters
    ----------
    seed : int
        Decides who gets which rows.
    n_rows : int
        Of each participant, before the rows of one class are taken away; 6,000 at the most.
    n_test_rows : int
        Of the test set; 10,000 at the most.
    network : {"scikit-learn", "PyTorch"}, default="scikit-learn"
        Whose networks; they are of one shape.

    Returns
    -------
    Trial
        Public are pictures that participants lost.
    """
    if find_spec("torch") is not None:
        # Imported now, for networks and baselines: the number of its threads is limited only where it is there already.
        import_extra("torch", "torch", what="a network of PyTorch")
    parts = load_fashion_mnist()
    rng = np.random.default_rng(derive_seed(seed, "Fashion-MNIST"))
    order = rng.permutation(len(parts["train"].X))
    participants, lost = [], []
    for place, lacking in enumerate(CLASSES):
        pixels, labels = _take(parts["train"], order[place * n_rows : (place + 1) * n_rows])
        seen = labels != lacking
        # Of every pixel all is known beforehand; a participant's rows would not say that a dark corner may be bright.
        meaning = {f"x{pixel}": {"kind": "continuous", "low": 0.0, "high": 1.0} for pixel in range(pixels.shape[1])}
        name = f"without {lacking}"
        model = _NETWORKS[network](min(BATCH_SIZE, max(1, n_rows // LEAST_BATCHES)))
        participants.append(Participant(name, model, pixels[seen], labels[seen], feature_space=meaning))
        lost.append(pixels[~seen])
    tested = _take(parts["test"], rng.permutation(len(parts["test"].X))[:n_test_rows])
    public = np.vstack(lost)
    return Trial(tuple(participants), *tested, public=public[rng.permutation(len(public))[:MOST_PUBLIC]])


def _take(table: LabelledTable, rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[Any]]:
    # Arrays in double precision are what the library works with, so nothing is converted again and again.
    return table.X.to_numpy()[rows].astype(np.float64), table.y.to_numpy()[rows]


def _of_scikit_learn(batch_size: int) -> MLPClassifier:
    return MLPClassifier(
        (WIDTH,),
        learning_rate_init=LEARNING_RATE,
        batch_size=batch_size,
        max_iter=N_EPOCHS,
        n_iter_no_change=N_EPOCHS,
    )


def _of_torch(batch_size: int) -> TorchModule:
    # Networks this small gain nothing from a GPU, and the same results everywhere are worth more.
    # With an output for the class that it lacks, too, a network is of one architecture with the others.
    return TorchModule(
        _perceptron,
        classes=sorted(CLASSES),
        learning_rate=LEARNING_RATE,
        batch_size=batch_size,
        max_epochs=N_EPOCHS,
        device="cpu",
    )


def _perceptron(n_features: int, n_outputs: int) -> Any:
    import torch

    return torch.nn.Sequential(torch.nn.Linear(n_features, WIDTH), torch.nn.ReLU(), torch.nn.Linear(WIDTH, n_outputs))


_NETWORKS: dict[str, Callable[[int], Any]] = {"scikit-learn": _of_scikit_learn, "PyTorch": _of_torch}
_TITLES = {"scikit-learn": "scikit-learn", "PyTorch": "PyTorch, ten outputs"}

# What the paper calls training on all data is our baseline of pooled rows.
_PUBLISHED = {"untaught": {MEDIAN: 76.0}, "paper": {MEDIAN: 83.0}, "pooled": {MEDIAN: 86.0}}


def _settings(n_rows: int, n_test_rows: int, published: Published, *, gan_epochs: int) -> tuple[Setting, ...]:
    """Make a setting for each library that is there: some baselines work only inside of PyTorch's networks."""
    gan = Rival("gan", {"image_shape": (SIDE, SIDE), "epochs": gan_epochs}, extra=("torch", "torch"))
    libraries = [name for name in _NETWORKS if name != "PyTorch" or find_spec("torch") is not None]
    return tuple(
        Setting(
            f"{n_rows:,} rows each, {_TITLES[library]}",
            partial(make_semi_experts, n_rows=n_rows, n_test_rows=n_test_rows, network=library),
            published,
            rivals=(gan,),
        )
        for library in libraries
    )


FASHION_MNIST = Experiment(
    number=5,
    title="Ten semi-experts on Fashion-MNIST",
    settings=_settings(6_000, 10_000, _PUBLISHED, gan_epochs=10),
    small=_settings(300, 2_000, {}, gan_epochs=20),
    cooperations=(PAPER, DEFAULTS, FOCUSED),
    image_shape=(SIDE, SIDE),
)
