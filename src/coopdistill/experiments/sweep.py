"""How the gain depends on one quantity: what is varied, as data, and what came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from coopdistill.exceptions import OptionError, nearest_name
from coopdistill.experiments.cell import Cell
from coopdistill.experiments.estimate import estimate_of
from coopdistill.experiments.experiment import BEFORE, DEFAULTS, PAPER, Setting
from coopdistill.experiments.method import Cooperation
from coopdistill.experiments.sweep_trials import (
    TrialMaker,
    make_credit_trial,
    make_digit_trial,
    make_heart_trial,
)

__all__ = ["LINES", "SWEEPS", "Point", "Sweep", "cells_of_sweep", "summarise_sweep"]

SWEPT = "sweeps"
"""Stands for the number of an experiment."""

LINES = (PAPER, DEFAULTS)
"""Ways of cooperating, each a line in a figure."""


@dataclass(frozen=True)
class Point:
    """One value of what is varied.

    Parameters
    ----------
    value : float
    setting : Setting
        The trials.
    methods : dict of str to Cooperation
        For the name of each line, what is done there.
    """

    value: float
    setting: Setting
    methods: dict[str, Cooperation]


@dataclass(frozen=True)
class Sweep:
    """A quantity that is varied on one data set.

    Parameters
    ----------
    data : str
        In a word or two.
    quantity : str
        What is varied, with its unit.
    points : tuple of Point
    small : tuple of Point
        Fewer of them.

    Examples
    --------
    >>> [point.value for point in SWEEPS[0].points]
    [0.1, 0.25, 0.5, 0.75, 1.0]
    """

    data: str
    quantity: str
    points: tuple[Point, ...]
    small: tuple[Point, ...]


def cells_of_sweep(
    sweep: Sweep, *, seeds: Sequence[int], small: bool = False, lines: tuple[str, ...] = ()
) -> list[Cell]:
    """List the cells of a sweep.

    Parameters
    ----------
    sweep : Sweep
    seeds : sequence of int
    small : bool, default=False
        Whether its few points are meant.
    lines : tuple of str, default=()
        Ways of cooperating; all if empty.

    Returns
    -------
    list of Cell
        Each once; models before cooperation are fitted once for all ways of cooperating on a trial.

    Raises
    ------
    OptionError
        If a line is unknown.

    Examples
    --------
    >>> cells = cells_of_sweep(SWEEPS[0], seeds=[0], lines=("defaults",))
    >>> len(cells), str(cells[0])
    (6, 'sweeps, German credit: untaught, seed 0')
    """
    known = [method.name for method in LINES]
    for line in lines:
        if line not in known:
            raise OptionError(f"no method {line!r} in sweeps{nearest_name(line, known)}")
    cells: dict[str, Cell] = {}
    for seed in seeds:
        for point in sweep.small if small else sweep.points:
            chosen = [method for line, method in point.methods.items() if not lines or line in lines]
            for method in (BEFORE, *chosen):
                cell = Cell(SWEPT, point.setting, method, seed)
                cells.setdefault(cell.key, cell)
    return list(cells.values())


def summarise_sweep(sweep: Sweep, rows: pd.DataFrame) -> pd.DataFrame:
    """Summarise over seeds what was gained at each value.

    Parameters
    ----------
    sweep : Sweep
    rows : DataFrame
        From `coopdistill.experiments.results_of`.

    Returns
    -------
    DataFrame
        Columns data, quantity, line, value, n_seeds, mean, low, high: the gain in points of accuracy, mean over
        participants, with the 95 % interval of its mean over seeds (missing of few seeds).

    Examples
    --------
    >>> scores = [("untaught", 0.5), ("defaults", 0.6)]
    >>> rows = pd.DataFrame(
    ...     [{"setting": "German credit", "method": m, "seed": 0, "participant": "a", "score": s} for m, s in scores]
    ... )
    >>> summarise_sweep(SWEEPS[0], rows)[["line", "value", "mean"]].round(6).to_dict("records")
    [{'line': 'defaults', 'value': 0.5, 'mean': 10.0}]
    """
    scores = rows.assign(score=rows["score"].astype(float)).set_index(["setting", "method", "seed", "participant"])
    found = []
    for point in sweep.points + tuple(p for p in sweep.small if p not in sweep.points):
        before = _scores(scores, point.setting.name, BEFORE.name)
        for line, method in point.methods.items():
            gains = 100 * (_scores(scores, point.setting.name, method.name) - before).dropna()
            by_seed = gains.groupby("seed").mean()
            if len(by_seed):
                found.append({"line": line, "value": point.value} | _numbers(by_seed.tolist()))
    about = {"data": sweep.data, "quantity": sweep.quantity}
    columns = [*about, "line", "value", "n_seeds", "mean", "low", "high"]
    return pd.DataFrame([{**about, **one} for one in found], columns=columns)


def _scores(scores: pd.DataFrame, setting: str, method: str) -> pd.Series:
    """Return the scores of one method on one setting, by seed and participant."""
    chosen = scores.index.get_level_values("setting") == setting
    chosen &= scores.index.get_level_values("method") == method
    return scores.loc[chosen, "score"].droplevel(["setting", "method"])


def _numbers(gains: list[float]) -> dict[str, Any]:
    interval = estimate_of(gains)
    half = float("nan") if interval.half_width is None else interval.half_width
    return {"n_seeds": interval.n, "mean": interval.mean, "low": interval.mean - half, "high": interval.mean + half}


ALPHAS = (0.1, 0.25, 0.5, 0.75, 1.0)
SHARES = (0.25, 0.5, 0.75, 1.0)
DATA: dict[str, tuple[TrialMaker, tuple[int, ...], tuple[int, ...]]] = {
    "German credit": (make_credit_trial, (2, 3, 5, 8), (25, 50, 100, 200)),
    "heart disease": (make_heart_trial, (2, 3, 4, 6), (20, 40, 80, 120)),
    "digits": (make_digit_trial, (2, 3, 5, 8), (25, 50, 100, 200)),
}
"""For each data set its trials, numbers of participants, and numbers of rows: as many as it has."""


def _over_alpha(data: str, make: TrialMaker) -> Sweep:
    setting = Setting(data, make)
    points = tuple(Point(alpha, setting, {line.name: _with_alpha(line, alpha) for line in LINES}) for alpha in ALPHAS)
    return Sweep(data, "α", points, (points[0], points[-1]))


def _with_alpha(line: Cooperation, alpha: float) -> Cooperation:
    # Half is what both ways do anyway, so it is the same cell as in the other sweeps.
    return line if alpha == 0.5 else Cooperation(f"{line.name}, alpha {alpha}", {**line.options, "alpha": alpha})


def _over(
    data: str, make: TrialMaker, quantity: str, option: str, values: tuple[float, ...], *, shown: int = 1
) -> Sweep:
    ways = {line.name: line for line in LINES}
    points = tuple(
        Point(shown * value, Setting(f"{data}, {option} {value}", partial(make, **{option: value})), ways)
        for value in values
    )
    return Sweep(data, quantity, points, points[:2])


def _sweeps_on(data: str) -> tuple[Sweep, ...]:
    make, counts, sizes = DATA[data]
    return (
        _over_alpha(data, make),
        _over(data, make, "participants", "n_participants", counts),
        _over(data, make, "rows of each participant", "n_rows", sizes),
        _over(data, make, "columns that all share, %", "share_shared", SHARES, shown=100),
    )


SWEEPS: tuple[Sweep, ...] = tuple(sweep for data in DATA for sweep in _sweeps_on(data))
"""α, the number of participants, their rows and the overlap of their columns, each on three data sets."""
