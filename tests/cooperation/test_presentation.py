"""What a finished cooperation shows of itself."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.exceptions import NotFittedError
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from coopdistill import CooperativeDistillation, Participant, generate_counterfactuals, load, save
from coopdistill.datasets import Clinics, make_clinics
from coopdistill.exceptions import DisplayError, InputError, OptionError


@pytest.fixture(scope="module")
def world() -> tuple[list[Participant], Clinics]:
    clinics = make_clinics(random_state=0)
    return [Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()], clinics


@pytest.fixture(scope="module")
def fitted(world: tuple[list[Participant], Clinics]) -> CooperativeDistillation:
    return CooperativeDistillation(acceptance="always", random_state=0).fit(world[0])


def test_each_picture_takes_axes_and_gives_them_back(fitted: CooperativeDistillation, world: Any) -> None:
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    participants, clinics = world
    for draw in (
        lambda ax: fitted.plot_transfers(ax),
        lambda ax: fitted.plot_transfers(ax, kind="graph"),
        lambda ax: fitted.plot_gains(*clinics.test, ax),
        lambda ax: fitted.plot_gains(*clinics.test, ax, metric="f1_macro"),
        lambda ax: fitted.plot_features(ax),
        lambda ax: fitted.plot_features(ax, value="mean", teacher="small"),
        lambda ax: fitted.plot_features(ax, image_shape=(5, 6)),
        lambda ax: fitted.plot_map(participants, ax),
        lambda ax: fitted.plot_map(clinics.test, ax, student="small"),
    ):
        figure, ax = plt.subplots()
        assert draw(ax) is ax
        figure.canvas.draw()
        plt.close(figure)
    assert fitted.plot_transfers() is not None
    plt.close("all")


def test_a_map_holds_so_many_points_of_each_kind(fitted: CooperativeDistillation, world: Any) -> None:
    participants, clinics = world
    points = fitted.map_points(participants, n_points=60)
    assert list(points.columns) == ["x", "y", "label", "virtual"]
    assert points["virtual"].value_counts().to_dict() == {False: 60, True: 60}
    assert set(points["label"]) == set(clinics.test.y)
    pd.testing.assert_frame_equal(points, fitted.map_points(participants, n_points=60))
    own = fitted.map_points(participants, student="small", n_points=10_000)
    kept = fitted.transfers_.query("student == 'small'")["kept"].sum()
    assert own["virtual"].value_counts().to_dict() == {False: len(clinics.train["small"].X), True: kept}
    pair = fitted.map_points((clinics.train["small"].X, clinics.train["small"].y), student="small", n_points=10_000)
    pd.testing.assert_frame_equal(pair, own)


def test_a_loaded_cooperation_draws_the_same(fitted: CooperativeDistillation, world: Any, tmp_path: Path) -> None:
    save(fitted, tmp_path / "clinics.zip")
    again = load(tmp_path / "clinics.zip")
    pd.testing.assert_frame_equal(again.changes_, fitted.changes_)
    pd.testing.assert_frame_equal(again.map_points(world[0]), fitted.map_points(world[0]))
    assert "Participants" in again._repr_html_()


def test_a_map_of_all_needs_a_feature_that_all_have() -> None:
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 30)
    names = (("a", "b"), ("b", "c"), ("c", "a"))
    participants = []
    for place, columns in enumerate(names):
        X = pd.DataFrame(rng.normal(size=(60, 2)) + 2 * y[:, None], columns=list(columns))
        participants.append(Participant(f"p{place}", DecisionTreeClassifier(max_depth=2), X, y))
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(participants)
    with pytest.raises(DisplayError, match="no feature is shared by all"):
        cooperation.map_points(participants)
    assert cooperation.map_points(participants, student="p0")["virtual"].any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"student": "smal"}, "did you mean 'small'"),
        ({"n_points": 0}, "n_points=0"),
        ({"method": "pac"}, "did you mean 'pca'"),
        ({"rows": 3}, r"participants, or a pair \(X, y\)"),
        (
            {"rows": pd.DataFrame({"a": [1], "b": [2]})},
            r"a pair \(X, y\) of rows and labels; got an object of 'DataFrame'$",
        ),
    ],
)
def test_maps_that_cannot_be(
    fitted: CooperativeDistillation, world: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        fitted.map_points(**{"rows": world[0], **options})


def test_unknown_kinds_and_teachers(fitted: CooperativeDistillation) -> None:
    with pytest.raises(OptionError, match="did you mean 'graph'"):
        fitted.plot_transfers(kind="grahp")
    with pytest.raises(OptionError, match="did you mean 'large'"):
        fitted.plot_features(teacher="larg")
    with pytest.raises(NotFittedError):
        CooperativeDistillation().plot_features()


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is not None, reason="matplotlib is installed")
def test_without_matplotlib_it_is_said_what_to_install(fitted: CooperativeDistillation) -> None:
    with pytest.raises(DisplayError, match=r"pip install 'coopdistill\[plot\]'"):
        fitted.plot_transfers()


def test_notebooks_show_options_then_participants_and_transfers() -> None:
    clinics = make_clinics(random_state=0)
    names = {"<script>alert(1)</script>": "small", "b&b": "large"}
    participants = [Participant(name, GaussianNB(), *clinics.train[of]) for name, of in names.items()]
    cooperation = CooperativeDistillation(alpha=0.25, random_state=0)
    before = cooperation._repr_html_()
    assert "0.25" in before
    assert "Participants" not in before
    after = cooperation.fit(participants)._repr_html_()
    assert "0.25" in after
    assert "alert(1)&lt;/script&gt;" in after
    assert "<script>alert" not in after
    assert "b&amp;b" in after
    assert "virtual_instances_" not in vars(cooperation)  # looking at it makes no large table
    bundle = cooperation._repr_mimebundle_()
    assert bundle["text/plain"] == repr(cooperation)
    assert bundle["text/html"].endswith(after.rpartition("</style>")[2][-500:])
    with sklearn.config_context(display="text"):
        assert not hasattr(cooperation, "_repr_html_")
        assert list(cooperation._repr_mimebundle_()) == ["text/plain"]


def test_counterfactuals_show_their_counts_and_first_rows() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 2)), columns=["<b>", "dose"])
    y = (X["dose"] > 0).astype(int)
    batch = generate_counterfactuals(GaussianNB().fit(X, y), X, y, random_state=0)
    html = batch._repr_html_()
    assert "40 counterfactuals" in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
