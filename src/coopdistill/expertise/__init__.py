"""Who is right where, measured out-of-fold on own rows; who may teach whom."""

from coopdistill.expertise.answers import Answers, answers_of
from coopdistill.expertise.competence import LEAST_LIFT, Expertise, competence, expertise_of, value_competence
from coopdistill.expertise.own_rows import OwnRows, answer_out_of_fold
from coopdistill.expertise.qualification import FOCUSES, in_need, qualified, qualified_pairs
from coopdistill.expertise.scoring import METRICS, check_metric, default_metric, score

__all__ = [
    "FOCUSES",
    "LEAST_LIFT",
    "METRICS",
    "Answers",
    "Expertise",
    "OwnRows",
    "answer_out_of_fold",
    "answers_of",
    "check_metric",
    "competence",
    "default_metric",
    "expertise_of",
    "in_need",
    "qualified",
    "qualified_pairs",
    "score",
    "value_competence",
]
