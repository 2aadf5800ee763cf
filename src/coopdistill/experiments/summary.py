"""What all experiments say together: ranks, and tests of one method against the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coopdistill.evaluation import Friedman, critical_difference, friedman, groups_of_equals, paired_tests
from coopdistill.experiments.experiment import BEFORE, DEFAULTS
from coopdistill.experiments.standing import BLOCK, Block, Standing, standing_of, trial_scores
from coopdistill.experiments.table import METHOD_TITLES, shortened

__all__ = ["Summary", "summarise", "summary_as_data", "summary_as_markdown"]

ALPHA = 0.05
REFERENCES = (DEFAULTS.name, BEFORE.name)


@dataclass(frozen=True, eq=False)
class Summary:
    """Several experiments together.

    Parameters
    ----------
    standing : Standing
        Who is ranked, and the scores behind it.
    difference : float, optional
        The critical difference of mean ranks; None where fewer than two methods are ranked.
    differ : Friedman, optional
        Whether methods differ at all; None where there are fewer than three methods or two settings.
    tests : dict of str to DataFrame
        For each method that others are compared with, from `coopdistill.evaluation.paired_tests`: on trials, and
        in `p_settings` corrected p-values on means over the seeds of each setting.
    repeated : mapping
        Settings that are left out because their trials are another's.
    without_us : tuple
        Settings that are not ranked because cooperation by default options was run in others, and not there.
    """

    standing: Standing
    difference: float | None
    differ: Friedman | None
    tests: Mapping[str, pd.DataFrame]
    repeated: Mapping[Block, Block]
    without_us: tuple[Block, ...]


def summarise(rows: pd.DataFrame, *, repeated: Mapping[Block, Block] | None = None) -> Summary:
    """Compare all methods over all settings.

    Parameters
    ----------
    rows : DataFrame
        From `coopdistill.experiments.results_of`, of all experiments; at least one.
    repeated : mapping, optional
        From `coopdistill.experiments.same_trials`: settings to leave out.

    Returns
    -------
    Summary

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     [
    ...         {"experiment": 4, "setting": name, "seed": seed, "participant": "forest", "reason": ""}
    ...         | {"method": method, "score": score + seed / 100}
    ...         for name, scores in {"50 rows": (0.7, 0.74), "90 rows": (0.72, 0.73)}.items()
    ...         for method, score in zip(("untaught", "defaults"), scores)
    ...         for seed in range(3)
    ...     ]
    ... )
    >>> summary = summarise(rows)
    >>> summary.standing.ranks.to_dict()
    {'defaults': 1.0, 'untaught': 2.0}
    >>> int(summary.tests["untaught"]["wins"].iloc[0])
    6
    """
    left_out = repeated or {}
    place = pd.MultiIndex.from_frame(rows[BLOCK])
    counted = rows[~place.isin(list(left_out))] if left_out else rows
    here = {twin: first for twin, first in left_out.items() if twin in set(place)}
    without_us = _without_us(counted)
    ranked = ~pd.MultiIndex.from_frame(counted[BLOCK]).isin(without_us) if without_us else slice(None)
    standing = standing_of(counted[ranked])
    n_blocks, n_ranked = standing.scores.shape
    comparable = n_blocks > 0 and n_ranked > 1
    trials = trial_scores(counted)
    return Summary(
        standing,
        critical_difference(n_ranked, n_blocks, alpha=ALPHA) if comparable else None,
        friedman(standing.scores) if n_blocks > 1 and n_ranked > 2 else None,
        {reference: _tests(trials, reference) for reference in REFERENCES if reference in trials},
        here,
        tuple(without_us),
    )


def _without_us(rows: pd.DataFrame) -> list[Block]:
    """Settings in which the default options were not run, though in others; an unfinished run would end all ranks."""
    everywhere = set(zip(*(rows[key] for key in BLOCK), strict=True))
    with_us = set(zip(*(rows[rows["method"] == DEFAULTS.name][key] for key in BLOCK), strict=True))
    return sorted(everywhere - with_us) if with_us else []


def _tests(trials: pd.DataFrame, reference: str) -> pd.DataFrame:
    of_trials = paired_tests(trials, reference)
    # Of each pair of methods, means over the seeds in which both have a score.
    others = [name for name in trials if name != reference]
    means = {name: trials[[reference, name]].dropna().groupby(level=BLOCK).mean().diff(axis=1)[name] for name in others}
    settings = paired_tests(pd.DataFrame(means).assign(**{reference: 0.0}), reference) if others else of_trials
    return of_trials.assign(n_settings=settings["n_pairs"], p_settings=settings["p_holm"])


def summary_as_data(summary: Summary) -> dict[str, Any]:
    """Return a summary as plain data.

    Parameters
    ----------
    summary : Summary
        From `summarise`.

    Returns
    -------
    dict
        ``ranks``, ``critical_difference``, ``unranked`` with reasons, and ``tests``: for each method that others are
        compared with, a record for each of these.

    See Also
    --------
    summarise : With an example.
    """
    tests = {name: table.astype(object).where(table.notna(), None) for name, table in summary.tests.items()}
    return {
        "ranks": {} if summary.difference is None else summary.standing.ranks.to_dict(),
        "critical_difference": summary.difference,
        "unranked": dict(summary.standing.unranked),
        "tests": {name: table.to_dict("records") for name, table in tests.items()},
    }


def summary_as_markdown(summary: Summary, *, picture: str | None = None) -> str:
    """Write a summary as Markdown.

    Parameters
    ----------
    summary : Summary
        From `summarise`.
    picture : str, optional
        File of the diagram of `draw_critical_difference`, to be shown where there is a critical difference.

    Returns
    -------
    str

    See Also
    --------
    summarise : With an example.
    """
    parts = ["# All experiments together", *_ranks_told(summary, picture)]
    for reference, tests in summary.tests.items():
        parts += [f"## Each method against: {_title(reference)}", *_tests_told(tests)]
    return "\n\n".join(parts) + "\n"


def _ranks_told(summary: Summary, picture: str | None) -> list[str]:
    standing = summary.standing
    n_blocks, n_ranked = standing.scores.shape
    parts = ["## Mean ranks"]
    if summary.difference is None:
        parts.append("Fewer than two methods have scores in all settings, so there are no ranks.")
    else:
        parts.append(
            f"{n_ranked} methods have scores in all of {n_blocks} {'setting' if n_blocks == 1 else 'settings'} "
            f"({_seeds(standing.n_seeds)} in each). The "
            "accuracy of a setting is the mean over participants and seeds; its best method has rank 1. Settings that "
            "share a data set are not independent, so that these tests find a little too much."
        )
        parts += [_rank_table(standing), _told_apart(summary)]
        parts += [f"![Mean ranks and critical difference]({picture})"] if picture else []
    notes = [f"- {_title(name)}: {shortened(why)}" for name, why in standing.unranked.items()]
    notes += [
        f"- setting {twin[1]!r} of experiment {twin[0]}: its trials are those of {first[1]!r} in experiment {first[0]}"
        for twin, first in summary.repeated.items()
    ]
    notes += [
        f"- setting {name!r} of experiment {number}: cooperation by default options was not run there"
        for number, name in summary.without_us
    ]
    return [*parts, "Not ranked:\n\n" + "\n".join(notes)] if notes else parts


def _seeds(n_seeds: pd.Series) -> str:
    least, most = int(n_seeds.min()), int(n_seeds.max())
    if least != most:
        return f"{least} to {most} seeds"
    return "1 seed" if most == 1 else f"{most} seeds"


def _rank_table(standing: Standing) -> str:
    best = standing.scores.eq(standing.scores.max(axis=1), axis=0).sum()
    means = standing.scores.mean()
    lines = ["| method | mean rank | mean accuracy | best in |", "| --- | ---: | ---: | ---: |"]
    lines += [
        f"| {_title(str(name))} | {rank:.2f} | {means[name]:.1f} | {best[name]} |"
        for name, rank in zip(standing.ranks.index, standing.ranks, strict=True)
    ]
    return "\n".join(lines)


def _told_apart(summary: Summary) -> str:
    assert summary.difference is not None
    level = f"{100 * ALPHA:g} %"
    parts = []
    if summary.differ is not None:
        parts.append(f"Friedman's test, whether any differ: χ² = {summary.differ.statistic:.2f}, {_p(summary.differ)}.")
    parts.append(f"By Nemenyi's test two differ at {level} if their mean ranks are {summary.difference:.2f} apart.")
    groups = groups_of_equals(summary.standing.ranks, summary.difference)
    if groups == [tuple(summary.standing.ranks.index)]:
        parts.append("No two are.")
    return " ".join(parts)


def _tests_told(tests: pd.DataFrame) -> list[str]:
    head = (
        "Difference of the accuracies in points, mean over trials; in how many of these the method is better, equal or "
        "worse; p-values of Wilcoxon's signed ranks, corrected after Holm: over trials (settings and seeds, which is "
        "too sure where seeds share rows), and over settings (means over seeds)."
    )
    lines = [
        "| method | difference | better, equal, worse | p, trials | p, settings |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    known = tests[tests["n_pairs"] > 0]
    for line in known.sort_values("mean_difference", ascending=False, kind="stable").to_dict("records"):
        counts = f"{line['wins']}, {line['ties']}, {line['losses']}"
        told = f"{line['mean_difference']:+.1f} | {counts} | {line['p_holm']:.3f} | {line['p_settings']:.3f}"
        lines.append(f"| {_title(str(line['method']))} | {told} |")
    return [head, "\n".join(lines)]


def _p(found: Friedman) -> str:
    return "p < 0.001" if found.p_value < 0.001 else f"p = {found.p_value:.3f}"


def _title(method: str) -> str:
    return METHOD_TITLES.get(method, method)
