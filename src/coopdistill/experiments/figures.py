"""Figures of an experiment: what each method came to, and who sent whom how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from coopdistill.experiments.table import MEAN, METHOD_TITLES, TOGETHER
from coopdistill.extra import import_extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_scores", "draw_transfers"]

INCHES_A_LINE = 0.28
LEAST_HEIGHT = 2.2
WIDTH = 7.0
HEAT_SIDE = 0.45
LIGHT_BELOW = 0.6
"""Share of the greatest number above which a cell is so dark that its number is written in white."""


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
    LearnerError
        If matplotlib is not installed.
    """
    settings = list(dict.fromkeys(summary["setting"]))
    n_lines = max(part["method"].nunique() for _, part in summary.groupby("setting"))
    height = max(LEAST_HEIGHT, 1.0 + INCHES_A_LINE * n_lines)
    figure = _figure((WIDTH, height * len(settings)))
    for axes, setting in zip(_panels(figure, len(settings), 1), settings, strict=True):
        _draw_setting(axes, summary[summary["setting"] == setting])
        axes.set_title(setting, loc="left", fontsize="medium")
    return figure


def _draw_setting(axes: Any, part: pd.DataFrame) -> None:
    methods = list(dict.fromkeys(part["method"]))
    line_of = {method: place for place, method in enumerate(methods)}
    known = part[part["n_seeds"] > 0]
    single = known[~known["participant"].isin(TOGETHER)]
    axes.scatter(single["mean"], single["method"].map(line_of), s=14, color="0.65", label="a participant")
    told = part[part["published"].notna()]
    if len(told):
        axes.scatter(
            told["published"],
            told["method"].map(line_of),
            marker="x",
            color="tab:red",
            label="published, of one or all",
        )
    means = known[known["participant"] == MEAN]
    width = (means["high"] - means["mean"]).fillna(0.0)
    axes.errorbar(
        means["mean"], means["method"].map(line_of), xerr=width, fmt="o", color="tab:blue", capsize=3, label="mean"
    )
    axes.set_yticks(range(len(methods)), [METHOD_TITLES.get(method, method) for method in methods])
    axes.invert_yaxis()
    axes.grid(axis="x", color="0.9")
    axes.set_xlabel("accuracy on the test rows, %")
    axes.legend(fontsize="small", loc="best")


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
    LearnerError
        If matplotlib is not installed.
    """
    maps = {
        names: part.pivot_table(index="teacher", columns="student", values="kept", aggfunc="mean")
        for names, part in transfers.groupby(["setting", "method"], sort=False)
    }
    side = 2.2 + HEAT_SIDE * max(len(table) for table in maps.values())
    figure = _figure((side * 1.15, side * len(maps)))
    for axes, ((setting, method), table) in zip(_panels(figure, len(maps), 1), maps.items(), strict=True):
        _draw_map(axes, table)
        axes.set_title(f"{setting}: {METHOD_TITLES.get(str(method), method)}", loc="left", fontsize="medium")
    return figure


def _draw_map(axes: Any, table: pd.DataFrame) -> None:
    greatest = float(table.max().max())
    axes.imshow(table.to_numpy(dtype=float), cmap="Blues", vmin=0.0, vmax=max(greatest, 1.0))
    for i, teacher in enumerate(table.index):
        for j, student in enumerate(table.columns):
            kept = table.loc[teacher, student]
            if pd.notna(kept):
                color = "white" if kept > LIGHT_BELOW * greatest else "black"
                axes.text(j, i, f"{kept:.0f}", ha="center", va="center", fontsize="x-small", color=color)
    axes.set_xticks(range(len(table.columns)), table.columns, rotation=45, ha="right", fontsize="small")
    axes.set_yticks(range(len(table.index)), table.index, fontsize="small")
    axes.set_xlabel("student")
    axes.set_ylabel("teacher")


def _figure(size: tuple[float, float]) -> Figure:
    import_extra("matplotlib", "plot", what="a figure")
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="constrained")


def _panels(figure: Any, n_rows: int, n_columns: int) -> list[Any]:
    return list(figure.subplots(n_rows, n_columns, squeeze=False).ravel())
