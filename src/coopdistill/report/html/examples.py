"""A virtual instance beside the row that it was made from."""

from __future__ import annotations

from coopdistill.report.evidence import Example, Value
from coopdistill.report.html.elements import name, safe
from coopdistill.report.html.pictures import decode, difference_picture, grey_picture
from coopdistill.report.phrases import plural, sureness

__all__ = ["example_figure"]


def example_figure(example: Example, *, pair: bool = False, regression: bool = False) -> str:
    """Render one example.

    Parameters
    ----------
    example : Example
    pair : bool, default=False
        Whether to say who taught whom.
    regression : bool, default=False
        Whether the label is a value, and what the teacher is sure of a prediction.

    Returns
    -------
    str
    """
    who = f"<b>{name(example.teacher)} → {name(example.student)}</b>: " if pair else ""
    before, after = example.sureness
    if regression:
        said = (
            f"true value {safe(example.label)}; {name(example.teacher)} predicts {before:.4g} on the row, {after:.4g}"
        )
    else:
        said = (
            f"<b>{name(example.label)}</b>, of which {name(example.teacher)} is {sureness(before)} sure on the row, "
            f"{sureness(after)}"
        )
    caption = f"<figcaption>{who}{said} on the virtual instance</figcaption>"
    shown = _pictures(example) if example.shape else _values(example)
    return f"<figure class='example'>{caption}{shown}</figure>"


def _values(example: Example) -> str:
    most = max((abs(value.steps) for value in example.changed), default=1.0) or 1.0
    lines = "".join(_value(value, most) for value in example.changed)
    hidden = example.n_changed - len(example.changed)
    rest = [f"{plural(hidden, 'smaller change')}"] if hidden else []
    if example.n_same:
        rest += [f"{plural(example.n_same, 'feature')} as {'it was' if example.n_same == 1 else 'they were'}"]
    return (
        f"<table class='compared'><thead><tr><th scope='col'>feature</th><th scope='col'>row of {name(example.owner)}"
        "</th><th scope='col'>virtual instance</th></tr></thead>"
        f"<tbody>{lines}</tbody></table><p class='small'>{', '.join(rest)}</p>"
    )


def _value(value: Value, most: float) -> str:
    way = "less" if value.steps < 0 else "more"
    part = f"--part:{100 * abs(value.steps) / most:.0f}%"
    return (
        f"<tr><th scope='row'>{name(value.feature)}</th><td>{safe(value.before)}</td>"
        f"<td class='new {way}' style='{part}'><mark>{safe(value.after)}</mark></td></tr>"
    )


def _pictures(example: Example) -> str:
    shape = example.shape or (0, 0)
    row, made = (decode(pixels, shape, "uint8") for pixels in example.pictures)
    change = (made - row) / 255
    shown = (
        (f"row of {name(example.owner)}", f"the row, labelled {example.label}", grey_picture(row)),
        ("virtual instance", f"the virtual instance, labelled {example.label}", grey_picture(made)),
        ("change", "what was added and what was taken away", difference_picture(change)),
    )
    return (
        "<div class='pictures'>"
        + "".join(
            f"<div><img src='{source}' alt='{safe(about)}' width='{_side(shape)}' height='{_side(shape[::-1])}'>"
            f"<span>{title}</span></div>"
            for title, about, source in shown
        )
        + f"</div><p class='small'>{plural(example.n_changed, 'pixel')} changed, {example.n_same:,} as they were</p>"
    )


def _side(shape: tuple[int, int]) -> int:
    return round(96 * shape[1] / max(shape))
