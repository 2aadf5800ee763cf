"""What left each participant."""

from __future__ import annotations

from coopdistill.report.html.elements import name, safe, section
from coopdistill.report.phrases import plural
from coopdistill.report.summary import Departure, Summary

__all__ = ["departures"]


def departures(summary: Summary) -> str:
    """Render the section.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    str
    """
    # A participant of which nothing left is worth a line, too.
    names = dict.fromkeys([model.name for model in summary.models] + [d.sender for d in summary.departures])
    body = "\n".join(
        _of_one(given, [d for d in summary.departures if d.sender == given], names.keys() - {given}) for given in names
    )
    return section(
        "departures", "What left each participant", _lead(summary), f"<dl class='departures'>\n{body}\n</dl>"
    )


def _lead(summary: Summary) -> str:
    if any(d.what == "rows" for d in summary.departures):
        return "<strong>Rows left their owners</strong>: with instances from everyone, they are pooled."
    shown = {
        "asked": " This page, however, shows some rows, because that was asked for.",
        "public": " This page shows some rows, because they are public.",
    }.get(summary.evidence.rows_shown or "", "")
    return (
        "<strong>No row left its owner.</strong> Models and virtual instances still tell something about the rows "
        f"behind them; this is a record, not a promise of privacy.{shown}"
    )


def _of_one(given: str, found: list[Departure], others: set[str]) -> str:
    if not found:
        return f"<div><dt>{name(given)}</dt><dd>nothing</dd></div>"
    return f"<div><dt>{name(given)}</dt>{''.join(_item(departure, others) for departure in found)}</div>"


def _item(departure: Departure, others: set[str]) -> str:
    kind = "warn" if departure.what == "rows" else "usual"
    return f"<dd class='{kind}'><b>{_counted(departure)}</b> to {_listed(departure.receivers, others)}</dd>"


def _counted(departure: Departure) -> str:
    count, to = departure.count, len(departure.receivers)
    if departure.what == "feature summary":
        # Every receiver gets the same one.
        return f"a summary of its {plural(count // to, 'feature')}"
    if departure.what == "change summary":
        return f"a summary of what it changed in its {plural(count // to, 'feature')}"
    if departure.what == "testimony":
        return "how far beyond chance their models are right on its rows"
    if departure.what == "comparison":
        return "how much better or worse their drafts, refitted models and all models together are on its rows"
    if departure.what == "draft":
        return f"{plural(count // to, 'draft')} of what it might become"
    if departure.what == "model":
        return "its model" if count == to else f"its model ({count:,} times)"
    return f"{count:,} {safe(departure.what.removesuffix('s') if count == 1 else departure.what)}"


def _listed(names: tuple[str, ...], others: set[str]) -> str:
    shown = [name(given) for given in names]
    if len(shown) < 4:
        return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    if set(names) == others:
        return "all others"
    return f"<details><summary>{len(shown)} participants</summary>{', '.join(shown)}</details>"
