"""Which features teachers changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coopdistill.report.evidence.pictures import encode_bytes, picture_shape
from coopdistill.report.evidence.records import Change, Portrait
from coopdistill.schema import FeatureSpace

__all__ = ["changes_of", "portraits_of"]

_OF_A_PAIR = 8
_OF_ALL = 40
_MOST_LABELS = 12


def changes_of(table: pd.DataFrame | None) -> tuple[Change, ...]:
    """Keep what was changed most often: of each pair, and of all pairs together.

    Parameters
    ----------
    table : DataFrame or None
        ``changes_`` of a cooperation: teacher, student, label, feature, n, share_changed, mean_change.

    Returns
    -------
    tuple of Change
        Of all pairs together first, whose teacher and student are empty.
    """
    if table is None or table.empty:
        return ()
    changed = table[table["share_changed"] > 0].assign(label=table["label"].astype(str))
    overall = _over_pairs(changed, ["label", "feature"], of=table)
    often = overall.groupby("feature")["weight"].sum().sort_values(ascending=False, kind="stable").index[:_OF_ALL]
    overall = overall[overall["feature"].isin(often)]
    # Some generators change every feature a little; then it counts how far.
    rank = [-changed["share_changed"].round(1), -changed["mean_change"].abs().fillna(0.0)]
    pairs = changed.assign(often=rank[0], far=rank[1]).sort_values(["often", "far"], kind="stable")
    pairs = pairs.groupby(["teacher", "student"], sort=True).head(_OF_A_PAIR).sort_values(["teacher", "student"])
    return (
        *(_change("", "", line) for line in overall.to_dict("records")),
        *(_change(line["teacher"], line["student"], line) for line in pairs.to_dict("records")),
    )


def _over_pairs(changed: pd.DataFrame, by: list[str], *, of: pd.DataFrame) -> pd.DataFrame:
    """Mean over pairs, each of which counts as often as it has virtual instances of the label."""
    once = of.assign(label=of["label"].astype(str)).drop_duplicates(["teacher", "student", "label"])
    n = once.groupby("label")["n"].sum()
    weighted = changed.assign(
        weight=changed["n"] * changed["share_changed"], moved=changed["n"] * changed["mean_change"]
    )
    total = weighted.groupby(by, as_index=False)[["weight", "moved"]].sum(min_count=1)
    total["n"] = total["label"].map(n)
    return total.assign(share_changed=total["weight"] / total["n"], mean_change=total["moved"] / total["n"])


def _change(teacher: str, student: str, line: dict[Any, Any]) -> Change:
    mean = line["mean_change"]
    return Change(
        teacher=str(teacher),
        student=str(student),
        label=str(line["label"]),
        feature=str(line["feature"]),
        n=int(line["n"]),
        share=round(float(line["share_changed"]), 4),
        mean=None if pd.isna(mean) else round(float(mean), 4),
    )


def portraits_of(table: pd.DataFrame | None, space: FeatureSpace | None) -> tuple[Portrait, ...]:
    """Draw the mean change of pictures, a picture for each class.

    Parameters
    ----------
    table : DataFrame or None
        ``changes_`` of a cooperation.
    space : FeatureSpace or None
        Whose features are the pixels.

    Returns
    -------
    tuple of Portrait
        None unless all features are pixels.
    """
    shape = None if space is None else picture_shape(space)
    if table is None or table.empty or shape is None or space is None:
        return ()
    labelled = table.assign(label=table["label"].astype(str))
    total = _over_pairs(labelled, ["label", "feature"], of=table)
    moved = total.pivot_table(index="label", columns="feature", values="mean_change").reindex(columns=list(space.names))
    size = total.groupby("label")["n"].first()
    most = float(np.nanmax(np.abs(moved.to_numpy()), initial=0.0))
    if most == 0 or not np.isfinite(most):
        return ()
    return tuple(
        Portrait(
            str(label),
            int(size[label]),
            shape,
            encode_bytes(np.rint(127 * np.nan_to_num(pixels) / most).astype(np.int8)),
            round(most, 4),
        )
        for label, pixels in zip(moved.index[:_MOST_LABELS], moved.to_numpy(), strict=False)
    )
