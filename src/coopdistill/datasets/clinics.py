"""Clinics that see mostly small, medium or large tumours of the bundled breast cancer data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.datasets.bundled import load_bundled
from coopdistill.datasets.cohorts import take_rows
from coopdistill.datasets.partition import RandomState, as_generator, check_share, hold_out, is_trainable
from coopdistill.datasets.table import Cohorts, LabelledTable
from coopdistill.exceptions import OptionError

__all__ = ["Clinics", "make_clinics"]

CLINICS = ("small", "medium", "large")

SIZE = "mean radius"

# At two thirds, every clinic gets a third of every size: there is no speciality left.
MOST_OTHERS = 2 / 3

CLINIC_WITH_FEWER = "small"
LEFT_OUT = "error"


@dataclass(frozen=True, eq=False)
class Clinics(Cohorts):
    """Cohorts of one disease: the patients of each clinic, and test patients whom none of them saw."""


def make_clinics(
    *,
    share_of_others: float = 0.2,
    fewer_columns: bool = False,
    test_size: float = 0.3,
    random_state: RandomState = None,
) -> Clinics:
    """Make three clinics, of which each sees mostly tumours of one size.

    Malignant tumours are larger: the clinic for small ones has hardly met one, that for large ones
    hardly anything else. Each is an expert for what the others rarely see.

    Parameters
    ----------
    share_of_others : float, default=0.2
        The share of the tumours of one size (a third of all, by mean radius) that go to the two other
        clinics, half to each; from 0 (none) to 2/3 (all clinics see the same).
    fewer_columns : bool, default=False
        Whether the clinic ``"small"`` lacks the ten columns named ``"… error"`` (the spread of each
        measurement within an image).
    test_size : float, default=0.3
        The share of each class that is held out first, for tests, between 0 and 1, both excluded.
    random_state : int, numpy.random.Generator or None, default=None
        The seed.

    Returns
    -------
    Clinics
        Clinics ``"small"``, ``"medium"`` and ``"large"``, and the test set. `X` has 30 float64 columns (20 at
        the clinic with fewer); lengths are in the units of the images; `y` is ``"malignant"`` or ``"benign"``
        (dtype object), named ``"diagnosis"``. No two tables share a row, and rows keep their index.

    Raises
    ------
    OptionError
        If a number is out of range, or some clinic would have fewer than two rows of a diagnosis.

    Notes
    -----
    The rows are those of :func:`sklearn.datasets.load_breast_cancer` (Wolberg, Mangasarian, Street and
    Street, 1993, "Breast Cancer Wisconsin (Diagnostic)", https://doi.org/10.24432/C5DW2B, CC BY 4.0).

    Examples
    --------
    >>> clinics = make_clinics(fewer_columns=True, random_state=0)
    >>> clinics.train["small"]
    LabelledTable(133 rows, 20 columns, y='diagnosis')
    >>> {name: round(float((y == "malignant").mean()), 2) for name, (X, y) in clinics.train.items()}
    {'small': 0.13, 'medium': 0.26, 'large': 0.73}
    """
    check_share("share_of_others", share_of_others, low=0.0, high=MOST_OTHERS)
    table = load_bundled("breast_cancer")
    rng = as_generator(random_state)
    train, test = hold_out(table.y.to_numpy(), test_size, random_state=rng)
    remaining = take_rows(table, train)
    clinic_of_row = _send(_size_classes(remaining.X[SIZE]), share_of_others, rng)
    tables = {name: take_rows(remaining, np.flatnonzero(clinic_of_row == i)) for i, name in enumerate(CLINICS)}
    _check_diagnoses(tables)
    if fewer_columns:
        tables[CLINIC_WITH_FEWER] = _without_columns(tables[CLINIC_WITH_FEWER], LEFT_OUT)
    return Clinics(train=tables, test=take_rows(table, test))


def _size_classes(size: pd.Series) -> NDArray[np.int64]:
    """Give each row its third, 0 for the smallest; thirds differ by one row at most."""
    thirds = np.empty(len(size), dtype=np.int64)
    for third, rows in enumerate(np.array_split(np.argsort(size.to_numpy(), kind="stable"), len(CLINICS))):
        thirds[rows] = third
    return thirds


def _send(thirds: NDArray[np.int64], share_of_others: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Give each row its clinic: that for its size, for some by chance one of the others."""
    clinic = thirds.copy()
    for third in range(len(CLINICS)):
        rows = rng.permutation(np.flatnonzero(thirds == third))
        leaving = rows[: round(share_of_others * len(rows))]
        others = [other for other in range(len(CLINICS)) if other != third]
        for other, part in zip(others, np.array_split(leaving, len(others)), strict=True):
            clinic[part] = other
    return clinic


def _check_diagnoses(tables: dict[str, LabelledTable]) -> None:
    for name, table in tables.items():
        if not is_trainable(table.y.to_numpy()):
            counts = table.y.value_counts().to_dict()
            raise OptionError(
                f"the clinic {name!r} would have {counts}, and needs two rows of each diagnosis; "
                "raise share_of_others or lower test_size"
            )


def _without_columns(table: LabelledTable, word: str) -> LabelledTable:
    return LabelledTable(table.X[[column for column in table.X.columns if word not in column.split()]], table.y)
