"""Who taught whom: the graph, the matrix, and the lesson of each pair."""

from __future__ import annotations

from coopdistill.report.evidence import Change, Example, Generation
from coopdistill.report.html.elements import name, pair_id, safe, section
from coopdistill.report.html.examples import example_figure
from coopdistill.report.html.graph import graph
from coopdistill.report.phrases import NOTHING, plural, sureness
from coopdistill.report.summary import Summary, Transfer

__all__ = ["change_size", "teaching"]

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
    lessons = "\n".join(_lesson(summary, t, names, first=t is strongest) for t in ordered)
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
    most = max(summary.transfers, key=lambda t: t.qualified)
    return (
        f"Nothing was taught. The most that a teacher qualified for were {plural(most.qualified, 'row')} of "
        f"{name(most.teacher)}; {most.generated:,} were worth working on, and {most.reached:,} became as clear "
        "as asked, but no student took any of it."
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


def _lesson(summary: Summary, transfer: Transfer, names: list[str], *, first: bool) -> str:
    teacher, student = transfer.teacher, transfer.student
    i, j = names.index(teacher), names.index(student)
    evidence = summary.evidence
    pair = (teacher, student)
    made = next((g for g in evidence.generation if (g.teacher, g.student) == pair), None)
    changes = [c for c in evidence.changes if (c.teacher, c.student) == pair]
    examples = [e for e in evidence.examples if (e.teacher, e.student) == pair]
    told = _changes(changes)
    parts = [_facts(made, evidence.task), told, _examples(examples, evidence.task, across=bool(told))]
    anchor = pair_id(i, j)
    return (
        f"<article class='lesson{' first' if first else ''}' id='{anchor}' tabindex='-1' data-teacher='{i}' "
        f"data-student='{j}' aria-labelledby='{anchor}-heading'>"
        f"<h3 id='{anchor}-heading'>{name(teacher)} taught {name(student)}</h3>{_steps(transfer, evidence.task)}"
        f"<div class='lesson-parts'>{''.join(filter(None, parts))}</div></article>"
    )


def _steps(t: Transfer, task: str) -> str:
    goal = "about which it is right within the tolerance" if task == "regression" else "of which it is sure enough"
    steps = (
        ("qualified", t.qualified, "rows that the teacher could start from, where the student is to be taught"),
        ("generated", t.generated, "of them, where the teacher is trusted"),
        ("reached", t.reached, f"virtual instances {goal}"),
        ("kept", t.kept, "what was new to the student, and accepted"),
    )
    whole = max(t.qualified, 1)
    return (
        "<ol class='steps'>"
        + "".join(
            f"<li><b>{count:,}</b> <span>{word}</span><i style='--part:{100 * count / whole:.0f}%'></i>"
            f"<span class='what'>{why}</span></li>"
            for word, count, why in steps
        )
        + "</ol>"
        + (f"<p class='small'>Not taught: {safe(t.reason)}.</p>" if t.reason else "")
    )


def _facts(made: Generation | None, task: str) -> str:
    if made is None:
        return ""
    labels = "".join(
        f"<tr><th scope='row'>{name(label)}</th><td>{count:,}</td></tr>"
        for label, count in sorted(made.labels.items(), key=lambda item: -item[1])[:10]
    )
    classes = f"<table class='pairs'>{labels}</table>" if labels else ""
    more = len(made.labels) - 10
    rest = f"<p class='small'>and {plural(more, 'more class')}</p>" if more > 0 else ""
    before, asked, after = map(sureness, made.sureness)
    far = f"{made.distance[2]:.2g} spreads"
    medians = (
        f"In the median, a virtual instance lies {far} from its row."
        if task == "regression"
        else f"Medians: {before} sure on the row, {asked} asked for, {after} on the virtual instance, which lies {far} "
        "from the row."
    )
    return f"<div><h4>What it knew</h4>{classes}{rest}<p class='small'>{medians}</p></div>"


def _changes(changes: list[Change]) -> str:
    found = sorted(changes, key=lambda c: (-round(c.share, 1), -abs(c.mean or 0.0)))
    if not found:
        return ""
    labels = {change.label for change in changes}
    lines = "".join(
        f"<tr><th scope='row'>{name(c.feature)}{_of_class(c.label, labels)}</th>"
        f"<td class='bar'><div><i style='--part:{100 * c.share:.0f}%'></i><span>{100 * c.share:.0f} %</span></div></td>"
        f"<td>{change_size(c.mean)}</td></tr>"
        for c in found
    )
    return (
        "<div><h4>What it changed</h4><table class='pairs changes'><thead class='visually-hidden'><tr>"
        "<th scope='col'>feature</th><th scope='col'>changed in</th><th scope='col'>on average by</th></tr></thead>"
        f"<tbody>{lines}</tbody></table></div>"
    )


def change_size(mean: float | None) -> str:
    """Render a mean change, in spreads; of categories there is none.

    Examples
    --------
    >>> change_size(0.314), change_size(-2.0), change_size(None)
    ('+0.31', '−2.00', '')
    """
    if mean is None:
        return ""
    rounded = round(mean, 2)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded):.2f}"


def _of_class(label: str, labels: set[str]) -> str:
    return f" <span class='what'>for {name(label)}</span>" if len(labels) > 1 else ""


def _examples(examples: list[Example], task: str, *, across: bool) -> str:
    if not examples:
        return ""
    shown = "".join(example_figure(example, regression=task == "regression") for example in examples)
    place = " class='across'" if across else ""
    return f"<div{place}><h4>Examples</h4><div class='examples'>{shown}</div></div>"
