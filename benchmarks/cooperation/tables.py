"""The tables that scenarios are made of: real ones, each with something to tell."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from coopdistill.datasets import (
    LabelledTable,
    load_bundled,
    load_fashion_mnist,
    load_german_credit,
    load_heart_disease,
    load_used_cars,
)
from coopdistill.datasets.cohorts import take_rows

GARMENTS_KEPT = 4000
SIDE, POOLED_SIDE = 28, 7
SHOES = ("Sandal", "Sneaker", "Ankle boot")
BODIES = ("SUV / Crossover", "Sedan", "Pickup Truck", "Minivan")
TOO_FINE = ("model", "region", "country")
"""Columns of used cars with nearly a value a car, or one for all."""


def credit_amounts() -> LabelledTable:
    """All that is known of a loan but whether it was paid back, and the logarithm of its amount."""
    X, _ = load_german_credit()
    return LabelledTable(X.drop(columns="amount"), np.log(X["amount"].astype(np.float64)))


def diabetes() -> LabelledTable:
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(as_frame=True, scaled=False)
    return LabelledTable(bunch.data.astype(np.float64), bunch.target.astype(np.float64).rename("progression"))


def eights() -> LabelledTable:
    """Digits: an eight, or another."""
    X, y = load_bundled("digits")
    return LabelledTable(X, y.map(lambda digit: "eight" if digit == 8 else "other").astype(object))


def shirts() -> LabelledTable:
    """Clothes: a shirt, or another."""
    X, y = small_garments()
    return LabelledTable(X, y.map(lambda name: "shirt" if name == "Shirt" else "other").astype(object))


@lru_cache(maxsize=2)
def small_garments(*, among: str = "test") -> LabelledTable:
    """Some thousand pictures of clothes, of one of the archive's two files, shrunk to 7 × 7 pixels."""
    X, y = take_rows(load_fashion_mnist()[among], np.arange(GARMENTS_KEPT))
    step = SIDE // POOLED_SIDE
    pictures = X.to_numpy(np.float64).reshape(-1, POOLED_SIDE, step, POOLED_SIDE, step).mean(axis=(2, 4))
    names = [f"pixel_{row}_{column}" for row in range(POOLED_SIDE) for column in range(POOLED_SIDE)]
    return LabelledTable(pd.DataFrame(pictures.reshape(len(y), -1), columns=names, index=y.index), y)


def shoes() -> LabelledTable:
    """Other pictures of clothes: sandals, sneakers and ankle boots."""
    table = small_garments(among="train")
    return take_rows(table, np.flatnonzero(table.y.isin(SHOES)))


def lower_halves() -> LabelledTable:
    """The upper half of other pictures of clothes, and how bright the lower one is, from 0 to 255."""
    X, _ = small_garments(among="train")
    is_upper = [int(name.split("_")[1]) <= POOLED_SIDE // 2 for name in X.columns]
    upper, lower = X.loc[:, is_upper], X.loc[:, np.invert(is_upper)]
    return LabelledTable(upper, lower.mean(axis=1).rename("brightness"))


def odd_digits() -> LabelledTable:
    """Digits: an odd one, or an even."""
    X, y = load_bundled("digits")
    return LabelledTable(X, y.map(lambda digit: "odd" if digit % 2 else "even").astype(object))


def alcohol() -> LabelledTable:
    """All that is known of a wine but whose it is, and its alcohol, per cent by volume."""
    X, _ = load_bundled("wine")
    return LabelledTable(X.drop(columns="alcohol"), X["alcohol"].astype(np.float64))


def credit_durations() -> LabelledTable:
    """All that is known of a loan but whether it was paid back, and the logarithm of its duration in months."""
    X, _ = load_german_credit()
    return LabelledTable(X.drop(columns="duration"), np.log(X["duration"].astype(np.float64)))


def angina() -> dict[str, LabelledTable]:
    """Of four hospitals: whether a patient's chest hurts when exercising."""
    tables = {}
    for name, (X, _) in load_heart_disease().items():
        rows = X[X["exang"].notna()]
        tables[name] = LabelledTable(rows.drop(columns="exang"), rows["exang"].astype(np.int64).rename("angina"))
    return tables


def driven_wheels() -> LabelledTable:
    """Used cars of one market: which wheels drive them."""
    X, _ = load_used_cars("craigslist")
    return LabelledTable(X.drop(columns=["drive", *TOO_FINE], errors="ignore"), X["drive"].astype(object))


def pickups() -> LabelledTable:
    """Used cars of one market: a pickup, or another."""
    X, _ = load_used_cars("craigslist")
    is_pickup = X["type"].isin(["truck", "pickup"])
    y = is_pickup.map({True: "pickup", False: "other"}).astype(object).rename("type")
    return LabelledTable(X.drop(columns=["type", *TOO_FINE], errors="ignore"), y)


def bodies() -> LabelledTable:
    """Used cars of another market, of four bodies: which one."""
    X, _ = load_used_cars("cargurus")
    rows = X[X["body_type"].isin(BODIES)]
    return LabelledTable(rows.drop(columns="body_type"), rows["body_type"].astype(object))


def distances_driven() -> LabelledTable:
    """Used cars of another market, and the logarithm of the miles that they have been driven, and one."""
    X, _ = load_used_cars("cargurus")
    rows = X[X["mileage"].notna()]
    return LabelledTable(rows.drop(columns="mileage"), np.log1p(rows["mileage"].astype(np.float64)))
