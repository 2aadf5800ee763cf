"""What pictures say, read off their axes."""

import sys

import numpy as np
import pandas as pd
import pytest

from coopdistill import displays
from coopdistill.exceptions import DisplayError, OptionError

plt = pytest.importorskip("matplotlib.pyplot")
plt.switch_backend("Agg")  # no window, wherever the tests run

TRANSFERS = pd.DataFrame(
    [("north", "south", 460), ("south", "north", 36), ("north", "west", 0), ("west", "north", 1234)],
    columns=["teacher", "student", "kept"],
)
CHANGES = pd.DataFrame(
    [
        ("north", "ill", "age", 30, 1.0, 2.0),
        ("south", "ill", "age", 10, 0.2, -2.0),
        ("north", "ill", "town", 30, 0.1, np.nan),
        ("north", "well", "age", 5, 0.4, 0.5),
    ],
    columns=["teacher", "label", "feature", "n", "share_changed", "mean_change"],
)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def labels(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_the_matrix_has_a_number_for_each_pair():
    ax = displays.draw_transfer_matrix(TRANSFERS)
    assert sorted(texts(ax)) == sorted(["460", "36", "0", "1.2k"])
    assert labels(ax.yaxis) == ["north", "south", "west"]


def test_arrows_are_as_wide_as_what_was_kept():
    ax = displays.draw_transfer_graph(TRANSFERS)
    arrows = [note.arrow_patch for note in ax.texts if getattr(note, "arrow_patch", None) is not None]
    assert len(arrows) == 3  # nothing was kept of one
    widths = sorted(arrow.get_linewidth() for arrow in arrows)
    kept = np.array([36, 460, 1234])
    slopes = np.diff(widths) / np.diff(kept)
    assert slopes[0] == pytest.approx(slopes[1])
    assert {"north", "south", "west", "460", "36", "1.2k"} <= set(texts(ax))


def test_gains_are_told_in_points_with_their_sign():
    scores = pd.DataFrame(
        {"participant": ["a", "b"], "metric": "accuracy", "before": [0.5, 0.8], "after": [0.62, 0.79]}
    )
    ax = displays.draw_gains(scores)
    assert texts(ax) == ["+12.0", "−1.0"]
    assert labels(ax.yaxis) == ["a", "b"]


def test_a_smaller_error_is_drawn_further_to_the_right():
    scores = pd.DataFrame(
        {"participant": ["a"], "metric": "neg_mean_absolute_error", "before": [-54.31], "after": [-50.2]}
    )
    ax = displays.draw_gains(scores)
    assert texts(ax) == ["−4.1"]
    left, right = ax.get_xlim()
    assert left > 54.31 > 50.2 > right


def test_teachers_count_by_how_many_instances_they_made():
    ax = displays.draw_feature_changes(CHANGES)
    (image,) = ax.images
    assert labels(ax.yaxis) == ["age", "town"]
    assert labels(ax.xaxis) == ["ill", "well"]
    shown = np.ma.filled(image.get_array(), np.nan)
    np.testing.assert_allclose(shown, [[0.8, 0.4], [0.1, np.nan]])
    moved = displays.draw_feature_changes(CHANGES, value="mean", n_features=1)
    np.testing.assert_allclose(np.ma.filled(moved.images[0].get_array(), np.nan), [[1.0, 0.5]])


def test_each_class_has_its_picture():
    pixels = pd.DataFrame(
        [("t", label, f"x{p}", 9, 0.5, label * p) for label in (1, 2) for p in range(6)], columns=CHANGES.columns
    )
    ax = displays.draw_picture_changes(pixels, (2, 3))
    assert [image.get_array().shape for image in ax.images] == [(2, 3), (2, 3)]
    np.testing.assert_allclose(ax.images[1].get_array(), 2 * np.arange(6).reshape(2, 3))
    assert texts(ax) == ["1", "2"]
    with pytest.raises(DisplayError, match=r"6 features are no pictures of image_shape=\(2, 2\)"):
        displays.draw_picture_changes(pixels, (2, 2))


@pytest.mark.parametrize("label", [["a", "b", "a"], [1.5, 2.5, 3.5]])
def test_every_point_is_on_the_map(label):
    points = pd.DataFrame({"x": [0.0, 1, 2], "y": [0.0, 2, 1], "label": label, "virtual": [False, True, False]})
    ax = displays.draw_map(points)
    drawn = np.vstack([part.get_offsets() for part in ax.collections])
    assert sorted(map(tuple, drawn[np.isfinite(drawn).all(axis=1)])) == [(0.0, 0.0), (1.0, 2.0), (2.0, 1.0)]


def test_values_are_drawn_in_shades():
    rng = np.random.default_rng(0)
    points = pd.DataFrame({"x": rng.random(40), "y": rng.random(40), "label": rng.random(40), "virtual": False})
    ax = displays.draw_map(points)
    np.testing.assert_allclose(ax.collections[0].get_array(), points["label"])
    assert len(ax.figure.axes) == 2  # the second says which shade is which value


def test_a_trend_without_spread_is_a_line():
    points = pd.DataFrame({"line": "a", "x": [2, 1], "mean": [3.0, 1.0], "low": None, "high": None})
    ax = displays.draw_trend(points)
    (line,) = [line for line in ax.lines if line.get_label() == "a"]
    assert line.get_xdata().tolist() == [1, 2]
    assert line.get_ydata().tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("draw", "table"),
    [
        (displays.draw_transfer_matrix, TRANSFERS),
        (displays.draw_transfer_graph, TRANSFERS),
        (displays.draw_feature_changes, CHANGES),
        (displays.draw_map, pd.DataFrame({"x": [], "y": [], "label": [], "virtual": []})),
        (displays.draw_trend, pd.DataFrame({"line": []})),
        (displays.draw_gains, pd.DataFrame({"metric": []})),
    ],
)
def test_axes_are_taken_and_returned_and_nothing_is_no_picture(draw, table):
    if len(table):
        figure, ax = plt.subplots()
        assert draw(table, ax=ax) is ax
        figure.canvas.draw()
    with pytest.raises(DisplayError):
        draw(table[:0])


def test_unknown_options():
    with pytest.raises(OptionError, match="did you mean 'kept'"):
        displays.draw_transfer_matrix(TRANSFERS, quantity="keep")
    with pytest.raises(OptionError, match="n_features=0"):
        displays.draw_feature_changes(CHANGES, n_features=0)


def test_without_matplotlib_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(DisplayError, match=r"a picture needs matplotlib; .*pip install 'coopdistill\[plot\]'"):
        displays.draw_transfer_graph(TRANSFERS)
