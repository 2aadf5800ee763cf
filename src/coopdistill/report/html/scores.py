"""Did it help? Every model before and after, beside two bounds."""

from __future__ import annotations

import math
from collections.abc import Iterable

from coopdistill.report.html.elements import name, safe, section
from coopdistill.report.phrases import fate, gain_in_points, percent, plural, scored_on
from coopdistill.report.summary import ModelSummary, Summary

__all__ = ["direction", "scores"]

_COLUMNS = ("Before", "After", "Gain", "Pooled", "Average")


def scores(summary: Summary) -> str:
    """Render the section.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    str
    """
    if not summary.measured:
        lead = (
            "The study names no test file, so no score was measured: <code>[test]</code> with <code>data = …</code> "
            "adds one."
        )
        items = "".join(f"<li>{_model_name(model)}</li>" for model in summary.models)
        return section("scores", "The models", lead, f"<ul class='models'>{items}</ul>")
    axis = _axis(summary.measured)
    rows = "\n".join(_row(model, *axis) for model in summary.models)
    head = "".join(f"<th scope='col'>{word}</th>" for word in _COLUMNS)
    bounded = any(model.intervals for model in summary.models)
    return section(
        "scores",
        "Did it help?",
        f"{safe(scored_on(summary)).capitalize()}. {_LEGEND}",
        "<table class='scores'><thead><tr><th scope='col'>Model</th>"
        f"<th scope='col' class='chart'>{_axis_labels(*axis)}</th>{head}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody></table>\n<p class='small'>{_explained(bounded)}</p>",
    )


def _explained(bounded: bool) -> str:
    intervals = (
        "Under each score, and as a line through the mark after, its <b>95 % interval</b>: what the luck of which "
        "rows are in the test allows. That of a gain compares both models on the same rows. "
    )
    return (intervals if bounded else "") + (
        "<b>Pooled</b>: the same model refitted on everybody’s rows, which cooperation avoids. "
        "<b>Average</b>: all models asked at once, their probabilities averaged."
    )


def _key(word: str, mark: str) -> str:
    return f"<span class='key'><svg width='14' height='14' aria-hidden='true'>{mark}</svg>{word}</span>"


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
    """Choose round ends so that all marks lie inside, with some air; intervals may be cut."""
    found = [s for m in models for s in (m.before, m.after, m.pooled, m.average) if s is not None]
    found += [bound for m in models for bound in m.intervals.get("after", ())]
    low = math.floor(10 * (min(found) - 0.02)) / 10
    high = math.ceil(10 * max(found)) / 10
    return max(0.0, low) if min(found) >= 0 else low, min(1.0, max(high, low + 0.1))


def _axis_labels(low: float, high: float) -> str:
    return (
        "<span class='visually-hidden'>Scores on a scale</span>"
        f"<span class='axis' aria-hidden='true'><span>{100 * low:.0f}</span><span>{100 * high:.0f}</span></span>"
    )


def _row(model: ModelSummary, low: float, high: float) -> str:
    chart = "" if model.gain is None else _chart(model, low, high)
    cells = [
        _cell("Before", percent(model.before), _range(model, "before")),
        _cell("After", percent(model.after), _range(model, "after"), "strong"),
        _cell("Gain", gain_in_points(model.gain), _range(model, "gain"), direction(model.gain)),
        _cell("Pooled", percent(model.pooled), _range(model, "pooled"), "bound"),
        _cell("Average", percent(model.average), _range(model, "average"), "bound"),
    ]
    return f"<tr><th scope='row'>{_model_name(model)}</th><td class='chart'>{chart}</td>{''.join(cells)}</tr>"


def direction(gain: float | None) -> str:
    """Say which way a score went: ``"up"``, ``"down"`` or ``"level"``.

    Examples
    --------
    >>> direction(0.02), direction(-0.02), direction(0.0001), direction(None)
    ('up', 'down', 'level', 'level')
    """
    rounded = round(gain or 0.0, 3)
    return "up" if rounded > 0 else "down" if rounded < 0 else "level"


def _range(model: ModelSummary, key: str) -> str:
    if key not in model.intervals:
        return ""
    low, high = model.intervals[key]
    if key == "gain":
        return f"{gain_in_points(low)} to {gain_in_points(high)}"
    return f"{percent(low)}–{percent(high)}"


def _cell(label: str, value: str, interval: str, kind: str = "") -> str:
    bounds = f"<small class='interval'><span class='visually-hidden'>95 % interval </span>{interval}</small>"
    return f"<td class='number {kind}' data-label='{label}'><span>{value}</span>{bounds if interval else ''}</td>"


def _model_name(model: ModelSummary) -> str:
    size = plural(model.n_rows, "row") if model.n_rows else "no rows"
    if model.n_features is not None:
        size += f" × {plural(model.n_features, 'column')}"
    badge = f" <span class='badge {_state(model)}' title='{safe(model.reason or '')}'>{fate(model)}</span>"
    details = "".join(f"<span class='what'>{text}</span>" for text in (safe(model.learner), size))
    return f"<span class='who'>{name(model.name)}{badge}</span>{details}"


def _state(model: ModelSummary) -> str:
    return {True: "yes", False: "no", None: "none"}[model.accepted]


def _chart(model: ModelSummary, low: float, high: float) -> str:
    def at(score: float | None) -> str:
        # The ends of the axis lie a mark's radius inside the drawing.
        share = min(max(((score or 0.0) - low) / (high - low), 0.0), 1.0)
        return f"{3 + 94 * share:.2f}%"

    upright = "".join(
        f"<line class='{kind}' x1='{at(score)}' x2='{at(score)}' y1='6' y2='26'/>"
        for kind, score in (("pooled", model.pooled), ("average", model.average))
        if score is not None
    )
    ends = model.intervals.get("after")
    whisker = f"<line class='whisker' x1='{at(ends[0])}' x2='{at(ends[1])}' y1='16' y2='16'/>" if ends else ""
    label = f"before {percent(model.before)}, after {percent(model.after)}"
    return (
        f"<svg class='marks' role='img' aria-label='{label}' width='100%' height='32'>"
        f"<line class='track' x1='3%' x2='97%' y1='16' y2='16'/>{whisker}"
        f"<line class='way {direction(model.gain)}' x1='{at(model.before)}' x2='{at(model.after)}' y1='16' y2='16'/>"
        f"{upright}<circle class='before' cx='{at(model.before)}' cy='16' r='4.5'/>"
        f"<circle class='after' cx='{at(model.after)}' cy='16' r='6'/></svg>"
    )
