"""What a user would do instead of cooperation."""

from coopdistill.baselines.alternating import AlternatingDistillation
from coopdistill.baselines.average import Average
from coopdistill.baselines.baseline import Baseline
from coopdistill.baselines.correlation import Correlation
from coopdistill.baselines.data_free import DataFree
from coopdistill.baselines.ensembled import EnsembledDistillation
from coopdistill.baselines.fedmd import FedMD
from coopdistill.baselines.gan import GAN
from coopdistill.baselines.hint_layers import HintLayers
from coopdistill.baselines.mixup import MixUp
from coopdistill.baselines.munge import Munge
from coopdistill.baselines.parallel import AveragedDistillation, ParallelDistillation
from coopdistill.baselines.parameter_transfer import ParameterTransfer
from coopdistill.baselines.pooled import Pooled
from coopdistill.baselines.pre_training import PreTraining
from coopdistill.baselines.prefiltered import Prefiltered
from coopdistill.baselines.raw_rows import RawRows
from coopdistill.baselines.registry import baseline_names, make_baseline
from coopdistill.baselines.relations import Relations
from coopdistill.baselines.soft_labels import SoftLabels, SoftLabelsAverage
from coopdistill.baselines.stacking import Stacking
from coopdistill.baselines.untaught import Untaught
from coopdistill.exceptions import InapplicableError

__all__ = [
    "GAN",
    "AlternatingDistillation",
    "Average",
    "AveragedDistillation",
    "Baseline",
    "Correlation",
    "DataFree",
    "EnsembledDistillation",
    "FedMD",
    "HintLayers",
    "InapplicableError",
    "MixUp",
    "Munge",
    "ParallelDistillation",
    "ParameterTransfer",
    "Pooled",
    "PreTraining",
    "Prefiltered",
    "RawRows",
    "Relations",
    "SoftLabels",
    "SoftLabelsAverage",
    "Stacking",
    "Untaught",
    "baseline_names",
    "make_baseline",
]
