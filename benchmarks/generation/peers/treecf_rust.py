"""treecf: a genetic search in Rust over the thresholds of a tree ensemble."""

from __future__ import annotations

from functools import partial
from typing import Any

from answer import Answer, RefusalError, one_by_one
from cases import Case
from one_hot import OneHotView

__all__ = ["treecf_default", "treecf_sparse"]


def _treecf(sparsity_weight: float, case: Case, view: OneHotView, n: int, limit: float) -> Answer:
    import treecf
    from treecf.ir.parsers import parse_model

    try:
        ensemble: Any = parse_model(view.inner)
    except treecf.UnsupportedModelError as error:
        raise RefusalError(str(error)) from None
    names = ensemble.feature_names
    background = view.encode(case.rows.X)
    low, high = background.min(axis=0), background.max(axis=0)
    constraints: list[Any] = [
        treecf.Range(name, lo=float(low[j]), hi=float(high[j])) for j, name in enumerate(names[: view.n_numbers])
    ]
    place = {name: j for j, name in enumerate(view.names)}
    groups = [tuple(names[place[column]] for column in group) for group in view.groups]
    constraints += [treecf.OneHot(group) for group in groups if len(group) > 1]
    whole = {
        names[j]: "integer" for j, feature in enumerate(list(view.space)[: view.n_numbers]) if feature.kind == "integer"
    }
    explainer = treecf.Explainer(ensemble, background=background, constraints=constraints, value_policy=whole)
    starts = view.encode(case.table(n))
    is_margin = ensemble.link.name == "SIGMOID"

    def find(i: int) -> Any:
        target = float(case.target[i]) + 1e-9
        bound: Any = {"op": ">=", "value": target} if case.y[i] == 1 else {"op": "<=", "value": 1.0 - target}
        wanted = treecf.Target.probability(**bound) if is_margin else treecf.Target.raw(**bound)
        found = explainer.explain(starts[i], wanted, sparsity_weight=sparsity_weight, seed=i)
        return getattr(found, "x_cf", None)

    return one_by_one(n, limit, find)


treecf_default = partial(_treecf, 0.0)
treecf_sparse = partial(_treecf, 1.0)
