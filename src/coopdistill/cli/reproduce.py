"""``coopdistill reproduce``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coopdistill.cli.cells import run_or_stop, write_texts

if TYPE_CHECKING:
    from coopdistill.experiments import Cell, Experiment, Picture

__all__ = ["reproduce"]

NUMBERS = tuple(str(number) for number in range(1, 7))
ALL = "all"
SWEEPS = "sweeps"
PICTURE = "ranks.svg"
TOGETHER = "together"


@click.command(
    epilog="""\b
Examples:
  coopdistill reproduce 3 --seeds 2 --out reproduction
  coopdistill reproduce all --small
  coopdistill reproduce all --finished --out reproduction
"""
)
@click.argument("number", type=click.Choice([*NUMBERS, ALL, SWEEPS]), default=ALL)
@click.option("--seeds", type=click.IntRange(1), default=10, show_default=True, help="Repetitions, seeds 0, 1, …")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="coopdistill-reproduction",
    show_default=True,
    metavar="DIR",
    help="Folder for the results. What was finished there is not run again.",
)
@click.option("--n-jobs", type=int, default=-1, show_default=True, help="Processes; -1 for one a processor.")
@click.option("--small", is_flag=True, help="Settings with few rows, done in minutes.")
@click.option("--method", "methods", multiple=True, metavar="NAME", help="Only this method; may be repeated.")
@click.option("--finished", is_flag=True, help="Run nothing; put together what DIR holds, whatever runs it is from.")
@click.option("--json", "as_json", is_flag=True, help="Print the tables as JSON, and nothing else, on stdout.")
def reproduce(
    number: str,
    seeds: int,
    out: Path,
    n_jobs: int,
    small: bool,
    methods: tuple[str, ...],
    finished: bool,
    as_json: bool,
) -> None:
    """Run the experiments of the paper, beside all baselines.

    For each, DIR/experiment-NUMBER gets a table (Markdown and CSV), figures and the rows behind it; DIR/summary.md says
    what all that DIR holds comes to: ranks of the methods and tests. An interrupted run goes on when it is started
    again. "sweeps" are no experiments of the paper and not among "all": how the gain depends on α, on the number of
    participants, on their rows and on the columns that they share.
    """
    from coopdistill.exceptions import OptionError
    from coopdistill.experiments import EXPERIMENTS, cells_of, finished_cells

    if n_jobs == 0:
        raise OptionError("--n-jobs 0: it must be a number of processes, or -1 for one a processor")
    if finished and (number == SWEEPS or methods):
        raise OptionError("--finished puts together all methods of experiments; leave out --method and 'sweeps'")
    if number == SWEEPS:
        from coopdistill.cli.sweeps import run_sweeps

        run_sweeps(out, seeds=range(seeds), small=small, lines=methods, n_jobs=n_jobs, as_json=as_json)
        return
    chosen = [EXPERIMENTS[int(one)] for one in (NUMBERS if number == ALL else [number])]
    if finished:
        cells = {one.number: finished_cells([one], out, small=small) for one in chosen}
    else:
        cells = {one.number: cells_of(one, seeds=range(seeds), small=small, methods=methods) for one in chosen}
        run_or_stop([cell for these in cells.values() for cell in these], out, n_jobs=n_jobs)
    told: dict[str, Any] = {}
    for experiment in chosen:
        if cells[experiment.number]:
            text, records = _put_together(experiment, cells[experiment.number], out)
            told[str(experiment.number)] = records
            if not as_json:
                click.echo(text)
    if not told:
        raise OptionError(f"--finished: {str(out)!r} holds no result of experiment {number} yet; leave out --finished")
    told[TOGETHER] = _summarise(out, small=small)
    if as_json:
        from coopdistill.cli.telling import tell_json

        tell_json(told)
    else:
        click.echo(f"Tables and rows: {out}; all experiments together: {out / 'summary.md'}")


def _put_together(experiment: Experiment, cells: list[Cell], out: Path) -> tuple[str, Any]:
    """Write tables and figures of an experiment's cells; return its table as Markdown and as plain data."""
    from coopdistill.experiments import as_markdown, counts_as_markdown, pictures_of, results_of, summarise_rows

    rows, transfers = results_of(cells, out)
    summary = summarise_rows(experiment, rows)
    text = "\n".join(part for part in (as_markdown(experiment, summary), counts_as_markdown(transfers)) if part)
    folder = out / f"experiment-{experiment.number}"
    _write(folder, text, summary, rows, transfers)
    _draw(folder, summary, transfers)
    _draw_pictures(folder, pictures_of(cells, out), image_shape=experiment.image_shape)
    return text, summary.astype(object).where(summary.notna(), None).to_dict("records")


def _write(folder: Path, text: str, summary: Any, rows: Any, transfers: Any) -> None:
    """Write a table as Markdown and CSV, and what lies behind it."""
    tables = {"table.csv": summary, "rows.csv": rows, "transfers.csv": transfers}
    contents = {"table.md": text} | {
        name: table.to_csv(index=False, lineterminator="\n") for name, table in tables.items()
    }
    write_texts(folder, contents)


def _draw(folder: Path, summary: Any, transfers: Any) -> None:
    """Write the figures, where what draws them is installed."""
    from importlib.util import find_spec

    from coopdistill.experiments import draw_scores, draw_transfers

    if find_spec("matplotlib") is None:
        click.echo("no figures: these need pip install 'coopdistill[plot]'", err=True)
        return
    draw_scores(summary).savefig(folder / "scores.svg")
    if len(transfers):
        draw_transfers(transfers).savefig(folder / "transfers.svg")


def _draw_pictures(folder: Path, pictures: list[Picture], *, image_shape: tuple[int, int] | None) -> None:
    """Write which features were changed and where virtual instances lie, where that is known and can be drawn."""
    from importlib.util import find_spec

    from coopdistill.experiments import draw_changes, draw_maps

    if find_spec("matplotlib") is None:
        return
    if any(len(picture.changes) for picture in pictures):
        draw_changes(pictures, image_shape=image_shape).savefig(folder / "features.svg")
    if any(len(picture.points) for picture in pictures):
        draw_maps(pictures).savefig(folder / "map.svg")


def _summarise(out: Path, *, small: bool) -> dict[str, Any]:
    """Write what all that is finished in a folder comes to, and return it as plain data."""
    from importlib.util import find_spec

    from coopdistill.experiments import (
        EXPERIMENTS,
        METHOD_TITLES,
        draw_critical_difference,
        finished_cells,
        results_of,
        same_trials,
        summarise,
        summary_as_data,
        summary_as_markdown,
    )

    rows, _ = results_of(finished_cells(EXPERIMENTS.values(), out, small=small), out)
    together = summarise(rows, repeated=same_trials(EXPERIMENTS.values(), small=small))
    can_draw = together.difference is not None and find_spec("matplotlib") is not None
    write_texts(out, {"summary.md": summary_as_markdown(together, picture=PICTURE if can_draw else None)})
    if together.difference is not None and can_draw:
        ranks = together.standing.ranks
        draw_critical_difference(ranks, together.difference, titles=METHOD_TITLES).savefig(out / PICTURE)
    return summary_as_data(together)
