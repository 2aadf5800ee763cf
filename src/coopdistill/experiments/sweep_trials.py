"""Trials whose size and shape can be varied: how many participants, with how many rows, sharing which columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.datasets import LabelledTable, load_bundled, load_german_credit, load_heart_disease
from coopdistill.datasets.cohorts import take_rows
from coopdistill.experiments.trial import Trial, as_trained
from coopdistill.learners import make_learner
from coopdistill.schema import infer_feature_space
from coopdistill.seeds import derive_seed

__all__ = ["N_PARTICIPANTS", "N_ROWS", "TrialMaker", "make_credit_trial", "make_digit_trial", "make_heart_trial"]

TrialMaker = Callable[..., Trial]
"""From a seed, and n_participants, n_rows and share_shared, to a trial."""

N_PARTICIPANTS = 3
N_ROWS = 60

LEARNERS = ("logistic-regression", "random-forest", "mlp")
"""Of the participants, in turn."""

HOSPITALS = ("va", "switzerland", "hungarian")
N_LACKING = 3
"""Digits that each participant has never seen."""

N_TESTED = 300
LEAST_OF_A_CLASS = 3
"""Rows of each class that a participant gets first, so that it can be trained and validated."""


def make_credit_trial(
    seed: int, *, n_participants: int = N_PARTICIPANTS, n_rows: int = N_ROWS, share_shared: float = 1.0
) -> Trial:
    """Make participants with disjoint, random parts of the German credit data.

    Parameters
    ----------
    seed : int
        Decides who gets which rows; the test rows do not depend on the other arguments.
    n_participants : int, default=3
        Linear models, forests and networks in turn.
    n_rows : int, default=60
        Of each.
    share_shared : float, default=1.0
        What share of the columns all participants have. Each of the others stays with one of them, in turn.

    Returns
    -------
    Trial
    """
    table = load_german_credit()
    order = _order(len(table.X), seed, "credits")
    tested, rest = take_rows(table, order[:N_TESTED]), take_rows(table, order[N_TESTED:])
    parts = [_part(rest, place, n_participants, n_rows, seed) for place in range(n_participants)]
    return _trial(parts, tested, share_shared, seed)


def make_heart_trial(
    seed: int, *, n_participants: int = N_PARTICIPANTS, n_rows: int = N_ROWS, share_shared: float = 1.0
) -> Trial:
    """Make participants of patients at three hospitals, tested at a fourth.

    Parameters
    ----------
    seed, n_participants, n_rows, share_shared
        As of `make_credit_trial`. Hospitals take turns; a second participant at one gets other patients.

    Returns
    -------
    Trial
    """
    tables = load_heart_disease()
    n_at = [len(range(place, n_participants, len(HOSPITALS))) for place in range(len(HOSPITALS))]
    parts = []
    for place in range(n_participants):
        turn, hospital = divmod(place, len(HOSPITALS))
        parts.append(_part(tables[HOSPITALS[hospital]], turn, n_at[hospital], n_rows, seed))
    return _trial(parts, tables["cleveland"], share_shared, seed)


def make_digit_trial(
    seed: int, *, n_participants: int = N_PARTICIPANTS, n_rows: int = N_ROWS, share_shared: float = 1.0
) -> Trial:
    """Make participants that have never seen three of the ten digits.

    Parameters
    ----------
    seed, n_participants, n_rows, share_shared
        As of `make_credit_trial`.

    Returns
    -------
    Trial
    """
    table = load_bundled("digits")
    order = _order(len(table.X), seed, "digits")
    tested, rest = take_rows(table, order[:N_TESTED]), take_rows(table, order[N_TESTED:])
    parts = []
    for place in range(n_participants):
        lacking = {(N_LACKING * place + step) % 10 for step in range(N_LACKING)}
        parts.append(_part(rest, place, n_participants, n_rows, seed, lacking=lacking))
    return _trial(parts, tested, share_shared, seed)


def _order(n: int, seed: int, what: str) -> NDArray[np.int64]:
    return np.random.default_rng(derive_seed(seed, "sweep", what)).permutation(n)


def _part(
    table: LabelledTable, place: int, n_parts: int, n_rows: int, seed: int, *, lacking: set[int] | None = None
) -> LabelledTable:
    """Deal the rows of each class to all parts, and return so many of one part's."""
    y = table.y.to_numpy()
    order = _order(len(y), seed, "rows")
    first, rest = [], []
    for label in np.setdiff1d(y, list(lacking or ())).tolist():
        own = order[y[order] == label][place::n_parts]
        first.append(own[:LEAST_OF_A_CLASS])
        rest.append(own[LEAST_OF_A_CLASS:])
    then = np.concatenate(rest)
    then = then[np.argsort(np.argsort(order)[then])]  # in the order of all rows, not class by class
    return take_rows(table, np.concatenate([*first, then])[:n_rows])


def _trial(parts: list[LabelledTable], tested: LabelledTable, share_shared: float, seed: int) -> Trial:
    columns = sorted({str(column) for part in parts for column in part.X})
    unshared = [columns[i] for i in _order(len(columns), seed, "columns")[int(np.ceil(share_shared * len(columns))) :]]
    participants = []
    for place, part in enumerate(parts):
        lost = [column for turn, column in enumerate(unshared) if turn % len(parts) != place and column in part.X]
        X = part.X.drop(columns=lost).dropna(axis="columns", how="all").apply(_as_seen)
        learner = make_learner(LEARNERS[place % len(LEARNERS)], infer_feature_space(X))
        participants.append(as_trained(f"participant {place + 1}", learner, X, part.y))
    return Trial(tuple(participants), *tested)


def _as_seen(column: pd.Series) -> pd.Series:
    return column.cat.remove_unused_categories() if isinstance(column.dtype, pd.CategoricalDtype) else column
