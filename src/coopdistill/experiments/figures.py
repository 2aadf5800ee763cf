"""Figures of an experiment: what each method came to, who sent whom how much, what was changed, and so on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from coopdistill.displays import draw_feature_changes, draw_map, draw_picture_changes, draw_transfer_matrix, draw_trend
from coopdistill.displays.canvas import BEFORE_COLOR, GAIN_COLOR, LOSS_COLOR, plain_axes
from coopdistill.exceptions import DisplayError
from coopdistill.experiments.picture import Picture
from coopdistill.experiments.table import MEAN, METHOD_TITLES, TOGETHER
from coopdistill.extra import import_extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_changes", "draw_maps", "draw_scores", "draw_sweeps", "draw_transfers"]

INCHES_A_LINE = 0.28
LEAST_HEIGHT = 2.2
WIDTH = 7.0
HEAT_SIDE = 0.45
N_FEATURES = 12


def draw_scores(summary: pd.DataFrame) -> Figure:
    """Draw for each setting a panel with a line a method: its mean with interval, and each participant.

    Parameters
    ----------
    summary : DataFrame
        From `summarise_rows`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DisplayError
        If matplotlib is not installed.
    """
    settings = list(dict.fromkeys(summary["setting"]))
    n_lines = max(part["method"].nunique() for _, part in summary.groupby("setting"))
    height = max(LEAST_HEIGHT, 1.0 + INCHES_A_LINE * n_lines)
    figure = _figure((WIDTH, height * len(settings)))
    for axes, setting in zip(_panels(figure, len(settings), 1), settings, strict=True):
        _draw_setting(axes, summary[summary["setting"] == setting])
        axes.set_title(setting, loc="left", fontsize="medium")
    # Told once, above all panels.
    shown = {
        label: handle for axes in figure.axes for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(shown.values(), shown.keys(), loc="outside upper right", ncols=3, frameon=False, fontsize="small")
    return figure


def _draw_setting(axes: Any, part: pd.DataFrame) -> None:
    methods = list(dict.fromkeys(part["method"]))
    line_of = {method: place for place, method in enumerate(methods)}
    known = part[part["n_seeds"] > 0]
    single = known[~known["participant"].isin(TOGETHER)]
    axes.scatter(single["mean"], single["method"].map(line_of), s=16, color=BEFORE_COLOR, label="a participant")
    told = part[part["published"].notna()]
    if len(told):
        places = told["method"].map(line_of)
        axes.scatter(told["published"], places, marker="x", color=LOSS_COLOR, label="published, of one or all")
    means = known[known["participant"] == MEAN]
    width = (means["high"].astype(float) - means["mean"]).fillna(0.0)
    places = means["method"].map(line_of)
    axes.errorbar(means["mean"], places, xerr=width, fmt="o", color=GAIN_COLOR, capsize=3, label="mean of all")
    plain_axes(axes, grid="both")
    axes.set_yticks(range(len(methods)), [METHOD_TITLES.get(method, method) for method in methods])
    axes.set_ylim(len(methods) - 0.5, -0.5)
    axes.set_xlabel("accuracy on the test rows, %")


def draw_transfers(transfers: pd.DataFrame) -> Figure:
    """Draw who learned how much from whom: for each setting and way of cooperating a map of teachers and students.

    Parameters
    ----------
    transfers : DataFrame
        From `results_of`; at least one.

    Returns
    -------
    matplotlib.figure.Figure
        The numbers are virtual instances that were kept, means over seeds.

    Raises
    ------
    DisplayError
        If matplotlib is not installed.
    """
    # Means over seeds, of which a pair may lack some.
    means = transfers.groupby(["setting", "method", "teacher", "student"], sort=False)["kept"].mean().reset_index()
    parts = {names: part for names, part in means.groupby(["setting", "method"], sort=False)}
    side = HEAT_SIDE * max(part["teacher"].nunique() for part in parts.values())
    figure = _figure((3.2 + 1.2 * side, (1.7 + side) * len(parts)))
    for axes, ((setting, method), part) in zip(_panels(figure, len(parts), 1), parts.items(), strict=True):
        draw_transfer_matrix(part, ax=axes)
        _entitle(axes, str(setting), str(method))
    _tell(figure, "virtual instances learned")
    return figure


def draw_changes(pictures: Sequence[Picture], *, image_shape: tuple[int, int] | None = None) -> Figure:
    """Draw for each setting and way of cooperating which features teachers changed, class by class.

    Parameters
    ----------
    pictures : sequence of Picture
        At least one with changes; those without are passed over.
    image_shape : tuple of int, optional
        Height and width, where features are pixels: the mean change of each class as a picture.

    Returns
    -------
    matplotlib.figure.Figure
        Of the first seed.

    Raises
    ------
    DisplayError
        If matplotlib is not installed.
    """
    shown = [picture for picture in pictures if len(picture.changes)]
    n_classes = max(picture.changes["label"].nunique() for picture in shown)
    n_lines = min(N_FEATURES, max(picture.changes["feature"].nunique() for picture in shown))
    size = (7.5, 3.6) if image_shape else (2.4 + 0.8 * n_classes, 1.3 + 0.27 * n_lines)
    figure = _figure((size[0], size[1] * len(shown)))
    for axes, picture in zip(_panels(figure, len(shown), 1), shown, strict=True):
        if image_shape is None:
            draw_feature_changes(picture.changes, ax=axes, n_features=N_FEATURES)
        else:
            draw_picture_changes(picture.changes, image_shape, ax=axes)
        _entitle(axes, picture.setting, picture.method)
    _tell(figure, "moved by teachers, in the mean" if image_shape else "changed by teachers, share of instances")
    return figure


def draw_maps(pictures: Sequence[Picture]) -> Figure:
    """Draw for each setting and way of cooperating a map of rows and virtual instances.

    Parameters
    ----------
    pictures : sequence of Picture
        At least one with points; those without are passed over.

    Returns
    -------
    matplotlib.figure.Figure
        Of the first seed, by principal components.

    Raises
    ------
    DisplayError
        If matplotlib is not installed.
    """
    shown = [picture for picture in pictures if len(picture.points)]
    figure = _figure((WIDTH, 4.6 * len(shown)))
    for axes, picture in zip(_panels(figure, len(shown), 1), shown, strict=True):
        draw_map(picture.points, ax=axes, axis_names=("first principal component", "second principal component"))
        _entitle(axes, picture.setting, picture.method)
    return figure


def draw_sweeps(gains: pd.DataFrame) -> Figure:
    """Draw what was gained against one quantity, a panel for each data set.

    Parameters
    ----------
    gains : DataFrame
        From `coopdistill.experiments.summarise_sweep`, of one quantity and all its data sets.

    Returns
    -------
    matplotlib.figure.Figure
        With 95 % intervals, where there were enough seeds.

    Raises
    ------
    DisplayError
        If matplotlib is not installed.
    """
    parts = dict(tuple(gains.groupby("data", sort=False)))
    figure = _figure((3.6 * len(parts), 3.2))
    for place, (axes, (data, part)) in enumerate(zip(_panels(figure, 1, len(parts)), parts.items(), strict=True)):
        titles = {name: METHOD_TITLES.get(name, name) for name in part["line"]}
        points = part.assign(line=part["line"].map(titles), x=part["value"])
        draw_trend(
            points, ax=axes, across=str(part["quantity"].iloc[0]), up="" if place else "gain, points of accuracy"
        )
        axes.set_title(str(data), loc="left", fontsize="medium")
        if place:
            axes.get_legend().remove()
    return figure


def _tell(figure: Any, what: str) -> None:
    figure.suptitle(what, fontsize="medium", fontweight="bold", x=0.02, ha="left")


def _entitle(axes: Any, setting: str, method: str) -> None:
    axes.set_title(f"{setting}: {METHOD_TITLES.get(method, method)}", loc="left", fontsize="medium")


def _figure(size: tuple[float, float]) -> Figure:
    import_extra("matplotlib", "plot", what="a figure", error=DisplayError)
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="constrained")


def _panels(figure: Any, n_rows: int, n_columns: int) -> list[Any]:
    return list(figure.subplots(n_rows, n_columns, squeeze=False).ravel())
