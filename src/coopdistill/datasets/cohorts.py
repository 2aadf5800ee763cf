"""Participants made from one table: each with rows of its own, and a test set that none of them saw."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from coopdistill.datasets.bundled import load_bundled
from coopdistill.datasets.partition import (
    RandomState,
    as_generator,
    hold_out,
    partition_by_covariate_shift,
    partition_by_label_shift,
    partition_by_missing_classes,
    partition_randomly,
)
from coopdistill.datasets.table import Cohorts, LabelledTable

__all__ = [
    "make_covariate_shift",
    "make_label_shift",
    "make_missing_classes",
    "make_random_subsets",
    "take_rows",
]

Partition = Callable[[LabelledTable, np.random.Generator], list[NDArray[np.int64]]]


def make_random_subsets(
    data: str | LabelledTable,
    n_participants: int = 3,
    *,
    test_size: float = 0.25,
    random_state: RandomState = None,
) -> Cohorts:
    """Make participants that see the same distribution, each another part of the rows.

    Parameters
    ----------
    data : {"breast_cancer", "digits", "iris", "wine"} or LabelledTable
        The rows to divide: a bundled data set by name, or any table.
    n_participants : int, default=3
        How many, 2 or more.
    test_size : float, default=0.25
        The share of each class that is held out first, between 0 and 1, both excluded.
    random_state : int, numpy.random.Generator or None, default=None
        The seed.

    Returns
    -------
    Cohorts
        Participants ``"participant_1"``, ``"participant_2"``, … and the test set. Rows keep their index.

    Raises
    ------
    DatasetError
        If there is no data set of that name.
    OptionError
        If a number is out of range, or some participant would have fewer than two classes of two rows.

    Examples
    --------
    >>> cohorts = make_random_subsets("wine", random_state=0)
    >>> [len(X) for X, y in cohorts.train.values()]
    [45, 44, 44]
    """
    return _divide(
        data,
        lambda table, rng: partition_randomly(table.y.to_numpy(), n_participants, random_state=rng),
        test_size,
        random_state,
    )


def make_missing_classes(
    data: str | LabelledTable,
    n_participants: int = 3,
    *,
    n_missing: int = 1,
    test_size: float = 0.25,
    random_state: RandomState = None,
) -> Cohorts:
    """Make semi-experts: participants that have never seen some of the classes.

    Parameters
    ----------
    data : {"breast_cancer", "digits", "iris", "wine"} or LabelledTable
        The rows to divide, of three classes or more: a bundled data set by name, or any table.
    n_participants : int, default=3
        How many, 2 or more.
    n_missing : int, default=1
        How many classes each participant lacks; it keeps two or more. Together, the participants hold all
        classes.
    test_size : float, default=0.25
        The share of each class that is held out first, between 0 and 1, both excluded.
    random_state : int, numpy.random.Generator or None, default=None
        The seed.

    Returns
    -------
    Cohorts
        Participants ``"participant_1"``, ``"participant_2"``, … and the test set. Rows keep their index.

    Raises
    ------
    DatasetError
        If there is no data set of that name.
    OptionError
        If a number is out of range, or some participant would have fewer than two classes of two rows.

    Examples
    --------
    >>> cohorts = make_missing_classes("digits", n_missing=7, n_participants=4, random_state=0)
    >>> [y.nunique() for X, y in cohorts.train.values()], cohorts.test.y.nunique()
    ([3, 3, 3, 3], 10)
    """
    return _divide(
        data,
        lambda table, rng: partition_by_missing_classes(
            table.y.to_numpy(), n_participants, n_missing=n_missing, random_state=rng
        ),
        test_size,
        random_state,
    )


def make_label_shift(
    data: str | LabelledTable,
    n_participants: int = 3,
    *,
    concentration: float = 0.5,
    test_size: float = 0.25,
    random_state: RandomState = None,
) -> Cohorts:
    """Make participants at which the classes are differently frequent.

    Parameters
    ----------
    data : {"breast_cancer", "digits", "iris", "wine"} or LabelledTable
        The rows to divide: a bundled data set by name, or any table.
    n_participants : int, default=3
        How many, 2 or more.
    concentration : float, default=0.5
        The parameter of the Dirichlet distribution from which the participants' shares of a class are drawn,
        above 0: the smaller, the more unequal.
    test_size : float, default=0.25
        The share of each class that is held out first, between 0 and 1, both excluded.
    random_state : int, numpy.random.Generator or None, default=None
        The seed.

    Returns
    -------
    Cohorts
        Participants ``"participant_1"``, ``"participant_2"``, … and the test set. Rows keep their index.

    Raises
    ------
    DatasetError
        If there is no data set of that name.
    OptionError
        If a number is out of range, or some participant would have fewer than two classes of two rows.

    Examples
    --------
    >>> cohorts = make_label_shift("breast_cancer", random_state=0)
    >>> sum(len(X) for X, y in cohorts.train.values()) + len(cohorts.test.X)
    569
    """
    return _divide(
        data,
        lambda table, rng: partition_by_label_shift(
            table.y.to_numpy(), n_participants, concentration=concentration, random_state=rng
        ),
        test_size,
        random_state,
    )


def make_covariate_shift(
    data: str | LabelledTable,
    n_participants: int = 3,
    *,
    overlap: float = 0.2,
    test_size: float = 0.25,
    random_state: RandomState = None,
) -> Cohorts:
    """Make participants that see different regions, along the direction of largest variance.

    Parameters
    ----------
    data : {"breast_cancer", "digits", "iris", "wine"} or LabelledTable
        The rows to divide: a bundled data set by name, or any table of numbers, none missing.
    n_participants : int, default=3
        How many, 2 or more.
    overlap : float, default=0.2
        The share of the rows that change places between the regions, from 0 (disjoint) to 1 (no shift).
    test_size : float, default=0.25
        The share of each class that is held out first, between 0 and 1, both excluded.
    random_state : int, numpy.random.Generator or None, default=None
        The seed.

    Returns
    -------
    Cohorts
        Participants ``"participant_1"``, ``"participant_2"``, … and the test set. Rows keep their index.

    Raises
    ------
    DatasetError
        If there is no data set of that name.
    OptionError
        If a number is out of range, a column is not numeric or has missing values, or some participant would
        have fewer than two classes of two rows.

    Examples
    --------
    >>> cohorts = make_covariate_shift("iris", n_participants=2, overlap=0.1, random_state=0)
    >>> bool(cohorts.train["participant_1"].X.mean().iloc[2] < cohorts.train["participant_2"].X.mean().iloc[2])
    True
    """
    return _divide(
        data,
        lambda table, rng: partition_by_covariate_shift(
            table.X, table.y.to_numpy(), n_participants, overlap=overlap, random_state=rng
        ),
        test_size,
        random_state,
    )


def take_rows(table: LabelledTable, rows: NDArray[np.int64]) -> LabelledTable:
    """Take some rows of a table, with their labels.

    Parameters
    ----------
    table : LabelledTable
        Where to take them from.
    rows : ndarray of int64
        Row numbers, counted from 0.

    Returns
    -------
    LabelledTable
        A copy. The rows keep their index.
    """
    return LabelledTable(table.X.iloc[rows].copy(), table.y.iloc[rows].copy())


def _divide(data: str | LabelledTable, partition: Partition, test_size: float, random_state: RandomState) -> Cohorts:
    """Hold out a test set, then divide what is left."""
    table = load_bundled(data) if isinstance(data, str) else data
    rng = as_generator(random_state)
    train, test = hold_out(table.y.to_numpy(), test_size, random_state=rng)
    remaining = take_rows(table, train)
    parts = partition(remaining, rng)
    return Cohorts(
        train={f"participant_{number}": take_rows(remaining, rows) for number, rows in enumerate(parts, start=1)},
        test=take_rows(table, test),
    )
