"""A summary as Markdown, for a readme, a merge request or a wiki."""

from __future__ import annotations

import re
from collections.abc import Iterable

from coopdistill.report.phrases import NOTHING, answer, bounds, fate, gain_in_points, percent, plural, scored_on
from coopdistill.report.summary import Departure, ModelSummary, Summary

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
    head = ("Model", "Learner", "Kept?", "Before", "After", "Gain", "Pooled", "Average")
    lead = f"{_safe(scored_on(summary))}; in brackets 95 % intervals."
    return f"## Did it help?\n\n{lead}\n\n" + _table(head, (_model(m) for m in summary.models), 5)


def _model(model: ModelSummary) -> list[str]:
    def bounded(key: str, value: float | None) -> str:
        return f"{percent(value)} {bounds(model, key)}".strip()

    gain = f"{gain_in_points(model.gain)} {bounds(model, 'gain')}".strip()
    scores = [("before", model.before), ("after", model.after)]
    more = [("pooled", model.pooled), ("average", model.average)]
    return [
        _safe(model.name),
        _safe(model.learner),
        fate(model),
        *(bounded(*pair) for pair in scores),
        gain,
        *(bounded(*pair) for pair in more),
    ]


def _transfers(summary: Summary) -> str:
    if not summary.transfers:
        return "## Who taught whom\n\nNobody qualified to teach anybody, so nothing was taught."
    rows = (
        [_safe(t.teacher), _safe(t.student), *(f"{n:,}" for n in (t.qualified, t.generated, t.reached, t.kept))]
        for t in summary.transfers
    )
    head = ("Teacher", "Student", "Qualified", "Generated", "Reached", "Kept")
    return "## Who taught whom\n\n" + _table(head, rows, 4)


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
    command = f"    {' '.join(summary.command.split())}\n\n" if summary.command else ""
    return f"## To repeat it\n\n{command}{taken}\n\n" + "\n".join(lines)
