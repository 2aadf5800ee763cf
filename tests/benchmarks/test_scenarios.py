"""The scenarios are what their names say."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from cooperation.casts import CASTS, FAMILIES
from cooperation.rows import all_flipped, in_random_order, is_honest, shuffled, some_flipped, spoiled
from cooperation.scenario import Scenario
from cooperation.scenarios import REPORT, SCENARIOS, TUNE, part_of

from coopdistill.datasets import load_bundled, make_random_subsets
from coopdistill.datasets.source import DATA_VARIABLE
from coopdistill.seeds import derive_seed

OF_FILES = ("heart", "German", "used cars", "cars", "garments", "shoes", "pictures")
needs_files = pytest.mark.skipif(not os.environ.get(DATA_VARIABLE), reason=f"{DATA_VARIABLE} is not set")
each_scenario = pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(one, id=one.name, marks=[needs_files] if one.name.startswith(OF_FILES) else [])
        for one in SCENARIOS.values()
    ],
)


def lines(X: pd.DataFrame, columns: list[str]) -> list[tuple[object, ...]]:
    return list(X[columns].astype(object).where(X[columns].notna(), None).itertuples(index=False, name=None))


@each_scenario
def test_a_seed_gives_the_same_rows_and_another_seed_others(scenario: Scenario) -> None:
    first, again, other = scenario.divide(3), scenario.divide(3), scenario.divide(4)
    assert list(first.train) == list(again.train)
    for name, (X, y) in first.train.items():
        pd.testing.assert_frame_equal(X, again.train[name].X)
        pd.testing.assert_series_equal(y, again.train[name].y)
    pd.testing.assert_frame_equal(first.test.X, again.test.X)
    assert [y.tolist() for _, y in first.train.values()] != [y.tolist() for _, y in other.train.values()]


@each_scenario
def test_no_row_is_both_trained_on_and_tested(scenario: Scenario) -> None:
    cohorts = scenario.divide(1)
    assert 3 <= len(cohorts.train) <= 10
    if scenario.name.startswith(("heart disease", "used cars")):  # tables with indices of their own
        shared = [c for c in cohorts.test.X.columns if all(c in X for X, _ in cohorts.train.values())]
        tested = set(lines(cohorts.test.X, shared)) if len(shared) > 5 else set()
        assert not any(set(lines(X, shared)) & tested for X, _ in cohorts.train.values())
        return
    owned = Counter(row for X, _ in cohorts.train.values() for row in X.index)
    assert max(owned.values()) == 1
    assert not set(owned) & set(cohorts.test.X.index)


@needs_files
def test_a_market_is_tested_on_cars_that_it_does_not_have() -> None:
    cohorts = SCENARIOS["used cars, three markets"].divide(0)
    own = next(X for name, (X, _) in cohorts.train.items() if name.endswith("cargurus"))
    assert not set(own.index) & set(cohorts.test.X.index)


@each_scenario
def test_everyone_can_be_trained_and_enough_is_tested(scenario: Scenario) -> None:
    cohorts = scenario.divide(2)
    assert len(cohorts.test.y) >= (89 if scenario.name.startswith(("iris", "wine")) else 147)
    for _, y in cohorts.train.values():
        assert y.nunique() >= 2
    if scenario.metric != "r2":
        assert set(cohorts.test.y) >= {label for _, y in cohorts.train.values() for label in y}


def test_every_difficulty_is_in_both_halves_and_no_scenario_is() -> None:
    assert {one.difficulty for one in TUNE} == {one.difficulty for one in REPORT}
    assert len(SCENARIOS) == len(TUNE) + len(REPORT)
    assert part_of(TUNE[0].name) == "tune"
    assert part_of(REPORT[0].name) == "report"


def test_false_labels_are_told_by_the_name_and_nothing_else_changes() -> None:
    plain = make_random_subsets("digits", 3, random_state=0)
    bad = spoiled(plain, all_flipped, seed=0)
    [victim] = [name for name in bad.train if not is_honest(name)]
    for before, after in zip(plain.train, bad.train, strict=True):
        pd.testing.assert_frame_equal(plain.train[before].X, bad.train[after].X)
        same = plain.train[before].y.to_numpy() == bad.train[after].y.to_numpy()
        assert not same.any() if after == victim else same.all()
    assert bad.test is plain.test


def test_flipped_and_shuffled_labels_are_as_false_as_they_say() -> None:
    labels = np.repeat(np.array(["ill", "well"], dtype=object), 500)
    rng = np.random.default_rng(0)
    assert (all_flipped(labels, rng) != labels).all()
    assert abs((some_flipped(0.4)(labels, rng) != labels).mean() - 0.4) < 0.05
    assert Counter(shuffled(labels, rng)) == Counter(labels)
    assert abs((shuffled(labels, rng) == labels).mean() - 0.5) < 0.05


def test_another_seed_puts_another_participant_first() -> None:
    plain = make_random_subsets("iris", 3, random_state=0)
    firsts = {next(iter(in_random_order(plain, seed).train)).split()[-1] for seed in range(10)}
    assert firsts == set(plain.train)


def test_missing_classes_are_missing_and_one_large_is_large() -> None:
    digits = SCENARIOS["digits, missing classes"].divide(0)
    assert {y.nunique() for _, y in digits.train.values()} == {7}
    cancer = SCENARIOS["breast cancer, one of ten times the rows"].divide(0)
    assert sorted(len(y) for _, y in cancer.train.values()) == [20, 20, 20, 200]
    assert len(load_bundled("breast_cancer").y) > 4 * 60


def test_columns_differ_between_participants() -> None:
    cohorts = SCENARIOS["breast cancer, other columns"].divide(0)
    assert len({tuple(X.columns) for X, _ in cohorts.train.values()}) == 4
    assert {X.shape[1] for X, _ in cohorts.train.values()} == {9}


@pytest.mark.parametrize("cast", CASTS)
def test_a_cast_is_of_one_family_or_of_many(cast: str) -> None:
    trial = SCENARIOS["breast cancer, covariate shift"].make(cast, derive_seed(0) % 7)
    kinds = {type(one.estimator[-1]) for one in trial.participants}
    assert len(kinds) == (1 if cast == "same" else min(4, len(FAMILIES)))
