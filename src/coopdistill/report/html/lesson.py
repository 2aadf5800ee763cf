"""The lesson of one pair: what the teacher knew, what it changed, and examples."""

from __future__ import annotations

from coopdistill.report.evidence import Change, Example, Generation
from coopdistill.report.html.elements import name, pair_id, safe
from coopdistill.report.html.examples import example_figure
from coopdistill.report.phrases import plural, sureness
from coopdistill.report.summary import Summary, Transfer

__all__ = ["change_size", "lesson"]


def lesson(summary: Summary, transfer: Transfer, *, first: bool) -> str:
    """Render what one teacher gave one student.

    Parameters
    ----------
    summary : Summary
    transfer : Transfer
        Of two of its participants.
    first : bool
        Whether it is the one that is shown before any is chosen.

    Returns
    -------
    str
    """
    names = [model.name for model in summary.models]
    pair = (transfer.teacher, transfer.student)
    i, j = map(names.index, pair)
    evidence = summary.evidence
    made = next((g for g in evidence.generation if (g.teacher, g.student) == pair), None)
    changes = _changes([c for c in evidence.changes if (c.teacher, c.student) == pair])
    examples = [e for e in evidence.examples if (e.teacher, e.student) == pair]
    parts = [_facts(made, evidence.task), changes, _examples(examples, evidence.task, across=bool(changes))]
    anchor = pair_id(i, j)
    return (
        f"<article class='lesson{' first' if first else ''}' id='{anchor}' tabindex='-1' data-teacher='{i}' "
        f"data-student='{j}' aria-labelledby='{anchor}-heading'>"
        f"<h3 id='{anchor}-heading'>{_heading(transfer)}</h3>{_steps(transfer, evidence.task)}"
        f"{_refusal(summary, transfer)}<div class='lesson-parts'>{''.join(filter(None, parts))}</div></article>"
    )


def _heading(t: Transfer) -> str:
    if not t.kept:
        return f"{name(t.student)} kept nothing of {name(t.teacher)}"
    return f"{name(t.teacher)} taught {name(t.student)}"


def _refusal(summary: Summary, t: Transfer) -> str:
    """Why some of it was not taught, or none of it kept."""
    student = next(model for model in summary.models if model.name == t.student)
    said = [f"Not taught: {safe(t.reason)}."] if t.reason else []
    if student.accepted is False and student.reason:
        said.append(f"{name(student.name)} declined all lessons: {safe(student.reason)}.")
    return f"<p class='small refusal'>{' '.join(said)}</p>" if said else ""


def _steps(t: Transfer, task: str) -> str:
    goal = "about which it is right" + (" within the tolerance" if task == "regression" else "")
    steps = (
        ("qualified", t.qualified, "instances that the teacher could make, where the student is to be taught"),
        ("generated", t.generated, "of them, where the teacher is trusted"),
        ("reached", t.reached, f"of them, {goal}"),
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
