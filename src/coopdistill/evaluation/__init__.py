"""Scores before and after, beside what could be done instead."""

from coopdistill.evaluation.comparison import compare

__all__ = ["compare"]
