"""The results as a page of the documentation."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = ["page"]

_NO_MATCH: dict[str, Any] = {}
_SPARSE = ("trees", "search")
"""Ours that change few features, the better first."""


def page(run: dict[str, Any]) -> str:
    """Render a run: goals first, then every cell, growth, and what it ran on."""
    parts = [_INTRODUCTION, "## Goals\n", goals(run["cells"], run["growth"])]
    parts += ["## Floors\n", _FLOORS, _floor_table(run["cells"])]
    parts += ["## Where we stand second\n", second(run["cells"]), _READING]
    for dataset in dict.fromkeys(row["dataset"] for row in run["cells"]):
        parts.append(f"## {dataset}\n")
        of_dataset = [row for row in run["cells"] if row["dataset"] == dataset]
        for teacher in dict.fromkeys(row["teacher"] for row in of_dataset):
            parts += [f"### {teacher}\n", _cell_table([row for row in of_dataset if row["teacher"] == teacher])]
    parts += ["## Growth with rows\n", _GROWTH, _growth_table(run["growth"]), "## The run\n", _machine(run)]
    return "\n".join(parts).rstrip() + "\n"


def goals(cells: list[dict[str, Any]], growth: list[dict[str, Any]]) -> str:
    """Compare with what we set out to reach, and say where we do not."""
    rows = [
        _reached_goal(cells),
        _features_goal(cells, "treecf"),
        _features_goal(cells, "treecf, sparse"),
        _speed_goal(cells, ["published Adam", "published swarm"], "the published procedures", 1000),
        _speed_goal(cells, ["DiCE random", "DiCE genetic", "DiCE kdtree"], "the fastest of DiCE", 100),
        _speed_goal(cells, ["treecf", "treecf, sparse"], "treecf", 5),
        _speed_goal(cells, ["treecf", "treecf, sparse"], "treecf", 5, _SPARSE),
        *_search_goals(cells),
        *_growth_goals(growth),
        _violation_goal(cells),
    ]
    return _table(["measure", "goal", "measured", "there?"], rows)


def _first(cells: list[dict[str, Any]], key: tuple[str, str], methods: tuple[str, ...]) -> dict[str, Any]:
    return next((row for row in (_one(cells, key, method) for method in methods) if row), _NO_MATCH)


def _best_of_ours(cells: list[dict[str, Any]], key: tuple[str, str]) -> dict[str, Any]:
    """`auto`: what a user gets who names no generator."""
    return _one(cells, key, "auto")


def _one(cells: list[dict[str, Any]], key: tuple[str, str], method: str) -> dict[str, Any]:
    found = [row for row in cells if (row["dataset"], row["teacher"]) == key and row["method"] == method]
    return found[0] if found and found[0]["n"] + bool(found[0].get("at_least")) else _NO_MATCH


def _keys(cells: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((row["dataset"], row["teacher"]) for row in cells))


def _reached_goal(cells: list[dict[str, Any]]) -> list[str]:
    shares = {key: _best_of_ours(cells, key).get("reached_of_reachable") for key in _keys(cells)}
    known = {key: share for key, share in shares.items() if share is not None}
    short = [f"{key[1]} on {key[0]} {share:.1%}" for key, share in known.items() if share < 0.99]
    said = f"{len(known) - len(short)} of {len(known)} cells" + (f"; not: {', '.join(short)}" if short else "")
    return ["reached, where a target can be reached (`auto`)", "≥ 99 % in every cell", said, _mark(not short)]


def _features_goal(cells: list[dict[str, Any]], peer: str) -> list[str]:
    pairs = []
    for key in _keys(cells):
        them = _one(cells, key, peer)
        us = _first(cells, key, _SPARSE)
        if us and them.get("features_by_row"):
            pairs.append((key, us["method"], *_on_the_same_rows(us, them)))
    more = [key for key, _, us, them in pairs if us > them]
    said = "; ".join(f"{key[1]}, {key[0]}: {us:.2f} (`{name}`) against {them:.2f}" for key, name, us, them in pairs)
    verdict = _mark(not more) if pairs else "not measured"
    return [f"features changed, trees, against {peer}, on rows that both reached", "no more", said or "–", verdict]


def _on_the_same_rows(us: dict[str, Any], them: dict[str, Any]) -> tuple[float, float]:
    """Mean numbers of features changed, on the rows that both brought to their target."""
    theirs = np.array(them["features_by_row"])
    ours = np.array(us["features_by_row"][: len(theirs)])
    theirs = theirs[: len(ours)]
    both = (ours >= 0) & (theirs >= 0)
    if not both.any():
        return math.nan, math.nan
    return float(ours[both].mean()), float(theirs[both].mean())


def _speed_goal(
    cells: list[dict[str, Any]], peers: list[str], whom: str, goal: float, ours: tuple[str, ...] = ("auto",)
) -> list[str]:
    measure = f"speed against {whom} (`{'`, else `'.join(ours)}`)"
    ratios, bounds = [], 0
    for key in _keys(cells):
        us = _first(cells, key, ours)
        them = [row for row in (_one(cells, key, peer) for peer in peers) if row]
        if us and them:
            fastest = min(them, key=lambda row: row["seconds_each"])
            bounds += bool(fastest.get("at_least"))
            ratios.append((fastest["seconds_each"] / us["seconds_each"], key))
    if not ratios:
        return [measure, f"≥ {goal:,} ×", "–", "not measured"]
    values = [ratio for ratio, _ in ratios]
    least = min(ratios)
    said = (
        f"median {_short(float(np.median(values)))} ×, least {_short(least[0])} × ({least[1][1]}, {least[1][0]}); "
        f"{sum(value >= goal for value in values)} of {len(values)} cells"
        + (f"; {bounds} of them bounds from below, cut short" if bounds else "")
    )
    return [measure, f"≥ {goal:,} ×", said, _mark(least[0] >= goal)]


def _search_goals(cells: list[dict[str, Any]]) -> list[list[str]]:
    rows = [row for row in cells if row["method"] == "search" and row["n"]]
    tabular = [row for row in rows if row["dataset"] != "Fashion-MNIST"]
    goals_of = (
        ("share of time outside the teacher, `search`", "≤ 20 %", "outside", 0.2, rows, "{:.0%}"),
        ("teacher rows an instance, `search`", "≤ 300", "teacher_rows_each", 300, rows, "{:.0f}"),
        ("features changed, `search`, tabular", "≤ 3", "features_of_reached", 3, tabular, "{:.1f}"),
    )
    made = []
    for measure, goal, field, bound, among, form in goals_of:
        values = [(row[field], row) for row in among if not _is_nan(row.get(field))]
        if not values:
            continue
        worst = max(values, key=lambda pair: pair[0])
        within = sum(value <= bound for value, _ in values)
        median = form.format(float(np.median([value for value, _ in values])))
        said = f"median {median}, most {form.format(worst[0])} ({worst[1]['teacher']}, {worst[1]['dataset']}); "
        made.append([measure, goal, said + f"{within} of {len(values)} cells", _mark(within == len(values))])
    return made


def exponent(growth: list[dict[str, Any]], generator: str) -> float:
    """Slope of log time over log rows."""
    timed = [(row["rows"], row["seconds"]) for row in growth if row["generator"] == generator and "seconds" in row]
    if len(timed) < 2:
        return math.nan
    return float(np.polyfit(np.log([n for n, _ in timed]), np.log([s for _, s in timed]), 1)[0])


def _growth_goals(growth: list[dict[str, Any]]) -> list[list[str]]:
    if not growth:
        return []
    generators = list(dict.fromkeys(row["generator"] for row in growth))
    slopes = {name: exponent(growth, name) for name in generators}
    said = ", ".join(f"`{name}` {slope:.2f}" for name, slope in slopes.items())
    largest = {name: [r for r in growth if r["generator"] == name and "mebibytes" in r] for name in generators}
    memory = ", ".join(f"`{k}` {r[-1]['mebibytes']:.0f} MiB at {r[-1]['rows']:,}" for k, r in largest.items() if r)
    fits = all(slope <= 1.05 for slope in slopes.values() if not math.isnan(slope))
    small = all(rows[-1]["mebibytes"] <= 1024 for rows in largest.values() if rows)
    full = all(rows and rows[-1]["rows"] >= 10**6 for rows in largest.values())
    return [
        ["growth with rows", "exponent ≤ 1.05", said, _mark(fits)],
        ["peak memory above the input, 10⁶ × 50", "≤ 1 GiB", memory, _mark(small) if full else "not run to 10⁶"],
    ]


def _violation_goal(cells: list[dict[str, Any]]) -> list[str]:
    ours = [row for row in cells if row["ours"] and row["n"]]
    total = sum(row["broken"] + row["fractional_one_hots"] for row in ours)
    return ["values outside range, category or one-hot; immutables touched", "0", f"{total:.0f}", _mark(total == 0)]


def second(cells: list[dict[str, Any]]) -> str:
    """List where somebody else is faster, changes fewer features, or reaches what we do not."""
    faster, fewer, reached = [], [], []
    for key in _keys(cells):
        auto, sparse = _one(cells, key, "auto"), _first(cells, key, _SPARSE)
        for row in cells:
            if (row["dataset"], row["teacher"]) != key or row["ours"] or not row["n"] or not auto or not sparse:
                continue
            who = f"{row['method']} ({key[1]}, {key[0]}"
            if row["seconds_each"] < auto["seconds_each"] and (row.get("reached_of_reachable") or 0) >= 0.99:
                faster.append(f"{who}: {row['seconds_each'] * 1000:.2g} against {auto['seconds_each'] * 1000:.2g} ms)")
            us, them = _on_the_same_rows(sparse, row)
            if them < us:
                fewer.append(f"{who}: {them:.2f} against {us:.2f})")
            theirs = np.array(row["features_by_row"])
            missed = (theirs >= 0) & (np.array(auto["features_by_row"])[: len(theirs)] < 0)
            if missed.any():
                reached.append(f"{who}: {missed.sum()} of {len(theirs)} rows)")
    said = (
        ("Faster than `auto`, with at least 99 % of the reachable reached", faster),
        ("Fewer features changed than by `trees` or else `search`, on the rows that both reached", fewer),
        ("Targets reached that `auto` did not", reached),
    )
    return "\n".join(f"- {what}: {'; '.join(where) or 'nobody'}." for what, where in said) + "\n"


def _floor_table(cells: list[dict[str, Any]]) -> str:
    lines = []
    for key in _keys(cells):
        search, exact = _one(cells, key, "search"), _first(cells, key, ("trees", "gradient"))
        if not search:
            continue
        us_a_point = search["seconds_each"] / search["teacher_rows_each"] * 1e6
        outside, inside = us_a_point * search["outside"], us_a_point * (1.0 - search["outside"])
        features = _on_the_same_rows(search, exact) if exact else (math.nan, math.nan)
        lines.append(
            [
                f"{key[1]}, {key[0]}",
                _short(inside),
                _short(outside),
                _percent(search["outside"]),
                _number(features[0], 2),
                f"{_number(features[1], 2)} (`{exact['method']}`)" if exact else "–",
            ]
        )
    head = ["teacher", "µs a point, teacher", "µs a point, `search`", "outside", "features, `search`", "by structure"]
    return _table(head, lines)


def _cell_table(rows: list[dict[str, Any]]) -> str:
    auto = next((row for row in rows if row["method"] == "auto"), _NO_MATCH)
    lines, notes = [], []
    for row in rows:
        name = f"`{row['method']}`" if row["ours"] else row["method"]
        if not row["n"] and not row.get("at_least"):
            notes.append(f"- {name} is not in the table: {_clean(row['note'])}.")
            continue
        if row.get("note"):
            notes.append(f"- {name}: {_clean(row['note'])}.")
        ratio = row["seconds_each"] / auto["seconds_each"] if auto else math.nan
        more = "> " if row.get("at_least") else ""
        lines.append(
            [
                name,
                str(row["n"]),
                _percent(row.get("reached")),
                _percent(row.get("reached_of_reachable")),
                _number(row.get("features_of_reached"), 1),
                _number(row.get("l1_of_reached"), 2),
                _number(row.get("plausibility"), 2),
                _number(row.get("outlier_factor"), 2),
                _number(row.get("broken"), 0),
                _number(row.get("fractional_one_hots"), 0),
                more + _short(row["seconds_each"] * 1000),
                more + _short(ratio),
                _number(row.get("teacher_rows_each"), 0),
                _percent(row.get("outside")),
            ]
        )
    head = ["method", "rows", "reached", "of reachable", "features", "L1", "plausibility", "LOF", "broken"]
    head += ["fractional", "ms a row", "× `auto`", "teacher rows", "outside"]
    return _table(head, lines) + "\n" + ("\n".join(notes) + "\n" if notes else "")


def _growth_table(growth: list[dict[str, Any]]) -> str:
    lines = []
    for row in growth:
        if "seconds" not in row:
            lines.append([f"`{row['generator']}`", f"{row['rows']:,}", _clean(row["note"]), "", "", "", ""])
            continue
        lines.append(
            [
                f"`{row['generator']}`",
                f"{row['rows']:,}",
                _short(row["seconds"]),
                _short(row["seconds"] / row["rows"] * 1e6),
                _short(row["teacher_seconds"] / row["rows"] * 1e6),
                f"{row['mebibytes']:.0f}",
                _percent(row["reached"]),
            ]
        )
    head = ["generator", "rows", "s", "µs a row", "µs a row, teacher once", "MiB above the input", "reached"]
    return _table(head, lines)


def _machine(run: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    return (
        f"- Command: `{run['command']}`\n- Machine: {run['machine']}\n- Python and libraries: {versions}\n"
        f"- Seeds: {run['seeds']}\n- Took {run['seconds'] / 60:.0f} minutes; in the last quarter of an hour "
        f"{run['load']:.0f} threads wanted to run at a time. Where that is more than there are cores, others worked "
        "beside it, and times are good as ratios only, if that\n"
    )


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines) + "\n"


def _clean(note: str) -> str:
    return note.replace("|", "/").replace("<", "&lt;").rstrip(".")[:200]


def _mark(there: bool) -> str:
    return "yes" if there else "**no**"


def _is_nan(value: Any) -> bool:
    return value is None or math.isnan(value)


def _percent(value: Any) -> str:
    return "–" if _is_nan(value) else f"{100 * value:.0f} %"


def _number(value: Any, digits: int) -> str:
    return "–" if _is_nan(value) else f"{value:,.{digits}f}"


def _short(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


_INTRODUCTION = """# Generation, side by side

<!-- Written by `make bench-generation`; edit benchmarks/generation/page.py instead. -->

Every method gets the same fitted teachers, the same rows in the same order, and for each row the same target
y' = f + 0.5 (1 − f), where f is the teacher's score of the true class. Rows are the teacher's own, those that it gets
right and is not certain about. What a method returns is measured by `measure_quality`, which asks the teacher again.
"""

_FLOORS = """
- **Reached.** A target may lie above all that the teacher says anywhere within the ranges, so the shares that count
  are those *of reachable*. An RBF machine, for one, is sure up to a highest point and no further: of 500 targets, 8 on
  breast cancer and 5 on German credit lie above what climbs from 450 points of the ranges find.
- **Time outside the teacher.** A point costs `search` what the table says: drawing random numbers, choosing features,
  telling copies of real rows, and turning codes back into a table. With a teacher that takes less than four times as
  long for it, a share of 20 % is out of reach.
- **Features.** Methods that read derivatives or trees know the best feature for each step. Where they, too, change more
  than three on the same rows, little is left to gain by asking alone.
- **Speed.** DiCE and the published procedures ask a teacher in many small calls; against a teacher whose time grows
  with the points rather than with the calls, such as a machine of many vectors, less is gained.
"""

_READING = """
## How to read the tables

Methods in `code` are ours and work on all rows at once. The others work on one row after the other, on fewer rows and
within a limit of time; the plain numpy search works on all at once too.

| column | meaning |
| --- | --- |
| reached | share of the rows on which the teacher, asked again, is as sure as the target |
| of reachable | the same, among rows whose target anybody here reached, or a real row of the class lies above |
| features, L1 | features changed, and distance in spreads, of the rows that reached their target |
| plausibility | distance of the rows that moved to the 5 nearest of their class, relative to that of real rows |
| LOF | median local outlier factor among the rows of the class; about 1 is inside |
| broken | values out of range, of no category, or not whole, all rows together |
| fractional | categories that are between two |
| × `auto` | time a row, relative to our default |
| teacher rows | points that the teacher was asked about for a row, our look at its other rows included |
| outside | share of the time not spent by the teacher |

"Published": Adam (rate 1e-5, 500 steps) and a particle swarm (100 particles, 1,000 iterations), both on
(f(x') − y')² + λ‖x − x'‖₁, written from their description; the paper names no λ, here it is 0.001. They and treecf
work on one-hot columns. DiCE is asked as for a regressor, with the range from the target to 1. "treecf, sparse" is
treecf with a weight of 1 on each changed feature, which is what `search` minimises too.
"""

_GROWTH = """
Logistic regression on 50 numbers: a teacher so cheap that all the rest shows; for `trees` a forest of 20, eight cuts
deep. *teacher once* is the floor: one question about every row.

Larger sizes were run by themselves (`python benchmarks/generation/growth.py GENERATOR ROWS`), the two side by side
on two cores: `segments` took 2.3, 19.8 and 119 s for 10⁴, 10⁵ and 10⁶ rows, with 123, 161 and 597 MiB above the
input; `gradient` 1.3, 8.8 and 72 s, with 44, 89 and 542 MiB. From 10⁴ to 10⁶ that is an exponent of 0.86 and of
0.87.
"""
