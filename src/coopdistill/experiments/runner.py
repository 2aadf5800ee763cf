"""Runs experiments: in parallel, and from where an interrupted run stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from coopdistill.experiments.cell import Cell, run_cell
from coopdistill.experiments.cell_store import CellStore
from coopdistill.experiments.experiment import Experiment
from coopdistill.experiments.picture import FIRST_SEED, Picture
from coopdistill.processes import in_processes

__all__ = ["Told", "cells_of", "finished_cells", "pictures_of", "results_of", "run_cells"]

Told = Callable[[Cell | None, int, int], None]
"""Called with the cell that is finished (None at the start), how many are, and how many there were to run."""


def cells_of(
    experiment: Experiment, *, seeds: Sequence[int], small: bool = False, methods: tuple[str, ...] = ()
) -> list[Cell]:
    """List the cells of an experiment.

    Parameters
    ----------
    experiment : Experiment
    seeds : sequence of int
    small : bool, default=False
        Whether its small settings are meant.
    methods : tuple of str, default=()
        The methods; all if empty.

    Returns
    -------
    list of Cell
        A seed's after another's, so that an interrupted run has whole trials.

    Examples
    --------
    >>> from coopdistill.experiments import EXPERIMENTS
    >>> [str(cell) for cell in cells_of(EXPERIMENTS[3], seeds=[0], methods=("untaught", "defaults"))]
    ['experiment 3, hospitals: untaught, seed 0', 'experiment 3, hospitals: defaults, seed 0']
    """
    settings = experiment.small if small else experiment.settings
    chosen = experiment.chosen(methods)
    return [
        Cell(experiment.number, setting, method, seed)
        for seed in seeds
        for setting in settings
        for method in setting.methods_among(chosen)
    ]


def run_cells(cells: Sequence[Cell], folder: Path, *, n_jobs: int | None = None, tell: Told | None = None) -> None:
    """Run the cells that a folder lacks; each is written there as soon as it is finished.

    Parameters
    ----------
    cells : sequence of Cell
    folder : Path
    n_jobs : int, optional
        Processes, as joblib counts them. The results do not depend on it.
    tell : callable, optional
        Told of each finished cell.

    Raises
    ------
    InputError
        If the folder cannot be written, or the data of an experiment are absent.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_random_subsets
    >>> from coopdistill.experiments import Setting, Trial
    >>> def make(seed):
    ...     cohorts = make_random_subsets("iris", random_state=seed)
    ...     who = [Participant(name, GaussianNB(), *table) for name, table in cohorts.train.items()]
    ...     return Trial(tuple(who), *cohorts.test)
    >>> iris = Experiment(number=7, title="Thirds of iris", settings=(Setting("thirds", make),), small=())
    >>> cells = cells_of(iris, seeds=[0, 1], methods=("untaught", "pooled"))
    >>> folder = Path(tempfile.mkdtemp())
    >>> run_cells(cells, folder)
    >>> rows, transfers = results_of(cells, folder)
    >>> rows.groupby("method")["status"].count().to_dict()
    {'pooled': 6, 'untaught': 6}
    """
    store = CellStore(folder)
    lacking = store.lacking(cells)
    if tell is not None:
        tell(None, 0, len(lacking))
    with in_processes(_run_into, [(store, cell) for cell in lacking], n_jobs=n_jobs) as finished:
        for done, cell in enumerate(finished, start=1):
            if tell is not None:
                tell(cell, done, len(lacking))


def _run_into(store: CellStore, cell: Cell) -> Cell:
    store.write(cell, run_cell(cell))
    return cell


def finished_cells(experiments: Iterable[Experiment], folder: Path, *, small: bool = False) -> list[Cell]:
    """List the cells of several experiments that a folder has, whatever run they come from.

    Parameters
    ----------
    experiments : iterable of Experiment
    folder : Path
    small : bool, default=False
        Whether their small settings are meant.

    Returns
    -------
    list of Cell
        One method after the other. Those of other versions or options, which the folder may have, too, are not among
        them.

    Examples
    --------
    >>> import tempfile
    >>> from coopdistill.experiments import EXPERIMENTS
    >>> finished_cells(EXPERIMENTS.values(), Path(tempfile.mkdtemp()))
    []
    """
    store = CellStore(folder)
    seeds = store.seeds()
    return [cell for one in experiments for cell in _by_method(one, seeds, small) if store.has(cell)]


def _by_method(experiment: Experiment, seeds: Sequence[int], small: bool) -> list[Cell]:
    place = {method.name: number for number, method in enumerate(experiment.methods)}
    return sorted(cells_of(experiment, seeds=seeds, small=small), key=lambda cell: place[cell.method.name])


def results_of(cells: Sequence[Cell], folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the finished cells together.

    Parameters
    ----------
    cells : sequence of Cell
    folder : Path
        That they were run into.

    Returns
    -------
    rows : DataFrame
        A row for each cell and participant; see `run_cell`.
    transfers : DataFrame
        A row for each cooperation, teacher and student.

    See Also
    --------
    run_cells : With an example.
    """
    store = CellStore(folder)
    rows: list[dict[str, Any]] = []
    transfers: list[dict[str, Any]] = []
    for cell in cells:
        found = store.read(cell)
        if found is not None:
            rows += found["rows"]
            transfers += found["transfers"]
    return pd.DataFrame(rows), pd.DataFrame(transfers)


def pictures_of(cells: Sequence[Cell], folder: Path) -> list[Picture]:
    """Return what the pictures of finished cooperations show.

    Parameters
    ----------
    cells : sequence of Cell
    folder : Path
        That they were run into.

    Returns
    -------
    list of Picture
        One for each setting and way of cooperating of which the first seed was run.

    See Also
    --------
    run_cells : With an example.
    """
    store = CellStore(folder)
    found = ((cell, store.read(cell)) for cell in cells if cell.seed == FIRST_SEED)
    return [
        Picture.of({"setting": cell.setting.name, "method": cell.method.name}, kept["picture"])
        for cell, kept in found
        if kept is not None and kept.get("picture")
    ]
