"""Who is right where, measured out-of-fold on own rows; who may teach whom."""

from coopdistill.expertise.answers import Answers, answers_and_scores_of, answers_by_scores, answers_of, classes_about
from coopdistill.expertise.competence import LEAST_LIFT, competence, value_competence
from coopdistill.expertise.own_rows import OwnRows, answer_out_of_fold
from coopdistill.expertise.qualification import FOCUSES, QUALIFICATIONS, in_need, qualified
from coopdistill.expertise.scoring import check_metric, default_metric, score
from coopdistill.expertise.testimony import Testimony, averaged, heard_together, testimony_of
from coopdistill.expertise.trust import ALL_VALUES, Trust, trust_in

__all__ = [
    "ALL_VALUES",
    "FOCUSES",
    "LEAST_LIFT",
    "QUALIFICATIONS",
    "Answers",
    "OwnRows",
    "Testimony",
    "Trust",
    "answer_out_of_fold",
    "answers_and_scores_of",
    "answers_by_scores",
    "answers_of",
    "averaged",
    "check_metric",
    "classes_about",
    "competence",
    "default_metric",
    "heard_together",
    "in_need",
    "qualified",
    "score",
    "testimony_of",
    "trust_in",
    "value_competence",
]
