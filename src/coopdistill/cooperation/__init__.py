"""Agents, the coordinator that asks them, and `CooperativeDistillation`."""

from coopdistill.cooperation.distillation import CooperativeDistillation, preset

__all__ = ["CooperativeDistillation", "preset"]
