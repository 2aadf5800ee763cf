"""What a user would do instead of cooperation."""

from coopdistill.baselines.average import Average
from coopdistill.baselines.baseline import Baseline
from coopdistill.baselines.pooled import Pooled
from coopdistill.baselines.raw_rows import RawRows

__all__ = ["Average", "Baseline", "Pooled", "RawRows"]
