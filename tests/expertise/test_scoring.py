"""Metrics agree with scikit-learn's, whatever the labels are."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from coopdistill.exceptions import OptionError
from coopdistill.expertise import default_metric, score

TRUTH = np.array([0, 0, 0, 1, 1, 2])
SAID = np.array([0, 1, 0, 1, 1, 0])


@pytest.mark.parametrize("names", [np.array([0, 1, 2]), np.array(["a", "b", "c"], dtype=object)])
def test_metrics_are_scikit_learns(names: np.ndarray) -> None:
    truth, said = names[TRUTH], names[SAID]
    assert score(truth, said, "accuracy") == accuracy_score(TRUTH, SAID)
    assert score(truth, said, "balanced_accuracy") == balanced_accuracy_score(TRUTH, SAID)
    expected = f1_score(TRUTH, SAID, average="macro", zero_division=0)
    assert score(truth, said, "f1_macro") == pytest.approx(expected)


def test_a_class_that_is_only_predicted_does_not_count_for_itself() -> None:
    assert score(np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1]), "balanced_accuracy") == 0.75


def test_an_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(OptionError, match=r"metric='acuracy'.*did you mean 'accuracy'\?"):
        score(TRUTH, SAID, "acuracy")


def test_skewed_classes_are_scored_in_balance() -> None:
    assert default_metric(np.array(["a"] * 3 + ["b"]), "classification") == "accuracy"
    assert default_metric(np.array(["a"] * 4 + ["b"]), "classification") == "balanced_accuracy"
    assert default_metric(np.array([0.5, 1.5]), "regression") == "r2"
