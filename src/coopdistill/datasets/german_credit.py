"""A thousand credits of a German bank, described in words, and whether they were paid back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from coopdistill.datasets.delimited import read_delimited
from coopdistill.datasets.source import SourceFile, locate
from coopdistill.datasets.table import LabelledTable
from coopdistill.exceptions import DatasetError

__all__ = ["load_german_credit"]

FILE = SourceFile(
    path="german-credit/german.data",
    url="https://archive.ics.uci.edu/ml/machine-learning-databases/statlog/german/german.data",
    # Of the archive's own file. Several independent projects publish the same one.
    sha256="b21f3d81db8071257d5ff1deaeba1fd4303b62712e6fcc9715c7a86202cb5871",
)

N_ROWS = 1000

COLUMNS = (
    "checking_account",
    "duration",
    "credit_history",
    "purpose",
    "amount",
    "savings",
    "employed_since",
    "installment_rate",
    "status_and_sex",
    "other_debtors",
    "residence_since",
    "property",
    "age",
    "other_installments",
    "housing",
    "credits_at_bank",
    "job",
    "dependants",
    "telephone",
    "foreign_worker",
    "credit",
)

# The archive's codes (german.doc) in the order documented there.
WORDS: dict[str, dict[str, str]] = {
    "checking_account": {
        "A11": "below 0 DM",
        "A12": "0 to 200 DM",
        "A13": "200 DM or more, or salary paid in for a year",
        "A14": "none",
    },
    "credit_history": {
        "A30": "no credits, or all paid back duly",
        "A31": "all at this bank paid back duly",
        "A32": "existing paid back duly till now",
        "A33": "delays in the past",
        "A34": "critical, or credits elsewhere",
    },
    "purpose": {
        "A40": "new car",
        "A41": "used car",
        "A42": "furniture or equipment",
        "A43": "radio or television",
        "A44": "domestic appliances",
        "A45": "repairs",
        "A46": "education",
        "A47": "vacation",
        "A48": "retraining",
        "A49": "business",
        "A410": "other",
    },
    "savings": {
        "A61": "below 100 DM",
        "A62": "100 to 500 DM",
        "A63": "500 to 1000 DM",
        "A64": "1000 DM or more",
        "A65": "none or unknown",
    },
    "employed_since": {
        "A71": "unemployed",
        "A72": "below 1 year",
        "A73": "1 to 4 years",
        "A74": "4 to 7 years",
        "A75": "7 years or more",
    },
    "status_and_sex": {
        "A91": "male, divorced or separated",
        "A92": "female, divorced, separated or married",
        "A93": "male, single",
        "A94": "male, married or widowed",
        "A95": "female, single",
    },
    "other_debtors": {"A101": "none", "A102": "co-applicant", "A103": "guarantor"},
    "property": {
        "A121": "real estate",
        "A122": "building society savings or life insurance",
        "A123": "car or other",
        "A124": "none or unknown",
    },
    "other_installments": {"A141": "bank", "A142": "stores", "A143": "none"},
    "housing": {"A151": "rented", "A152": "owned", "A153": "free"},
    "job": {
        "A171": "unemployed, or unskilled and non-resident",
        "A172": "unskilled and resident",
        "A173": "skilled employee or official",
        "A174": "manager, self-employed or highly qualified",
    },
    "telephone": {"A191": "no", "A192": "yes"},
    "foreign_worker": {"A201": "yes", "A202": "no"},
    "credit": {"1": "good", "2": "bad"},
}


def load_german_credit() -> LabelledTable:
    """Load the German credit data, its codes written out.

    Returns
    -------
    LabelledTable
        1,000 rows. `X` has 20 columns: the 7 numbers are int64, the 13 descriptions are of dtype category,
        with the categories that occur, in the documentation's order. No value is missing. `y` is ``"good"``
        (700 rows) or ``"bad"`` (300), of dtype object, named ``"credit"``.

    Raises
    ------
    DatasetError
        If the file is absent, cannot be downloaded, or is damaged.

    Notes
    -----
    The numbers: `duration` (months), `amount` (DM), `installment_rate` (percent of the disposable income; in
    truth four classes, 1 to 4), `residence_since` (years; in truth classes, 1 to 4), `age` (years),
    `credits_at_bank` and `dependants` (counts).

    The rows are those of the UCI archive (Hofmann, 1994, "Statlog (German Credit Data)",
    https://doi.org/10.24432/C5NC77, CC BY 4.0), the words those of its ``german.doc``, abbreviated.
    Grömping (2019, "South German Credit Data: Correcting a Widely Used Data Set") shows that this
    documentation assigns several descriptions to the wrong codes. We keep what most of the literature used;
    read nothing about bank customers out of it. The file is taken from the folder named by the environment
    variable ``COOPDISTILL_DATA``, or downloaded once.

    Examples
    --------
    >>> X, y = load_german_credit()  # doctest: +SKIP
    >>> X["housing"].cat.categories.tolist()  # doctest: +SKIP
    ['rented', 'owned', 'free']
    """
    path = locate(FILE)
    fields = read_delimited(path, COLUMNS, separator=" ", n_rows=N_ROWS)
    decoded = pd.DataFrame({column: _decode(fields[column], path) for column in COLUMNS})
    return LabelledTable(decoded.drop(columns="credit"), decoded["credit"].astype(object))


def _decode(field: pd.Series, path: Path) -> pd.Series:
    """Turn the text of one column into integers, or into the words that its codes stand for."""
    words = WORDS.get(str(field.name))
    if words is None:
        try:
            return field.astype(np.int64)
        except ValueError as error:
            raise DatasetError(
                f"{str(path)!r}, column {field.name!r}: {error}; replace the file with a fresh copy"
            ) from error
    unknown = field[~field.isin(list(words))]
    if len(unknown):
        raise DatasetError(
            f"{str(path)!r}, row {unknown.index[0] + 1}: {field.name}={unknown.iloc[0]!r} is none of "
            f"{list(words)}; replace the file with a fresh copy"
        )
    categories = pd.CategoricalDtype(list(words.values()))
    # A category without a row would let a generator invent values that no encoder has ever seen.
    return field.map(words).astype(categories).cat.remove_unused_categories()
