"""Who is right where, measured out-of-fold on own rows; who may teach whom."""

from coopdistill.expertise.own_rows import OwnRows, in_sample, out_of_fold, predict_out_of_fold
from coopdistill.expertise.qualification import qualified, qualified_pairs
from coopdistill.expertise.scoring import METRICS, check_metric, score_labels

__all__ = [
    "METRICS",
    "OwnRows",
    "check_metric",
    "in_sample",
    "out_of_fold",
    "predict_out_of_fold",
    "qualified",
    "qualified_pairs",
    "score_labels",
]
