"""The measures, on students whose sums are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from cooperation.measures import by_scenario, by_seed, honest, in_points, of_labels, renewed, summary, with_bad_teachers
from cooperation.page import page, travelled
from cooperation.paired import contributions, error_of_difference
from hypothesis import given
from hypothesis import strategies as st

from coopdistill.expertise import score

AFTER = {
    # (scenario, participant): before, then after by method
    ("iris, label shift", "a"): (0.50, {"pooled": 0.70, "defaults": 0.60, "akd": 0.45}),
    ("iris, label shift", "b"): (0.60, {"pooled": 0.80, "defaults": 0.80, "akd": None}),
    ("digits, one hopeless", "a"): (0.80, {"pooled": 0.90, "defaults": 0.785, "akd": 0.90}),
    ("digits, one hopeless", "b, mislabelled"): (0.10, {"pooled": 0.90, "defaults": 0.90, "akd": 0.90}),
}
INSTANCES = {"pooled": 0, "defaults": 12, "akd": 0}


def line(scenario: str, participant: str, method: str, before: float, after: float | None) -> dict[str, Any]:
    return {
        "scenario": scenario,
        "difficulty": scenario.split(", one ")[-1],
        "cast": "same",
        "seed": 0,
        "method": method,
        "metric": "accuracy",
        "n_test": 100,
        "participant": participant,
        "honest": "mislabelled" not in participant,
        "before": before,
        "after": after,
        "error": None if after is None else 0.02,
        "instances": INSTANCES[method],
        "rows": 0,
        "qualified": None,
        "seconds": 3.0,
        "seconds_of_fitting": 2.0,
    }


@pytest.fixture
def rows() -> pd.DataFrame:
    return pd.DataFrame(
        line(*who, method, before, after)
        for who, (before, by_method) in AFTER.items()
        for method, after in by_method.items()
    )


@given(st.integers(1, 20), st.integers(0, 2000), st.integers(-1, 1))
def test_harmed_is_who_loses_more_than_a_point_of_its_rows(hundreds: int, before: int, beyond: int) -> None:
    n_test, lost = 100 * hundreds, max(0, hundreds + beyond)
    before = min(max(before, lost), n_test)
    row = line("iris, label shift", "a", "defaults", before / n_test, (before - lost) / n_test)
    assert in_points(pd.DataFrame([row]))["harmed"].item() == (lost > hundreds)


def test_scenarios_count_alike_and_what_pooling_gains_is_a_ratio_of_sums(rows: pd.DataFrame) -> None:
    found = summary(honest(in_points(rows)))
    # iris (10 + 20) / 2, digits -1.5; pooling 20 and 10.
    assert found.loc["defaults", "gain"] == pytest.approx((15.0 - 1.5) / 2)
    assert found.loc["defaults", "recovered"] == pytest.approx(100 * (15.0 - 1.5) / 30)
    assert found.loc["pooled", "recovered"] == pytest.approx(100)
    assert found.loc["defaults", "worst"] == pytest.approx(-1.5)
    assert found.loc["defaults", "times"] == 1.5


def test_harm_is_more_than_a_point_and_clear_harm_more_than_its_error(rows: pd.DataFrame) -> None:
    found = summary(honest(in_points(rows)))
    assert found.loc["defaults", "harmed"] == pytest.approx(100 / 3)
    assert found.loc["defaults", "harmed_clearly"] == 0  # 1.5 points lost, with an error of 2
    assert found.loc["akd", "harmed_clearly"] == pytest.approx(100 / 3)


def test_who_gets_no_model_keeps_its_own(rows: pd.DataFrame) -> None:
    table = in_points(rows)
    assert by_scenario(honest(table)).loc["iris, label shift", "akd"] == pytest.approx(-2.5)
    assert summary(honest(table)).loc["akd", "applies"] == pytest.approx(200 / 3)


def test_instances_are_those_of_a_trial_over_its_students(rows: pd.DataFrame) -> None:
    assert summary(in_points(rows)).loc["defaults", "instances"] == 6
    assert travelled(in_points(rows)).index[-1] == "defaults"


def test_the_mislabelled_count_apart(rows: pd.DataFrame) -> None:
    table = in_points(rows)
    bad = with_bad_teachers(table)
    assert set(bad["scenario"]) == {"digits, one hopeless"}
    assert summary(bad[~bad["honest"]]).loc["defaults", "gain"] == pytest.approx(80)
    assert len(of_labels(table)) == len(table)
    assert by_seed(honest(table)).loc[0, "pooled"] == pytest.approx(15)


def test_the_page_has_a_line_for_every_method_and_scenario(rows: pd.DataFrame) -> None:
    text = page(rows, command="python -m cooperation", machine="a machine")
    for name in ("| pooled |", "| akd |", "| iris, label shift (", "| digits, one hopeless (", "Wilcoxon", "| +80.0 |"):
        assert name in text
    # The defaults and akd harm in a scenario each, pooling in none.
    by_harm = text.partition("By the share of students harmed")[2]
    for line in ("| pooled | 1.50 |", "| defaults | 2.25 |", "| akd | 2.25 |"):
        assert line in by_harm
    assert page(rows, command="", machine="", head="# Ours").startswith("# Ours\n\n<!-- results -->\n")


@pytest.mark.parametrize("scenarios", [["iris, label shift", "digits, one hopeless"], ["iris, label shift"]])
def test_what_is_measured_again_takes_the_place_of_what_was(rows: pd.DataFrame, scenarios: list[str]) -> None:
    """Beside what was measured of the same trials, so that lines compare."""
    is_again = (rows["method"] == "defaults") & rows["scenario"].isin(scenarios)
    together = renewed(rows, rows[is_again].assign(after=0.5)).set_index(["scenario", "participant", "method"])
    known = rows.set_index(["scenario", "participant", "method"])
    expected = known["after"].mask(is_again.to_numpy(), 0.5).loc[scenarios]
    pd.testing.assert_series_equal(together["after"].sort_index(), expected.sort_index())
    assert list(together.index.unique("method")) == list(known.index.unique("method"))


def test_a_page_of_values_alone_has_no_labels_and_nothing_that_travels(rows: pd.DataFrame) -> None:
    names = rows["scenario"].replace({"iris, label shift": "diabetes, other columns"})
    text = page(rows.assign(scenario=names, metric="r2"), command="", machine="")
    assert "## Values" in text
    assert "## Labels" not in text
    assert "travels" not in text


labels = st.lists(st.sampled_from("abc"), min_size=4, max_size=30).filter(lambda found: len(set(found)) > 1)


@given(labels, st.randoms(use_true_random=False), st.sampled_from(["accuracy", "balanced_accuracy"]))
def test_what_rows_contribute_adds_up_to_the_score(truth: list[str], random: Any, metric: str) -> None:
    predicted = [random.choice("abc") for _ in truth]
    known, said = np.array(truth, dtype=object), np.array(predicted, dtype=object)
    assert contributions(known, said, metric).sum() == pytest.approx(score(known, said, metric))


def test_contributions_to_r2_differ_as_the_scores_do() -> None:
    rng = np.random.default_rng(0)
    truth, one, other = rng.normal(size=(3, 40))
    difference = contributions(truth, one, "r2").sum() - contributions(truth, other, "r2").sum()
    assert difference == pytest.approx(score(truth, one, "r2") - score(truth, other, "r2"))


def test_the_error_is_that_of_a_mean_of_paired_differences() -> None:
    truth = np.array([0, 0, 1, 1])
    before, after = np.array([0, 1, 0, 1]), np.array([0, 0, 0, 1])  # one row of four is mended
    expected = np.std([0, 1, 0, 0], ddof=1) / np.sqrt(4)
    assert error_of_difference(truth, before, after, "accuracy") == pytest.approx(expected)
    assert error_of_difference(truth, before, before, "accuracy") == 0


@pytest.mark.parametrize(
    ("before", "after", "gain"), [(0.2, 0.5, 30.0), (-40.0, 0.5, 150.0), (0.5, -40.0, -150.0), (-40.0, -3.0, 0.0)]
)
def test_how_useless_a_model_is_does_not_outweigh_the_others(before: float, after: float, gain: float) -> None:
    rows = pd.DataFrame([line("diabetes, other columns", "a", "pooled", before, after) | {"metric": "r2"}])
    assert in_points(rows)["gain"].tolist() == pytest.approx([gain])
    assert in_points(rows.assign(metric="accuracy"))["gain"].tolist() == pytest.approx([100 * (after - before)])
