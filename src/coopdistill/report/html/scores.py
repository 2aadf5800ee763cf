"""Did it help? Every model before and after, beside two bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from coopdistill.report.html.elements import name, safe, section
from coopdistill.report.phrases import fate, plural, score_unit, scored_on
from coopdistill.report.summary import ModelSummary, Summary
from coopdistill.score_unit import ScoreUnit

__all__ = ["scores"]


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
    unit = score_unit(summary)
    axis = _Axis(summary.measured, unit)
    rows = "\n".join(_row(model, axis) for model in summary.models)
    columns = ("Before", "After", unit.change_name.capitalize(), "Together", "Pooled", "Average")
    head = "".join(f"<th scope='col'>{word}</th>" for word in columns)
    bounded = any(model.intervals for model in summary.models)
    return section(
        "scores",
        "Did it help?",
        f"{safe(_upper(scored_on(summary)))}. {_LEGEND}",
        "<table class='scores'><thead><tr><th scope='col'>Model</th>"
        f"<th scope='col' class='chart'>{axis.labels()}</th>{head}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody></table>\n<p class='small'>{_explained(bounded)}</p>",
    )


def _explained(bounded: bool) -> str:
    intervals = (
        "Under each score, and as a line through the mark after, its <b>95 % interval</b>: what the luck of which "
        "rows are in the test allows. That of a gain compares both models on the same rows. "
    )
    return (intervals if bounded else "") + (
        "<b>Together</b>: all models asked at once after cooperation, where others found them clearly better than its "
        "own before; <code>predict_for</code> asks them. "
        "<b>Pooled</b>: the same model refitted on everybody’s rows, which cooperation avoids. "
        "<b>Average</b>: all models before cooperation asked at once, their answers averaged."
    )


def _key(word: str, mark: str) -> str:
    return f"<span class='key'><svg width='14' height='14' aria-hidden='true'>{mark}</svg>{word}</span>"


_UPRIGHT = "<line class='{}' x1='7' x2='7' y1='-1' y2='15'/>"
_LEGEND = "<span class='legend'>{}</span>".format(
    " ".join(
        [
            _key("before", "<circle class='before' cx='7' cy='7' r='4.5'/>"),
            _key("after", "<circle class='after' cx='7' cy='7' r='6'/>"),
            _key("together", "<path class='together' d='M7 1.5 12.5 7 7 12.5 1.5 7Z'/>"),
            _key("pooled", _UPRIGHT.format("pooled")),
            _key("average", _UPRIGHT.format("average")),
        ]
    )
)


class _Axis:
    """From scores to places: the better, the further to the right, whatever is shown.

    The ends are round, so that all marks lie inside, with some air.
    """

    def __init__(self, models: Sequence[ModelSummary], unit: ScoreUnit) -> None:
        found = [score for model in models for score in model.scores if score is not None]
        found += [bound for m in models for bound in m.intervals.get("after", ())]
        self.unit = unit
        self.step = step = _step(max(found) - min(found), unit)
        low, high = step * math.floor(min(found) / step - 0.2), step * math.ceil(max(found) / step)
        # An axis of errors ends at 0, and goes on to the left of it even if all are 0.
        self.low = max(0.0, low) if min(found) >= 0 and unit.best > 0 else low
        self.high = min(unit.best, max(high, self.low + step))

    def at(self, score: float | None) -> str:
        # The ends of the axis lie a mark's radius inside the drawing.
        share = min(max(((score or 0.0) - self.low) / (self.high - self.low), 0.0), 1.0)
        return f"{3 + 94 * share:.2f}%"

    def labels(self) -> str:
        decimals = max(0, -math.floor(math.log10(abs(self.unit.shown(self.step))) + 1e-9))
        ends = "".join(f"<span>{self.unit.score(end, decimals)}</span>" for end in (self.low, self.high))
        return (
            f"<span class='visually-hidden'>Scores on a scale</span><span class='axis' aria-hidden='true'>{ends}</span>"
        )


def _step(span: float, unit: ScoreUnit) -> float:
    """A power of ten; a tenth of what can be reached, where that is known and not exceeded by far."""
    if not unit.is_error and span <= 2:
        return 0.1
    return 10.0 ** math.floor(math.log10(span)) if span > 0 else 1.0


def _row(model: ModelSummary, axis: _Axis) -> str:
    unit = axis.unit
    chart = "" if model.gain is None else _chart(model, axis)
    cells = [
        _cell("Before", unit.score(model.before), _range(model, "before", unit)),
        _cell("After", unit.score(model.after), _range(model, "after", unit), "strong"),
        _cell(
            unit.change_name.capitalize(),
            unit.change(model.gain),
            _range(model, "gain", unit),
            unit.direction(model.gain),
        ),
        _cell("Together", unit.score(model.together), _range(model, "together", unit)),
        _cell("Pooled", unit.score(model.pooled), _range(model, "pooled", unit), "bound"),
        _cell("Average", unit.score(model.average), _range(model, "average", unit), "bound"),
    ]
    return f"<tr><th scope='row'>{_model_name(model)}</th><td class='chart'>{chart}</td>{''.join(cells)}</tr>"


def _range(model: ModelSummary, key: str, unit: ScoreUnit) -> str:
    if key not in model.intervals or (key == "together" and model.together is None):
        return ""
    of_gain = key == "gain"
    return (" to " if of_gain else "–").join(unit.ends(model.intervals[key], of_gain=of_gain))


def _cell(label: str, value: str, interval: str, kind: str = "") -> str:
    bounds = f"<small class='interval'><span class='visually-hidden'>95 % interval </span>{interval}</small>"
    return f"<td class='number {kind}' data-label='{label}'><span>{value}</span>{bounds if interval else ''}</td>"


def _model_name(model: ModelSummary) -> str:
    size = plural(model.n_rows, "row") if model.n_rows else "no rows"
    if model.n_features is not None:
        size += f" × {plural(model.n_features, 'column')}"
    badge = f" <span class='badge {_state(model)}' title='{safe(model.reason or '')}'>{fate(model)}</span>"
    # Why nothing came of it is said where it can be read without pointing at anything.
    why = [safe(model.reason)] if model.reason and model.accepted is False else []
    details = "".join(f"<span class='what'>{text}</span>" for text in (safe(model.learner), size, *why))
    return f"<span class='who'>{name(model.name)}{badge}</span>{details}"


def _state(model: ModelSummary) -> str:
    return {True: "yes", False: "no", None: "none"}[model.accepted]


def _chart(model: ModelSummary, axis: _Axis) -> str:
    at, unit = axis.at, axis.unit
    upright = "".join(
        f"<line class='{kind}' x1='{at(score)}' x2='{at(score)}' y1='6' y2='26'/>"
        for kind, score in (("pooled", model.pooled), ("average", model.average))
        if score is not None
    )
    ends = model.intervals.get("after")
    whisker = f"<line class='whisker' x1='{at(ends[0])}' x2='{at(ends[1])}' y1='16' y2='16'/>" if ends else ""
    label = f"before {unit.score(model.before)}, after {unit.score(model.after)}"
    way = f"<line class='way {unit.direction(model.gain)}' x1='{at(model.before)}' x2='{at(model.after)}'"
    return (
        f"<svg class='marks' role='img' aria-label='{label}' width='100%' height='32'>"
        f"<line class='track' x1='3%' x2='97%' y1='16' y2='16'/>{whisker}{way} y1='16' y2='16'/>"
        f"{upright}{_diamond(axis, model.together)}<circle class='before' cx='{at(model.before)}' cy='16' r='4.5'/>"
        f"<circle class='after' cx='{at(model.after)}' cy='16' r='6'/></svg>"
    )


def _diamond(axis: _Axis, score: float | None) -> str:
    if score is None:
        return ""
    # A place within a drawing of any width is a per cent, which no path takes: so the path has a drawing of its own.
    return f"<svg class='at' x='{axis.at(score)}' y='16'><path class='together' d='M0-6 6 0 0 6-6 0Z'/></svg>"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
