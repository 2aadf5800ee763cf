import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopdistill.experiments import as_markdown, estimate_of, summarise_rows
from experiments.tiny import TINY


def rows(scores, *, method="defaults", status="done", reason=""):
    return [
        {
            "setting": "iris",
            "method": method,
            "seed": seed,
            "participant": name,
            "score": score,
            "status": status,
            "reason": reason,
        }
        for seed, by_name in enumerate(scores)
        for name, score in by_name.items()
    ]


@given(st.lists(st.floats(0, 100), min_size=3, max_size=20))
def test_an_interval_encloses_its_mean_and_shrinks_with_its_numbers(values):
    once, thrice = estimate_of(values), estimate_of(values * 3)
    assert once.half_width >= 0
    assert min(values) - 1e-9 <= once.mean <= max(values) + 1e-9
    assert thrice.half_width <= once.half_width + 1e-9


@given(st.lists(st.floats(0, 100), min_size=1, max_size=2))
def test_one_or_two_numbers_have_no_interval(values):
    assert estimate_of(values).half_width is None
    assert estimate_of(values).mean == pytest.approx(np.mean(values))
    assert "±" not in str(estimate_of(values))


def test_the_interval_is_students():
    # For 5 numbers t is 2.776; 1, 2, 3, 4, 5 deviate by the root of 2.5.
    assert estimate_of([1, 2, 3, 4, 5]).half_width == pytest.approx(2.776 * np.sqrt(2.5 / 5), abs=1e-3)


def test_means_over_seeds_stand_beside_what_was_published():
    found = summarise_rows(
        TINY,
        pd.DataFrame(rows([{"participant_1": score, "participant_2": 0.6} for score in (0.8, 0.85, 0.9)])),
    ).set_index("participant")
    assert found.loc["participant_1", "mean"] == pytest.approx(85)
    assert found.loc["participant_1", "published"] == 95.0
    assert found.loc["mean", "mean"] == pytest.approx(72.5)
    assert found.loc["participant_2", "low"] == found.loc["participant_2", "high"] == pytest.approx(60)
    assert set(found["n_seeds"]) == {3}


def test_what_has_no_score_has_its_reason_in_the_table():
    some = pd.DataFrame(
        rows([{"participant_1": 0.8, "participant_2": 0.6}])
        + rows(
            [{"participant_1": None, "participant_2": 0.7}], method="pooled", status="inapplicable", reason="no rows"
        )
    )
    summary = summarise_rows(TINY, some)
    cell = summary[(summary["method"] == "pooled") & (summary["participant"] == "participant_1")].iloc[0]
    assert (cell["n_seeds"], cell["reason"]) == (0, "no rows")
    text = as_markdown(TINY, summary)
    assert "| pooled | – (1) | 70.0 | – (1) | – (1) |" in text
    assert "\n1. no rows\n" in text
    assert "participant_1 95" in text


def test_each_line_has_as_many_cells_as_the_head():
    text = as_markdown(TINY, summarise_rows(TINY, pd.DataFrame(rows([{"participant_1": 0.8, "participant_2": 0.6}]))))
    widths = {line.count("|") for line in text.splitlines() if line.startswith("|")}
    assert len(widths) == 1
