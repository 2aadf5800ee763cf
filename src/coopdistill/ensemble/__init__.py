"""Several algorithms on one table: they teach each other, then vote."""

from coopdistill.ensemble.classifier import CooperativeClassifier
from coopdistill.ensemble.regressor import CooperativeRegressor

__all__ = ["CooperativeClassifier", "CooperativeRegressor"]
