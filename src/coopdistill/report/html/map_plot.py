"""The map as a plot that answers: what is told to Vega-Lite."""

from __future__ import annotations

from typing import Any

from coopdistill.report.evidence import Points, RowMap

__all__ = ["N_COLOURS", "ends", "map_data"]

N_COLOURS = 10
"""Of the page; the eleventh class has the first one's again."""


def ends(shown: RowMap, axis: str) -> tuple[float, float]:
    """Return the least and the greatest value that anything has on an axis.

    Parameters
    ----------
    shown : RowMap
    axis : {"x", "y"}

    Returns
    -------
    (float, float)
    """
    clouds = [] if shown.cloud is None else [shown.cloud]
    values = [value for marks in (shown.instances, shown.rows, *clouds) for value in getattr(marks, axis)]
    return min(values), max(values)


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
    hidden = {"title": None, "labels": False, "ticks": False, "grid": False, "domain": False}
    place = {
        "x": {"field": "x", "type": "quantitative", "axis": hidden, "scale": _domain(*ends(shown, "x"))},
        "y": {"field": "y", "type": "quantitative", "axis": hidden, "scale": _domain(*ends(shown, "y"))},
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


def _domain(low: float, high: float) -> dict[str, Any]:
    """A scale that stays where it is, whatever is chosen."""
    air = 0.02 * (high - low) or 1.0
    return {"zero": False, "nice": False, "domain": [low - air, high + air]}


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
