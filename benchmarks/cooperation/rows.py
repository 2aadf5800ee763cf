"""The rows of each scenario: who has which, and on which all are tested.

Functions take the seed first and give the same rows for the same seed. Test rows are held out before participants get
theirs, and are never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.datasets import (
    Cohorts,
    LabelledTable,
    load_heart_disease,
    load_used_cars,
    make_random_subsets,
)
from coopdistill.datasets.cohorts import take_rows
from coopdistill.datasets.partition import partition_randomly
from coopdistill.seeds import derive_seed
from cooperation.tables import TOO_FINE

MISLABELLED = "mislabelled"
"""The last word in the name of a participant whose labels are false."""

HOSPITALS = ("va", "switzerland", "hungarian", "cleveland")
MARKETS = ("auction", "craigslist", "cargurus")
Labels = NDArray[Any]
Spoil = Callable[[Labels, np.random.Generator], Labels]


# Participants --------------------------------------------------------------------------------------------------------


def hospitals(
    seed: int,
    *,
    tested_at: str = "cleveland",
    load: Callable[[], Mapping[str, LabelledTable]] = load_heart_disease,
) -> Cohorts:
    """Four fifths of the patients of three hospitals, tested on all of a fourth."""
    tables, rng = load(), _generator(seed, "hospitals")
    trained_at = [name for name in HOSPITALS if name != tested_at]
    train = {name: some(tables[name], 4 * len(tables[name].y) // 5, rng) for name in trained_at}
    return in_random_order(Cohorts(train, tables[tested_at]), seed)


def markets(seed: int, *, n_rows: int, n_test: int) -> Cohorts:
    """Used cars of three sources, each in its own columns and words; tested on others of the third."""
    rng = _generator(seed, "markets")
    train = {}
    for source in MARKETS:
        X, y = load_used_cars(source)
        drawn = some(LabelledTable(X.drop(columns=[c for c in TOO_FINE if c in X]), y), n_rows + n_test, rng)
        train[source] = take_rows(drawn, np.arange(n_rows))
    return in_random_order(Cohorts(train, take_rows(drawn, np.arange(n_rows, n_rows + n_test))), seed)


def one_large(seed: int, table: LabelledTable, *, n_small: int, small: int, large: int, test_size: float) -> Cohorts:
    """Participants of few rows each, and one of many."""
    halves = make_random_subsets(table, 2, test_size=test_size, random_state=seed)
    rows = joined(list(halves.train.values()))
    rng = _generator(seed, "one large")
    shuffled = take_rows(rows, rng.permutation(len(rows.y)))
    few = take_rows(shuffled, np.arange(n_small * small))
    parts = partition_randomly(few.y.to_numpy(), n_small, random_state=rng)
    train = {f"small {i}": take_rows(few, part) for i, part in enumerate(parts, start=1)}
    train["large"] = take_rows(shuffled, np.arange(n_small * small, n_small * small + large))
    return in_random_order(Cohorts(train, halves.test), seed)


def divided_values(
    seed: int, divide: Callable[..., Cohorts], table: LabelledTable, *, n_ranges: int = 3, **options: Any
) -> Cohorts:
    """Divide rows with values as if ranges of values were classes."""
    ranges = pd.qcut(table.y, n_ranges, labels=False).astype(np.int64)
    divided = divide(LabelledTable(table.X, ranges), random_state=seed, **options)

    def valued(part: LabelledTable) -> LabelledTable:
        return LabelledTable(part.X, table.y.loc[part.y.index])

    return Cohorts({name: valued(part) for name, part in divided.train.items()}, valued(divided.test))


# Trouble -------------------------------------------------------------------------------------------------------------


def in_random_order(cohorts: Cohorts, seed: int) -> Cohorts:
    """Put another participant first with each seed: some baselines go by the order of names."""
    order = _generator(seed, "order").permutation(len(cohorts.train))
    names = list(cohorts.train)
    return Cohorts({f"{turn} {names[i]}": cohorts.train[names[i]] for turn, i in enumerate(order, 1)}, cohorts.test)


def some_columns(cohorts: Cohorts, share: float, seed: int) -> Cohorts:
    """Leave each participant a share of the columns, drawn for each."""
    rng = _generator(seed, "columns")
    n_kept = max(2, round(share * cohorts.test.X.shape[1]))

    def drawn(X: pd.DataFrame) -> pd.DataFrame:
        return X.iloc[:, np.sort(rng.permutation(X.shape[1])[:n_kept])]

    return Cohorts({name: LabelledTable(drawn(X), y) for name, (X, y) in cohorts.train.items()}, cohorts.test)


def thinned(cohorts: Cohorts, label: object, n_left: int, seed: int) -> Cohorts:
    """Leave each participant few rows of a class."""
    rng = _generator(seed, "thinned")

    def few(table: LabelledTable) -> LabelledTable:
        of_label = table.y.to_numpy() == label
        left = np.concatenate([np.flatnonzero(~of_label), rng.permutation(np.flatnonzero(of_label))[:n_left]])
        return take_rows(table, np.sort(left))

    return Cohorts({name: few(table) for name, table in cohorts.train.items()}, cohorts.test)


def spoiled(cohorts: Cohorts, spoil: Spoil, seed: int) -> Cohorts:
    """Falsify the labels of one participant, whose name then says so."""
    rng = _generator(seed, "spoiled")
    names = list(cohorts.train)
    victim = names[int(rng.integers(len(names)))]
    X, y = cohorts.train[victim]
    false = LabelledTable(X, pd.Series(spoil(y.to_numpy(), rng), index=y.index, name=y.name, dtype=y.dtype))
    train = {f"{n}, {MISLABELLED}" if n == victim else n: false if n == victim else cohorts.train[n] for n in names}
    return Cohorts(train, cohorts.test)


def is_honest(name: str) -> bool:
    """Whether the labels of the participant of that name are true."""
    return not name.endswith(MISLABELLED)


def some_flipped(share: float) -> Spoil:
    """Give a share of the rows another label than theirs."""

    def spoil(labels: Labels, rng: np.random.Generator) -> Labels:
        return np.where(rng.random(len(labels)) < share, all_flipped(labels, rng), labels)

    return spoil


def shuffled(labels: Labels, rng: np.random.Generator) -> Labels:
    """Give each row the label of any: what is learned from them is hopeless."""
    return rng.permutation(labels)


def all_flipped(labels: Labels, _rng: np.random.Generator) -> Labels:
    """Give each row the label that follows its own, the last the first: what is learned from them is worse than naught.

    Labels are as frequent afterwards as others were before, and nothing but the labels is wrong.
    """
    classes, codes = np.unique(labels, return_inverse=True)
    return classes[(codes + 1) % len(classes)]


def mirrored(values: Labels, _rng: np.random.Generator) -> Labels:
    """Turn values around: the highest become the lowest."""
    return values.min() + values.max() - values


# Pieces --------------------------------------------------------------------------------------------------------------


def some(table: LabelledTable, n_rows: int, rng: np.random.Generator) -> LabelledTable:
    """Draw rows of a table, all if it has no more."""
    return take_rows(table, rng.permutation(len(table.y))[:n_rows])


def fewer(cohorts: Cohorts, seed: int, *, n_train: int | None = None, n_test: int | None = None) -> Cohorts:
    """Draw fewer rows to train on, of each participant, or to test on."""
    rng = _generator(seed, "fewer")
    train = cohorts.train if n_train is None else {k: some(table, n_train, rng) for k, table in cohorts.train.items()}
    return Cohorts(train, cohorts.test if n_test is None else some(cohorts.test, n_test, rng))


def joined(tables: list[LabelledTable]) -> LabelledTable:
    """Put tables of the same columns under one another."""
    return LabelledTable(pd.concat([X for X, _ in tables]), pd.concat([y for _, y in tables]))


def _generator(seed: int, what: str) -> np.random.Generator:
    return np.random.default_rng(derive_seed(seed, what))
