"""What was taught: the features that teachers changed, class by class, and examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from coopdistill.report.evidence import Change, Evidence, Example, Portrait
from coopdistill.report.html.elements import name, section
from coopdistill.report.html.examples import example_figure
from coopdistill.report.html.lesson import change_size
from coopdistill.report.html.pictures import decode, difference_picture
from coopdistill.report.phrases import plural
from coopdistill.report.summary import Summary

__all__ = ["taught"]

_WHY_SHOWN = {
    "asked": "Rows are shown because that was asked for: mind who gets to see this page.",
    "pooled": "The rows were pooled in this run, so everybody has seen them.",
    "public": "Rows are shown because these are public.",
}
_MOST_FEATURES = 16
_MOST_LABELS = 10
_MOST_EXAMPLES = 2


def taught(summary: Summary) -> str:
    """Render the section; nothing where nothing was taught.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    str
    """
    evidence = summary.evidence
    overall = [change for change in evidence.changes if not change.teacher]
    parts = [
        _portraits(evidence.portraits) if evidence.portraits else _features(overall),
        _classes(evidence, [model.name for model in summary.models]),
        _gallery(evidence),
    ]
    shown = "\n".join(filter(None, parts))
    if not shown:
        return ""
    is_of_values = evidence.task == "regression"
    goal = "predicts nearer to the true value" if is_of_values else "is surer of the true class, where it can be"
    lead = (
        f"A virtual instance is a row, changed until its teacher {goal}. "
        "What had to change is what the teacher looks at."
    )
    return section("taught", "What was taught", lead, shown)


def _features(changes: list[Change]) -> str:
    if not changes:
        return ""
    labels = list(dict.fromkeys(change.label for change in changes))[:_MOST_LABELS]
    cells = {(change.feature, change.label): change for change in changes}
    often: dict[str, float] = defaultdict(float)
    far: dict[str, float] = defaultdict(float)
    for change in changes:
        often[change.feature] += change.share * change.n
        far[change.feature] += abs(change.mean or 0.0) * change.n
    total = sum({change.label: change.n for change in changes}.values())
    # Some generators change every feature a little; then it counts how far.
    features = sorted(often, key=lambda feature: (-round(often[feature] / total, 1), -far[feature], feature))
    # Where all shares are alike, the shade tells how far.
    shown = [change for change in changes if change.feature in features[:_MOST_FEATURES]]
    alike = min(change.share for change in shown) > 0.9
    most = max(abs(change.mean or 0.0) for change in shown) if alike else 0.0
    head = "".join(f"<th scope='col'>{name(label)}</th>" for label in labels)
    body = "\n".join(
        f"<tr><th scope='row'>{name(feature)}</th>"
        + "".join(_feature_cell(cells.get((feature, label)), most) for label in labels)
        + "</tr>"
        for feature in features[:_MOST_FEATURES]
    )
    more = len(features) - _MOST_FEATURES
    rest = f" {plural(more, 'more feature')} changed less often, or less far." if more > 0 else ""
    return (
        "<h3>Features that teachers changed</h3>"
        "<div class='scroll' tabindex='0' role='group' aria-label='Features changed, by class'><table class='heat'>"
        "<caption class='visually-hidden'>Share of virtual instances in which a feature differs from the row, and the "
        f"mean change in spreads</caption><thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"
        "</table></div><p class='small'>In how many of the virtual instances of a class the feature differs from "
        f"their row; below, the mean change in the teacher’s spreads.{rest}</p>"
    )


def _feature_cell(change: Change | None, most: float) -> str:
    if change is None:
        return "<td class='none'>0 %</td>"
    mean = change_size(change.mean)
    small = f"<small>{mean}</small>" if mean else ""
    shade = abs(change.mean or 0.0) / most if most else change.share
    return f"<td style='--share:{4 + 46 * shade:.0f}%'>{100 * change.share:.0f} %{small}</td>"


def _portraits(portraits: Iterable[Portrait]) -> str:
    shown = "".join(
        f"<figure><img src='{difference_picture(decode(p.pixels, p.shape, 'int8') / 127)}' width='112' "
        f"height='{round(112 * p.shape[0] / p.shape[1])}' alt=''><figcaption><b>{name(p.label)}</b>"
        f"<span class='what'>{plural(p.n, 'instance')}</span></figcaption></figure>"
        for p in portraits
    )
    return (
        f"<h3>Where teachers changed the pictures</h3><div class='portraits'>{shown}</div>"
        "<p class='small'>The mean change of each pixel, by class: <b class='more'>added</b> and "
        "<b class='less'>taken away</b>.</p>"
    )


def _classes(evidence: Evidence, teachers: list[str]) -> str:
    """How many instances of each class each teacher gave."""
    given: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for made in evidence.generation:
        for label, count in made.labels.items():
            given[made.teacher][label] += count
    labels = sorted({label for counts in given.values() for label in counts})[:_MOST_LABELS]
    if not labels:
        return ""
    most = max(count for counts in given.values() for count in counts.values())
    head = "".join(f"<th scope='col'>{name(label)}</th>" for label in labels)
    body = "\n".join(
        f"<tr><th scope='row'>{name(teacher)}</th>"
        + "".join(_class_cell(counts.get(label, 0), most) for label in labels)
        + "</tr>"
        for teacher in teachers
        if teacher in given
        for counts in [given[teacher]]
    )
    return (
        "<h3>Classes that each teacher taught</h3>"
        "<div class='scroll' tabindex='0' role='group' aria-label='Classes taught, by teacher'><table class='heat'>"
        "<caption class='visually-hidden'>Virtual instances by teacher and class</caption>"
        f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _class_cell(count: int, most: int) -> str:
    return f"<td style='--share:{4 + 46 * count / most:.0f}%'>{count:,}</td>" if count else "<td class='none'>0</td>"


def _gallery(evidence: Evidence) -> str:
    if evidence.rows_shown is None:
        return (
            "<h3>Examples</h3><p class='small'>A virtual instance is best understood beside the row that it was made "
            "from. Rows stay with their owners, so there is none here. <code>--show-rows</code> puts some into the "
            "report, for those who may see them.</p>"
        )
    chosen = _varied(evidence.examples)
    if not chosen:
        return ""
    why = _WHY_SHOWN[evidence.rows_shown]
    shown = "".join(example_figure(example, pair=True, regression=evidence.task == "regression") for example in chosen)
    return f"<h3>Examples</h3><p class='small'>{why}</p><div class='examples'>{shown}</div>"


def _varied(examples: Iterable[Example]) -> list[Example]:
    """A few, of as many teachers and labels as there are."""
    left = list(examples)
    chosen: list[Example] = []
    while left and len(chosen) < _MOST_EXAMPLES:
        teachers, labels = {e.teacher for e in chosen}, {e.label for e in chosen}
        best = min(left, key=lambda e: (e.teacher in teachers) + (e.label in labels))
        chosen.append(best)
        left.remove(best)
    return chosen
