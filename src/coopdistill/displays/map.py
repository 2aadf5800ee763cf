"""A map of rows and of the virtual instances that were made near them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coopdistill.displays.canvas import INK, axes_of, colors_of, plain_axes
from coopdistill.exceptions import DisplayError

__all__ = ["draw_map"]

_MOST_CLASSES = 20
"""Up to which labels are classes; more of them are values, in shades."""


def draw_map(points: pd.DataFrame, *, ax: Any = None, axis_names: tuple[str, str] = ("", "")) -> Any:
    """Draw rows and virtual instances as points on a plane, coloured by their class.

    Parameters
    ----------
    points : DataFrame
        Columns x, y, label, and virtual: whether a point is a virtual instance. More than twenty distinct numbers
        as labels are drawn as values.
    ax : matplotlib.axes.Axes, optional
        Default: axes of a new figure.
    axis_names : tuple of str, default=("", "")
        What x and y are.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DisplayError
        If there are no points, or matplotlib is not installed.

    Examples
    --------
    >>> points = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0], "label": ["no", "no"], "virtual": [False, True]})
    >>> ax = draw_map(points)  # doctest: +SKIP
    """
    if len(points) == 0:
        raise DisplayError("there are no points to draw")
    ax = axes_of(ax, (6.6, 4.8))
    virtual = points["virtual"].to_numpy(dtype=bool)
    looks: list[tuple[Any, dict[str, Any]]] = [
        (~virtual, {"marker": "o", "s": 18, "alpha": 0.4, "linewidths": 0.0, "zorder": 2}),
        (virtual, {"marker": "^", "s": 30, "alpha": 0.85, "linewidths": 0.5, "edgecolors": "white", "zorder": 3}),
    ]
    is_numeric = pd.api.types.is_numeric_dtype(points["label"])
    as_values = is_numeric and points["label"].nunique() > _MOST_CLASSES
    if as_values:
        bounds = {"vmin": float(points["label"].min()), "vmax": float(points["label"].max()), "cmap": "viridis"}
        for which, look in looks:
            part = points[which]
            drawn = ax.scatter(part["x"], part["y"], c=part["label"].to_numpy(dtype=np.float64), **bounds, **look)
        bar = ax.figure.colorbar(drawn, ax=ax, shrink=0.6, pad=0.02)
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize="small", colors=INK)
    else:
        colors = colors_of(sorted(points["label"].unique(), key=lambda label: (isinstance(label, str), label)))
        for label, color in colors.items():
            for which, look in looks:
                part = points[which & (points["label"] == label).to_numpy()]
                ax.scatter(part["x"], part["y"], color=color, **look)
            ax.scatter([], [], marker="s", s=40, color=color, label=f"class {label}" if is_numeric else str(label))
    n_original, n_virtual = int((~virtual).sum()), int(virtual.sum())
    ax.scatter([], [], marker="o", s=26, color="#777777", alpha=0.6, label=f"row ({n_original})")
    ax.scatter([], [], marker="^", s=40, color="#777777", label=f"virtual instance ({n_virtual})")
    beside = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)}
    above = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.01), "ncols": 2}
    ax.legend(frameon=False, fontsize="small", borderaxespad=0.0, **(above if as_values else beside))
    plain_axes(ax, grid="both")
    # Distances mean something, the numbers nothing.
    ax.tick_params(labelbottom=False, labelleft=False)
    ax.set_xlabel(axis_names[0])
    ax.set_ylabel(axis_names[1])
    ax.set_aspect("equal", adjustable="datalim")
    return ax
