"""Bounds of scores are what the same bootstrap gives by scikit-learn's own metrics, and cover what they should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.naive_bayes import GaussianNB

from coopdistill import CooperativeDistillation, Participant
from coopdistill.datasets import make_clinics
from coopdistill.evaluation import compare, score_intervals
from coopdistill.exceptions import OptionError
from coopdistill.expertise import score
from coopdistill.seeds import derive_seed

LABELS = ("balanced_accuracy", "f1_macro")
VALUES = ("r2", "neg_mean_absolute_error", "neg_root_mean_squared_error")


@pytest.mark.parametrize("metric", [*LABELS, *VALUES])
def test_as_if_each_sample_were_scored_alone(metric: str) -> None:
    rng = np.random.default_rng(0)
    n = 60
    truth, said = rng.integers(0, 3, n), rng.integers(0, 3, n)
    drawn = np.random.default_rng(derive_seed(5, "bootstrap", str(n))).multinomial(n, np.full(n, 1 / n), size=200)
    samples = [np.repeat(np.arange(n), times) for times in drawn]
    alone = [score(truth[sample], said[sample], metric) for sample in samples]
    found = score_intervals(truth, {"before": said}, metric, n_resamples=200, seed=5)["before"]
    assert list(found) == pytest.approx(np.percentile(alone, [2.5, 97.5]).tolist())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(("accuracy", *LABELS)), st.integers(5, 80))
def test_intervals_are_ordered_and_within_what_scores_can_be(seed: int, metric: str, n: int) -> None:
    rng = np.random.default_rng(seed)
    truth, said = rng.integers(0, 3, n), rng.integers(0, 3, n)
    found = score_intervals(truth, {"before": said, "after": truth}, metric, n_resamples=50, seed=seed)
    for name in ("before", "after"):
        assert 0 <= found[name].low <= found[name].high <= 1
    assert found["after"].high == pytest.approx(1)
    assert found["gain"].low >= 0


def test_rows_that_both_get_wrong_do_not_widen_the_gain() -> None:
    truth = np.zeros(200, dtype=int)
    before = np.r_[np.ones(100, dtype=int), np.zeros(100, dtype=int)]
    found = score_intervals(truth, {"before": before, "after": before}, "accuracy")
    assert found["gain"] == (0, 0)
    assert found["before"].high - found["before"].low > 0.1


def test_an_accuracy_without_a_fault_is_not_certain() -> None:
    truth = np.zeros(20, dtype=int)
    assert score_intervals(truth, {"before": truth}, "accuracy")["before"].low < 0.9


def test_accuracy_is_covered_as_often_as_promised() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        right = rng.random(80) < 0.8
        low, high = score_intervals(np.ones(80, dtype=bool), {"before": right}, "accuracy", n_resamples=2)["before"]
        covered += low <= 0.8 <= high
    assert covered >= 180


def test_a_metric_nobody_knows_is_refused() -> None:
    with pytest.raises(OptionError, match="acuracy"):
        score_intervals(np.zeros(3), {"before": np.zeros(3)}, "acuracy")


def test_comparison_carries_intervals_around_its_scores() -> None:
    clinics = make_clinics(random_state=0)
    participants = [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()]
    cooperation = CooperativeDistillation(random_state=0).fit(participants)
    table = compare(cooperation, participants, *clinics.test, intervals=True)
    for method in ("before", "after", "pooled", "average"):
        assert (table[f"{method}_low"] <= table[method]).all()
        assert (table[method] <= table[f"{method}_high"]).all()
    gain = table["after"] - table["before"]
    assert ((table["gain_low"] <= gain) & (gain <= table["gain_high"])).all()
