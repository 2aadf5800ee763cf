"""Baselines by name."""

from __future__ import annotations

from inspect import signature
from typing import Any

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
from coopdistill.baselines.relations import Relations
from coopdistill.baselines.soft_labels import SoftLabels, SoftLabelsAverage
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
