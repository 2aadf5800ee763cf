"""Used cars from three places that describe them in three ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from coopdistill.datasets.source import locate_local
from coopdistill.datasets.table import LabelledTable
from coopdistill.datasets.used_car_words import WORDS_ELSEWHERE
from coopdistill.exceptions import DatasetError, nearest_name

__all__ = ["EXPENSIVE", "SOURCES", "declare_used_cars", "load_used_cars"]

EXPENSIVE = 20_000
"""The price, in US dollars, from which a car counts as expensive."""

LEAST_PRICE = 500
GREATEST_PRICE = 2_000_000


@dataclass(frozen=True)
class _Source:
    file: str
    origin: str
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    unknown: frozenset[str] = frozenset()


_SOURCES = {
    "auction": _Source(
        file="auction.csv",
        origin="https://www.kaggle.com/datasets/doaaalsenani/usa-cers-dataset",
        numbers=("year", "mileage"),
        words=("brand", "model", "title_status", "color", "state", "country"),
        unknown=frozenset({"no_color", "color:"}),
    ),
    "craigslist": _Source(
        file="craigslist.csv",
        origin="https://www.kaggle.com/datasets/austinreese/craigslist-carstrucks-data",
        numbers=("year", "odometer"),
        words=(
            "region",
            "manufacturer",
            "model",
            "condition",
            "cylinders",
            "fuel",
            "title_status",
            "transmission",
            "drive",
            "size",
            "type",
            "paint_color",
            "state",
        ),
    ),
    "cargurus": _Source(
        file="cargurus.csv",
        origin="https://www.kaggle.com/datasets/ananaymital/us-used-cars-dataset",
        numbers=("mileage", "year"),
        words=(
            "body_type",
            "engine_cylinders",
            "listing_color",
            "fuel_type",
            "salvage",
            "transmission",
            "wheel_system",
        ),
        unknown=frozenset({"UNKNOWN"}),
    ),
}

SOURCES = tuple(_SOURCES)

# What the same thing is called at each source. A model and a region have no counterpart that could be named.
_SAME = (
    ("brand", "manufacturer"),
    ("color", "paint_color", "listing_color"),
    ("mileage", "odometer"),
    ("title_status", "salvage"),
    ("cylinders", "engine_cylinders"),
    ("fuel", "fuel_type"),
    ("drive", "wheel_system"),
    ("type", "body_type"),
)

_UNITS = {"mileage": "mile", "odometer": "mile"}


def load_used_cars(source: str) -> LabelledTable:
    """Load used cars of one source, in its own columns and words.

    Parameters
    ----------
    source : {"auction", "craigslist", "cargurus"}
        Where they were on offer.

    Returns
    -------
    LabelledTable
        2,422 rows of 8 columns, 7,371 of 15 or 14,232 of 9. Numbers are float64; words are of dtype object, as
        the source writes them but for blanks around them, missing ones None. `y` is int64, named ``"expensive"``: 1
        where the price is 20,000 US dollars or more, else 0.

    Raises
    ------
    DatasetError
        If there is no such source, or its file is absent or damaged. The three have no address from which a program
        may download them; the message says where a user finds them.

    See Also
    --------
    declare_used_cars : What the columns and words of one source are called at the others.

    Notes
    -----
    Left out are rows with a price below 500 or above 2,000,000 dollars: a price of 0 means that nobody has bid, one
    of 1 that the seller wants to be asked, and 123,456,789 nothing at all. What such a car is worth is unknown, so it
    has no label. Left out, too, are rows that repeat another in every column: reposted offers, which a random split
    would put on both sides.

    Left out of the columns are, at ``"auction"``, the running number, `vin` and `lot`, which name a single car (lots,
    moreover, by the day of the auction), and `condition`, which there holds the time left to bid. `condition` of
    ``"craigslist"`` is the state of the car, and stays. Of the files, other columns are passed over.

    ``"cargurus"`` has neither make nor model nor place. A model that was trained on another source therefore gets for
    each of its cars the brand and the state that are most frequent at home: whatever it knows of them is of no
    use there. ``"auction"`` has only the year, the mileage, the colour and the title in common with it.

    Colours of ``"auction"`` and ``"cargurus"`` that only say that none is known are missing; what Craigslist calls
    custom is no colour of the others. The number of cylinders
    is a word here, as it is at ``"craigslist"`` (``"4 cylinders"``).

    Examples
    --------
    >>> X, y = load_used_cars("auction")  # doctest: +SKIP
    >>> X.columns.tolist()  # doctest: +SKIP
    ['year', 'mileage', 'brand', 'model', 'title_status', 'color', 'state', 'country']
    """
    if source not in _SOURCES:
        raise DatasetError(f"no used cars of source={source!r}{nearest_name(source, SOURCES)}")
    known = _SOURCES[source]
    path = locate_local(f"used-cars/{known.file}", origin=known.origin)
    fields = _read(path, known).drop_duplicates()
    priced = fields[fields["price"].between(LEAST_PRICE, GREATEST_PRICE)].reset_index(drop=True)
    expensive = (priced["price"] >= EXPENSIVE).astype(np.int64).rename("expensive")
    return LabelledTable(priced.drop(columns="price"), expensive)


def declare_used_cars(source: str, X: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Say what the columns and words of one source are called at the others.

    Parameters
    ----------
    source : {"auction", "craigslist", "cargurus"}
        Where the rows are from.
    X : pandas.DataFrame of shape (n_rows, n_features)
        Rows of `load_used_cars`, or some of them, or some of their columns. Only words that occur in them can be meant
        by another source's.

    Returns
    -------
    dict of str to dict
        For each column that is known elsewhere, fields of `coopdistill.schema.Feature`: ``synonyms``,
        ``category_synonyms`` and ``unit``; to be handed to `Participant` as its ``feature_space``.

    Raises
    ------
    DatasetError
        If there is no such source.

    Examples
    --------
    >>> X = pd.DataFrame({"brand": ["ford"], "mileage": [12.0], "title_status": ["clean vehicle"]})
    >>> declared = declare_used_cars("auction", X)
    >>> declared["mileage"]["synonyms"], declared["mileage"]["unit"]
    (('odometer',), 'mile')
    >>> declared["title_status"]["category_synonyms"]["clean"]
    'clean vehicle'
    """
    if source not in _SOURCES:
        raise DatasetError(f"no used cars of source={source!r}{nearest_name(source, SOURCES)}")
    declared = {str(name): _declare(source, X[name]) for name in X.columns}
    return {name: fields for name, fields in declared.items() if fields}


def _declare(source: str, column: pd.Series) -> dict[str, Any]:
    name = str(column.name)
    fields: dict[str, Any] = {}
    if name in _UNITS:
        fields["unit"] = _UNITS[name]
    same = next((names for names in _SAME if name in names), ())
    if same:
        fields["synonyms"] = tuple(other for other in same if other != name)
    if name in _SOURCES[source].words:
        # Two words, or one, would make it binary at one source and not at another.
        fields["kind"] = "categorical"
        present = set(column.dropna())
        meant = {
            word: mine for word, mine in _words_elsewhere(source, name).items() if mine in present and word != mine
        }
        if meant:
            fields["category_synonyms"] = meant
    return fields


def _words_elsewhere(source: str, name: str) -> Mapping[str, str]:
    return WORDS_ELSEWHERE.get((source, name), {})


def _read(path: Path, source: _Source) -> pd.DataFrame:
    """Read the columns that count: the price and numbers as float64, words without blanks."""
    columns = ["price", *source.numbers, *source.words]
    try:
        text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DatasetError(f"{str(path)!r} cannot be read as a table: {error}; replace it with a fresh copy") from error
    absent = [column for column in columns if column not in text.columns]
    if absent:
        raise DatasetError(
            f"{str(path)!r} has no column {absent[0]!r}, only {list(text.columns)!r}; get it from {source.origin}"
        )
    numbers = {name: _as_number(text[name], path) for name in ("price", *source.numbers)}
    words = {name: _as_word(text[name], source.unknown) for name in source.words}
    return pd.DataFrame(numbers | words)


def _as_number(column: pd.Series, path: Path) -> pd.Series:
    stripped = column.astype(object).str.strip()
    try:
        return stripped.mask(stripped == "", "nan").astype(np.float64)
    except ValueError as error:
        raise DatasetError(
            f"{str(path)!r}, column {column.name!r}: {error}; replace the file with a fresh copy"
        ) from error


def _as_word(column: pd.Series, unknown: frozenset[str]) -> pd.Series:
    stripped = column.astype(object).str.strip()
    return stripped.mask(stripped.isin({"", *unknown}), None).astype(object)
