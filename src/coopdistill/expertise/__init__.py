"""Who is right where, measured out-of-fold on own rows; who may teach whom."""

from coopdistill.expertise.competence import LEAST_LIFT, Expertise, competence, expertise_of
from coopdistill.expertise.own_rows import OwnRows, predict_out_of_fold
from coopdistill.expertise.qualification import qualified, qualified_pairs
from coopdistill.expertise.scoring import METRICS, check_metric, score_labels

__all__ = [
    "LEAST_LIFT",
    "METRICS",
    "Expertise",
    "OwnRows",
    "check_metric",
    "competence",
    "expertise_of",
    "predict_out_of_fold",
    "qualified",
    "qualified_pairs",
    "score_labels",
]
