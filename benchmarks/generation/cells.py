"""Runs every method on a case and measures all of them alike."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import pandas as pd
from answer import Answer, RefusalError
from cases import Case
from numpy.typing import NDArray
from one_hot import OneHotView
from ours import run_ours
from peers import PEERS

from coopdistill.counterfactuals import generator_names, measure_quality, quality_rows

__all__ = ["run_cell"]

_BROKEN = ["out_of_range", "unknown_category", "not_whole", "immutables_touched", "directions_violated"]

_QUICK_PEERS = {"numpy search": 10**6, "treecf": 20, "treecf, sparse": 20}
"""How many times as many rows as the others they get."""


def run_cell(case: Case, n_peers: int, limit: float, say: Any) -> list[dict[str, Any]]:
    """Return one result a method; a refusal or a failure is a result with a reason."""
    view = OneHotView(case)
    results, statuses = [], {}
    for name in (*generator_names(), *PEERS):
        about = {"dataset": case.rows.name, "teacher": case.teacher_name, "method": name, "ours": name not in PEERS}
        began = time.perf_counter()
        try:
            answer, one_hot = _answer(case, view, name, n_peers, limit)
        except RefusalError as refusal:
            results.append({**about, "n": 0, "note": str(refusal)})
            continue
        except Exception as error:  # a crash of one method must not cost the others their results
            results.append({**about, "n": 0, "note": f"{type(error).__name__}: {error}".splitlines()[0]})
            continue
        took = time.perf_counter() - began
        measured, status = _measured(case, view, answer, one_hot)
        statuses[name] = status
        results.append({**about, **measured})
        say(f"  {name}: {answer.n} rows in {took:.1f} s, reached {measured.get('reached', float('nan')):.2f}")
    _count_reachable(case, results, statuses)
    return results


def _answer(case: Case, view: OneHotView, name: str, n_peers: int, limit: float) -> tuple[Answer, bool]:
    if name not in PEERS:
        return run_ours(case, name), False
    method, one_hot = PEERS[name]
    n = min(_QUICK_PEERS.get(name, 1) * n_peers, len(case.start))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return method(case, view, n, limit), one_hot


def _measured(
    case: Case, view: OneHotView, answer: Answer, one_hot: bool
) -> tuple[dict[str, Any], NDArray[np.object_]]:
    costs = {
        "n": answer.n,
        "seconds_each": answer.seconds / max(answer.n, 1),
        "teacher_rows_each": answer.teacher_rows,
        "outside": None if answer.teacher_seconds is None else 1.0 - answer.teacher_seconds / answer.seconds,
        "note": answer.note,
    }
    if answer.n == 0:
        return {**costs, "at_least": True}, np.empty(0, dtype=object)
    start = case.table(answer.n)
    if one_hot:
        X, reference = view.frame(view.encode(start)), (view.frame(view.encode(case.rows.X)), case.rows.y)
        teacher, space, groups = view, view.space, view.groups
        made = X.copy()
        for i, row in enumerate(answer.made):
            if row is not None:
                made.iloc[i] = np.asarray(row, dtype=np.float64)
    else:
        X, reference, teacher, space, groups = start, (case.rows.X, case.rows.y), case.estimator, case.rows.space, []
        made = _as_table(start, answer.made)
    given = {"target": case.target[: answer.n], "feature_space": space, "one_hot_groups": groups}
    quality = measure_quality(made, teacher, X, case.y[: answer.n], reference=reference, **given)
    by_row = quality_rows(made, teacher, X, case.y[: answer.n], reference=reference, **given)
    status = by_row["status"]
    kept = ["reached", "features_changed", "l1", "plausibility", "outlier_factor", "outlier_factor_rows", "diversity"]
    kept += ["fractional_one_hots", "copies"]
    there = by_row[status == "reached"]
    more = {
        "features_of_reached": float(there["features_changed"].mean()),
        "l1_of_reached": float(there["l1"].mean()),
        "broken": float(quality[_BROKEN].sum()),
        # Of each row that reached its target, for comparisons on the same rows.
        "features_by_row": by_row["features_changed"].where(status == "reached", -1).tolist(),
    }
    return {**costs, **quality[kept].to_dict(), **more}, status.to_numpy(dtype=object)


def _as_table(start: Any, made: Any) -> Any:
    """What came back, row by row or at once; the row itself where nothing did."""
    if not isinstance(made, list):
        return made
    table = pd.DataFrame(start).copy()
    for i, row in enumerate(made):
        if row is not None:
            for name in table.columns:
                value = row[name]
                if table[name].dtype.kind in "iu" and float(value) != round(float(value)):
                    table[name] = table[name].astype(np.float64)
                table.loc[i, name] = value
    return table


def _count_reachable(case: Case, results: list[dict[str, Any]], statuses: dict[str, NDArray[np.object_]]) -> None:
    """Add the share of reached among rows whose target somebody reached, or a real row of the class has."""
    scores = case.model.learner.scores(case.rows.X)
    of_class = scores[np.arange(len(scores)), case.rows.y]
    best = np.array([of_class[case.rows.y == label].max() for label in case.y])
    reachable = best >= case.target
    for status in statuses.values():
        reachable[: len(status)] |= status == "reached"
    for result in results:
        status = statuses.get(result["method"])
        if status is not None and len(status):
            among = reachable[: len(status)]
            result["reached_of_reachable"] = float((status[among] == "reached").mean()) if among.any() else None
            result["reachable"] = float(among.mean())
