"""Which features teachers changed, class by class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.displays.canvas import INK, RULE, axes_of, in_ink, plain_axes, separate_cells, signed
from coopdistill.exceptions import DisplayError, OptionError, nearest_name
from coopdistill.options import check_whole

__all__ = ["draw_feature_changes", "draw_picture_changes"]

_VALUES = {"share": "share_changed", "mean": "mean_change"}
_MOST_NUMBERS = 12
"""Classes up to which each cell has its number."""
_LETTER = 0.085
"""Width of a letter, in inches."""
_GAP = 0.12
"""Between two pictures, as a share of a picture's width."""


def draw_feature_changes(changes: pd.DataFrame, *, ax: Any = None, value: str = "share", n_features: int = 20) -> Any:
    """Draw which features teachers changed on the way from a row to a virtual instance.

    Parameters
    ----------
    changes : DataFrame
        Columns label, feature, n, share_changed and mean_change; a row each teacher, label and feature. Teachers are
        averaged, by how many instances (n) each made.
    ax : matplotlib.axes.Axes, optional
        Default: axes of a new figure.
    value : {"share", "mean"}, default="share"
        The share of instances in which a feature differs from the row that they came from; or how far it moved in
        the mean, in spreads, where a category has no direction and stays empty.
    n_features : int, default=20
        So many at the most, those that were changed most.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DisplayError
        If there are no changes, or matplotlib is not installed.
    OptionError
        If an option is unknown.

    Examples
    --------
    >>> changes = pd.DataFrame(
    ...     {"label": ["ill"], "feature": ["age"], "n": [30], "share_changed": [0.9], "mean_change": [0.4]}
    ... )
    >>> ax = draw_feature_changes(changes)  # doctest: +SKIP
    """
    if value not in _VALUES:
        raise OptionError(f"unknown value={value!r}{nearest_name(value, _VALUES)}")
    check_whole("n_features", n_features, least=1)
    table = _over_teachers(changes, _VALUES[value])
    n_all = len(table)
    strength = table.abs().mean(axis=1).fillna(0.0)
    shown = table.loc[strength.sort_values(ascending=False, kind="stable").index[:n_features]]
    longest = _LETTER * max(len(str(label)) for label in shown.columns)
    cell = min(max(longest + 0.15, 0.62), 1.1)
    ax = axes_of(ax, (2.0 + cell * len(shown.columns), 1.2 + 0.27 * len(shown)))
    values = shown.to_numpy(dtype=np.float64)
    greatest = 1.0 if value == "share" else max(float(np.nanmax(np.abs(values), initial=0.0)), 1e-9)
    low, palette = (0.0, "Blues") if value == "share" else (-greatest, "RdBu_r")
    drawn = ax.imshow(values, cmap=palette, vmin=low, vmax=greatest, aspect="auto")
    ax.set_facecolor(RULE)
    if len(shown.columns) <= _MOST_NUMBERS:
        _write_numbers(ax, values, greatest, ".0%" if value == "share" else "+.2f")
    else:
        ax.figure.colorbar(drawn, ax=ax, shrink=0.6, label=_TITLES[value])
    plain_axes(ax)
    separate_cells(ax, shown.shape)
    slanted = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if longest > cell else {}
    ax.set_xticks(range(len(shown.columns)), [str(label) for label in shown.columns], **slanted)
    ax.set_yticks(range(len(shown)), [str(name) for name in shown.index])
    ax.set_xlabel("class")
    ax.set_ylabel(f"{len(shown)} of {n_all} features" if len(shown) < n_all else "")
    ax.set_title(_TITLES[value], loc="left", fontsize="medium", color=INK)
    return ax


_TITLES = {"share": "changed by teachers\n(share of instances)", "mean": "moved by teachers\n(mean, in spreads)"}


def _write_numbers(ax: Any, values: NDArray[np.float64], greatest: float, how: str) -> None:
    for (i, j), number in np.ndenumerate(values):
        if np.isfinite(number):
            color = in_ink(abs(number) / greatest)
            ax.text(j, i, signed(number, how), ha="center", va="center", fontsize="x-small", color=color)


def draw_picture_changes(changes: pd.DataFrame, image_shape: tuple[int, int], *, ax: Any = None) -> Any:
    """Draw how far teachers moved each pixel in the mean, a picture for each class.

    Parameters
    ----------
    changes : DataFrame
        As `draw_feature_changes` takes it; features are pixels, row by row.
    image_shape : tuple of int
        Height and width.
    ax : matplotlib.axes.Axes, optional
        Default: axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DisplayError
        If there are no changes, features are not as many as pixels, or matplotlib is not installed.

    Examples
    --------
    >>> pixels = {"label": 3, "feature": ["a", "b"], "n": 9, "share_changed": 0.5, "mean_change": [0.1, -0.2]}
    >>> ax = draw_picture_changes(pd.DataFrame(pixels), (1, 2))  # doctest: +SKIP
    """
    table = _over_teachers(changes, "mean_change")
    height, width = image_shape
    if len(table) != height * width:
        raise DisplayError(f"{len(table)} features are no pictures of image_shape={image_shape!r}; give height × width")
    labels = list(table.columns)
    n_columns = min(5, len(labels))
    n_lines = -(-len(labels) // n_columns)
    ax = axes_of(ax, (0.9 + 1.3 * n_columns, 0.5 + 1.55 * n_lines * height / width))
    greatest = max(float(np.nanmax(np.abs(table.to_numpy()), initial=0.0)), 1e-9)
    for place, label in enumerate(labels):
        line, column = divmod(place, n_columns)
        left, top = column * (1 + _GAP), line * (height / width + 3 * _GAP)
        picture = table[label].to_numpy(dtype=np.float64).reshape(height, width)
        bounds = (left, left + 1, top + height / width, top)
        drawn = ax.imshow(picture, cmap="RdBu_r", vmin=-greatest, vmax=greatest, extent=bounds)
        ax.text(left + 0.5, top - 0.03, str(label), ha="center", va="bottom", fontsize="small", color=INK)
        ax.plot(
            [left, left + 1, left + 1, left, left],
            [top, top, top + height / width, top + height / width, top],
            color=RULE,
            linewidth=1,
        )
    ax.set_xlim(-_GAP / 2, n_columns * (1 + _GAP) - _GAP / 2)
    ax.set_ylim(n_lines * (height / width + 3 * _GAP) - 2 * _GAP, -2.4 * _GAP)
    ax.set_axis_off()
    bar = ax.figure.colorbar(drawn, ax=ax, shrink=0.7, pad=0.02)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize="x-small", colors=INK, length=0)
    bar.set_label("spreads", fontsize="small", color=INK)
    ax.set_title("moved by teachers in the mean", loc="left", fontsize="medium", color=INK)
    return ax


def _over_teachers(changes: pd.DataFrame, column: str) -> pd.DataFrame:
    """Average over teachers: features in their order, classes in columns."""
    known = changes[changes["n"] > 0] if len(changes) else changes
    if len(known) == 0:
        raise DisplayError("there are no changes to draw: too few virtual instances of any class were made")
    worth = known[column] * known["n"]
    weight = known["n"].where(worth.notna())
    parts = known[["label", "feature"]].assign(worth=worth, weight=weight)
    sums = parts.groupby(["feature", "label"], sort=False)[["worth", "weight"]].sum()
    table = (sums["worth"] / sums["weight"].where(sums["weight"] > 0)).unstack()  # noqa: PD010  # nothing to aggregate
    ordered = sorted(table.columns, key=lambda label: (isinstance(label, str), label))
    return table.loc[list(dict.fromkeys(known["feature"])), ordered]
