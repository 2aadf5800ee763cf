"""A summary as a table for the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from coopdistill.report.phrases import answer, fate, score_unit, scored_on
from coopdistill.report.summary import ModelSummary, Summary
from coopdistill.score_unit import ScoreUnit

__all__ = ["console_table"]


def console_table(summary: Summary) -> RenderableType:
    """Render a summary for `rich`.

    Parameters
    ----------
    summary : Summary
        From `summarise`.

    Returns
    -------
    rich renderable
        A table with a line a model, and the answer in a sentence.

    Examples
    --------
    >>> import io
    >>> from rich.console import Console
    >>> from coopdistill.report.summary import summarise
    >>> run = {"name": "two", "participants": {"a": {"before": 0.5, "after": 0.75}}}
    >>> console = Console(width=80, record=True, file=io.StringIO())
    >>> console.print(console_table(summarise(run)))
    >>> "+25.0" in console.export_text()
    True
    """
    unit = score_unit(summary)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("model", overflow="fold")
    table.add_column("learner", overflow="ellipsis", no_wrap=True, style="dim")
    for heading in ("before", "after", unit.change_name, "pooled", "average"):
        table.add_column(heading, justify="right", no_wrap=True)
    if not all(model.accepted for model in summary.models):
        table.add_column("")
    for model in summary.models:
        table.add_row(*_line(model, unit)[: len(table.columns)])
    parts: list[RenderableType] = [table, Text(answer(summary), style="bold")]
    if summary.metric is not None:
        bounds = "pooled: refitted on everybody's rows; average: all models asked at once"
        parts.append(Text(f"{scored_on(summary)}; {bounds}", style="dim"))
    return Group(*parts)


_STYLES = {"up": "green", "down": "red", "level": ""}


def _line(model: ModelSummary, unit: ScoreUnit) -> list[Text]:
    return [
        Text(model.name),
        Text(model.learner),
        Text(unit.score(model.before)),
        Text(unit.score(model.after), style="bold"),
        Text(unit.change(model.gain), style=_STYLES[unit.direction(model.gain)]),
        Text(unit.score(model.pooled)),
        Text(unit.score(model.average)),
        Text("" if model.accepted else fate(model), style="dim"),
    ]
