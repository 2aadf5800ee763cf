"""One adapter a model family, behind one interface."""

from coopdistill.learners.adapters import as_learner
from coopdistill.learners.learner import Capabilities, Learner
from coopdistill.learners.model import Model
from coopdistill.learners.named import learner_names, make_learner
from coopdistill.learners.scikit_learn import ScikitLearnLearner

__all__ = ["Capabilities", "Learner", "Model", "ScikitLearnLearner", "as_learner", "learner_names", "make_learner"]
