"""The page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from coopdistill.cooperation.repertoire import PER_ROW
from coopdistill.evaluation import critical_difference, friedman, groups_of_equals, mean_ranks, paired_tests
from coopdistill.experiments import estimate_of
from cooperation.measures import (
    by_scenario,
    by_seed,
    honest,
    in_points,
    of_labels,
    of_values,
    summary,
    with_bad_teachers,
)
from cooperation.methods import CURVE
from cooperation.scenarios import SCENARIOS, part_of

REFERENCE = "defaults"
TOGETHER = "defaults, together"
"""Where it was measured, what all others are compared with: what `predict_for` says by default."""

FLOOR = "fitted again"

INTRODUCTION = """# Cooperation in trouble

Cooperation where it is difficult, beside all that could be done instead. Every student is compared with itself before,
on test rows that nobody trained on. A *point* is a per cent of accuracy (of balanced accuracy where classes are
imbalanced) or a hundredth of R², which counts as -1 where it is less.

- **gain**: mean over scenarios, which count alike, of the mean over students; ± is a 95 % interval over seeds.
- **recovered**: the share of what pooling all rows would gain, as a ratio of sums.
- **harmed**: students that lose more than a point; **clearly**: that also lose more than one standard error of the
  paired difference. `fitted again` fits the same models on the same rows with other random numbers: its shares are what
  chance does to learners that draw random numbers.
- `defaults` is each student's own model after cooperation, `defaults, together` what `predict_for` says: all models
  asked together, by those of whom others find that they are to, which needs all of them for each prediction.
- **instances**: virtual instances that travelled, a student. `pooled`, `prefiltered` and `raw-rows` move rows instead,
  all others models.
- **time**: median, in times of fitting all participants once, on one core.

Students whose own labels are false are left out but where it is said. Where a method does not apply to a student, it
counts as no gain. Scenarios for choosing options and for reporting are apart, and were before anything was measured
(`benchmarks/cooperation/scenarios.py`)."""

RESULTS = "<!-- results -->"
"""What stands above it in a page that is there is kept: what the tables say is for people to write."""

CHOSEN_ON = {
    ("report",): "Scenarios to report: options are chosen by others.",
    ("tune",): "Scenarios to choose by: they promise too much of what was chosen.",
}
BOTH = "Scenarios to choose by and to report."


def page(rows: pd.DataFrame, *, command: str, machine: str, figure: str | None = None, head: str = INTRODUCTION) -> str:
    """Render what was measured.

    Parameters
    ----------
    rows : DataFrame
        As `cooperation.cells.measure` makes them.
    command, machine : str
        How to repeat it, and what it ran on.
    figure : str, optional
        The name of the file beside the page; it is of labels.
    head : str
        What stands above the results.
    """
    table = in_points(rows)
    true = honest(table)
    # Shares of what the defaults send are for the curve.
    methods = [name for name in dict.fromkeys(true["method"]) if name not in CURVE]
    shown = true[true["method"].isin(methods)]
    parts = tuple(dict.fromkeys(part_of(name) for name in rows["scenario"].unique()))
    sections = [head, RESULTS, CHOSEN_ON.get(parts, BOTH)]
    for heading, of_kind in (("## Labels", of_labels(shown)), ("## Values", of_values(shown))):
        if len(of_kind):
            sections += [heading, _summary_table(of_kind)]
    bad = with_bad_teachers(table[table["method"].isin(methods)])
    if len(bad):
        sections += ["## With a bad teacher", _BAD, _bad_teacher_table(bad)]
    if len(of_labels(true)):
        drawn = [f"![Gain against instances]({figure})"] if figure else []
        sections += ["## Gain against what travels", _CURVE, *drawn, _curve_table(of_labels(true))]
    sections += ["## Ranks", ranks(shown), "## Every scenario", _scenario_table(shown)]
    seeds = sorted(rows["seed"].unique())
    sections += ["## The run", f"`{command}`; seeds {seeds[0]} to {seeds[-1]}. {machine}"]
    return "\n\n".join(sections) + "\n"


_BAD = (
    "Scenarios in which one participant's labels are noisy, drawn at random, or all false: what the others gain, and "
    "what that one does."
)
_CURVE = (
    "Each method by what it sends; `defaults, 1/4` refits students with a random quarter of what the defaults send. "
    "Instances are counted once for each student that they are sent to; so are rows, where rows travel."
)


def _summary_table(table: pd.DataFrame) -> str:
    found, seeds = summary(table), by_seed(table)
    lines = {}
    for method, line in found.iterrows():
        lines[str(method)] = {
            "gain": f"{line['gain']:+.1f}{_half_width(seeds[method])}",
            "recovered": _per_cent(line["recovered"]),
            "worst": f"{line['worst']:+.1f}",
            "harmed": f"{line['harmed']:.1f} %",
            "clearly": f"{line['harmed_clearly']:.1f} %",
            "applies": f"{line['applies']:.0f} %",
            "instances": _count(line["instances"]),
            "time": f"{line['times']:.1f}",
        }
    return markdown(lines, "method")


def _bad_teacher_table(table: pd.DataFrame) -> str:
    others, spoiled = summary(honest(table)), summary(table[~table["honest"]])
    return markdown(
        {
            str(method): {
                "gain of the others": f"{line['gain']:+.1f}",
                "worst": f"{line['worst']:+.1f}",
                "harmed": f"{line['harmed']:.1f} %",
                "clearly": f"{line['harmed_clearly']:.1f} %",
                "gain of that one": f"{spoiled.loc[method, 'gain']:+.1f}",
            }
            for method, line in others.iterrows()
        },
        "method",
    )


def _curve_table(table: pd.DataFrame) -> str:
    return markdown(
        {
            str(method): {
                "instances": _count(line["instances"]),
                "rows": _count(line["rows"]),
                "gain": f"{line['gain']:+.1f}",
                "recovered": _per_cent(line["recovered"]),
                "harmed": f"{line['harmed']:.1f} %",
            }
            for method, line in travelled(table).iterrows()
            if method != FLOOR
        },
        "method",
    )


def travelled(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise, in order of what travelled.

    Raw rows are those on which a teacher is qualified by the paper's focus; it is our method that counts them.
    """
    found = summary(table)
    if {"raw-rows", "focus wrong"} <= set(found.index):
        # A teacher is qualified for several instances of a row with a label.
        found.loc["raw-rows", "rows"] = found.loc["focus wrong", "qualified"] / PER_ROW["classification"]
    return found.assign(cost=found["instances"] + found["rows"]).sort_values("cost", kind="stable")


def ranks(table: pd.DataFrame) -> str:
    """Render mean ranks over scenarios by gain and by harm, and paired tests against the defaults."""
    gains = by_scenario(table).assign(untaught=0.0).drop(columns=FLOOR, errors="ignore")
    if len(gains) < 2 or gains.shape[1] < 3 or REFERENCE not in gains:
        return f"Ranks need `{REFERENCE}`, two other methods and two scenarios."
    references = [name for name in (TOGETHER, REFERENCE) if name in gains]
    spared = -100 * by_scenario(table, "harmed")
    sections = [f"Scenarios are ranked by mean gain, {len(gains)} of them: {_standing(gains)} {_TESTS}"]
    sections.append(_rank_table(gains, "better", references))
    if spared.shape[1] > 2 and np.ptp(spared.to_numpy()) > 0:
        sections.append(f"By the share of students harmed, the fewer the better: {_standing(spared)}")
        sections.append(_rank_table(spared, "fewer", references, sign=-1))
    return "\n\n".join(sections)


_TESTS = (
    "Differences are tested in pairs (Wilcoxon, corrected by Holm). Some scenarios are made of the same table, so that "
    "p-values are on the small side."
)


def _standing(scores: pd.DataFrame) -> str:
    """Say whether methods differ in rank; greater scores are better."""
    apart = critical_difference(scores.shape[1], len(scores))
    equals = "; ".join(", ".join(group) for group in groups_of_equals(mean_ranks(scores), apart)) or "none"
    return (
        f"Friedman p = {friedman(scores).p_value:.2g}; mean ranks that are {apart:.2f} apart differ (Nemenyi, 5 %). "
        f"Not told apart: {equals}."
    )


def _rank_table(scores: pd.DataFrame, wins: str, references: Sequence[str], sign: int = 1) -> str:
    """A line for each method: its rank, and how it compares with each reference."""
    heads = {name: (f"{wins} than `{name}`", f"difference to `{name}`", f"p (Holm), `{name}`") for name in references}
    blank = {head: "" for of_one in heads.values() for head in of_one}
    lines = {str(method): {"mean rank": f"{rank:.2f}", **blank} for method, rank in mean_ranks(scores).items()}
    for reference, of_one in heads.items():
        for test in paired_tests(scores, reference).itertuples():
            told = (f"{test.wins} of {len(scores)}", f"{sign * test.mean_difference:+.1f}", f"{test.p_holm:.3f}")
            lines[str(test.method)] |= dict(zip(of_one, told, strict=True))
    return markdown(lines, "method")


def _scenario_table(table: pd.DataFrame) -> str:
    gains = by_scenario(table)
    n = table.groupby("scenario")["n_test"].first()
    lines = {
        f"{name} ({SCENARIOS[str(name)].difficulty}; {n[name]} test rows)": {
            str(method): f"{gain:+.1f}" for method, gain in line.items()
        }
        for name, line in gains.iterrows()
    }
    return markdown(lines, "scenario")


def markdown(lines: Mapping[str, Mapping[str, str]], first: str) -> str:
    """Render lines as a Markdown table."""
    columns = list(dict.fromkeys(column for line in lines.values() for column in line))
    rule = "| --- |" + " ---: |" * len(columns)
    body = [_line([name, *(line.get(column, "") for column in columns)]) for name, line in lines.items()]
    return "\n".join([_line([first, *columns]), rule, *body])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _half_width(values: pd.Series) -> str:
    width = estimate_of(values.dropna().tolist()).half_width
    return "" if width is None else f" ± {width:.1f}"


def _per_cent(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.0f} %"


def _count(value: float) -> str:
    return "not counted" if pd.isna(value) else f"{value:.0f}"
