"""Experiments 1, 2 and 6: what auctions and a notice board know about the price of cars on a third market."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.datasets import LabelledTable, declare_used_cars, load_used_cars
from coopdistill.datasets.cohorts import take_rows
from coopdistill.experiments.experiment import Experiment, Setting
from coopdistill.experiments.trial import Trial, as_trained
from coopdistill.learners import make_learner
from coopdistill.schema import infer_feature_space
from coopdistill.seeds import derive_seed

__all__ = ["OVERLAP", "TREE_AND_NETWORK", "TWO_NETWORKS", "make_markets"]

TESTED_AT = "cargurus"
N_TEST_ROWS = 10_000

# Names of nearly a car each, and places within a state: thousands of columns for a few thousand rows. The test cars
# have neither.
TOO_FINE = ("model", "region")

SHARED = (
    ("year", "year"),
    ("mileage", "odometer"),
    ("brand", "manufacturer"),
    ("title_status", "title_status"),
    ("color", "paint_color"),
    ("state", "state"),
)
"""What both sources describe: the auction's column and Craigslist's."""

N_EPOCHS = 30

Learner = tuple[str, dict[str, Any]]


def _network(width: int) -> Learner:
    return "mlp", {"hidden_layer_sizes": (width,), "learning_rate_init": 0.001, "max_iter": N_EPOCHS}


NETWORKS: dict[str, Learner] = {"auction": _network(512), "craigslist": _network(1024)}
TREE_FIRST: dict[str, Learner] = {"auction": ("decision-tree", {}), "craigslist": _network(1024)}


def make_markets(
    seed: int, *, learners: dict[str, Learner], n_shared: int = len(SHARED), n_rows: int | None = None
) -> Trial:
    """Make the trial: a model on the auction's cars and one on Craigslist's, tested on cars of CarGurus.

    Parameters
    ----------
    seed : int
        Decides which cars are tested, and what is shared.
    learners : dict of str to tuple
        For ``"auction"`` and ``"craigslist"``, the name of a learner and its parameters.
    n_shared : int, default=6
        How many of the columns that both describe stay with both. Of the others each stays with one, in turn.
    n_rows : int, optional
        So many cars of each at the most. Default: all.

    Returns
    -------
    Trial
        Public are cars of the third market that are not tested, and look like none that is.
    """
    rng = np.random.default_rng(derive_seed(seed, "used cars"))
    unshared = [SHARED[i] for i in rng.permutation(len(SHARED))[n_shared:]]
    participants = []
    for place, (source, (learner, parameters)) in enumerate(learners.items()):
        table = _some(load_used_cars(source), n_rows, rng)
        lost = [columns[place] for turn, columns in enumerate(unshared) if turn % len(learners) == place]
        X = table.X.drop(columns=[*lost, *(name for name in TOO_FINE if name in table.X)])
        declared = declare_used_cars(source, X)
        model = make_learner(learner, infer_feature_space(X, declared), parameters)
        participants.append(as_trained(source, model, X, table.y, feature_space=declared))
    elsewhere = load_used_cars(TESTED_AT)
    tested, rest = (_rows(elsewhere, rows) for rows in np.split(rng.permutation(len(elsewhere.X)), [N_TEST_ROWS]))
    # New cars of one kind look alike; what is public looks like none that is tested.
    looks_new = ~pd.concat([tested.X, rest.X]).duplicated()[len(tested.X) :]
    return Trial(tuple(participants), tested.X, tested.y, rest.X[looks_new][:n_rows])


def _some(table: LabelledTable, n_rows: int | None, rng: np.random.Generator) -> LabelledTable:
    return _rows(table, rng.permutation(len(table.X))[:n_rows])


def _rows(table: LabelledTable, rows: NDArray[np.int64]) -> LabelledTable:
    chosen = take_rows(table, np.sort(rows))
    return LabelledTable(chosen.X.apply(_without_empty_text), chosen.y)


def _without_empty_text(column: pd.Series) -> pd.Series:
    # Encoders want one kind of "missing" in a column of text.
    return column if column.dtype != object else column.where(column.notna(), None)


def _setting(name: str, published: Any, **options: Any) -> Setting:
    return Setting(name, partial(make_markets, **options), published)


_PUBLISHED_1 = {"untaught": {"auction": 60.98, "craigslist": 86.04}, "paper": {"auction": 68.68, "craigslist": 87.64}}
_PUBLISHED_2 = {"untaught": {"auction": 63.4, "craigslist": 86.04}, "paper": {"auction": 67.6, "craigslist": 87.32}}
N_FEW = 500

TWO_NETWORKS = Experiment(
    number=1,
    title="Used cars, two networks",
    settings=(_setting("all cars", _PUBLISHED_1, learners=NETWORKS, n_shared=len(SHARED)),),
    small=(_setting("500 cars each", {}, learners=NETWORKS, n_rows=N_FEW),),
)

TREE_AND_NETWORK = Experiment(
    number=2,
    title="Used cars, a decision tree and a network",
    settings=(_setting("all cars", _PUBLISHED_2, learners=TREE_FIRST),),
    small=(_setting("500 cars each", {}, learners=TREE_FIRST, n_rows=N_FEW),),
)

OVERLAP = Experiment(
    number=6,
    title="Used cars, ever fewer shared columns",
    settings=tuple(_setting(f"{n} shared", {}, learners=NETWORKS, n_shared=n) for n in (6, 4, 2, 1)),
    small=tuple(
        _setting(f"{n} shared, 500 cars each", {}, learners=NETWORKS, n_shared=n, n_rows=N_FEW) for n in (6, 1)
    ),
)
