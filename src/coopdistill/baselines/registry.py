"""Baselines by name."""

from __future__ import annotations

from inspect import signature
from typing import Any

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
from coopdistill.baselines.rows.gan import GAN
from coopdistill.baselines.rows.mixup import MixUp
from coopdistill.baselines.rows.munge import Munge
from coopdistill.baselines.rows.pooled import Pooled
from coopdistill.baselines.rows.prefiltered import Prefiltered
from coopdistill.baselines.rows.raw_rows import RawRows
from coopdistill.baselines.stacking import Stacking
from coopdistill.baselines.untaught import Untaught
from coopdistill.exceptions import OptionError, nearest_name

__all__ = ["baseline_names", "make_baseline"]

_KINDS: tuple[type[Baseline], ...] = (
    Untaught,
    Pooled,
    RawRows,
    Average,
    Stacking,
    MixUp,
    GAN,
    SoftLabels,
    SoftLabelsAverage,
    PreTraining,
    HintLayers,
    Relations,
    Correlation,
    DataFree,
    ParameterTransfer,
    Munge,
    AlternatingDistillation,
    ParallelDistillation,
    AveragedDistillation,
    EnsembledDistillation,
    FedMD,
    Prefiltered,
)
_BASELINES = {kind.name: kind for kind in _KINDS}


def baseline_names() -> tuple[str, ...]:
    """Return the names of all baselines.

    Examples
    --------
    >>> "pooled" in baseline_names()
    True
    """
    return tuple(_BASELINES)


def make_baseline(name: str, **options: Any) -> Baseline:
    """Make a baseline, not fitted yet.

    Parameters
    ----------
    name : str
        One of `baseline_names`.
    **options : object
        Its parameters, such as ``random_state``.

    Returns
    -------
    Baseline

    Raises
    ------
    OptionError
        If the name or an option is unknown.

    Examples
    --------
    >>> make_baseline("average", random_state=3).random_state
    3
    """
    if name not in _BASELINES:
        raise OptionError(f"unknown baseline {name!r}{nearest_name(name, _BASELINES)}")
    kind = _BASELINES[name]
    allowed = list(signature(kind).parameters)
    for key in options:
        if key not in allowed:
            raise OptionError(f"baseline {name!r} has no option {key!r}{nearest_name(key, allowed)}")
    return kind(**options)
