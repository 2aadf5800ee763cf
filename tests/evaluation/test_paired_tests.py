from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, wilcoxon

from coopdistill.evaluation import holm, paired_tests
from coopdistill.exceptions import OptionError
from evaluation.test_ranks import DEMSAR

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_demsars_example():
    """Signed ranks of 12 and 93 for fourteen data sets lie beyond the critical value of 21 for the level 0.05."""
    found = paired_tests(DEMSAR[["C4.5", "C4.5+m+cf"]], "C4.5").iloc[0]
    assert (found["wins"], found["ties"], found["losses"], found["n_pairs"]) == (11, 1, 2, 14)
    assert 0.001 < found["p_value"] < 0.05
    assert found["p_holm"] == found["p_value"]


@given(p_values)
def test_holm_lies_between_no_correction_and_bonferronis(given_p):
    corrected = holm(given_p)
    assert (corrected >= np.array(given_p) - 1e-15).all()
    assert (corrected <= np.minimum(1, len(given_p) * np.array(given_p)) + 1e-15).all()
    assert (np.diff(corrected[np.argsort(given_p, kind="stable")]) >= 0).all()


@given(p_values, st.integers(0, 12))
def test_what_was_not_tested_does_not_count(given_p, place):
    place = min(place, len(given_p))
    corrected = holm([*given_p[:place], np.nan, *given_p[place:]])
    assert np.isnan(corrected[place])
    assert np.array_equal(np.delete(corrected, place), holm(given_p))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=14, unique=True), st.randoms(use_true_random=False))
def test_without_equals_it_is_what_others_compute(sizes, random):
    differences = np.array([size * random.choice((-1, 1)) for size in sizes]) / 60
    expected = wilcoxon(differences, method="exact").pvalue
    assert p_of(differences) == pytest.approx(expected)


@given(st.lists(st.integers(-3, 3).filter(bool), min_size=1, max_size=8))
def test_with_equals_it_is_the_share_of_signs_that_are_as_extreme(differences):
    ranks = rankdata(np.abs(differences))
    sums = [ranks[list(signs)].sum() for signs in product((False, True), repeat=len(ranks))]
    seen = ranks[np.array(differences) > 0].sum()
    expected = min(1.0, 2 * min(np.mean(np.less_equal(sums, seen)), np.mean(np.greater_equal(sums, seen))))
    assert p_of(np.array(differences)) == pytest.approx(expected)


def p_of(differences):
    return paired_tests(pd.DataFrame({"a": np.zeros(len(differences)), "b": differences}), "a")["p_value"].iloc[0]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=40))
def test_a_test_is_the_same_from_either_side(pairs):
    scores = pd.DataFrame(pairs, columns=["a", "b"]) / 30
    (one,) = paired_tests(scores, "a").to_dict("records")
    (other,) = paired_tests(scores, "b").to_dict("records")
    assert one["p_value"] == pytest.approx(other["p_value"])
    assert 0 < one["p_value"] <= 1
    assert one["mean_difference"] == pytest.approx(-other["mean_difference"])
    assert (one["wins"], one["ties"], one["losses"]) == (other["losses"], other["ties"], other["wins"])
    assert one["wins"] + one["ties"] + one["losses"] == one["n_pairs"] == len(pairs)


def test_only_trials_in_which_both_have_a_score_count():
    scores = pd.DataFrame({"a": [0.5, 0.6, 0.7], "b": [0.4, np.nan, 0.9], "c": [np.nan] * 3})
    found = paired_tests(scores, "a").set_index("method")
    assert found["n_pairs"].to_dict() == {"b": 2, "c": 0}
    assert found.loc["b", "p_holm"] == found.loc["b", "p_value"]
    assert np.isnan(found.loc["c", "p_value"])


def test_more_that_agree_say_more():
    scores = [pd.DataFrame({"a": np.zeros(n), "b": np.arange(1, n + 1) / 100}) for n in (3, 6, 12)]
    p = [paired_tests(one, "a")["p_value"].iloc[0] for one in scores]
    assert p == pytest.approx([2 / 2**3, 2 / 2**6, 2 / 2**12])


def test_an_unknown_reference_is_said():
    with pytest.raises(OptionError, match=r"reference='ours' must be one of \['a'\]"):
        paired_tests(pd.DataFrame({"a": [1.0]}), "ours")
