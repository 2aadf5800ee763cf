"""Who taught whom: the graph and the matrix, each of whose pairs leads to its lesson."""

from __future__ import annotations

from coopdistill.report.html.elements import name, pair_id, safe, section
from coopdistill.report.html.graph import graph
from coopdistill.report.html.lesson import lesson
from coopdistill.report.phrases import NOTHING, plural
from coopdistill.report.summary import Summary, Transfer

__all__ = ["teaching"]

_FEW = 5
"""Up to so many participants, the names stand flat above the matrix."""


def teaching(summary: Summary) -> str:
    """Render the section.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    str
    """
    if not any(transfer.kept for transfer in summary.transfers):
        return section("teaching", "Who taught whom", _nothing(summary), _refusals(summary))
    names = [model.name for model in summary.models]
    ordered = sorted(summary.transfers, key=lambda t: (names.index(t.teacher), names.index(t.student)))
    strongest = max(ordered, key=lambda t: t.kept)
    lessons = "\n".join(lesson(summary, t, first=t is strongest) for t in ordered)
    wide = " wide" if len(names) > _FEW else ""
    return section(
        "teaching",
        "Who taught whom",
        "How many virtual instances each student kept of each teacher. Choose a pair to see its lesson. "
        f"{_coloured(summary)}",
        f"<div class='who-whom{wide}'><div class='pane'>{graph(summary)}</div>"
        f"<div class='pane scroll' tabindex='0' role='group' aria-label='Matrix of transfers'>{_matrix(summary, names)}"
        f"</div></div>\n<div class='lessons' aria-live='polite'>\n{lessons}\n</div>",
    )


def _nothing(summary: Summary) -> str:
    if not any(transfer.qualified for transfer in summary.transfers):
        return "Nobody qualified to teach anybody, so nothing was taught."
    furthest = max(summary.transfers, key=lambda t: (t.reached, t.generated, t.qualified))
    return (
        f"Nothing was taught. {name(furthest.teacher)} came furthest, with {name(furthest.student)}: it qualified for "
        f"{plural(furthest.qualified, 'instance')}; {furthest.generated:,} could be made, and {furthest.reached:,} "
        "became as clear as asked, but no student took any of it."
    )


def _refusals(summary: Summary) -> str:
    items = "".join(
        f"<li>{name(t.teacher)} did not teach {name(t.student)}: {safe(t.reason)}</li>"
        for t in summary.transfers
        if t.reason
    )
    return f"<ul class='notes'>{items}</ul>" if items else ""


def _coloured(summary: Summary) -> str:
    if not summary.measured:
        return ""
    return "In the graph, <b class='more'>teal</b> models came out better, <b class='less'>orange</b> ones worse."


def _matrix(summary: Summary, names: list[str]) -> str:
    given = {(t.teacher, t.student): t for t in summary.transfers}
    most = max(max(t.kept for t in summary.transfers), 1)
    head = "".join(f"<th scope='col'><span>{name(n)}</span></th>" for n in names)
    body = "\n".join(
        f"<tr><th scope='row'>{name(teacher)}</th>"
        + "".join(_cell(names, i, j, given.get((teacher, student)), most) for j, student in enumerate(names))
        + "</tr>"
        for i, teacher in enumerate(names)
    )
    return (
        "<table class='matrix'><caption class='visually-hidden'>Virtual instances kept, by teacher (rows) and student "
        f"(columns)</caption><thead><tr><td class='corner'><span>teacher ↓</span> <span>student →</span></td>{head}"
        f"</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    )


def _cell(names: list[str], i: int, j: int, transfer: Transfer | None, most: int) -> str:
    if i == j:
        return "<td class='self'><span class='visually-hidden'>itself</span></td>"
    if transfer is None:
        return f"<td class='none'>{NOTHING}</td>"
    share = round(6 + 44 * transfer.kept / most) if transfer.kept else 0
    label = f"{names[i]} taught {names[j]}: {plural(transfer.kept, 'virtual instance')} kept; show the lesson"
    return (
        f"<td style='--share:{share}%'><a href='#{pair_id(i, j)}' aria-label='{safe(label)}'>{transfer.kept:,}</a></td>"
    )
