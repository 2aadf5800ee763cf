"""An outlook as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from coopdistill.cli.duration import about, spoken_time
from coopdistill.cli.forecast.exchange import Exchange
from coopdistill.cli.forecast.outlook import Outlook, PairOutlook, ParticipantOutlook
from coopdistill.cli.forecast.trial import Estimate
from coopdistill.plural import plural

__all__ = ["outlook_tables"]

_MOST_NAMES = 6
_SHORT_NAME = 20
"""Cells up to which the name of a participant is not folded; all else may be."""


def outlook_tables(outlook: Outlook, estimate: Estimate | str | None) -> RenderableType:
    """Render an outlook for `rich`.

    Parameters
    ----------
    outlook : Outlook
    estimate : Estimate, str or None
        How long it would take, or why that is not known; None where nobody asked.

    Returns
    -------
    rich renderable
    """
    parts: list[RenderableType] = [
        Text(f"{outlook.name}: {outlook.task}", style="bold"),
        _participants(outlook.participants),
        Text("\nWhat they have in common", style="bold"),
        _pairs(outlook.pairs),
        Text(f"\nWhat would leave whom, in each round (instances_from = {_from(outlook)})", style="bold"),
        _exchanges(outlook.exchanges),
    ]
    if outlook.n_test_rows:
        parts.append(
            Text(
                f"\nTested on {plural(outlook.n_test_rows, 'row')}, beside two bounds made here from everybody's "
                "files: one model refitted on all rows pooled, and the average of all models.",
                style="dim",
            )
        )
    if estimate is not None:
        parts.append(_time(estimate))
    if outlook.warnings:
        parts.append(Text("\nTo be seen to, perhaps", style="bold yellow"))
        parts.extend(Text(f"- {warning}") for warning in outlook.warnings)
    return Group(*parts)


def _from(outlook: Outlook) -> str:
    return f'"{outlook.options["instances_from"]}"'


def _table(*headings: str, numbers: Sequence[str] = ()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading in headings:
        is_number = heading in numbers
        # Where it is narrow names are folded, and numbers stay whole.
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold", no_wrap=is_number)
    return table


def _participants(participants: Sequence[ParticipantOutlook]) -> Table:
    classes = any(one.classes for one in participants)
    table = _table(
        "participant",
        "learner",
        "rows",
        "features",
        "classes" if classes else "values",
        "missing",
        numbers=("rows", "features"),
    )
    table.columns[0].no_wrap = max(cell_len(one.name) for one in participants) <= _SHORT_NAME
    for one in participants:
        held = ", ".join(f"{label} {count:,}" for label, count in one.classes.items())
        if one.values is not None:
            held = f"{one.values[0]:g} … {one.values[1]:g}"
        missing = [f"{name} {count:,}" for name, count in one.missing.items()]
        cells = [one.name, one.learner, f"{one.rows:,}", str(one.features), held or "only teaches", _some(missing)]
        table.add_row(*map(Text, cells))
    return table


def _pairs(pairs: Sequence[PairOutlook]) -> Table:
    table = _table("participants", "shared", "", "only the first has", "only the second has", numbers=("shared",))
    for pair in pairs:
        cells = [
            f"{pair.first}, {pair.second}",
            str(len(pair.shared)),
            _some(pair.shared),
            _some(pair.only_first),
            _some(pair.only_second),
        ]
        table.add_row(*map(Text, cells))
    return table


def _exchanges(exchanges: Sequence[Exchange]) -> Table:
    table = _table("sender", "what", "receiver", "count", numbers=("count",))
    before = ""
    for sent in sorted(exchanges, key=lambda sent: (sent.sender, sent.what, sent.receiver)):
        sender = "" if sent.sender == before else sent.sender
        before = sent.sender
        count = f"{'at most ' if sent.at_most else ''}{sent.count:,}"
        table.add_row(*map(Text, [sender, sent.what, sent.receiver, count]))
    return table


def _time(estimate: Estimate | str) -> Text:
    if isinstance(estimate, str):
        return Text(f"\nTime: not known, as {estimate}")
    low = spoken_time(estimate.low)
    if estimate.high is None:
        return Text(f"\nTime: more than {low} ({estimate.method})")
    high = spoken_time(estimate.high)
    span = about(estimate.low) if low == high else f"{low} to {high}"
    return Text(f"\nTime: {span}, and the report ({estimate.method})")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
