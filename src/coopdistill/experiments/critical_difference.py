"""The diagram of mean ranks and of what they do not tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from coopdistill.evaluation import groups_of_equals
from coopdistill.exceptions import DisplayError
from coopdistill.extra import import_extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_critical_difference"]

WIDTH = 8.0
INCHES_A_STEP = 0.22
ABOVE = 3.0
"""Steps from the axis up to the critical difference."""


def draw_critical_difference(ranks: pd.Series, difference: float, *, titles: Mapping[str, str] | None = None) -> Figure:
    """Draw mean ranks on a line, with a bar through those that do not differ, as Demšar [1]_ does.

    Parameters
    ----------
    ranks : Series
        The mean rank of each method; at least two.
    difference : float
        By which two must be apart to differ; see `coopdistill.evaluation.critical_difference`.
    titles : mapping of str to str, optional
        What to call a method instead of its name.

    Returns
    -------
    matplotlib.figure.Figure
        The best method stands at the left.

    Raises
    ------
    DisplayError
        If matplotlib is not installed.

    References
    ----------
    .. [1] J. Demšar: Statistical Comparisons of Classifiers over Multiple Data Sets. Journal of Machine Learning
       Research 7, 2006.

    Examples
    --------
    >>> figure = draw_critical_difference(pd.Series({"after": 1.2, "before": 1.8}), 0.4)  # doctest: +SKIP
    >>> figure.savefig("ranks.svg")  # doctest: +SKIP
    """
    import_extra("matplotlib", "plot", what="a figure", error=DisplayError)
    from matplotlib.figure import Figure

    ordered = ranks.sort_values(kind="stable")
    groups = groups_of_equals(ordered, difference)
    n_left = (len(ordered) + 1) // 2
    depth = len(groups) + 1 + n_left
    figure = Figure(figsize=(WIDTH, INCHES_A_STEP * (depth + ABOVE + 2)), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    reach = max(len(ordered) - 1.0, difference)
    axes.set_xlim(1.0 - 0.45 * reach, 1.0 + 1.45 * reach)
    axes.set_ylim(-depth - 1, ABOVE + 1)
    _draw_axis(axes, len(ordered), difference)
    for step, group in enumerate(groups, start=1):
        ends = [float(ordered[group[0]]), float(ordered[group[-1]])]
        axes.plot(
            [ends[0] - 0.01 * reach, ends[1] + 0.01 * reach], [-step, -step], linewidth=3, color="black", label="_"
        )
    for place, (method, rank) in enumerate(ordered.items()):
        from_left = place < n_left
        step = len(groups) + 1 + (place if from_left else len(ordered) - 1 - place)
        edge = 1.0 - 0.05 * reach if from_left else 1.0 + 1.05 * reach
        axes.plot([rank, rank, edge], [0, -step, -step], linewidth=0.8, color="0.3")
        name = (titles or {}).get(str(method), str(method))
        text = f"{name}  {rank:.2f} " if from_left else f" {rank:.2f}  {name}"
        axes.text(edge, -step, text, ha="right" if from_left else "left", va="center", fontsize="small")
    return figure


def _draw_axis(axes: Any, n_methods: int, difference: float) -> None:
    axes.plot([1, n_methods], [0, 0], color="black", linewidth=1)
    for rank in range(1, n_methods + 1):
        axes.plot([rank, rank], [0, 0.4], color="black", linewidth=1)
        axes.text(rank, 0.6, str(rank), ha="center", va="bottom", fontsize="x-small")
    axes.errorbar([1 + difference / 2], [ABOVE], xerr=[difference / 2], color="tab:red", capsize=4)
    axes.text(
        1 + difference / 2,
        ABOVE + 0.3,
        f"critical difference {difference:.2f}",
        ha="center",
        va="bottom",
        fontsize="small",
    )
