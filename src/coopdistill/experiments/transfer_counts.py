"""What became of the instances that teachers made."""

from __future__ import annotations

import pandas as pd

from coopdistill.experiments.table import METHOD_TITLES

__all__ = ["count_transfers", "counts_as_markdown"]

MADE = ["qualified", "generated", "reached"]
COUNTS = [*MADE, "left out", "refused", "kept"]


def count_transfers(transfers: pd.DataFrame) -> pd.DataFrame:
    """Count, for each setting and way of cooperating, what became of the instances.

    Parameters
    ----------
    transfers : DataFrame
        From `coopdistill.experiments.results_of`, of cooperations of one round.

    Returns
    -------
    DataFrame
        A line for each setting and method, sums over teachers and students and means over seeds: qualified, rows that
        a teacher could teach a student; generated, those that were worked on; reached, instances on which the
        teacher became as certain as it was to; left out, because the student had been given the same, or a committee
        contradicted them; refused, because the student was no better with what it had been given; kept.

    Examples
    --------
    >>> transfers = pd.DataFrame(
    ...     [
    ...         {"student": "a", "qualified": 9, "generated": 9, "reached": 8, "kept": 7},
    ...         {"student": "b", "qualified": 5, "generated": 5, "reached": 4, "kept": 0},
    ...     ]
    ... ).assign(setting="hospitals", method="defaults", seed=0)
    >>> count_transfers(transfers).to_dict("records")[0]["refused"]
    4.0
    """
    trial = ["setting", "method", "seed"]
    each = transfers.groupby([*trial, "student"], sort=False)[[*MADE, "kept"]].sum()
    # Who keeps nothing has refused the lesson as a whole.
    dropped = each["reached"] - each["kept"]
    has_refused = each["kept"] == 0
    each = each.assign(**{"left out": dropped.mask(has_refused, 0), "refused": dropped.where(has_refused, 0)})
    summed = each.groupby(level=trial, sort=False)[COUNTS].sum()
    return summed.groupby(level=["setting", "method"], sort=False).mean().astype(float).reset_index()


def counts_as_markdown(transfers: pd.DataFrame) -> str:
    """Write the counts as a Markdown table.

    Parameters
    ----------
    transfers : DataFrame
        See `count_transfers`; may be empty.

    Returns
    -------
    str
        Empty where nobody cooperated.

    See Also
    --------
    count_transfers : With an example.
    """
    if transfers.empty:
        return ""
    lines = [
        "Virtual instances, sums over all pairs, mean over seeds:",
        "",
        "| setting | cooperation | " + " | ".join(COUNTS) + " |",
        "| --- | --- |" + " ---: |" * len(COUNTS),
    ]
    for line in count_transfers(transfers).to_dict("records"):
        method = METHOD_TITLES.get(str(line["method"]), str(line["method"]))
        numbers = " | ".join(f"{line[name]:,.0f}" for name in COUNTS)
        lines.append(f"| {line['setting']} | {method} | {numbers} |")
    return "\n".join(lines) + "\n"
