"""How good the virtual instances are, and what they cost."""

from __future__ import annotations

from collections import defaultdict

from coopdistill.report.evidence import Generation
from coopdistill.report.html.elements import name, safe, section
from coopdistill.report.phrases import NOTHING, duration, percent, sureness
from coopdistill.report.summary import Summary

__all__ = ["generation"]


def generation(summary: Summary) -> str:
    """Render the section; nothing where nothing was generated.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    str
    """
    if not any(transfer.generated for transfer in summary.transfers):
        return ""
    asked: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    names = [model.name for model in summary.models]
    for transfer in sorted(summary.transfers, key=lambda t: names.index(t.teacher)):
        asked[transfer.teacher][0] += transfer.generated
        asked[transfer.teacher][1] += transfer.reached
    made: dict[str, list[Generation]] = defaultdict(list)
    for one in summary.evidence.generation:
        made[one.teacher].append(one)
    far = max((one.distance[3] for one in summary.evidence.generation), default=1.0) * 1.15 or 1.0
    classes = summary.evidence.task == "classification"
    sure = "<th scope='col'>Sure before</th><th scope='col'>Sure after</th>" if classes else ""
    rows = "\n".join(
        _row(teacher, n, reached, made[teacher], far, classes=classes) for teacher, (n, reached) in asked.items()
    )
    goal = "become surer of the true class" if classes else "predict nearer to the true value"
    explained = "Sureness is the median score of the true class. " if classes else ""
    return section(
        "generation",
        "How good, at what cost",
        f"A teacher is asked to {goal}, by as small a change as it can find.",
        "<div class='scroll' tabindex='0' role='group' aria-label='Quality of generation'><table class='quality'>"
        "<thead><tr><th scope='col'>Teacher</th><th scope='col'>Asked</th><th scope='col'>Reached</th>"
        f"<th scope='col' class='wide'>Distance from the row</th>{sure}</tr></thead>\n<tbody>\n{rows}\n</tbody>"
        "</table></div>"
        "<p class='small'>Distance in the teacher’s spreads, summed over features: the bar holds the middle half, the "
        f"mark the median. {explained}Lessons count by their size.</p>\n{_phases(summary.evidence.seconds or {})}",
    )


def _row(teacher: str, asked: int, reached: int, made: list[Generation], far: float, *, classes: bool) -> str:
    share = percent(reached / asked) + " %" if asked else NOTHING
    if not made:
        return (
            f"<tr><th scope='row'>{name(teacher)}</th><td>{asked:,}</td><td>{share}</td>"
            f"<td>{NOTHING}</td>{f'<td>{NOTHING}</td>' * 2 if classes else ''}</tr>"
        )
    weights = [max(sum(one.labels.values()), 1) for one in made]

    def mean(values: list[float]) -> float:
        return sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)

    lower, middle, upper = (mean([one.distance[k] for one in made]) for k in (1, 2, 3))
    before, after = (sureness(mean([one.sureness[k] for one in made])) for k in (0, 2))

    def at(value: float) -> str:
        return f"{100 * min(value / far, 1.0):.1f}%"

    strip = (
        f"<svg class='strip' width='100%' height='18' role='img' aria-label='median {middle:.2g}, half of them from "
        f"{lower:.2g} to {upper:.2g}'><line class='track' x1='0' x2='100%' y1='9' y2='9'/>"
        f"<line class='half' x1='{at(lower)}' x2='{at(upper)}' y1='9' y2='9'/>"
        f"<line class='median' x1='{at(middle)}' x2='{at(middle)}' y1='2' y2='16'/></svg>"
    )
    return (
        f"<tr><th scope='row'>{name(teacher)}</th><td>{asked:,}</td><td>{share}</td>"
        f"<td class='wide'><div class='with-value'>{strip}<span>{middle:.2g}</span></div></td>"
        f"{f'<td>{before}</td><td>{after}</td>' if classes else ''}</tr>"
    )


def _phases(seconds: dict[str, float]) -> str:
    total = sum(seconds.values())
    if not total:
        return ""
    lines = "".join(
        f"<tr><th scope='row'>{safe(phase)}</th><td class='bar'><i style='--part:{100 * spent / total:.1f}%'></i></td>"
        f"<td>{duration(spent)}</td></tr>"
        for phase, spent in seconds.items()
    )
    return (
        "<h3>Time</h3><table class='pairs phases'><thead class='visually-hidden'><tr><th scope='col'>phase</th>"
        f"<th scope='col'>share</th><th scope='col'>time</th></tr></thead><tbody>{lines}</tbody></table>"
        "<p class='small'>Wall-clock time on this run’s machine; scoring includes what models are compared with.</p>"
    )
