import pandas as pd
import pytest

from coopdistill import CooperativeDistillation
from coopdistill.exceptions import DisplayError
from coopdistill.experiments import Picture, cells_of, pictures_of, results_of, run_cells, summarise_rows
from coopdistill.experiments.picture import keep_picture
from experiments.tiny import TINY

pytest.importorskip("matplotlib")
from coopdistill.experiments import draw_changes, draw_maps, draw_scores, draw_transfers


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    cells = cells_of(TINY, seeds=[0, 1])
    run_cells(cells, folder)
    return cells, folder


@pytest.fixture(scope="module")
def results(finished):
    return results_of(*finished)


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


def test_of_the_first_seed_it_is_shown_what_was_changed_and_where_it_lies(finished):
    (picture,) = pictures_of(*finished)
    assert (picture.setting, picture.method) == ("iris", "defaults")
    changes = picture.changes
    assert changes["share_changed"].between(0, 1).all()
    assert not changes.duplicated(["label", "feature"]).any()
    assert set(changes["feature"]) == set(TINY.settings[0].make(0).participants[0].X)
    (axes,) = (axes for axes in draw_changes([picture]).axes if axes.images)
    assert axes.images[0].get_array().shape == (4, changes["label"].nunique())
    assert 0 < len(picture.points) <= 300
    (axes,) = draw_maps([picture]).axes
    assert axes.get_title(loc="left") == "iris: after, by default options"


def test_virtual_instances_lie_on_the_map_where_any_were_kept():
    trial = TINY.settings[0].make(0)
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(trial.participants)
    picture = Picture.of({"setting": "iris", "method": "defaults"}, keep_picture(cooperation, trial))
    assert 0 < picture.points["virtual"].sum() < len(picture.points) <= 300


def test_a_cooperation_that_made_nothing_has_no_pictures():
    picture = Picture.of({"setting": "s", "method": "m"}, {"changes": {}, "points": {}})
    assert len(picture.changes) == len(picture.points) == 0


def test_categories_have_no_direction():
    told = {
        "features": ["age", "town"],
        "of": [[1, {"n": [9, 9], "share_changed": [0.5, 1], "mean_change": [2, None]}]],
    }
    picture = Picture.of({"setting": "s", "method": "m"}, {"changes": told})
    assert picture.changes["mean_change"].isna().tolist() == [False, True]
    with pytest.raises(DisplayError, match="2 features are no pictures"):
        draw_changes([picture], image_shape=(3, 3))
