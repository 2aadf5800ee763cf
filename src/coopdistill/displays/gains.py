"""What each participant was before and is after."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coopdistill.displays.canvas import BEFORE_COLOR, GAIN_COLOR, LOSS_COLOR, axes_of, plain_axes, signed
from coopdistill.exceptions import DisplayError

__all__ = ["draw_gains"]

_IN_PER_CENT = ("accuracy", "balanced_accuracy", "f1_macro", "r2")
_SPOKEN = {
    "accuracy": "accuracy, %",
    "balanced_accuracy": "balanced accuracy, %",
    "f1_macro": "macro F1, %",
    "r2": "R², %",
    "neg_mean_absolute_error": "mean absolute error, negative",
    "neg_root_mean_squared_error": "root mean squared error, negative",
}


def draw_gains(scores: pd.DataFrame, *, ax: Any = None) -> Any:
    """Draw what each participant's model scored before and after, with the gain beside it.

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
    metric = str(scores["metric"].iloc[0])
    factor = 100.0 if metric in _IN_PER_CENT else 1.0
    before, after = (factor * scores[name].to_numpy(dtype=np.float64) for name in ("before", "after"))
    lines = np.arange(len(scores))
    color = np.where(after >= before, GAIN_COLOR, LOSS_COLOR)
    ax.hlines(lines, before, after, color=color, linewidth=3.0, alpha=0.45, zorder=1)
    ax.scatter(before, lines, s=44, color=BEFORE_COLOR, zorder=2, label="before")
    ax.scatter(after, lines, s=70, color=color, zorder=3)
    ax.scatter([], [], s=70, color=GAIN_COLOR, label="after")
    if (after < before).any():
        ax.scatter([], [], s=70, color=LOSS_COLOR, label="after, worse than before")
    for line, gain in enumerate(after - before):
        ax.annotate(
            signed(gain, "+.1f" if factor > 1 else "+.3g"),
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
    ax.set_xlabel(_SPOKEN.get(metric, metric))
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, frameon=False, fontsize="small", borderaxespad=0.2)
    return ax
