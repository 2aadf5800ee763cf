"""Models that teach each other, while the rows stay at home."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from coopdistill.exceptions import CoopdistillError, CoopdistillWarning, InputError, RunError

if TYPE_CHECKING:
    from coopdistill.cooperation import CooperativeDistillation, preset
    from coopdistill.counterfactuals import CounterfactualBatch, Generator, generate_counterfactuals
    from coopdistill.ensemble import CooperativeClassifier, CooperativeRegressor
    from coopdistill.learners import Learner, as_learner
    from coopdistill.participants import Participant
    from coopdistill.saving import load, save
    from coopdistill.schema import Feature, FeatureSpace, infer_feature_space

__all__ = [
    "CoopdistillError",
    "CoopdistillWarning",
    "CooperativeClassifier",
    "CooperativeDistillation",
    "CooperativeRegressor",
    "CounterfactualBatch",
    "Feature",
    "FeatureSpace",
    "Generator",
    "InputError",
    "Learner",
    "Participant",
    "RunError",
    "as_learner",
    "generate_counterfactuals",
    "infer_feature_space",
    "load",
    "preset",
    "save",
]

_HOMES = {
    "CooperativeClassifier": "ensemble",
    "CooperativeDistillation": "cooperation",
    "CooperativeRegressor": "ensemble",
    "CounterfactualBatch": "counterfactuals",
    "Feature": "schema",
    "FeatureSpace": "schema",
    "Generator": "counterfactuals",
    "Learner": "learners",
    "Participant": "participants",
    "as_learner": "learners",
    "generate_counterfactuals": "counterfactuals",
    "infer_feature_space": "schema",
    "load": "saving",
    "preset": "cooperation",
    "save": "saving",
}


def __getattr__(name: str) -> Any:
    # Importing a name when it is first used keeps `import coopdistill` as quick as it can be.
    if name == "__version__":
        from importlib.metadata import version

        return version("coopdistill")
    if name not in _HOMES:
        raise AttributeError(f"module 'coopdistill' has no attribute {name!r}")
    value = getattr(import_module(f"coopdistill.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
