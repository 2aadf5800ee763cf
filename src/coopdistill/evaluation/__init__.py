"""Scores before and after, beside what could be done instead."""

from coopdistill.evaluation.comparison import compare
from coopdistill.evaluation.intervals import Interval, score_intervals
from coopdistill.evaluation.paired_tests import holm, paired_tests
from coopdistill.evaluation.ranks import Friedman, critical_difference, friedman, groups_of_equals, mean_ranks

__all__ = [
    "Friedman",
    "Interval",
    "compare",
    "critical_difference",
    "friedman",
    "groups_of_equals",
    "holm",
    "mean_ranks",
    "paired_tests",
    "score_intervals",
]
