"""Ways of cooperating that are being tried.

A variant is an entry of `VARIANTS`: options of `CooperativeDistillation` under a name of their own, or a class that is
written like a baseline, from the layers below cooperation. Its results hang on this folder's code, too. What a variant
is worth is decided on the scenarios in `TUNE` alone.
"""

from __future__ import annotations

from functools import partial

from cooperation.lessons import Lessons
from cooperation.methods import Cooperating, Instead, Method

WIDER = ("teacher", "student", "others")
FALLING = (0.5, 0.25, 0.125, 0.0625)

VARIANTS: dict[str, Method] = {
    method.name: method
    for method in (
        Cooperating("everyone's rows, all", {"focus": "all", "instances_from": "everyone"}),
        Cooperating("the student's rows", {"instances_from": "student"}),
        Cooperating("two rounds", {"rounds": 2}),
        Cooperating("own validation", {"acceptance": "own-validation"}),
        Cooperating("surer by 0.1", {"alpha": 0.1}),
        Cooperating("surer by 0.9", {"alpha": 0.9}),
        # With the defaults of `Lessons` it is the defaults of cooperation, but for rows of a class of one.
        Instead("lessons", partial(Lessons)),
        Instead("lessons, α falling", partial(Lessons, alphas=FALLING)),
        Instead("lessons, better than the student", partial(Lessons, gate="student")),
        Instead("lessons, no gate", partial(Lessons, gate="none")),
        Instead("lessons of all rows", partial(Lessons, visits=WIDER)),
        Instead("lessons of all rows, α falling", partial(Lessons, visits=WIDER, alphas=FALLING)),
        Instead("lessons of all rows, agreed", partial(Lessons, visits=WIDER, agreement=0.5)),
        Instead("lessons of others' rows", partial(Lessons, visits=("student", "others"))),
        Instead("lessons, weight 3", partial(Lessons, weight=3.0)),
        Instead(
            "lessons of all rows, better, α falling, agreed",
            partial(Lessons, visits=WIDER, gate="student", alphas=FALLING, agreement=0.5),
        ),
    )
}
