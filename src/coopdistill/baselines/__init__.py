"""What a user would do instead of cooperation."""

from coopdistill.baselines.average import Average
from coopdistill.baselines.baseline import Baseline
from coopdistill.baselines.pooled import Pooled
from coopdistill.baselines.raw_rows import RawRows
from coopdistill.baselines.registry import baseline_names, make_baseline
from coopdistill.baselines.untaught import Untaught
from coopdistill.exceptions import InapplicableError

__all__ = [
    "Average",
    "Baseline",
    "InapplicableError",
    "Pooled",
    "RawRows",
    "Untaught",
    "baseline_names",
    "make_baseline",
]
