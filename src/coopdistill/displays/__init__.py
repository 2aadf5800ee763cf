"""Pictures of a cooperation, drawn on axes of matplotlib from plain tables, and tables for notebooks."""

from coopdistill.displays.features import draw_feature_changes, draw_picture_changes
from coopdistill.displays.gains import draw_gains
from coopdistill.displays.html import html_table
from coopdistill.displays.map import draw_map
from coopdistill.displays.projection import PROJECTIONS, as_points, project
from coopdistill.displays.transfers import draw_transfer_graph, draw_transfer_matrix
from coopdistill.displays.trend import draw_trend

__all__ = [
    "PROJECTIONS",
    "as_points",
    "draw_feature_changes",
    "draw_gains",
    "draw_map",
    "draw_picture_changes",
    "draw_transfer_graph",
    "draw_transfer_matrix",
    "draw_trend",
    "html_table",
    "project",
]
