"""What each participant was before and is after."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coopdistill.displays.canvas import BEFORE_COLOR, GAIN_COLOR, LOSS_COLOR, axes_of, plain_axes
from coopdistill.exceptions import DisplayError
from coopdistill.score_unit import unit_of

__all__ = ["draw_gains"]


def draw_gains(scores: pd.DataFrame, *, ax: Any = None) -> Any:
    """Draw what each participant's model scored before and after, with the gain beside it.

    Shares are drawn in per cent, errors without their minus on an axis that runs backwards: better is to the right.

    Parameters
    ----------
    scores : DataFrame
        Columns participant, metric, before, after, as `CooperativeDistillation.evaluate` gives them.
    ax : matplotlib.axes.Axes, optional
        Default: axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DisplayError
        If there are no scores, or matplotlib is not installed.

    Examples
    --------
    >>> scores = pd.DataFrame({"participant": ["a"], "metric": ["accuracy"], "before": [0.71], "after": [0.8]})
    >>> ax = draw_gains(scores)  # doctest: +SKIP
    """
    if len(scores) == 0:
        raise DisplayError("there are no scores to draw")
    ax = axes_of(ax, (6.4, 1.5 + 0.42 * len(scores)))
    scored = scores[["before", "after"]].to_numpy(dtype=np.float64)
    unit = unit_of(str(scores["metric"].iloc[0]), scored.ravel().tolist())
    before, after = unit.factor * scored.T
    gains = scored[:, 1] - scored[:, 0]
    lines = np.arange(len(scores))
    color = np.where(gains >= 0, GAIN_COLOR, LOSS_COLOR)
    ax.hlines(lines, before, after, color=color, linewidth=3.0, alpha=0.45, zorder=1)
    ax.scatter(before, lines, s=44, color=BEFORE_COLOR, zorder=2, label="before")
    ax.scatter(after, lines, s=70, color=color, zorder=3)
    ax.scatter([], [], s=70, color=GAIN_COLOR, label="after")
    if (gains < 0).any():
        ax.scatter([], [], s=70, color=LOSS_COLOR, label="after, worse than before")
    for line, gain in enumerate(gains):
        ax.annotate(
            unit.change(float(gain)),
            (1.02, line),
            xycoords=ax.get_yaxis_transform(),
            va="center",
            fontsize="small",
            fontweight="bold",
            color=color[line] if gain else BEFORE_COLOR,
        )
    plain_axes(ax, grid="x")
    ax.set_yticks(lines, scores["participant"])
    ax.set_ylim(len(scores) - 0.4, -0.6)
    ax.margins(x=0.08)
    if unit.is_error:
        ax.invert_xaxis()
    ax.set_xlabel(unit.heading)
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, frameon=False, fontsize="small", borderaxespad=0.2)
    return ax
