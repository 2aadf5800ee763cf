"""Finished cooperations and fitted models as files that load without running code."""

from coopdistill.saving.rows_inside import rows_inside
from coopdistill.saving.saved_cooperation import cooperation_file, load, save
from coopdistill.saving.saved_model import load_model, model_file, save_model

__all__ = ["cooperation_file", "load", "load_model", "model_file", "rows_inside", "save", "save_model"]
