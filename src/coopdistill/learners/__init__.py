"""One adapter a model family, behind one interface."""

from coopdistill.learners.adapters import as_learner
from coopdistill.learners.encoded_labels import EncodedLabels
from coopdistill.learners.learner import Capabilities, Learner
from coopdistill.learners.model import Model, all_classes
from coopdistill.learners.named import learner_names, make_learner
from coopdistill.learners.networks.torch_module import TorchModule
from coopdistill.learners.new_categories import with_new_categories
from coopdistill.learners.scikit_learn import ScikitLearnLearner
from coopdistill.learners.scripted import ScriptedLearner
from coopdistill.learners.sight import Sight
from coopdistill.learners.teachers.callable import CallableLearner
from coopdistill.learners.teachers.onnx import OnnxLearner

__all__ = [
    "CallableLearner",
    "Capabilities",
    "EncodedLabels",
    "Learner",
    "Model",
    "OnnxLearner",
    "ScikitLearnLearner",
    "ScriptedLearner",
    "Sight",
    "TorchModule",
    "all_classes",
    "as_learner",
    "learner_names",
    "make_learner",
    "with_new_categories",
]
