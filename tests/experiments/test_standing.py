from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopdistill.evaluation import critical_difference, paired_tests
from coopdistill.experiments import (
    EXPERIMENTS,
    same_trials,
    standing_of,
    summarise,
    summary_as_data,
    summary_as_markdown,
    trial_scores,
)
from experiments.tiny import TINY

PARTICIPANTS = ("north", "south")


def rows(scores: dict[tuple[int, str, int, str], tuple[float | None, float | None]], reason: str = "") -> pd.DataFrame:
    """Rows of results: for an experiment, setting, seed and method the scores of two participants."""
    return pd.DataFrame(
        [
            {
                "experiment": experiment,
                "setting": setting,
                "seed": seed,
                "method": method,
                "participant": participant,
                "score": score,
                "reason": reason if score is None else "",
            }
            for (experiment, setting, seed, method), both in scores.items()
            for participant, score in zip(PARTICIPANTS, both, strict=True)
        ]
    )


def full(methods: dict[str, float], *, n_settings: int = 4, n_seeds: int = 2) -> pd.DataFrame:
    """Scores of methods that keep their distance, whatever the setting and seed."""
    return rows(
        {
            (1 + place // 2, f"setting {place}", seed, method): (0.5 + place / 100 + gain, 0.6 + seed / 100 + gain)
            for place in range(n_settings)
            for seed in range(n_seeds)
            for method, gain in methods.items()
        }
    )


def with_absent(method: str, reason: str) -> pd.DataFrame:
    """The scores of three methods, and a fourth without any."""
    absent = rows({(1, "setting 0", 0, method): (None, None)}, reason)
    return pd.DataFrame(THREE.to_dict("records") + absent.to_dict("records"))


THREE = full({"untaught": 0.0, "defaults": 0.05, "pooled": 0.02})


def test_a_setting_is_a_block_and_its_seeds_are_averaged():
    standing = standing_of(THREE)
    assert standing.scores.shape == (4, 3)
    assert standing.n_seeds.tolist() == [2] * 4
    assert standing.scores.loc[(1, "setting 1"), "defaults"] == pytest.approx(100 * np.mean([0.56, 0.65, 0.56, 0.66]))
    assert standing.ranks.to_dict() == {"defaults": 1.0, "pooled": 2.0, "untaught": 3.0}
    assert standing.unranked == {}


def test_who_lacks_a_score_in_one_setting_is_named_with_the_reason():
    here = (THREE["setting"] == "setting 2") & (THREE["method"] == "pooled") & (THREE["participant"] == "south")
    known = THREE.assign(score=THREE["score"].mask(here), reason=np.where(here, "no rows", ""))
    standing = standing_of(known)
    assert list(standing.scores) == ["untaught", "defaults"]
    assert standing.unranked == {"pooled": "no score in 1 of 4 settings, for instance in 'setting 2': no rows"}
    assert standing_of(THREE[~here.to_numpy() | (THREE["participant"] == "north")]).scores.shape == (4, 3)
    absent = THREE[~((THREE["setting"] == "setting 2") & (THREE["method"] == "pooled"))]
    assert standing_of(absent).unranked["pooled"].endswith("it was not run there")


def test_only_seeds_that_all_ranked_methods_have_are_compared():
    lacking = (THREE["seed"] == 1) & (THREE["setting"] == "setting 0") & (THREE["method"] == "pooled")
    standing = standing_of(THREE[~lacking])
    assert standing.n_seeds.tolist() == [1, 2, 2, 2]
    assert standing.scores.loc[(1, "setting 0"), "untaught"] == pytest.approx(55.0)


@given(st.permutations(range(len(THREE))))
@settings(max_examples=20)
def test_the_order_of_the_rows_does_not_count(order):
    once, again = (standing_of(known).scores.sort_index(axis=1).sort_index() for known in (THREE, THREE.iloc[order]))
    pd.testing.assert_frame_equal(once, again)


def test_a_trial_lacks_a_score_where_a_participant_does():
    scores = trial_scores(rows({(1, "a", 0, "x"): (0.2, 0.4), (1, "a", 1, "x"): (0.2, None), (2, "b", 0, "y"): (1, 0)}))
    assert scores.index.tolist() == [(1, "a", 0), (1, "a", 1), (2, "b", 0)]
    assert scores["x"].iloc[0] == pytest.approx(30.0)
    assert scores.isna().sum().sum() == 4


def test_settings_of_the_same_trials_count_once():
    assert same_trials(EXPERIMENTS.values()) == {(6, "6 shared"): (1, "all cars")}
    assert same_trials(EXPERIMENTS.values(), small=True) == {}
    twin = replace(TINY, number=10)
    assert same_trials([TINY, twin]) == {(10, "iris"): (9, "iris")}
    summary = summarise(THREE, repeated={(2, "setting 3"): (1, "setting 0"), (9, "elsewhere"): (1, "setting 0")})
    assert len(summary.standing.scores) == 3
    assert summary.repeated == {(2, "setting 3"): (1, "setting 0")}
    assert "'setting 3' of experiment 2: its trials are those of 'setting 0' in experiment 1" in summary_as_markdown(
        summary
    )


def test_tests_are_of_trials_and_of_settings():
    summary = summarise(THREE)
    assert summary.difference == pytest.approx(critical_difference(3, 4))
    assert summary.differ is not None
    assert summary.differ.statistic == pytest.approx(8.0)
    tests = summary.tests["defaults"].set_index("method")
    assert (tests["n_pairs"] == 8).all()
    assert (tests["n_settings"] == 4).all()
    assert (tests["losses"] == 8).all()
    assert tests.loc["untaught", "mean_difference"] == pytest.approx(-5.0)
    # All of four on one side: two of sixteen ways, and twice that for two tests.
    assert tests.loc["untaught", "p_settings"] == pytest.approx(2 * 2 / 2**4)
    trials = paired_tests(trial_scores(THREE), "defaults").set_index("method")
    pd.testing.assert_series_equal(tests["p_holm"], trials["p_holm"])


def test_a_summary_is_plain_data():
    known = with_absent("fedmd", "no public rows")
    found = summary_as_data(summarise(known))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["ranks"] == {"defaults": 1.0, "pooled": 2.0, "untaught": 3.0}
    assert set(found["unranked"]) == {"fedmd"}
    assert [line["method"] for line in found["tests"]["untaught"]] == ["defaults", "pooled", "fedmd"]


def test_the_summary_names_everyone():
    known = with_absent("fedmd", "no public rows")
    text = summary_as_markdown(summarise(known), picture="ranks.svg")
    assert "| after, by default options | 1.00 | 61.0 | 4 |" in text
    assert "- fedmd: no score in 4 of 4 settings, for instance in 'setting 0': no public rows" in text
    assert "![Mean ranks and critical difference](ranks.svg)" in text
    assert "| before | -5.0 | 0, 0, 8 |" in text
    assert "3 methods have scores in all of 4 settings (2 seeds in each)" in text
    assert "nan" not in text
    widths = [line.count("|") for line in text.splitlines() if line.startswith("|")]
    assert set(widths) == {5, 6}


@pytest.mark.parametrize("methods", [{"untaught": 0.0}, {"defaults": 0.0, "untaught": 0.1}])
@pytest.mark.parametrize("n_settings", [1, 2])
def test_little_is_said_of_little(methods, n_settings):
    known = full(methods, n_settings=n_settings, n_seeds=1)
    summary = summarise(known)
    assert (summary.difference is None) == (len(methods) == 1)
    assert summary.differ is None
    text = summary_as_markdown(summary)
    assert ("there are no ranks" in text) == (len(methods) == 1)
    assert "Friedman" not in text


def test_nobody_with_a_score_is_no_error():
    summary = summarise(rows({(1, "a", 0, "untaught"): (None, None)}, "a model raised"))
    assert summary.standing.unranked == {"untaught": "no score in 1 of 1 settings, for instance in 'a': a model raised"}
    assert "there are no ranks" in summary_as_markdown(summary)


def test_a_setting_where_our_own_method_was_not_run_is_not_ranked_and_said():
    begun = rows({(6, "begun", 0, "untaught"): (0.5, 0.5)})
    summary = summarise(pd.concat([THREE, begun], ignore_index=True))
    assert summary.standing.ranks.to_dict() == standing_of(THREE).ranks.to_dict()
    assert summary.without_us == ((6, "begun"),)
    said = "- setting 'begun' of experiment 6: cooperation by default options was not run there"
    assert said in summary_as_markdown(summary)
    # Where it was run and failed, it is what is not ranked.
    failed = rows({(6, "begun", 0, "untaught"): (0.5, 0.5), (6, "begun", 0, "defaults"): (None, None)}, "it raised")
    summary = summarise(pd.concat([THREE, failed], ignore_index=True))
    assert summary.without_us == ()
    assert "defaults" in summary.standing.unranked
