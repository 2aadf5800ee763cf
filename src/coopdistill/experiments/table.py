"""What an experiment came to, method by method, beside what was published."""

from __future__ import annotations

from typing import Any

import pandas as pd

from coopdistill.experiments.estimate import Estimate, estimate_of
from coopdistill.experiments.experiment import MEDIAN, Experiment, Setting

__all__ = ["MEAN", "METHOD_TITLES", "TOGETHER", "as_markdown", "shortened", "summarise_rows"]

MEAN = "mean"
TOGETHER = (MEAN, MEDIAN)
"""What stands in place of a participant where all are meant."""
MOST_COLUMNS = 4
"""Participants up to which each has a column of its own in a printed table."""

METHOD_TITLES = {"untaught": "before", "paper": "after, as published", "defaults": "after, by default options"}


LONGEST_REASON = 200
"""Letters of a reason in a printed table."""


def shortened(reason: str) -> str:
    """Keep of a long reason, which may name each participant, the first part.

    Parameters
    ----------
    reason : str

    Returns
    -------
    str

    Examples
    --------
    >>> shortened("it has no rows")
    'it has no rows'
    >>> shortened("'a' is no network; " * 20)
    "'a' is no network; …"
    """
    return reason if len(reason) <= LONGEST_REASON else reason[:LONGEST_REASON].partition("; ")[0] + "; …"


def summarise_rows(experiment: Experiment, rows: pd.DataFrame) -> pd.DataFrame:
    """Summarise over seeds.

    Parameters
    ----------
    experiment : Experiment
    rows : DataFrame
        From `coopdistill.experiments.results_of`.

    Returns
    -------
    DataFrame
        For each setting, method and participant, and for the mean and the median over participants: n_seeds, mean,
        low and high (per cent; the 95 % interval of the mean over seeds), published, and reason, where there is no
        score. Mean and median are those of trials in which all participants have a score.

    Examples
    --------
    >>> from coopdistill.experiments import EXPERIMENTS
    >>> rows = pd.DataFrame(
    ...     [
    ...         {
    ...             "setting": "hospitals",
    ...             "method": "untaught",
    ...             "seed": seed,
    ...             "participant": name,
    ...             "score": score,
    ...             "reason": "",
    ...         }
    ...         for seed, scores in enumerate([(0.71, 0.46, 0.74), (0.73, 0.47, 0.68), (0.72, 0.45, 0.74)])
    ...         for name, score in zip(("va", "switzerland", "hungarian"), scores)
    ...     ]
    ... )
    >>> summary = summarise_rows(EXPERIMENTS[3], rows)
    >>> summary.loc[summary["participant"] == "switzerland", ["mean", "published"]].to_dict("records")
    [{'mean': 46.0, 'published': 43.45}]
    >>> print(as_markdown(EXPERIMENTS[3], summary).splitlines()[-1])
    | before | 72.0 ± 2.5 | 46.0 ± 2.5 | 72.0 ± 8.6 | 63.3 ± 1.4 | 70.3 ± 5.2 | switzerland 43.45 | 3 |
    """
    settings = {setting.name: setting for setting in (*experiment.settings, *experiment.small)}
    lines = []
    for (setting, method), part in rows.groupby(["setting", "method"], sort=False):
        published = settings[str(setting)].published.get(str(method), {})
        for participant, interval, reason in _over_seeds(part):
            lines.append(
                {"setting": setting, "method": method, "participant": participant}
                | _numbers(interval)
                | {"published": published.get(participant), "reason": reason}
            )
    return pd.DataFrame(lines)


def _over_seeds(part: pd.DataFrame) -> list[tuple[str, Estimate | None, str]]:
    """Summarise the rows of one method in one setting: each participant, then all together."""
    by_seed = part.set_index(["seed", "participant"])["score"].unstack()  # noqa: PD010  # nothing to aggregate
    by_seed = 100 * by_seed[list(dict.fromkeys(part["participant"]))].astype(float)
    reasons = part[part["score"].isna()].groupby("participant")["reason"].first()
    found = [(str(name), _interval(scores), str(reasons.get(name, ""))) for name, scores in by_seed.items()]
    complete = by_seed.dropna()
    missing = "" if len(complete) else "not every participant has a score"
    over_all = ((MEAN, complete.mean(axis=1)), (MEDIAN, complete.median(axis=1)))
    return found + [(name, _interval(scores), missing) for name, scores in over_all]


def _interval(scores: pd.Series) -> Estimate | None:
    known = scores.dropna().tolist()
    return estimate_of(known) if known else None


def _numbers(interval: Estimate | None) -> dict[str, Any]:
    if interval is None:
        return {"n_seeds": 0, "mean": None, "low": None, "high": None}
    half = interval.half_width
    bounds = (None, None) if half is None else (interval.mean - half, interval.mean + half)
    return {"n_seeds": interval.n, "mean": interval.mean, "low": bounds[0], "high": bounds[1]}


def as_markdown(experiment: Experiment, summary: pd.DataFrame) -> str:
    """Write a summary as Markdown: for each setting a table with a line a method.

    Parameters
    ----------
    experiment : Experiment
    summary : DataFrame
        From `summarise_rows`.

    Returns
    -------
    str

    See Also
    --------
    summarise_rows : With an example.
    """
    settings = {setting.name: setting for setting in (*experiment.settings, *experiment.small)}
    tables = [_setting_table(settings[str(name)], part) for name, part in summary.groupby("setting", sort=False)]
    head = f"## Experiment {experiment.number}: {experiment.title}"
    unit = "Accuracy on the test rows in per cent: mean over seeds ± half of its 95 % interval, from three seeds on."
    return "\n\n".join([head, unit, *tables]) + "\n"


def _setting_table(setting: Setting, part: pd.DataFrame) -> str:
    names = [name for name in dict.fromkeys(part["participant"]) if name not in TOGETHER]
    shown = [*(names if len(names) <= MOST_COLUMNS else []), MEAN, MEDIAN]
    notes: list[str] = []
    lines = [
        f"| {setting.name} | " + " | ".join(shown) + " | published | seeds |",
        "| --- |" + " ---: |" * len(shown) + " --- | ---: |",
    ]
    for method, one in part.groupby("method", sort=False):
        cells = one.set_index("participant")
        texts = [_text(cells.loc[name], notes, _first_reason(cells)) for name in shown]
        published = ", ".join(f"{name} {value:g}" for name, value in cells["published"].dropna().items())
        title = METHOD_TITLES.get(str(method), str(method))
        lines.append(f"| {title} | " + " | ".join(texts) + f" | {published} | {int(cells['n_seeds'].max())} |")
    numbered = [f"{number}. {shortened(note)}" for number, note in enumerate(notes, start=1)]
    return "\n".join([*lines, "", *numbered] if numbered else lines)


def _first_reason(cells: pd.DataFrame) -> str:
    own = cells[~cells.index.isin(TOGETHER)]
    reasons = [reason for reason in own["reason"] if reason]
    return reasons[0] if reasons else ""


def _text(cell: Any, notes: list[str], first: str) -> str:
    """Render one mean, or the number of the note that says why there is none."""
    if cell["n_seeds"] == 0:
        reason = first if cell.name in TOGETHER else str(cell["reason"])
        if reason not in notes:
            notes.append(reason)
        return f"– ({notes.index(reason) + 1})"
    known = pd.notna(cell["low"])
    return str(Estimate(cell["mean"], cell["mean"] - cell["low"] if known else None, cell["n_seeds"]))
