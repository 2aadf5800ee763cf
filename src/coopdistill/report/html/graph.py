"""Who taught whom, drawn: participants on a circle, an arrow for each lesson."""

from __future__ import annotations

import math

from coopdistill.report.html.elements import pair_id, safe, shortened
from coopdistill.report.phrases import plural, score_unit
from coopdistill.report.summary import Summary, Transfer

__all__ = ["graph"]

_RADIUS = 118.0
_NODE = 9.0
_HEAD = 11.0
_SIDE = 230.0
_MANY = 30


def graph(summary: Summary) -> str:
    """Draw the graph; the matrix beside it says the same, so that only that is read aloud and reached by Tab.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    str
        SVG.
    """
    unit = score_unit(summary)
    names = [model.name for model in summary.models]
    places = {name: _place(i, len(names)) for i, name in enumerate(names)}
    most = max(max((t.kept for t in summary.transfers), default=0), 1)
    dense = " dense" if len(summary.transfers) > _MANY else ""
    given = sorted((t for t in summary.transfers if t.kept), key=lambda t: t.kept)
    arrows = "".join(_arrow(t, places, names, most) for t in given)
    nodes = "".join(
        f"<g class='node {unit.direction(model.gain)}'><circle cx='{x:.1f}' cy='{y:.1f}' r='{_NODE}'/>"
        f"{_label(model.name, x, y)}</g>"
        for model in summary.models
        for x, y in [places[model.name]]
    )
    return (
        f"<svg class='graph{dense}' viewBox='{-_SIDE:.0f} -150 {2 * _SIDE:.0f} 300' aria-hidden='true' "
        f"focusable='false'>{arrows}{nodes}</svg>"
    )


def _place(i: int, n: int) -> tuple[float, float]:
    # Two stand side by side; more begin at the top.
    angle = math.pi * (1 + i) if n == 2 else 2 * math.pi * i / max(n, 1) - math.pi / 2
    return _RADIUS * math.cos(angle), _RADIUS * math.sin(angle)


def _label(name: str, x: float, y: float) -> str:
    anchor = "middle" if abs(x) < 8 else "start" if x > 0 else "end"
    dx = 0.0 if anchor == "middle" else math.copysign(_NODE + 6, x)
    dy = 4.5 if anchor != "middle" else math.copysign(_NODE + 12, y) + (4 if y > 0 else 0)
    return f"<text x='{x + dx:.1f}' y='{y + dy:.1f}' text-anchor='{anchor}'>{shortened(name)}</text>"


def _arrow(transfer: Transfer, places: dict[str, tuple[float, float]], names: list[str], most: int) -> str:
    (x1, y1), (x2, y2) = places[transfer.teacher], places[transfer.student]
    length = math.hypot(x2 - x1, y2 - y1)
    # Each way keeps to its own side, as on a road.
    bend = 0.16 * length
    cx, cy = (x1 + x2) / 2 - bend * (y2 - y1) / length, (y1 + y2) / 2 + bend * (x2 - x1) / length
    width = 1.0 + 5.0 * math.sqrt(transfer.kept / most)
    head = _HEAD * (0.55 + 0.45 * width / 6)
    sx, sy = _towards(x1, y1, cx, cy, _NODE + 3)
    tip_x, tip_y = _towards(x2, y2, cx, cy, _NODE + 3)
    ex, ey = _towards(tip_x, tip_y, cx, cy, head * 0.8)
    px, py = -(ey - tip_y) / (head * 0.8), (ex - tip_x) / (head * 0.8)
    half = head * 0.42
    curve = f"M{sx:.1f} {sy:.1f}Q{cx:.1f} {cy:.1f} {ex:.1f} {ey:.1f}"
    triangle = (
        f"M{tip_x:.1f} {tip_y:.1f}L{ex + half * px:.1f} {ey + half * py:.1f}L{ex - half * px:.1f} {ey - half * py:.1f}Z"
    )
    target = pair_id(names.index(transfer.teacher), names.index(transfer.student))
    about = f"{transfer.teacher} → {transfer.student}: {plural(transfer.kept, 'virtual instance')}"
    return (
        f"<a href='#{target}' tabindex='-1' style='--share:{transfer.kept / most:.2f}'><title>{safe(about)}</title>"
        f"<path class='hit' d='{curve}'/><path class='edge' d='{curve}' stroke-width='{width:.1f}'/>"
        f"<path class='head' d='{triangle}'/></a>"
    )


def _towards(x: float, y: float, to_x: float, to_y: float, far: float) -> tuple[float, float]:
    length = math.hypot(to_x - x, to_y - y)
    return x + far * (to_x - x) / length, y + far * (to_y - y) / length
