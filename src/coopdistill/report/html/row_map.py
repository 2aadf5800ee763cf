"""The section with the map, and its drawing, which prints and needs no script."""

from __future__ import annotations

from collections import defaultdict

from coopdistill.report.evidence import Points, RowMap
from coopdistill.report.html.elements import name, safe, section
from coopdistill.report.html.map_plot import N_COLOURS, ends
from coopdistill.report.phrases import plural
from coopdistill.report.summary import Summary

__all__ = ["row_map"]

_WIDTH, _HEIGHT, _MARGIN = 900.0, 460.0, 14.0


def row_map(summary: Summary, *, interactive: bool) -> str:
    """Render the section; nothing where there is no map.

    Parameters
    ----------
    summary : Summary
    interactive : bool
        Whether a plot takes the place of the drawing on a screen.

    Returns
    -------
    str
    """
    shown = summary.evidence.map
    if shown is None:
        return ""
    first, second = (f"{100 * share:.0f} %" for share in shown.explained)
    lead = (
        f"{_counted(shown)} on the two axes along which the instances vary most ({first} and {second} of their "
        f"variance, in the {plural(shown.n_features, 'feature')} that all participants share). "
        f"Colours stand for {'classes' if shown.labels else 'teachers'}. {_rows(shown)}"
    )
    controls = _controls(shown) if interactive else ""
    live = "<div class='live' id='map-plot'></div>" if interactive else ""
    help_ = (
        "<p class='small on-screen'>Point at a mark to see whose it is; choose classes in the legend, several with "
        "Shift; drag to move, Shift and the wheel to zoom, double-click to go back.</p>"
        if interactive
        else ""
    )
    return section(
        "map",
        "Where they lie",
        lead,
        f"{controls}<figure class='plot' aria-label='Map of virtual instances and rows'>{live}"
        f"<div class='static'>{_drawing(shown)}{_legend(shown)}</div></figure>{help_}",
    )


def _counted(shown: RowMap) -> str:
    there = len(shown.instances.x)
    whole = plural(shown.n_instances, "virtual instance")
    return whole if there == shown.n_instances else f"{there:,} of {whole}"


def _rows(shown: RowMap) -> str:
    if shown.cloud is not None:
        return (
            f"Where original rows are many it is grey; cells of fewer than {shown.cloud.least} rows are left out, and "
            "no single row is shown."
        )
    some = "" if len(shown.rows.x) == shown.n_rows else f" ({len(shown.rows.x):,} of {shown.n_rows:,})"
    return f"Original rows are rings{some}."


def _legend(shown: RowMap) -> str:
    keys = shown.labels or shown.names
    more = len(keys) - N_COLOURS
    items = "".join(
        f"<span class='key'><svg width='10' height='10' aria-hidden='true'><circle cx='5' cy='5' r='4' "
        f"style='fill:var(--c{i % N_COLOURS})'/></svg>{name(key)}</span>"
        for i, key in enumerate(keys[:N_COLOURS])
    )
    return f"<p class='legend small'>{items}{f' and {more:,} more' if more > 0 else ''}</p>"


def _controls(shown: RowMap) -> str:
    def select(what: str) -> str:
        options = "".join(f"<option value='{i}'>{safe(n)}</option>" for i, n in enumerate(shown.names))
        return (
            f"<label>{what} <select id='map-{what}' autocomplete='off'><option value='-1'>all</option>{options}"
            "</select></label>"
        )

    return f"<p class='controls on-screen' hidden>{select('teacher')} {select('student')}</p>"


class _Frame:
    """From the map's axes to the drawing's."""

    def __init__(self, shown: RowMap) -> None:
        self.left, right = ends(shown, "x")
        self.bottom, top = ends(shown, "y")
        self.x_scale = (_WIDTH - 2 * _MARGIN) / ((right - self.left) or 1.0)
        self.y_scale = (_HEIGHT - 2 * _MARGIN) / ((top - self.bottom) or 1.0)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return _MARGIN + (x - self.left) * self.x_scale, _HEIGHT - _MARGIN - (y - self.bottom) * self.y_scale


def _drawing(shown: RowMap) -> str:
    frame = _Frame(shown)
    about = f"{plural(len(shown.instances.x), 'virtual instance')} over the original rows"
    return (
        f"<svg class='map' viewBox='0 0 {_WIDTH:.0f} {_HEIGHT:.0f}' role='img' aria-label='{about}'>"
        f"{_cells(shown, frame)}{_dots(shown, shown.rows, frame, 'row')}"
        f"{_dots(shown, shown.instances, frame, 'instance')}</svg>"
    )


def _cells(shown: RowMap, frame: _Frame) -> str:
    cloud = shown.cloud
    if cloud is None or not cloud.count:
        return ""
    most = max(cloud.count)
    width, height = cloud.width * frame.x_scale, cloud.height * frame.y_scale
    cells = []
    for x, y, count in zip(cloud.x, cloud.y, cloud.count, strict=True):
        left, top = frame.at(x - cloud.width / 2, y + cloud.height / 2)
        cells.append(
            f"<rect x='{left:.0f}' y='{top:.0f}' width='{width:.1f}' height='{height:.1f}' "
            f"opacity='{0.12 + 0.5 * (count / most) ** 0.5:.2f}'/>"
        )
    return f"<g class='cloud'>{''.join(cells)}</g>"


def _dots(shown: RowMap, points: Points, frame: _Frame, kind: str) -> str:
    """One path a colour: lines of no length, whose round ends are the dots."""
    paths: dict[int, list[str]] = defaultdict(list)
    for x, y, colour in zip(points.x, points.y, points.label if shown.labels else points.teacher, strict=True):
        across, down = frame.at(x, y)
        paths[colour % N_COLOURS].append(f"M{across:.0f} {down:.0f}h0")
    return "".join(
        f"<path class='{kind}' style='stroke:var(--c{colour})' d='{''.join(moves)}'/>"
        for colour, moves in sorted(paths.items())
    )
