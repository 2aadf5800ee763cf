"""The map of virtual instances and rows: a plot that answers, and a drawing of it that prints."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from coopdistill.report.evidence import Points, RowMap
from coopdistill.report.html.elements import name, safe, section
from coopdistill.report.phrases import plural
from coopdistill.report.summary import Summary

__all__ = ["map_data", "row_map"]

_WIDTH, _HEIGHT, _MARGIN = 900.0, 460.0, 14.0
N_COLOURS = 10


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
        self.xs, self.ys = (
            [*shown.instances.x, *shown.rows.x, *(shown.cloud.x if shown.cloud else ())],
            [*shown.instances.y, *shown.rows.y, *(shown.cloud.y if shown.cloud else ())],
        )
        self.left, self.bottom = min(self.xs), min(self.ys)
        self.x_scale = (_WIDTH - 2 * _MARGIN) / ((max(self.xs) - self.left) or 1.0)
        self.y_scale = (_HEIGHT - 2 * _MARGIN) / ((max(self.ys) - self.bottom) or 1.0)

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


def map_data(shown: RowMap) -> dict[str, Any]:
    """Describe the plot in the words of Vega-Lite; colours are those of the page, so that they follow its theme.

    Parameters
    ----------
    shown : RowMap

    Returns
    -------
    dict
        A specification. Users' names are values of data in it, never expressions.
    """
    keys = list(shown.labels or shown.names)
    colour = {
        "field": "key",
        "type": "nominal",
        "title": None,
        "scale": {"domain": keys, "range": [f"var(--c{i % N_COLOURS})" for i in range(len(keys))]},
        "legend": {
            "orient": "top",
            "symbolType": "circle",
            "symbolOpacity": 1,
            "columns": {"expr": f"width < 500 ? 3 : {_columns(keys)}"},
        },
    }
    frame = _Frame(shown)
    hidden = {"title": None, "labels": False, "ticks": False, "grid": False, "domain": False}
    place = {
        "x": {"field": "x", "type": "quantitative", "axis": hidden, "scale": _domain(frame.xs)},
        "y": {"field": "y", "type": "quantitative", "axis": hidden, "scale": _domain(frame.ys)},
    }
    layers = [*_under(shown, place, colour), _instances(shown, place, colour)]
    return {
        "width": "container",
        "height": 440,
        "description": "Map of virtual instances and original rows",
        "background": None,
        "params": [{"name": "teacher", "value": -1}, {"name": "student", "value": -1}],
        "layer": layers,
        "config": {"view": {"stroke": None}, "legend": {"labelFontSize": 13, "labelLimit": 220}},
    }


def _columns(keys: list[str]) -> int:
    """How many names stand beside each other."""
    return min(max(110 // (max(map(len, keys), default=1) + 5), 2), N_COLOURS)


def _domain(values: list[float]) -> dict[str, Any]:
    """A scale that stays where it is, whatever is chosen."""
    air = 0.02 * (max(values) - min(values)) or 1.0
    return {"zero": False, "nice": False, "domain": [min(values) - air, max(values) + air]}


def _records(shown: RowMap, points: Points) -> list[dict[str, Any]]:
    columns = zip(points.x, points.y, points.label, points.teacher, points.student, strict=True)
    return [
        {
            "x": x,
            "y": y,
            "key": shown.labels[label] if shown.labels else shown.names[teacher],
            "t": teacher,
            "s": student,
            "from": shown.names[teacher],
            "to": shown.names[student] if student >= 0 else "",
        }
        for x, y, label, teacher, student in columns
    ]


def _instances(shown: RowMap, place: dict[str, Any], colour: dict[str, Any]) -> dict[str, Any]:
    class_tip = [{"field": "key", "type": "nominal", "title": "class"}] if shown.labels else []
    return {
        "data": {"values": _records(shown, shown.instances)},
        "params": [
            {"name": "chosen", "select": {"type": "point", "fields": ["key"]}, "bind": "legend"},
            {
                "name": "view",
                "select": {"type": "interval", "zoom": "wheel![event.shiftKey]"},
                "bind": "scales",
            },
        ],
        "transform": [
            {"filter": "(teacher < 0 || datum.t === teacher) && (student < 0 || datum.s === student)"},
        ],
        "mark": {"type": "circle", "size": 34, "clip": True},
        "encoding": {
            **place,
            "color": colour,
            "opacity": {"condition": {"param": "chosen", "value": 0.75}, "value": 0.06},
            "tooltip": [
                {"field": "from", "type": "nominal", "title": "teacher"},
                {"field": "to", "type": "nominal", "title": "student"},
                *class_tip,
            ],
        },
    }


def _under(shown: RowMap, place: dict[str, Any], colour: dict[str, Any]) -> list[dict[str, Any]]:
    """What lies under the instances: rows, or where they are many."""
    cloud = shown.cloud
    if cloud is None:
        class_tip = [{"field": "key", "type": "nominal", "title": "class"}] if shown.labels else []
        mark = {"type": "point", "size": 30, "strokeWidth": 1.1, "opacity": 0.55, "clip": True}
        tooltip = [{"field": "from", "type": "nominal", "title": "row of"}, *class_tip]
        encoding = {**place, "color": colour, "tooltip": tooltip}
        return [{"data": {"values": _records(shown, shown.rows)}, "mark": mark, "encoding": encoding}]
    if not cloud.count:
        return []
    half_x, half_y = cloud.width / 2, cloud.height / 2
    cells = [
        {"x": x - half_x, "x2": x + half_x, "y": y - half_y, "y2": y + half_y, "rows": count}
        for x, y, count in zip(cloud.x, cloud.y, cloud.count, strict=True)
    ]
    encoding = {
        **place,
        "x2": {"field": "x2"},
        "y2": {"field": "y2"},
        "opacity": {
            "field": "rows",
            "type": "quantitative",
            "legend": None,
            "scale": {"type": "sqrt", "range": [0.12, 0.62]},
        },
        "tooltip": [{"field": "rows", "type": "quantitative", "title": "original rows"}],
    }
    mark = {"type": "rect", "color": "var(--cloud)", "clip": True}
    return [{"data": {"values": cells}, "mark": mark, "encoding": encoding}]
