"""A summary as one page that needs nothing else: no network, no script."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from typing import Any

from coopdistill.report.phrases import NOTHING, answer, fate, gain_in_points, percent, plural, scored_on
from coopdistill.report.summary import Departure, ModelSummary, Summary, Transfer

__all__ = ["render_html"]


def render_html(summary: Summary) -> str:
    """Render a summary as a page of its own.

    Parameters
    ----------
    summary : Summary
        From `summarise`. All that comes from users' data is escaped.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> page = render_html(summarise({"name": "<script>", "participants": {}}))
    >>> "<script>" in page
    False
    """
    style = files("coopdistill.report").joinpath("style.css").read_text(encoding="utf-8")
    sections = [_header(summary), _scores(summary), _matrix(summary), _departed(summary), _repeat(summary)]
    return _PAGE.format(title=_safe(summary.name), style=style, body="\n".join(filter(None, sections)))


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title} · coopdistill</title>
<style>
{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def _safe(value: object) -> str:
    return escape(str(value), quote=True)


def _name(name: str) -> str:
    """Render a user's name so that its direction of writing stays its own affair."""
    return f"<bdi>{_safe(name)}</bdi>"


def _section(heading: str, lead: str, content: str) -> str:
    return f"<section>\n<h2>{heading}</h2>\n<p class='lead'>{lead}</p>\n{content}\n</section>"


def _header(summary: Summary) -> str:
    facts = [
        plural(len(summary.models), "participant"),
        plural(summary.n_virtual_instances, "virtual instance"),
        plural(summary.rounds, "round"),
        _duration(summary.seconds),
        _safe(summary.began[:16].replace("T", " ") + " UTC") if summary.began else "",
    ]
    items = "".join(f"<li>{fact}</li>" for fact in facts if fact)
    notes = "".join(f"<li>{_safe(note)}</li>" for note in summary.notes)
    return (
        f"<header>\n<p class='overline'>{_name(summary.name)}</p>\n<h1>{_safe(answer(summary))}</h1>\n"
        f"<ul class='facts'>{items}</ul>\n" + (f"<ul class='notes'>{notes}</ul>\n" if notes else "") + "</header>"
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"


def _scores(summary: Summary) -> str:
    if not summary.measured:
        return _section(
            "The models",
            "The study names no test file, so no score was measured: "
            "<code>[test]</code> with <code>data = …</code> adds one.",
            _models_without_scores(summary.models),
        )
    low, high = _axis(summary.measured)
    rows = "\n".join(_score_row(model, low, high) for model in summary.models)
    return _section(
        "Did it help?",
        f"{_safe(scored_on(summary)).capitalize()}. {_LEGEND}",
        "<div class='scroll'><table class='scores'><thead><tr><th scope='col'>Model</th>"
        f"<th scope='col' class='chart'>{_axis_labels(low, high)}</th>"
        + "".join(f"<th scope='col'>{word}</th>" for word in ("Before", "After", "Gain", "Pooled", "Average"))
        + "</tr></thead>"
        f"<tbody>\n{rows}\n</tbody></table></div>\n"
        "<p class='small'><b>Pooled</b>: the same model refitted on everybody’s rows, which cooperation avoids. "
        "<b>Average</b>: all models asked at once, their probabilities averaged.</p>",
    )


def _key(word: str, mark: str, width: int = 14) -> str:
    return f"<span class='key'><svg width='{width}' height='14' aria-hidden='true'>{mark}</svg>{word}</span>"


_UPRIGHT = "<line class='{}' x1='7' x2='7' y1='-1' y2='15'/>"
_LEGEND = "<span class='legend'>{}</span>".format(
    " ".join(
        [
            _key("before", "<circle class='before' cx='7' cy='7' r='4.5'/>"),
            _key("after", "<circle class='after' cx='7' cy='7' r='6'/>"),
            _key("pooled", _UPRIGHT.format("pooled")),
            _key("average", _UPRIGHT.format("average")),
        ]
    )
)


def _axis(models: Iterable[ModelSummary]) -> tuple[float, float]:
    """Choose round ends so that all marks lie inside, with some air."""
    scores = [s for m in models for s in (m.before, m.after, m.pooled, m.average) if s is not None]
    low = math.floor(10 * (min(scores) - 0.02)) / 10
    high = math.ceil(10 * max(scores)) / 10
    return max(0.0, low), min(1.0, max(high, low + 0.1))


def _axis_labels(low: float, high: float) -> str:
    return (
        "<span class='visually-hidden'>Scores on a scale</span>"
        f"<span class='axis' aria-hidden='true'><span>{100 * low:.0f}</span><span>{100 * high:.0f}</span></span>"
    )


def _score_row(model: ModelSummary, low: float, high: float) -> str:
    chart = "" if model.gain is None else _chart(model, low, high)
    return (
        f"<tr><th scope='row'>{_model_name(model)}</th><td class='chart'>{chart}</td>"
        f"{_number('Before', percent(model.before))}{_number('After', percent(model.after), 'strong')}"
        f"{_number('Gain', gain_in_points(model.gain), _direction(model))}"
        f"{_number('Pooled', percent(model.pooled), 'bound')}{_number('Average', percent(model.average), 'bound')}</tr>"
    )


def _direction(model: ModelSummary) -> str:
    gain = round(model.gain or 0.0, 3)
    return "up" if gain > 0 else "down" if gain < 0 else "level"


def _number(label: str, value: str, kind: str = "") -> str:
    return f"<td class='number {kind}' data-label='{label}'>{value}</td>"


def _model_name(model: ModelSummary) -> str:
    size = plural(model.n_rows, "row") if model.n_rows else "no rows"
    if model.n_features is not None:
        size += f" × {plural(model.n_features, 'column')}"
    badge = "" if model.accepted else f" <span class='badge'>{fate(model)}</span>"
    details = "".join(f"<span class='what'>{text}</span>" for text in (_safe(model.learner), size))
    return f"<span class='who'>{_name(model.name)}{badge}</span>{details}"


def _chart(model: ModelSummary, low: float, high: float) -> str:
    def at(score: float | None) -> str:
        # The ends of the axis lie a mark's radius inside the drawing.
        return f"{3 + 94 * ((score or 0.0) - low) / (high - low):.2f}%"

    bounds = "".join(
        f"<line class='{kind}' x1='{at(score)}' x2='{at(score)}' y1='6' y2='26'/>"
        for kind, score in (("pooled", model.pooled), ("average", model.average))
        if score is not None
    )
    label = f"before {percent(model.before)}, after {percent(model.after)}"
    return (
        f"<svg class='marks' role='img' aria-label='{label}' width='100%' height='32'>"
        "<line class='track' x1='3%' x2='97%' y1='16' y2='16'/>"
        f"<line class='way {_direction(model)}' x1='{at(model.before)}' x2='{at(model.after)}' y1='16' y2='16'/>"
        f"{bounds}"
        f"<circle class='before' cx='{at(model.before)}' cy='16' r='4.5'/>"
        f"<circle class='after' cx='{at(model.after)}' cy='16' r='6'/></svg>"
    )


def _models_without_scores(models: Iterable[ModelSummary]) -> str:
    items = "".join(f"<li>{_model_name(model)}</li>" for model in models)
    return f"<ul class='models'>{items}</ul>"


def _matrix(summary: Summary) -> str:
    if not summary.transfers:
        return _section("Who taught whom", "Nobody qualified to teach anybody, so nothing was taught.", "")
    given = {(t.teacher, t.student): t for t in summary.transfers}
    most = max(max(t.kept for t in summary.transfers), 1)
    names = [model.name for model in summary.models]
    head = "".join(f"<th scope='col'>{_name(name)}</th>" for name in names)
    body = "\n".join(
        f"<tr><th scope='row'>{_name(teacher)}</th>"
        + "".join(_cell(teacher, student, given.get((teacher, student)), most) for student in names)
        + "</tr>"
        for teacher in names
    )
    return _section(
        "Who taught whom",
        "A teacher is <b>qualified</b> where it is right and the student is to be taught. Where that is worth more "
        "than the base rate of its own rows it <b>generated</b> virtual instances; those on which it became as sure "
        "as asked <b>reached</b> their target; the student <b>kept</b> what it did not know yet.",
        "<div class='scroll'><table class='matrix'>"
        "<caption class='visually-hidden'>Virtual instances by teacher and student</caption>"
        f"<thead><tr><td class='corner'><span>teacher ↓</span> <span>student →</span></td>{head}</tr></thead>"
        f"<tbody>\n{body}\n</tbody></table></div>",
    )


def _cell(teacher: str, student: str, transfer: Transfer | None, most: int) -> str:
    if teacher == student:
        return "<td class='self' aria-label='itself'></td>"
    if transfer is None:
        return f"<td class='none'>{NOTHING}</td>"
    share = round(4 + 38 * transfer.kept / most) if transfer.kept else 0
    steps = (("qualified", transfer.qualified), ("generated", transfer.generated), ("reached", transfer.reached))
    lines = "".join(f"<span><i>{count:,}</i> {word}</span>" for word, count in steps)
    return f"<td style='--share:{share}%'><b>{transfer.kept:,}</b> kept{lines}</td>"


def _departed(summary: Summary) -> str:
    rows_left = [d for d in summary.departures if d.what == "rows"]
    lead = (
        "<strong>Rows left their owners</strong>: with instances from everyone, they are pooled."
        if rows_left
        else "<strong>No row left its owner.</strong> Models and virtual instances still tell something about the rows "
        "behind them; this is a record, not a promise of privacy."
    )
    # A participant of which nothing left is worth a line, too.
    names = dict.fromkeys([model.name for model in summary.models] + [d.sender for d in summary.departures])
    body = "\n".join(_departures_of(name, [d for d in summary.departures if d.sender == name]) for name in names)
    return _section("What left each participant", lead, f"<dl class='departures'>\n{body}\n</dl>")


def _departures_of(name: str, departures: list[Departure]) -> str:
    if not departures:
        return f"<div><dt>{_name(name)}</dt><dd>nothing</dd></div>"
    items = "".join(
        f"<dd class='{'warn' if d.what == 'rows' else 'usual'}'><b>{_counted(d)}</b> to {_listed(d.receivers)}</dd>"
        for d in departures
    )
    return f"<div><dt>{_name(name)}</dt>{items}</div>"


def _counted(departure: Departure) -> str:
    count, to = departure.count, len(departure.receivers)
    if departure.what == "feature summary":
        # Every receiver gets the same one.
        return f"a summary of its {plural(count // to, 'feature')}"
    if departure.what == "model":
        return "its model" if count == to else f"its model ({count:,} times)"
    return f"{count:,} {_safe(departure.what.removesuffix('s') if count == 1 else departure.what)}"


def _listed(names: tuple[str, ...]) -> str:
    shown = [_name(name) for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _repeat(summary: Summary) -> str:
    options = {"seed": "drawn" if summary.seed is None else summary.seed, **summary.options}
    withheld = "".join(
        f"<li>{_name(model.name)}: the model is not among the files: {_safe(model.withheld)}</li>"
        for model in summary.models
        if model.withheld
    )
    command = f"<pre><code>{_safe(summary.command)}</code></pre>" if summary.command else ""
    return _section(
        "To repeat it",
        "The same seed gives the same virtual instances, whatever the number of processes.",
        f"{command}\n<div class='columns'>{_pairs('Options', options)}{_pairs('Versions', summary.versions)}"
        f"{_pairs('Machine', summary.hardware)}</div>" + (f"<ul class='notes'>{withheld}</ul>" if withheld else ""),
    )


def _pairs(heading: str, values: Mapping[str, Any]) -> str:
    if not values:
        return ""
    lines = "".join(
        f"<tr><th scope='row'>{_safe(key.replace('_', ' '))}</th>"
        f"<td>{_safe(NOTHING if value is None else value)}</td></tr>"
        for key, value in values.items()
    )
    return f"<div><h3>{heading}</h3><table class='pairs'>{lines}</table></div>"
