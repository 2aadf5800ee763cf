"""Gain against the number of virtual instances that travelled."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cooperation.measures import honest, in_points, of_labels
from cooperation.methods import CURVE
from cooperation.page import FLOOR, REFERENCE, travelled

SIZE = (8.0, 4.8)


def draw_curve(rows: pd.DataFrame, path: Path) -> None:
    """Draw a point for each method, and a line through the shares of what the defaults send.

    Parameters
    ----------
    rows : DataFrame
        As `cooperation.cells.measure` makes them.
    path : Path
        Its ending decides on the format.
    """
    from matplotlib.figure import Figure

    found = travelled(of_labels(honest(in_points(rows)))).drop(index=FLOOR, errors="ignore").dropna(subset=["cost"])
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    ours = found[found.index.isin([REFERENCE, *CURVE])]
    axes.plot(ours["cost"], ours["gain"], color="tab:blue", marker="o", label="defaults, and shares of what they send")
    others = found.drop(index=ours.index)
    with_rows = others["rows"] > 0
    for group, marker, label in ((others[~with_rows], "s", "without rows"), (others[with_rows], "x", "rows travel")):
        axes.scatter(group["cost"], group["gain"], marker=marker, color="0.3", label=label)
    for name, line in others.iterrows():
        # Where rows travel names stand on the right, else on the left, where there is room: points are close to pairs.
        side = "right" if line["cost"] > 0 and not line["rows"] > 0 else "left"
        place = {"xytext": (-6 if side == "right" else 6, 4), "textcoords": "offset points"}
        axes.annotate(str(name), (line["cost"], line["gain"]), ha=side, fontsize=8, **place)
    axes.axhline(0, color="0.7", linewidth=0.8)
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlim(-0.2, 3 * max(1.0, *found["cost"]))
    axes.set_xlabel("virtual instances or rows that travelled, a student")
    axes.set_ylabel("gain in points")
    axes.legend(fontsize=8)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
