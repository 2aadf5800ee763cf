import pandas as pd
import pytest

from coopdistill.experiments import cells_of, results_of, run_cells, summarise_rows
from experiments.tiny import TINY

pytest.importorskip("matplotlib")
from coopdistill.experiments import draw_scores, draw_transfers


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    cells = cells_of(TINY, seeds=[0, 1])
    run_cells(cells, folder)
    return results_of(cells, folder)


def test_each_method_has_a_line_with_its_mean(results, tmp_path):
    summary = summarise_rows(TINY, results[0])
    figure = draw_scores(summary)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["before", "after, by default options", "pooled"]
    means = summary[summary["participant"] == "mean"]["mean"].tolist()
    drawn = [container.lines[0].get_xdata().tolist() for container in axes.containers]
    assert drawn == [pytest.approx(means)]
    figure.savefig(tmp_path / "scores.svg")


def test_a_map_says_who_sent_whom_how_much(results):
    (axes,) = draw_transfers(results[1]).axes
    kept = results[1].groupby(["teacher", "student"])["kept"].mean()
    assert sorted(text.get_text() for text in axes.texts) == sorted(f"{value:.0f}" for value in kept)
    teachers = [label.get_text() for label in axes.get_yticklabels()]
    assert teachers == ["participant_1", "participant_2"]


def test_methods_without_a_score_leave_an_empty_line(results):
    rows = results[0].copy()
    rows.loc[rows["method"] == "pooled", "score"] = None
    (axes,) = draw_scores(summarise_rows(TINY, pd.DataFrame(rows))).axes
    assert len(axes.get_yticklabels()) == 3
