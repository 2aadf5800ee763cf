import pandas as pd
import pytest

from coopdistill.evaluation import groups_of_equals
from coopdistill.experiments import draw_critical_difference

pytest.importorskip("matplotlib")

RANKS = pd.Series({"a": 1.2, "b": 2.0, "c": 3.1, "d": 4.4, "e": 4.5})
DIFFERENCE = 1.5


@pytest.fixture(scope="module")
def axes():
    return draw_critical_difference(RANKS, DIFFERENCE, titles={"a": "best"}).axes[0]


def test_a_bar_runs_through_each_group_of_equals(axes):
    bars = [line.get_xdata() for line in axes.lines if line.get_linewidth() == 3]
    groups = groups_of_equals(RANKS, DIFFERENCE)
    assert len(bars) == len(groups) == 3
    for bar, group in zip(bars, groups, strict=True):
        assert bar[0] <= RANKS[list(group)].min() <= RANKS[list(group)].max() <= bar[1]
        outside = RANKS.drop(list(group))
        assert not outside.between(*bar).any()


def test_each_method_has_a_line_from_its_rank_to_its_name(axes):
    starts = sorted(line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 3)
    assert starts == sorted(RANKS)
    texts = [text.get_text() for text in axes.texts]
    assert "best  1.20 " in texts
    assert " 4.50  e" in texts
    assert f"critical difference {DIFFERENCE:.2f}" in texts
    # No two names stand at the same place.
    places = [text.get_position() for text in axes.texts]
    assert len(set(places)) == len(places)


def test_the_critical_difference_is_drawn_to_scale(axes):
    ((left,), (right,)) = (line.get_xdata() for line in axes.containers[0][1])
    assert right - left == pytest.approx(DIFFERENCE)


def test_it_can_be_written(tmp_path):
    draw_critical_difference(RANKS, 9.0).savefig(tmp_path / "ranks.svg")
    assert (tmp_path / "ranks.svg").stat().st_size > 0
