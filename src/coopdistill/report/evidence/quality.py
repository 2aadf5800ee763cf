"""How far virtual instances are from their rows, and how sure they make their teachers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coopdistill.report.evidence.records import Generation
from coopdistill.report.evidence.tables import Tables

__all__ = ["generation_of"]


def generation_of(tables: Tables, *, regression: bool = False) -> tuple[Generation, ...]:
    """Summarise distances and scores of each lesson.

    Parameters
    ----------
    tables : Tables
    regression : bool, default=False
        Whether labels are values, of which nothing is counted.

    Returns
    -------
    tuple of Generation
    """
    return tuple(
        Generation(teacher, student, {} if regression else _counts(taught.about), *_measures(taught.about))
        for (teacher, student), taught in tables.taught.items()
        if len(taught.about)
    )


def _counts(about: pd.DataFrame) -> dict[str, int]:
    return {str(label): int(n) for label, n in about["label"].value_counts(sort=False).sort_index().items()}


def _measures(about: pd.DataFrame) -> tuple[tuple[float, float, float, float, float], tuple[float, float, float]]:
    quartiles = np.percentile(about["distance"].to_numpy(dtype=np.float64), [0, 25, 50, 75, 100])
    least, lower, middle, upper, greatest = (round(float(value), 4) for value in quartiles)
    before, target, after = (
        round(float(about[score].median()), 4) for score in ("score_before", "score_target", "score_after")
    )
    return (least, lower, middle, upper, greatest), (before, target, after)
