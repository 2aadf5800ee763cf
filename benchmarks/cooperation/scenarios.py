"""What is measured, as data: scenarios to choose options on, and others to report.

The two halves are named before they are measured. Whoever tries options looks at `TUNE` alone, so that `REPORT` tells
what is to be expected of data that nobody has looked at. Every kind of difficulty is in both halves.

What has been looked at once too often goes over to `TUNE`, and never back; so did fifteen scenarios that were for
reporting first. Those of `REPORT` were drawn in their place: of targets, tables or troubles that none of the others
have, settled with all options before any of them was measured.
"""

from __future__ import annotations

from cooperation.scenario import Scenario
from cooperation.to_choose import TUNE
from cooperation.to_report import REPORT

PARTS: dict[str, tuple[Scenario, ...]] = {"tune": TUNE, "report": REPORT}
SCENARIOS = {scenario.name: scenario for scenario in (*TUNE, *REPORT)}


def part_of(name: str) -> str:
    """Return in which half a scenario is."""
    return next(part for part, scenarios in PARTS.items() if any(one.name == name for one in scenarios))
