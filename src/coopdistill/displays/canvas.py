"""The axes that a picture is drawn on, and the colours that all pictures share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from coopdistill.exceptions import DisplayError
from coopdistill.extra import import_extra

__all__ = [
    "BEFORE_COLOR",
    "GAIN_COLOR",
    "INK",
    "LOSS_COLOR",
    "RULE",
    "axes_of",
    "brief",
    "colors_of",
    "in_ink",
    "plain_axes",
    "separate_cells",
    "signed",
]

INK = "#33373d"
RULE = "#dfe3e8"
BEFORE_COLOR = "#98a1ad"
GAIN_COLOR = "#0072b2"
LOSS_COLOR = "#d55e00"

# Distinct also for most people who are colour-blind (after Okabe and Ito), and on white paper.
_COLORS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#8c564b",
    "#5b5f97",
    "#7a9a01",
    "#222222",
)


def axes_of(ax: Any, size: tuple[float, float]) -> Any:
    """Return the axes that were given, or those of a new figure.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
    size : tuple of float
        Of the new figure, in inches.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DisplayError
        If matplotlib is not installed.
    """
    if ax is not None:
        return ax
    pyplot = import_extra("matplotlib.pyplot", "plot", what="a picture", error=DisplayError)
    return pyplot.subplots(figsize=size, layout="constrained")[1]


def plain_axes(ax: Any, *, grid: str | None = None) -> None:
    """Take away what carries no meaning: the frame and the ticks; draw a quiet grid along one axis."""
    for side in ax.spines.values():
        side.set_visible(False)
    ax.tick_params(length=0, colors=INK, labelsize="small")
    for label in (ax.xaxis.label, ax.yaxis.label):
        label.set_color(INK)
    if grid is not None:
        ax.grid(axis=grid, color=RULE, linewidth=0.8)
        ax.set_axisbelow(True)


def separate_cells(ax: Any, shape: tuple[int, int]) -> None:
    """Draw white lines between the cells of a table of shades."""
    for axis, n in ((ax.yaxis, shape[0]), (ax.xaxis, shape[1])):
        axis.set_ticks([place + 0.5 for place in range(n - 1)], minor=True)
    ax.grid(which="minor", color="white", linewidth=2.0)
    ax.tick_params(which="minor", length=0)


def in_ink(share: float) -> str:
    """Return the colour of a number on a cell that is so dark, from 0 to 1."""
    return "white" if share > 0.55 else INK


def colors_of(names: Iterable[object]) -> dict[Any, str]:
    """Give each name a colour, in their order; after ten they come again.

    Examples
    --------
    >>> colors_of(["yes", "no"])
    {'yes': '#0072b2', 'no': '#d55e00'}
    """
    return {name: _COLORS[place % len(_COLORS)] for place, name in enumerate(dict.fromkeys(names))}


def signed(number: float, how: str) -> str:
    """Write a number with its sign, a minus where there is one, and nothing before a zero.

    Examples
    --------
    >>> [signed(x, "+.1f") for x in (2.04, -1, -0.01)]
    ['+2.0', '−1.0', '0.0']
    """
    text = format(number, how)
    return text.replace("-", "−") if any(digit in text for digit in "123456789") else text.lstrip("+-")


def brief(number: float) -> str:
    """Write a count so that it fits a small cell.

    Examples
    --------
    >>> [brief(n) for n in (0, 947.6, 1234, 68864, 1_240_000)]
    ['0', '948', '1.2k', '69k', '1.2M']
    """
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if number >= 0.9995 * size:
            return f"{number / size:.1f}{unit}" if number < 9.95 * size else f"{number / size:.0f}{unit}"
    return f"{number:.0f}"
