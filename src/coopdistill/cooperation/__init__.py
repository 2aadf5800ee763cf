"""Agents, the coordinator that asks them, and `CooperativeDistillation`."""

from coopdistill.cooperation.distillation import CooperativeDistillation
from coopdistill.cooperation.ensemble import Ensemble
from coopdistill.cooperation.presets import preset

__all__ = ["CooperativeDistillation", "Ensemble", "preset"]
