"""On these scenarios alone results are reported."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from coopdistill.datasets import (
    Cohorts,
    LabelledTable,
    make_covariate_shift,
    make_label_shift,
    make_missing_classes,
    make_random_subsets,
)
from cooperation.rows import (
    all_flipped,
    divided_values,
    fewer,
    hospitals,
    mirrored,
    one_large,
    shuffled,
    some_columns,
    some_flipped,
    spoiled,
    thinned,
)
from cooperation.scenario import Scenario
from cooperation.tables import (
    alcohol,
    angina,
    bodies,
    credit_durations,
    distances_driven,
    driven_wheels,
    lower_halves,
    odd_digits,
    pickups,
    shoes,
    small_garments,
)


def _parts(
    table: LabelledTable | str,
    make: Callable[..., Cohorts],
    n: int,
    seed: int,
    *,
    n_train: int | None = None,
    test_size: float = 0.5,
    **options: Any,
) -> Cohorts:
    """Divide a table among some, each left with so many rows, tested on 600 of the others at the most."""
    divided = make(table, n, test_size=test_size, random_state=seed, **options)
    return fewer(divided, seed, n_train=n_train, n_test=min(600, len(divided.test.y)))


def _values(
    table: LabelledTable, make: Callable[..., Cohorts], n: int, seed: int, *, n_train: int | None = None, **options: Any
) -> Cohorts:
    divided = divided_values(seed, make, table, n_participants=n, test_size=0.5, **options)
    return fewer(divided, seed, n_train=n_train, n_test=min(600, len(divided.test.y)))


REPORT = (
    Scenario("heart disease, tested in Long Beach", "elsewhere", partial(hospitals, tested_at="va")),
    Scenario(
        "heart disease, angina when exercising",
        "elsewhere",
        partial(hospitals, tested_at="hungarian", load=angina),
        quick=True,
    ),
    Scenario(
        "cars, which wheels drive, label shift",
        "label shift",
        lambda seed: _parts(driven_wheels(), make_label_shift, 5, seed, n_train=120, concentration=0.5),
    ),
    Scenario(
        "pictures of clothes, label shift among ten",
        "label shift",
        lambda seed: _parts(small_garments(among="train"), make_label_shift, 10, seed, n_train=60, concentration=0.5),
    ),
    Scenario(
        "iris, label shift among four",
        "label shift, few rows",
        lambda seed: _parts("iris", make_label_shift, 4, seed, test_size=0.6, concentration=0.5),
    ),
    Scenario(
        "shoes, covariate shift",
        "covariate shift",
        lambda seed: _parts(shoes(), make_covariate_shift, 4, seed, n_train=60, overlap=0.1),
        quick=True,
    ),
    Scenario(
        "cars, bodies, missing classes",
        "missing classes",
        lambda seed: _parts(bodies(), make_missing_classes, 4, seed, n_train=120, n_missing=2),
    ),
    Scenario(
        "cars, which wheels drive, other columns",
        "different columns",
        lambda seed: some_columns(_parts(driven_wheels(), make_random_subsets, 4, seed, n_train=120), 0.6, seed),
        quick=True,
    ),
    Scenario(
        "wine, other columns",
        "different columns",
        lambda seed: some_columns(_parts("wine", make_random_subsets, 4, seed, test_size=0.6), 0.4, seed),
    ),
    Scenario(
        "shoes, fifteen rows each",
        "few rows",
        lambda seed: _parts(shoes(), make_random_subsets, 8, seed, n_train=15),
    ),
    Scenario(
        "cars, bodies, thirty rows each",
        "few rows",
        lambda seed: _parts(bodies(), make_random_subsets, 6, seed, n_train=30),
    ),
    Scenario(
        "digits, odd or even, one with noisy labels",
        "noisy labels",
        lambda seed: spoiled(_parts(odd_digits(), make_random_subsets, 4, seed, n_train=100), some_flipped(0.4), seed),
    ),
    Scenario(
        "wine, one with noisy labels",
        "noisy labels",
        lambda seed: spoiled(_parts("wine", make_random_subsets, 4, seed, test_size=0.6), some_flipped(0.4), seed),
    ),
    Scenario(
        "cars, which wheels drive, one hopeless",
        "hopeless",
        lambda seed: spoiled(_parts(driven_wheels(), make_random_subsets, 5, seed, n_train=120), shuffled, seed),
    ),
    Scenario(
        "cars, bodies, one adversary",
        "adversarial",
        lambda seed: spoiled(_parts(bodies(), make_random_subsets, 5, seed, n_train=120), all_flipped, seed),
        quick=True,
    ),
    Scenario(
        "digits, odd or even, one of ten times the rows",
        "one far better",
        lambda seed: one_large(seed, odd_digits(), n_small=4, small=25, large=250, test_size=0.5),
    ),
    Scenario(
        "cars, a pickup or not",
        "imbalance",
        lambda seed: _parts(pickups(), make_label_shift, 4, seed, n_train=150, concentration=1.0),
        metric="balanced_accuracy",
    ),
    Scenario(
        "shoes, few boots",
        "imbalance",
        lambda seed: thinned(_parts(shoes(), make_random_subsets, 4, seed, n_train=60), "Ankle boot", 4, seed),
        metric="balanced_accuracy",
    ),
    Scenario(
        "cars, miles driven, label shift",
        "regression",
        lambda seed: _values(distances_driven(), make_label_shift, 5, seed, n_train=100, concentration=1.0),
        metric="r2",
    ),
    Scenario(
        "German credit, durations, one adversary",
        "adversarial",
        lambda seed: spoiled(_values(credit_durations(), make_random_subsets, 5, seed), mirrored, seed),
        metric="r2",
    ),
    Scenario(
        "pictures of clothes, the lower half, other columns",
        "different columns",
        lambda seed: some_columns(_values(lower_halves(), make_random_subsets, 4, seed, n_train=80), 0.5, seed),
        metric="r2",
    ),
    Scenario(
        "wine, its alcohol, few rows each",
        "regression",
        lambda seed: _values(alcohol(), make_random_subsets, 5, seed),
        metric="r2",
        quick=True,
    ),
)
"""Drawn when all others had served for choosing, and left as they are since they were first measured."""
