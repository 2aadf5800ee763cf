"""Who taught whom how much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.displays.canvas import INK, axes_of, brief, colors_of, in_ink, plain_axes, separate_cells
from coopdistill.exceptions import DisplayError, OptionError, nearest_name

__all__ = ["draw_transfer_graph", "draw_transfer_matrix"]

_COUNTS = ("qualified", "generated", "reached", "kept")
_CURVE = 0.17
"""How far an arrow bends off the straight line, as a share of its length: so there and back are two."""
_MOST_NUMBERS = 12
"""Arrows up to which each has its number beside it."""
_WIDEST = 9.0


def draw_transfer_matrix(transfers: pd.DataFrame, *, ax: Any = None, quantity: str = "kept") -> Any:
    """Draw who taught whom how much as a table of shades.

    Parameters
    ----------
    transfers : DataFrame
        Columns teacher, student and the quantity; a row each pair.
    ax : matplotlib.axes.Axes, optional
        Default: axes of a new figure.
    quantity : {"qualified", "generated", "reached", "kept"}, default="kept"

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DisplayError
        If there are no transfers, or matplotlib is not installed.

    Examples
    --------
    >>> transfers = pd.DataFrame({"teacher": ["a", "b"], "student": ["b", "a"], "kept": [12, 3]})
    >>> ax = draw_transfer_matrix(transfers)  # doctest: +SKIP
    """
    if quantity not in _COUNTS:
        raise OptionError(f"unknown quantity={quantity!r}{nearest_name(quantity, _COUNTS)}")
    _check_any(transfers)
    table = transfers.pivot_table(index="teacher", columns="student", values=quantity, aggfunc="sum")
    ax = axes_of(ax, (2.4 + 0.5 * len(table.columns), 1.7 + 0.44 * len(table.index)))
    values = table.to_numpy(dtype=np.float64)
    greatest = max(float(np.nanmax(values)), 1.0)
    ax.imshow(values, cmap="Blues", vmin=0.0, vmax=greatest * 1.12, aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        if np.isfinite(value):
            color = in_ink(value / greatest)
            ax.text(j, i, brief(value), ha="center", va="center", fontsize="small", color=color)
    plain_axes(ax)
    separate_cells(ax, table.shape)
    ax.set_xticks(range(len(table.columns)), table.columns, rotation=35, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(table.index)), table.index)
    ax.set_xlabel("student")
    ax.set_ylabel("teacher")
    ax.set_title(_TITLES[quantity], loc="left", fontsize="medium", color=INK)
    return ax


_TITLES = {
    "qualified": "virtual instances that a teacher was qualified for",
    "generated": "virtual instances made",
    "reached": "virtual instances that reached their target",
    "kept": "virtual instances learned",
}


def draw_transfer_graph(transfers: pd.DataFrame, *, ax: Any = None) -> Any:
    """Draw who taught whom as arrows, the wider the more virtual instances were kept.

    Parameters
    ----------
    transfers : DataFrame
        Columns teacher, student, kept; a row each pair.
    ax : matplotlib.axes.Axes, optional
        Default: axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DisplayError
        If there are no transfers, or matplotlib is not installed.

    Examples
    --------
    >>> transfers = pd.DataFrame({"teacher": ["a", "b"], "student": ["b", "a"], "kept": [12, 3]})
    >>> ax = draw_transfer_graph(transfers)  # doctest: +SKIP
    """
    _check_any(transfers)
    names = sorted({*transfers["teacher"], *transfers["student"]})
    ax = axes_of(ax, (5.4, 4.6) if len(names) > 2 else (5.4, 2.1))
    place = dict(zip(names, _circle(len(names)), strict=True))
    color = colors_of(names)
    given = transfers.groupby(["teacher", "student"])["kept"].sum().reset_index()
    given = given[given["kept"] > 0].sort_values("kept", kind="stable")  # what matters most lies on top
    for teacher, student, kept in given.itertuples(index=False):
        share = float(kept) / float(given["kept"].max())
        few = len(given) <= _MOST_NUMBERS
        _draw_arrow(ax, place[teacher], place[student], color[teacher], share, few=few)
        if few:
            _write_number(ax, place[teacher], place[student], color[teacher], brief(kept))
    for name, at in place.items():
        ax.scatter(*at, s=190, color=color[name], edgecolor="white", linewidth=2, zorder=4)
        _write_name(ax, str(name), at)
    ax.set_aspect("equal")
    ax.set_xlim(-1.35, 1.35)
    ax.set_ylim(*((-1.3, 1.3) if len(names) > 2 else (-0.6, 0.6)))
    ax.set_axis_off()
    ax.set_title("who taught whom (virtual instances learned)", loc="left", fontsize="medium", color=INK)
    return ax


def _check_any(transfers: pd.DataFrame) -> None:
    if len(transfers) == 0:
        raise DisplayError("there are no transfers to draw: nobody was asked to teach anybody")


def _circle(n: int) -> NDArray[np.float64]:
    """Places on the unit circle, clockwise from the top; two lie side by side."""
    angles = (np.pi if n == 2 else np.pi / 2) - 2 * np.pi * np.arange(n) / n
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _draw_arrow(
    ax: Any, start: NDArray[np.float64], end: NDArray[np.float64], color: str, share: float, *, few: bool
) -> None:
    width = 0.7 + ((_WIDEST if few else _WIDEST / 2) - 0.7) * share
    style = {
        "arrowstyle": "-|>",
        "connectionstyle": f"arc3,rad={_CURVE}",
        "linewidth": width,
        "mutation_scale": 9 + 1.6 * width,
        "color": color,
        # Where arrows are many, those that carry little step back.
        "alpha": 0.3 + 0.5 * share if few else 0.08 + 0.8 * share**3,
        "shrinkA": 9,
        "shrinkB": 12,
        "joinstyle": "miter",
        "capstyle": "butt",
    }
    ax.annotate("", xy=tuple(end), xytext=tuple(start), arrowprops=style, zorder=2)


def _write_number(ax: Any, start: NDArray[np.float64], end: NDArray[np.float64], color: str, text: str) -> None:
    # An arc bends away from the line between its ends by half of what its control point does; nearer to the end, so
    # that the numbers of arrows that cross do not meet in the middle.
    along = end - start
    at = start + 0.62 * along + 2 * 0.62 * 0.38 * _CURVE * np.array([along[1], -along[0]])
    box = {"boxstyle": "round,pad=0.18", "facecolor": "white", "edgecolor": "none", "alpha": 0.9}
    ax.text(*at, text, color=color, fontsize="small", fontweight="bold", ha="center", va="center", bbox=box, zorder=3)


def _write_name(ax: Any, name: str, at: NDArray[np.float64]) -> None:
    side = 0 if abs(at[0]) < 0.25 else np.sign(at[0])
    level = 0 if abs(at[1]) < 0.25 and side else np.sign(at[1])
    across = {-1: "right", 0: "center", 1: "left"}[int(side)]
    down = {-1: "top", 0: "center", 1: "bottom"}[int(level)]
    x, y = 1.13 * at
    ax.text(x, y, name, ha=across, va=down, color=INK, zorder=5)
