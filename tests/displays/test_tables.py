"""What needs no matplotlib: numbers as short text, tables for notebooks, planes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopdistill.displays import PROJECTIONS, as_points, html_table, project
from coopdistill.displays.canvas import brief
from coopdistill.exceptions import DisplayError, OptionError
from coopdistill.schema import Feature, FeatureSpace


@given(st.integers(0, 999_000_000))
def test_a_brief_number_is_short_and_nearly_right(number):
    text = brief(number)
    assert len(text) <= 4
    unit = {"k": 1e3, "M": 1e6}.get(text[-1], 1.0)
    assert float(text.rstrip("kM")) * unit == pytest.approx(number, rel=0.06)


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_no_value_is_markup(values):
    html = html_table(["name"] * len(values), [values], caption="<b>")
    plain = html_table(["name"] * len(values), [["x"] * len(values)], caption="b")
    assert html.count("<") == plain.count("<")


SPACE = FeatureSpace(
    (
        Feature(name="age", kind="continuous", spread=10.0),
        Feature(name="town", kind="categorical", categories=("a", "b", "c")),
    )
)


def test_two_categories_lie_at_a_distance_of_one():
    rows = np.array([[30.0, 0], [30.0, 1], [40.0, 0], [np.nan, 2]])
    points = as_points(rows, SPACE)
    assert points.shape == (4, 4)
    assert np.linalg.norm(points[0] - points[1]) == pytest.approx(1.0)
    assert np.linalg.norm(points[0] - points[2]) == pytest.approx(1.0)
    assert points[3, 0] == 0.0  # the median
    assert np.isfinite(points).all()


def test_a_pixel_that_is_nearly_always_dark_is_not_all_that_one_sees():
    space = FeatureSpace((Feature(name="pixel", kind="continuous", spread=1e-6), SPACE["age"]))
    rows = np.column_stack([np.r_[np.zeros(99), 1.0], np.linspace(20, 60, 100)])
    points = as_points(rows, space)
    assert np.abs(points[:, 0]).max() <= 5.0
    assert points[:, 0].std() < points[:, 1].std()


@pytest.mark.parametrize("method", PROJECTIONS)
def test_planes_keep_two_clouds_apart_and_come_out_again(method):
    if method == "umap":
        pytest.importorskip("umap")
    rng = np.random.default_rng(0)
    points = np.vstack([rng.normal(size=(20, 6)), rng.normal(size=(20, 6)) + 20])
    plane = project(points, method, random_state=3)
    assert plane.shape == (40, 2)
    gap = np.linalg.norm(plane[:20].mean(axis=0) - plane[20:].mean(axis=0))
    assert gap > 2 * np.linalg.norm(plane[:20] - plane[:20].mean(axis=0), axis=1).mean()
    assert np.array_equal(plane, project(points.copy(), method, random_state=3))


def test_the_plane_of_greatest_variance_keeps_distances_in_it():
    rng = np.random.default_rng(1)
    flat = rng.normal(size=(30, 2)) @ rng.normal(size=(2, 5))  # a plane in space
    plane = project(flat)
    for i, j in ((0, 1), (4, 17), (28, 29)):
        assert np.linalg.norm(plane[i] - plane[j]) == pytest.approx(np.linalg.norm(flat[i] - flat[j]))


def test_bad_requests():
    points = np.zeros((10, 3))
    with pytest.raises(OptionError, match="did you mean 'tsne'"):
        project(points, "tnse")
    with pytest.raises(DisplayError, match="4 points are too few"):
        project(points[:4])


def test_points_of_one_dimension_lie_on_a_line():
    plane = project(np.arange(6.0)[:, None])
    assert np.ptp(plane[:, 0]) == pytest.approx(5.0)
    assert np.ptp(plane[:, 1]) == pytest.approx(0.0)
