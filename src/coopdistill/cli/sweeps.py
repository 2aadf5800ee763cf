"""``coopdistill reproduce sweeps``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coopdistill.cli.cells import run_or_stop, write_texts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["run_sweeps"]

FOLDER = "sweeps"
FILES = {
    "α": "alpha",
    "participants": "participants",
    "rows of each participant": "rows",
    "columns that all share, %": "overlap",
}
"""For each quantity, the name of its figure."""


def run_sweeps(
    out: Path, *, seeds: Sequence[int], small: bool, lines: tuple[str, ...], n_jobs: int, as_json: bool
) -> None:
    """Run all sweeps, and write the gains as a table and as figures.

    Parameters
    ----------
    out : Path
        Folder; ``sweeps`` in it holds the results.
    seeds : sequence of int
    small : bool
        Whether few points are run.
    lines : tuple of str
        Ways of cooperating; all if empty.
    n_jobs : int
    as_json : bool
        Whether the table is printed as JSON.
    """
    import pandas as pd

    from coopdistill.experiments import SWEEPS, cells_of_sweep, results_of, summarise_sweep

    cells = [cells_of_sweep(sweep, seeds=seeds, small=small, lines=lines) for sweep in SWEEPS]
    run_or_stop(list({cell.key: cell for these in cells for cell in these}.values()), out, n_jobs=n_jobs)
    parts = [summarise_sweep(sweep, results_of(these, out)[0]) for sweep, these in zip(SWEEPS, cells, strict=True)]
    gains = pd.concat([part for part in parts if len(part)], ignore_index=True)
    folder = out / FOLDER
    text = _as_markdown(gains)
    write_texts(folder, {"gains.csv": gains.to_csv(index=False, lineterminator="\n"), "gains.md": text})
    _draw(folder, gains)
    if as_json:
        from coopdistill.cli.telling import tell_json

        told: Any = gains.astype(object).where(gains.notna(), None).to_dict("records")
        tell_json({FOLDER: told})
    else:
        click.echo(text)
        click.echo(f"Table and figures: {folder}")


def _as_markdown(gains: pd.DataFrame) -> str:
    from coopdistill.experiments import METHOD_TITLES, Estimate

    lines = ["| data | varied | value | way | gain, points | seeds |", "| --- | --- | ---: | --- | ---: | ---: |"]
    for point in gains.to_dict("records"):
        half = None if point["high"] != point["high"] else point["high"] - point["mean"]
        gain = str(Estimate(point["mean"], half, point["n_seeds"]))
        way = METHOD_TITLES.get(point["line"], point["line"])
        lines.append(
            f"| {point['data']} | {point['quantity']} | {point['value']:g} | {way} | {gain} | {point['n_seeds']} |"
        )
    return "\n".join(lines) + "\n"


def _draw(folder: Path, gains: pd.DataFrame) -> None:
    from importlib.util import find_spec

    from coopdistill.experiments import draw_sweeps

    if find_spec("matplotlib") is None:
        click.echo("no figures: these need pip install 'coopdistill[plot]'", err=True)
        return
    for quantity, part in gains.groupby("quantity", sort=False):
        draw_sweeps(part).savefig(folder / f"gain-{FILES[str(quantity)]}.svg")
