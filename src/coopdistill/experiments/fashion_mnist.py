"""Experiment 5: ten networks that each have never seen one kind of clothes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier

from coopdistill.datasets import LabelledTable, load_fashion_mnist
from coopdistill.datasets.fashion_mnist import CLASSES
from coopdistill.experiments.experiment import DEFAULTS, MEDIAN, PAPER, Experiment, Setting
from coopdistill.experiments.method import Cooperation
from coopdistill.experiments.trial import Trial
from coopdistill.participants import Participant
from coopdistill.seeds import derive_seed

__all__ = ["FASHION_MNIST", "make_semi_experts"]

N_EPOCHS = 12
"""At which networks on a tenth of the rows reach what was published of them."""

FOCUSED = Cooperation("focused, by gradients", {"focus": "wrong", "generator": "gradient"})
"""Teachers teach only what students get wrong, which is what the paper does: nine lessons of all rows cost too much."""


def make_semi_experts(seed: int, *, n_rows: int, n_test_rows: int) -> Trial:
    """Make the trial: the training pictures are divided among ten networks, each of which then loses one class.

    Parameters
    ----------
    seed : int
        Decides who gets which rows.
    n_rows : int
        Of each participant, before the rows of one class are taken away; 6,000 at the most.
    n_test_rows : int
        Of the test set; 10,000 at the most.

    Returns
    -------
    Trial
    """
    parts = load_fashion_mnist()
    rng = np.random.default_rng(derive_seed(seed, "Fashion-MNIST"))
    order = rng.permutation(len(parts["train"].X))
    participants = []
    for place, lacking in enumerate(CLASSES):
        pixels, labels = _take(parts["train"], order[place * n_rows : (place + 1) * n_rows])
        seen = labels != lacking
        # Of every pixel all is known beforehand; a participant's rows would not say that a dark corner may be bright.
        meaning = {f"x{pixel}": {"kind": "continuous", "low": 0.0, "high": 1.0} for pixel in range(pixels.shape[1])}
        name = f"without {lacking}"
        participants.append(Participant(name, _network(), pixels[seen], labels[seen], feature_space=meaning))
    return Trial(tuple(participants), *_take(parts["test"], rng.permutation(len(parts["test"].X))[:n_test_rows]))


def _take(table: LabelledTable, rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[Any]]:
    # Arrays in double precision are what the library works with, so nothing is converted again and again.
    return table.X.to_numpy()[rows].astype(np.float64), table.y.to_numpy()[rows]


def _network() -> MLPClassifier:
    return MLPClassifier((64,), learning_rate_init=0.002, batch_size=128, max_iter=N_EPOCHS, n_iter_no_change=N_EPOCHS)


# What the paper calls training on all data is our baseline of pooled rows.
_PUBLISHED = {"untaught": {MEDIAN: 76.0}, "paper": {MEDIAN: 83.0}, "pooled": {MEDIAN: 86.0}}

FASHION_MNIST = Experiment(
    number=5,
    title="Ten semi-experts on Fashion-MNIST",
    settings=(Setting("6,000 rows each", partial(make_semi_experts, n_rows=6_000, n_test_rows=10_000), _PUBLISHED),),
    small=(Setting("300 rows each", partial(make_semi_experts, n_rows=300, n_test_rows=2_000)),),
    cooperations=(PAPER, DEFAULTS, FOCUSED),
)
