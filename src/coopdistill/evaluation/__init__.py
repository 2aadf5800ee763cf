"""Scores before and after, beside what could be done instead."""

from coopdistill.evaluation.comparison import compare
from coopdistill.evaluation.intervals import Interval, score_intervals

__all__ = ["Interval", "compare", "score_intervals"]
