import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopdistill.experiments import cells_of, count_transfers, counts_as_markdown, results_of, run_cells
from experiments.tiny import TINY

counts = st.tuples(*[st.integers(0, 50)] * 4).map(lambda values: sorted(values, reverse=True))


@given(st.lists(counts, min_size=1, max_size=6), st.integers(1, 3))
@settings(max_examples=30)
def test_what_was_reached_is_kept_or_dropped(taught, n_seeds):
    transfers = pd.DataFrame(taught, columns=["qualified", "generated", "reached", "kept"])
    transfers = pd.concat(
        [transfers.assign(setting="a", method="defaults", seed=seed, student="s") for seed in range(n_seeds)]
    )
    (line,) = count_transfers(transfers).to_dict("records")
    assert line["reached"] == line["kept"] + line["left out"] + line["refused"]
    assert min(line["left out"], line["refused"]) == 0
    assert line["qualified"] == sum(values[0] for values in taught)


def test_the_counts_of_a_run(tmp_path):
    cells = cells_of(TINY, seeds=[0, 1])
    run_cells(cells, tmp_path)
    _, transfers = results_of(cells, tmp_path)
    counted = count_transfers(transfers)
    assert counted["method"].tolist() == ["defaults"]
    assert counted["kept"].iloc[0] == pytest.approx(transfers["kept"].sum() / 2)
    text = counts_as_markdown(transfers)
    assert "| setting | cooperation | qualified | generated | reached | left out | refused | kept |" in text
    assert "| iris | after, by default options |" in text


def test_nobody_who_cooperates_needs_no_table():
    assert counts_as_markdown(pd.DataFrame()) == ""
