"""What a user would do instead of cooperation."""

from coopdistill.baselines.average import Average
from coopdistill.baselines.baseline import Baseline
from coopdistill.baselines.distillation.parameter_transfer import ParameterTransfer
from coopdistill.baselines.distillation.pre_training import PreTraining
from coopdistill.baselines.distillation.soft_labels import SoftLabels, SoftLabelsAverage
from coopdistill.baselines.federated.alternating import AlternatingDistillation
from coopdistill.baselines.federated.ensembled import EnsembledDistillation
from coopdistill.baselines.federated.fedmd import FedMD
from coopdistill.baselines.federated.parallel import AveragedDistillation, ParallelDistillation
from coopdistill.baselines.networks.correlation import Correlation
from coopdistill.baselines.networks.data_free import DataFree
from coopdistill.baselines.networks.hint_layers import HintLayers
from coopdistill.baselines.networks.relations import Relations
from coopdistill.baselines.registry import baseline_names, make_baseline
from coopdistill.baselines.rows.gan import GAN
from coopdistill.baselines.rows.mixup import MixUp
from coopdistill.baselines.rows.munge import Munge
from coopdistill.baselines.rows.pooled import Pooled
from coopdistill.baselines.rows.prefiltered import Prefiltered
from coopdistill.baselines.rows.raw_rows import RawRows
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
