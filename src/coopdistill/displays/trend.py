"""How a number grows or falls with another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coopdistill.displays.canvas import INK, axes_of, colors_of, plain_axes
from coopdistill.exceptions import DisplayError

__all__ = ["draw_trend"]


def draw_trend(points: pd.DataFrame, *, ax: Any = None, across: str = "", up: str = "") -> Any:
    """Draw lines of means with their intervals.

    Parameters
    ----------
    points : DataFrame
        Columns line, x, mean, low, high; low and high are missing where nothing is known of the spread.
    ax : matplotlib.axes.Axes, optional
        Default: axes of a new figure.
    across, up : str, default=""
        What the axes show.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DisplayError
        If there are no points, or matplotlib is not installed.

    Examples
    --------
    >>> points = pd.DataFrame({"line": ["a", "a"], "x": [1, 2], "mean": [0.5, 1.0], "low": [0.1, 0.7], "high": 1.2})
    >>> ax = draw_trend(points)  # doctest: +SKIP
    """
    if len(points) == 0:
        raise DisplayError("there are no points to draw")
    ax = axes_of(ax, (4.6, 3.4))
    ax.axhline(0.0, color="#98a1ad", linewidth=1.0)
    for name, color in colors_of(points["line"]).items():
        part = points[points["line"] == name].sort_values("x")
        x, mean = part["x"].to_numpy(dtype=np.float64), part["mean"].to_numpy(dtype=np.float64)
        low, high = (part[side].astype(float).fillna(part["mean"]).to_numpy() for side in ("low", "high"))
        ax.fill_between(x, low, high, color=color, alpha=0.15, linewidth=0)
        ax.plot(x, mean, color=color, marker="o", markersize=5, linewidth=2, label=str(name))
    plain_axes(ax, grid="y")
    ax.set_xticks(sorted(points["x"].unique()))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_xlabel(across)
    ax.set_ylabel(up)
    ax.legend(frameon=False, fontsize="small", labelcolor=INK)
    return ax
