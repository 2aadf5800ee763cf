"""A summary as a table for the terminal."""

from __future__ import annotations

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from coopdistill.report.phrases import answer, fate, score_unit, scored_on, unsaved
from coopdistill.report.summary import ModelSummary, Summary

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
    parts: list[RenderableType] = [_Models(summary), Text(answer(summary), style="bold")]
    if summary.metric is not None:
        together = "together: all models asked at once, where others find them better; "
        asked = together if any(model.together is not None for model in summary.models) else ""
        bounds = "pooled: refitted on everybody's rows; average: all models before, asked at once"
        parts.append(Text(f"{scored_on(summary)}; {asked}{bounds}", style="dim"))
    parts.extend(Text(said) for said in unsaved(summary))
    return Group(*parts)


_STYLES = {"up": "green", "down": "red", "level": ""}
_LEAST_LEARNER = 8
_LEAST_NAME = 8
"""Cells below which a learner is left out, and names are not folded any more."""


class _Models:
    """A line for each model, as wide as there is room for.

    Where it is narrow the learner goes first, bit by bit; then names are folded; at last there is no table, but lines.
    Numbers, and whether a lesson was accepted, are always there whole.
    """

    def __init__(self, summary: Summary) -> None:
        self._models = summary.models
        self._unit = score_unit(summary)
        self._asks_together = any(model.together is not None for model in summary.models)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        def excess(table: Table) -> int:
            return Measurement.get(console, options.update(width=10**6), table).maximum - options.max_width

        longest, longest_name = (self._widest(kind) for kind in ("learner", "model"))
        learner = min(longest, longest - excess(self._table(longest_name, longest)))
        name = min(longest_name, longest_name - excess(self._table(longest_name, None)))
        if learner >= _LEAST_LEARNER or learner == longest:
            yield self._table(longest_name, learner)
        elif name >= _LEAST_NAME or name == longest_name:
            yield self._table(name, None)
        else:
            yield from self._lines()

    def _widest(self, heading: str) -> int:
        names = (model.learner if heading == "learner" else model.name for model in self._models)
        return max(map(cell_len, [heading, *names]))

    def _headings(self) -> tuple[str, ...]:
        together = ("together",) if self._asks_together else ()
        return ("before", "after", self._unit.change_name, *together, "pooled", "average")

    def _table(self, name: int, learner: int | None) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
        table.add_column("model", overflow="fold", width=name)
        if learner is not None:
            table.add_column("learner", overflow="ellipsis", no_wrap=True, style="dim", width=learner)
        for heading in self._headings():
            table.add_column(heading, justify="right", no_wrap=True)
        if not all(model.accepted for model in self._models):
            table.add_column("", no_wrap=True)
        for model in self._models:
            cells = [Text(model.name), *([] if learner is None else [Text(model.learner)]), *self._scores(model)]
            cells.append(Text("" if model.accepted else fate(model), style="dim"))
            table.add_row(*cells[: len(table.columns)])
        return table

    def _lines(self) -> RenderResult:
        for model in self._models:
            yield Text(model.name if model.accepted else f"{model.name}: {fate(model)}", overflow="fold")
            named = zip(self._headings(), self._scores(model), strict=True)
            scores = (Text(f"{heading} ").append_text(score) for heading, score in named)
            yield Padding(Text(", ").join(scores), (0, 0, 0, 2))
        yield ""

    def _scores(self, model: ModelSummary) -> list[Text]:
        unit = self._unit
        return [
            Text(unit.score(model.before)),
            Text(unit.score(model.after), style="bold"),
            Text(unit.change(model.gain), style=_STYLES[unit.direction(model.gain)]),
            *([Text(unit.score(model.together))] if self._asks_together else []),
            Text(unit.score(model.pooled)),
            Text(unit.score(model.average)),
        ]
