"""Heart disease at four hospitals: the same thirteen questions, asked of different patients."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from coopdistill.datasets.delimited import read_delimited
from coopdistill.datasets.source import SourceFile, locate
from coopdistill.datasets.table import LabelledTable
from coopdistill.exceptions import DatasetError

__all__ = ["load_heart_disease"]

COLUMNS = (
    "age",
    "sex",
    "cp",
    "trestbps",
    "chol",
    "fbs",
    "restecg",
    "thalach",
    "exang",
    "oldpeak",
    "slope",
    "ca",
    "thal",
    "num",
)

N_ROWS = {"cleveland": 303, "hungarian": 294, "switzerland": 123, "va": 200}

# The checksums are of the archive's own files. Several independent projects publish the same four.
SHA256 = {
    "cleveland": "a74b7efa387bc9d108d7d0115d831fe9b414b29ae7124f331b622b4efa0427c8",
    "hungarian": "d1ad108f785768cd3d7e82dc522e6f5a61eea93cccfb3a46ee8076f73fc3d796",
    "switzerland": "834a405ccf5b66ab4056bb77794adc8df0b7125186454c0a1d002d33c6c3b314",
    "va": "e7c93d8d0d2acdadfa4c5e8de768e2191e7f618b952e29623f1f0d5949ff6b8f",
}

URL = "https://archive.ics.uci.edu/ml/machine-learning-databases/heart-disease/"

MISSING_MARK = "?"
MISSING_NUMBER = -9.0

# No living patient has a blood pressure, cholesterol or heart rate of 0, and thal is coded 3, 6 or 7.
NEVER_ZERO = ("trestbps", "chol", "thalach", "thal")

CODES = {
    "sex": (0, 1),
    "cp": (1, 2, 3, 4),
    "fbs": (0, 1),
    "restecg": (0, 1, 2),
    "exang": (0, 1),
    "slope": (1, 2, 3),
    "ca": (0, 1, 2, 3),
    "thal": (3, 6, 7),
    "num": (0, 1, 2, 3, 4),
}


def load_heart_disease(*, drop_empty: bool = True) -> dict[str, LabelledTable]:
    """Load the heart disease data of Cleveland, Hungary, Switzerland and Long Beach.

    Parameters
    ----------
    drop_empty : bool, default=True
        Whether to leave out, at each hospital, the columns that have no value there. The hospitals then have
        different feature spaces: Switzerland never recorded the cholesterol. False gives all hospitals the
        same thirteen columns.

    Returns
    -------
    dict of str to LabelledTable
        ``"cleveland"`` (303 rows), ``"hungarian"`` (294), ``"switzerland"`` (123) and ``"va"`` (200).
        All columns of `X` are float64, missing values NaN; `y` is int64, named ``"disease"``: 1 where the
        archive's `num` is above 0 (a vessel narrowed by more than half), else 0.

    Raises
    ------
    DatasetError
        If a file is absent, cannot be downloaded, or is damaged.

    Notes
    -----
    The columns: `age` (years), `sex` (1 male, 0 female), `cp` (chest pain: 1 typical angina, 2 atypical
    angina, 3 other pain, 4 none), `trestbps` (resting blood pressure, mm Hg), `chol` (serum cholesterol,
    mg/dl), `fbs` (fasting blood sugar above 120 mg/dl: 1 yes, 0 no), `restecg` (resting electrocardiogram:
    0 normal, 1 ST-T abnormal, 2 hypertrophy), `thalach` (maximum heart rate, per minute), `exang` (angina
    when exercising: 1 yes, 0 no), `oldpeak` (ST depression by exercise, mm), `slope` (of the ST segment: 1
    up, 2 flat, 3 down), `ca` (major vessels coloured by fluoroscopy, 0 to 3), `thal` (3 normal, 6 fixed
    defect, 7 reversible defect).

    Missing are ``?``, as the archive writes it, ``-9``, as some copies do, and a 0 that cannot be: in
    `trestbps`, `chol` and `thalach`, which no living patient has at 0, and in `thal`, where it is no code.
    Some copies of the Cleveland file write 0 for ``?``, also in `ca`, where 0 is a code: there, four patients
    keep a 0 that the archive marks as missing.

    The rows are those of the UCI archive (Janosi, Steinbrunn, Pfisterer and Detrano, 1988, "Heart Disease",
    https://doi.org/10.24432/C52P4X, CC BY 4.0). They are taken from the folder named by the environment
    variable ``COOPDISTILL_DATA``, or downloaded once.

    Examples
    --------
    >>> hospitals = load_heart_disease()  # doctest: +SKIP
    >>> hospitals["switzerland"]  # doctest: +SKIP
    LabelledTable(123 rows, 12 columns, y='disease')
    """
    tables = {hospital: _read_hospital(locate(_file_of(hospital)), n_rows) for hospital, n_rows in N_ROWS.items()}
    return {hospital: _without_empty(table) for hospital, table in tables.items()} if drop_empty else tables


def _file_of(hospital: str) -> SourceFile:
    name = f"processed.{hospital}.data"
    return SourceFile(f"heart-disease/{name}", URL + name, SHA256[hospital])


def _read_hospital(path: Path, n_rows: int) -> LabelledTable:
    values = _as_numbers(read_delimited(path, COLUMNS, separator=",", n_rows=n_rows), path)
    _check_codes(values, path)
    disease = (values["num"] > 0).astype(np.int64).rename("disease")
    return LabelledTable(values.drop(columns="num"), disease)


def _as_numbers(fields: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Turn text into float64, and everything that stands for "missing" into NaN."""
    try:
        numbers = fields.mask(fields == MISSING_MARK, "nan").astype(np.float64)
    except ValueError as error:
        raise DatasetError(
            f"{str(path)!r} holds something that is no number: {error}; replace it with a fresh copy"
        ) from error
    known = numbers.mask(numbers == MISSING_NUMBER)
    for column in NEVER_ZERO:
        known[column] = known[column].mask(known[column] == 0)
    return known


def _check_codes(values: pd.DataFrame, path: Path) -> None:
    for column, codes in CODES.items():
        wrong = values.loc[values[column].notna() & ~values[column].isin(codes), column]
        if len(wrong):
            raise DatasetError(
                f"{str(path)!r}, row {wrong.index[0] + 1}: {column}={wrong.iloc[0]:g} is none of "
                f"{list(codes)}; replace the file with a fresh copy"
            )
    if values["num"].isna().any():
        raise DatasetError(f"{str(path)!r}: the diagnosis (num) of a row is missing; replace it with a fresh copy")


def _without_empty(table: LabelledTable) -> LabelledTable:
    return LabelledTable(table.X.dropna(axis="columns", how="all"), table.y)
