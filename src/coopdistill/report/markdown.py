"""A summary as Markdown, for a readme, a merge request or a wiki."""

from __future__ import annotations

import re
from collections.abc import Iterable

from coopdistill.report.phrases import NOTHING, answer, fate, plural, repeating, score_unit, scored_on, unsaved
from coopdistill.report.summary import Departure, ModelSummary, Summary
from coopdistill.score_unit import ScoreUnit

__all__ = ["render_markdown"]

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]()<>#+!|~&-])")


def render_markdown(summary: Summary) -> str:
    r"""Render a summary as Markdown with GitHub's tables.

    Parameters
    ----------
    summary : Summary
        From `summarise`. All that comes from users' data is escaped.

    Returns
    -------
    str

    Examples
    --------
    >>> from coopdistill.report.summary import summarise
    >>> run = {"name": "two", "participants": {"a|b": {"before": 0.5, "after": 0.75}}}
    >>> print(render_markdown(summarise(run)).splitlines()[0])
    # two
    >>> r"a\|b" in render_markdown(summarise(run))
    True
    """
    parts = [
        f"# {_safe(summary.name)}",
        f"**{_safe(answer(summary))}**",
        _models(summary),
        "\n".join(f"- {_safe(said)}" for said in unsaved(summary)),
        _transfers(summary),
        _departures(summary),
        _repeat(summary),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _safe(value: object) -> str:
    """One line in which nothing but letters is left of what Markdown or HTML would act on."""
    return _MEANS_SOMETHING.sub(r"\\\1", " ".join(str(value).split()))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], numbers: int) -> str:
    names = list(head)
    rule = [":--"] * (len(names) - numbers) + ["--:"] * numbers
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (names, rule, *rows))


def _models(summary: Summary) -> str:
    if not summary.measured:
        return "## Models\n\n" + "\n".join(f"- {_safe(m.name)}: {_safe(m.learner)}" for m in summary.models)
    unit = score_unit(summary)
    scores = ("Before", "After", unit.change_name.capitalize(), "Together", "Pooled", "Average")
    head = ("Model", "Learner", "Kept?", *scores)
    lead = f"{_safe(scored_on(summary))}; in brackets 95 % intervals."
    return f"## Did it help?\n\n{lead}\n\n" + _table(head, (_model(m, unit) for m in summary.models), len(scores))


def _model(model: ModelSummary, unit: ScoreUnit) -> list[str]:
    def bounded(key: str, shown: str) -> str:
        if key not in model.intervals:
            return shown
        low, high = unit.ends(model.intervals[key], of_gain=key == "gain")
        return f"{shown} [{low}, {high}]"

    return [
        _safe(model.name),
        _safe(model.learner),
        fate(model),
        bounded("before", unit.score(model.before)),
        bounded("after", unit.score(model.after)),
        bounded("gain", unit.change(model.gain)),
        unit.score(None) if model.together is None else bounded("together", unit.score(model.together)),
        bounded("pooled", unit.score(model.pooled)),
        bounded("average", unit.score(model.average)),
    ]


def _transfers(summary: Summary) -> str:
    if not summary.transfers:
        return "## Who taught whom\n\nNobody qualified to teach anybody, so nothing was taught."
    rows = (
        [_safe(t.teacher), _safe(t.student), *(f"{n:,}" for n in (t.qualified, t.generated, t.reached, t.kept))]
        for t in summary.transfers
    )
    head = ("Teacher", "Student", "Qualified", "Generated", "Reached", "Kept")
    not_taught = [
        f"- {_safe(t.teacher)} did not teach {_safe(t.student)} everything: {_safe(t.reason)}"
        for t in summary.transfers
        if t.reason
    ]
    return "\n\n".join(filter(None, ("## Who taught whom", _table(head, rows, 4), "\n".join(not_taught))))


def _departures(summary: Summary) -> str:
    lines = [f"- {_departure(d)}" for d in summary.departures]
    return "## What left each participant\n\n" + ("\n".join(lines) or "Nothing.")


def _departure(departure: Departure) -> str:
    to = ", ".join(map(_safe, departure.receivers))
    return f"{_safe(departure.sender)}: {departure.count:,} × {_safe(departure.what)} to {to}"


def _repeat(summary: Summary) -> str:
    facts = {"seed": summary.seed, **summary.options, **summary.versions}
    lines = [f"- {_safe(key)}: {_safe(NOTHING if value is None else value)}" for key, value in facts.items()]
    taken = f"It took {summary.seconds:.1f} s, {plural(summary.rounds, 'round')}."
    # A block indented by four blanks needs no fence, which a command might close.
    command, about_it = repeating(" ".join(summary.command.split()))
    how = f"    {command}\n\n{_safe(about_it)}\n\n" if summary.command else ""
    return f"## To repeat it\n\n{how}{taken}\n\n" + "\n".join(lines)
