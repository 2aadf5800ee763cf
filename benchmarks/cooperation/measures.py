"""From what every student came to, what each method is worth.

Scores become points: per cent of accuracy or of balanced accuracy, hundredths of R². Where a method does not apply to a
student, that student keeps its model, and gains nothing. Scenarios count alike, whatever their numbers of students.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cooperation.scenario import BAD_TEACHERS

STUDENT = ["scenario", "cast", "seed", "participant"]
TRIAL = ["scenario", "cast", "seed"]
LEAST_HARM = 1.0
"""A student must lose more points to be harmed."""

ROUNDING = 1e-9
"""Points: two of 200 rows are one, which a difference of two shares may exceed in its last digit."""

LEAST_R2 = -1.0
"""What R² counts at the least: it has no lower end, and one model of no use at all would outweigh all others."""


def in_points(rows: pd.DataFrame) -> pd.DataFrame:
    """Add what is compared: ``gain`` and its ``error`` in points, ``gain_of_pooling``, ``applies``, and harm.

    Parameters
    ----------
    rows : DataFrame
        A line a method and student, as `cooperation.cells.measure` makes them.

    Returns
    -------
    DataFrame
        ``harmed`` where more than a point is lost, ``harmed_clearly`` where that is also more than one standard error
        of the paired difference.
    """
    table = rows.copy()
    table["applies"] = table["after"].notna()
    least = np.where(table["metric"] == "r2", LEAST_R2, -np.inf)
    before = table["before"].clip(lower=least)
    after = table["after"].astype(float).fillna(table["before"]).clip(lower=least)
    table["gain"] = 100 * (after - before)
    table["error"] = 100 * table["error"].astype(float).fillna(0.0)
    pooled = table[table["method"] == "pooled"].set_index(STUDENT)["gain"].rename("gain_of_pooling")
    table = table.join(pooled, on=STUDENT)
    table["harmed"] = table["gain"] < -LEAST_HARM - ROUNDING
    table["harmed_clearly"] = table["harmed"] & (table["gain"] < -table["error"])
    return table


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Put the students of each method together.

    Parameters
    ----------
    table : DataFrame
        From `in_points`.

    Returns
    -------
    DataFrame
        A line a method: gain; recovered (sum of gains over the sum of what pooling gains, both over scenarios, in per
        cent; missing without pooling); worst; harmed and harmed_clearly (per cent of students); applies (per cent);
        instances (mean a student); times (median of the time, in times of fitting all once).
    """
    lines = {}
    for method, part in table.groupby("method", sort=False):
        scenarios = part.groupby("scenario")[["gain", "gain_of_pooling"]].mean()
        lines[method] = {
            "gain": scenarios["gain"].mean(),
            "recovered": 100 * scenarios["gain"].sum() / scenarios["gain_of_pooling"].sum(skipna=False),
            "worst": part["gain"].min(),
            "harmed": 100 * part["harmed"].mean(),
            "harmed_clearly": 100 * part["harmed_clearly"].mean(),
            "applies": 100 * part["applies"].mean(),
            "instances": a_student(part, "instances"),
            "rows": a_student(part, "rows"),
            "qualified": a_student(part, "qualified"),
            "times": (part["seconds"] / part["seconds_of_fitting"]).median(),
        }
    return pd.DataFrame.from_dict(lines, orient="index")


def a_student(part: pd.DataFrame, count: str) -> float:
    """Return the mean of a count for each student, of scenarios that count alike; counts are of whole trials."""
    trials = part.groupby(TRIAL).agg(count=(count, "first"), students=("participant", "size")).reset_index()
    return float((trials["count"].astype(float) / trials["students"]).groupby(trials["scenario"]).mean().mean())


def honest(table: pd.DataFrame) -> pd.DataFrame:
    """Return the students whose own labels are true."""
    return table[table["honest"]]


def renewed(before: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with those of other methods that were measured before, in the same scenarios, casts and seeds.

    Methods stay in the order in which they come, the ones before first.
    """
    trial = ["scenario", "cast", "seed"]
    is_of_trial = _keys(before, trial).isin(_keys(rows, trial))
    is_again = _keys(before, [*trial, "method"]).isin(_keys(rows, [*trial, "method"]))
    methods = list(dict.fromkeys([*before["method"], *rows["method"]]))
    together = pd.concat([before[is_of_trial & ~is_again], rows], ignore_index=True)
    return together.sort_values("method", key=lambda names: names.map(methods.index), kind="stable", ignore_index=True)


def _keys(rows: pd.DataFrame, columns: list[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[columns])


def of_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Return what is measured in per cent of accuracy, balanced or not."""
    return table[table["metric"] != "r2"]


def of_values(table: pd.DataFrame) -> pd.DataFrame:
    """Return what is measured in hundredths of R²."""
    return table[table["metric"] == "r2"]


def with_bad_teachers(table: pd.DataFrame) -> pd.DataFrame:
    """Return the scenarios in which somebody's labels are false."""
    return table[table["difficulty"].isin(BAD_TEACHERS)]


def by_scenario(table: pd.DataFrame, what: str = "gain") -> pd.DataFrame:
    """Return means of gains, or of what else there is a column for: a line a scenario, a column a method, in order."""
    means = table.astype({what: float}).pivot_table(index="scenario", columns="method", values=what, sort=False)
    return means[list(dict.fromkeys(table["method"]))]


def by_seed(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean gains of scenarios that count alike: a line a seed, a column a method."""
    means = table.groupby(["seed", "scenario", "method"], as_index=False)["gain"].mean()
    return means.pivot_table(index="seed", columns="method", values="gain")
