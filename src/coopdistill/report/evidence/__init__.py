"""What a report shows beyond counts and scores: changes, examples, a map, the quality of generation."""

from coopdistill.report.evidence.records import (
    Change,
    Cloud,
    Evidence,
    Example,
    Generation,
    Points,
    Portrait,
    RowMap,
    Value,
)

__all__ = [
    "Change",
    "Cloud",
    "Evidence",
    "Example",
    "Generation",
    "Points",
    "Portrait",
    "RowMap",
    "Value",
]
