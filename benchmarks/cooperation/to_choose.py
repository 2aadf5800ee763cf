"""On these scenarios options are chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from coopdistill.datasets import (
    Cohorts,
    declare_used_cars,
    load_bundled,
    load_german_credit,
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
    markets,
    mirrored,
    one_large,
    shuffled,
    some_columns,
    some_flipped,
    spoiled,
    thinned,
)
from cooperation.scenario import Scenario
from cooperation.tables import credit_amounts, diabetes, eights, shirts, small_garments


def _german(make: Callable[..., Cohorts], n: int, seed: int, **options: Any) -> Cohorts:
    return make(load_german_credit(), n, test_size=0.5, random_state=seed, **options)


def _bundled(name: str, make: Callable[..., Cohorts], n: int, test_size: float, seed: int, **options: Any) -> Cohorts:
    return make(name, n, test_size=test_size, random_state=seed, **options)


def _garments(make: Callable[..., Cohorts], n: int, seed: int) -> Cohorts:
    return make(small_garments(), n, test_size=0.5, random_state=seed)


def _diabetes(make: Callable[..., Cohorts], seed: int, **options: Any) -> Cohorts:
    return divided_values(seed, make, diabetes(), n_participants=4, test_size=0.45, **options)


def _amounts(make: Callable[..., Cohorts], n: int, seed: int, **options: Any) -> Cohorts:
    return divided_values(seed, make, credit_amounts(), n_participants=n, test_size=0.5, **options)


def _declare_cars(name: str, X: Any) -> Mapping[str, Any]:
    return declare_used_cars(name.split()[-1], X)


TUNE = (
    Scenario("heart disease, three hospitals", "elsewhere", hospitals, quick=True),
    Scenario(
        "German credit, label shift",
        "label shift",
        lambda seed: _german(make_label_shift, 4, seed, concentration=0.5),
    ),
    Scenario(
        "iris, label shift",
        "label shift, few rows",
        lambda seed: _bundled("iris", make_label_shift, 3, 0.6, seed, concentration=0.5),
    ),
    Scenario(
        "breast cancer, covariate shift",
        "covariate shift",
        lambda seed: _bundled("breast_cancer", make_covariate_shift, 4, 0.5, seed),
    ),
    Scenario(
        "digits, missing classes",
        "missing classes",
        lambda seed: fewer(_bundled("digits", make_missing_classes, 5, 0.6, seed, n_missing=3), seed, n_test=600),
        quick=True,
    ),
    Scenario(
        "German credit, other columns",
        "different columns",
        lambda seed: some_columns(_german(make_random_subsets, 4, seed), 0.6, seed),
        quick=True,
    ),
    Scenario(
        "heart disease, other columns",
        "different columns",
        lambda seed: some_columns(hospitals(seed), 0.6, seed),
    ),
    Scenario(
        "digits, missing classes and columns",
        "different columns",
        lambda seed: some_columns(
            fewer(_bundled("digits", make_missing_classes, 5, 0.6, seed, n_missing=3), seed, n_test=600), 0.6, seed
        ),
    ),
    Scenario(
        "wine, a dozen rows each",
        "few rows",
        lambda seed: _bundled("wine", make_random_subsets, 6, 0.6, seed),
    ),
    Scenario(
        "breast cancer, one with noisy labels",
        "noisy labels",
        lambda seed: spoiled(_bundled("breast_cancer", make_random_subsets, 4, 0.5, seed), some_flipped(0.4), seed),
    ),
    Scenario(
        "German credit, one hopeless",
        "hopeless",
        lambda seed: spoiled(_german(make_random_subsets, 4, seed), shuffled, seed),
    ),
    Scenario(
        "digits, one adversary",
        "adversarial",
        lambda seed: fewer(
            spoiled(_bundled("digits", make_random_subsets, 5, 0.5, seed), all_flipped, seed),
            seed,
            n_train=100,
            n_test=600,
        ),
        quick=True,
    ),
    Scenario(
        "breast cancer, one of ten times the rows",
        "one far better",
        lambda seed: one_large(seed, load_bundled("breast_cancer"), n_small=3, small=20, large=200, test_size=0.5),
    ),
    Scenario(
        "German credit, few bad risks",
        "imbalance",
        lambda seed: thinned(_german(make_random_subsets, 4, seed), "bad", 9, seed),
        metric="balanced_accuracy",
    ),
    Scenario(
        "diabetes, covariate shift",
        "regression",
        lambda seed: _diabetes(make_covariate_shift, seed, overlap=0.2),
        metric="r2",
        quick=True,
    ),
    Scenario(
        "diabetes, one adversary",
        "adversarial",
        lambda seed: spoiled(_diabetes(make_random_subsets, seed), mirrored, seed),
        metric="r2",
    ),
    Scenario(
        "diabetes, other columns",
        "different columns",
        lambda seed: some_columns(_diabetes(make_random_subsets, seed), 0.5, seed),
        metric="r2",
    ),
    Scenario(
        "garments, a shirt or not",
        "imbalance",
        lambda seed: fewer(
            make_label_shift(shirts(), 4, concentration=1.0, test_size=0.6, random_state=seed),
            seed,
            n_train=150,
            n_test=1000,
        ),
        metric="balanced_accuracy",
    ),
    Scenario(
        "breast cancer, few malignant",
        "imbalance",
        lambda seed: thinned(_bundled("breast_cancer", make_random_subsets, 4, 0.5, seed), "malignant", 5, seed),
        metric="balanced_accuracy",
    ),
    Scenario("heart disease, tested in Hungary", "elsewhere", partial(hospitals, tested_at="hungarian")),
    Scenario(
        "garments, one with noisy labels",
        "noisy labels",
        lambda seed: fewer(
            spoiled(_garments(make_random_subsets, 4, seed), some_flipped(0.4), seed), seed, n_train=80, n_test=600
        ),
    ),
    Scenario(
        "garments, thirty rows each",
        "few rows",
        lambda seed: fewer(_garments(make_random_subsets, 8, seed), seed, n_train=30, n_test=600),
    ),
    Scenario(
        "used cars, three markets",
        "elsewhere",
        partial(markets, n_rows=250, n_test=600),
        declare=_declare_cars,
        quick=True,
    ),
    Scenario(
        "digits, label shift among ten",
        "label shift",
        lambda seed: fewer(_bundled("digits", make_label_shift, 10, 0.6, seed, concentration=0.5), seed, n_test=600),
    ),
    Scenario(
        "wine, label shift",
        "label shift, few rows",
        lambda seed: _bundled("wine", make_label_shift, 3, 0.6, seed, concentration=0.5),
    ),
    Scenario(
        "digits, covariate shift",
        "covariate shift",
        lambda seed: fewer(_bundled("digits", make_covariate_shift, 5, 0.6, seed, overlap=0.1), seed, n_test=600),
    ),
    Scenario(
        "garments, missing classes among ten",
        "missing classes",
        lambda seed: fewer(
            make_missing_classes(small_garments(), 10, n_missing=5, random_state=seed), seed, n_train=80, n_test=600
        ),
        quick=True,
    ),
    Scenario(
        "breast cancer, other columns",
        "different columns",
        lambda seed: some_columns(_bundled("breast_cancer", make_random_subsets, 4, 0.5, seed), 0.3, seed),
    ),
    Scenario(
        "digits, thirty rows each",
        "few rows",
        lambda seed: fewer(_bundled("digits", make_random_subsets, 8, 0.6, seed), seed, n_train=30, n_test=600),
    ),
    Scenario(
        "German credit, one with noisy labels",
        "noisy labels",
        lambda seed: spoiled(_german(make_random_subsets, 4, seed), some_flipped(0.4), seed),
    ),
    Scenario(
        "digits, one hopeless",
        "hopeless",
        lambda seed: fewer(
            spoiled(_bundled("digits", make_random_subsets, 4, 0.5, seed), shuffled, seed),
            seed,
            n_train=100,
            n_test=600,
        ),
    ),
    Scenario(
        "breast cancer, one adversary",
        "adversarial",
        lambda seed: spoiled(_bundled("breast_cancer", make_random_subsets, 5, 0.5, seed), all_flipped, seed),
        quick=True,
    ),
    Scenario(
        "German credit, one of ten times the rows",
        "one far better",
        lambda seed: one_large(seed, load_german_credit(), n_small=4, small=35, large=350, test_size=0.5),
        quick=True,
    ),
    Scenario(
        "digits, an eight or not",
        "imbalance",
        lambda seed: fewer(
            make_label_shift(eights(), 4, concentration=1.0, test_size=0.6, random_state=seed),
            seed,
            n_train=150,
        ),
        metric="balanced_accuracy",
    ),
    Scenario(
        "German credit, amounts",
        "regression",
        lambda seed: _amounts(make_label_shift, 5, seed, concentration=1.0),
        metric="r2",
        quick=True,
    ),
    Scenario(
        "German credit, amounts, one hopeless",
        "hopeless",
        lambda seed: spoiled(_amounts(make_random_subsets, 5, seed), shuffled, seed),
        metric="r2",
    ),
    Scenario(
        "German credit, amounts, other columns",
        "different columns",
        lambda seed: some_columns(_amounts(make_random_subsets, 4, seed), 0.5, seed),
        metric="r2",
    ),
)
