"""Ways of cooperating that are being tried.

A variant is an entry of `VARIANTS`: options of `CooperativeDistillation` under a name of their own, or a class that is
written like a baseline, from the layers below cooperation. Its results hang on this folder's code, too. What a variant
is worth is decided on the scenarios in `TUNE` alone.
"""

from __future__ import annotations

from cooperation.methods import Cooperating, Method

VARIANTS: dict[str, Method] = {
    method.name: method
    for method in (
        Cooperating("everyone's rows, all", {"focus": "all", "instances_from": "everyone"}),
        Cooperating("the student's rows", {"instances_from": "student"}),
        Cooperating("two rounds", {"rounds": 2}),
        Cooperating("all accepted", {"acceptance": "always"}),
        Cooperating("own validation", {"acceptance": "own-validation"}),
        Cooperating("right about the row", {"qualification": "row"}),
        Cooperating("right about the row, all accepted", {"qualification": "row", "acceptance": "always"}),
        Cooperating("surer by 0.2", {"alpha": 0.2}),
        Cooperating("surer by 0.9", {"alpha": 0.9}),
    )
}
