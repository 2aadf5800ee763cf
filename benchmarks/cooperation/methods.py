"""What is compared: ways of cooperating, and what could be done instead."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill import CooperativeDistillation, Participant
from coopdistill.baselines import Baseline, InapplicableError, Untaught, make_baseline
from coopdistill.cooperation import preset
from coopdistill.exceptions import LearnerError, OptionError, nearest_name
from cooperation.thinned import Thinned

OTHER_SEED = 10_000
"""Added to the seed of models that are fitted again for no reason."""

SHARES = {"1/2": 0.5, "1/4": 0.25, "1/8": 0.125, "1/16": 0.0625, "1/32": 0.03125}
"""Of all instances of a lesson, for the curve of gain against what travelled."""


@dataclass(frozen=True, eq=False)
class Taught:
    """What came of it.

    Parameters
    ----------
    predicted : dict of str to ndarray of shape (n_test_rows,)
        By each participant's model.
    missing : dict of str to str
        For each of the others, why there is none.
    n_instances, n_rows : int, optional
        Virtual instances, and rows, that left a participant, once for each that they were sent to. None: not counted.
    n_qualified : int, optional
        Rows on which a teacher was qualified, over all pairs.
    """

    predicted: dict[str, NDArray[Any]]
    missing: dict[str, str] = field(default_factory=dict)
    n_instances: int | None = 0
    n_rows: int | None = 0
    n_qualified: int | None = None


@dataclass(frozen=True)
class Method(ABC):
    """Something that is done with participants.

    Parameters
    ----------
    name : str
    """

    name: str

    @property
    def independent_of(self) -> tuple[str, ...]:
        """Packages of ours whose code has no part in it: a change there leaves results valid."""
        return ()

    @abstractmethod
    def teach(self, participants: Sequence[Participant], X: Any, seed: int) -> Taught:
        """Do it, and let everybody predict test rows."""


@dataclass(frozen=True)
class Cooperating(Method):
    """Cooperative distillation.

    Parameters
    ----------
    name : str
    options : mapping
        Of `CooperativeDistillation`.
    together : bool, default=False
        Whether all models are asked together by those who are to, or each one's own by everybody.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    together: bool = False

    def teach(self, participants: Sequence[Participant], X: Any, seed: int) -> Taught:
        cooperation = CooperativeDistillation(random_state=seed, **self.options).fit(participants)
        left = cooperation.disclosures_.groupby("what")["count"].sum()
        n_rows = int(left.get("rows", 0)) * (len(participants) - 1)
        return replace(
            self._predicted(cooperation, participants, X, seed),
            n_instances=int(left.get("virtual instances", 0)),
            n_rows=n_rows,
            n_qualified=int(cooperation.transfers_["qualified"].sum()),
        )

    def _predicted(
        self, cooperation: CooperativeDistillation, participants: Sequence[Participant], X: Any, seed: int
    ) -> Taught:
        if self.together:
            return Taught(cooperation.predict_each(X))
        taught = [
            Participant(one.name, cooperation.learners_[one.name], one.X, one.y, feature_space=one.feature_space)
            for one in participants
        ]
        return predictions(Untaught(seed), taught, X)


@dataclass(frozen=True)
class Instead(Method):
    """A baseline, or a variant that is written like one.

    Parameters
    ----------
    name : str
    make : callable, optional
        From ``random_state`` to a `Baseline`. Default: the baseline of that name.
    cooperates : bool, default=False
        Whether it uses our way of cooperating.
    """

    make: Callable[..., Baseline] | None = None
    cooperates: bool = False

    @property
    def independent_of(self) -> tuple[str, ...]:
        return () if self.cooperates else ("cooperation",)

    def teach(self, participants: Sequence[Participant], X: Any, seed: int) -> Taught:
        make = self.make or (lambda random_state: make_baseline(self.name, random_state=random_state))
        baseline = make(random_state=seed)
        taught = predictions(baseline, participants, X)
        n_others = len(participants) - 1
        n_all = sum(len(one.y) for one in participants) * n_others
        rows = {"pooled": n_all, "prefiltered": n_all, "raw-rows": None}.get(self.name, 0)
        return replace(taught, n_rows=rows, n_instances=getattr(baseline, "n_sent_", 0))


@dataclass(frozen=True)
class Reseeded(Method):
    """Fits everyone's model once more, with other random numbers: how much changes for no reason at all."""

    @property
    def independent_of(self) -> tuple[str, ...]:
        return ("cooperation",)

    def teach(self, participants: Sequence[Participant], X: Any, seed: int) -> Taught:
        return predictions(Untaught(seed + OTHER_SEED), participants, X)


def predictions(baseline: Baseline, participants: Sequence[Participant], X: Any) -> Taught:
    """Fit a baseline and ask it for everyone's predictions."""
    try:
        baseline.fit(participants)
    except (InapplicableError, LearnerError) as error:
        return Taught({}, {one.name: str(error) for one in participants})
    predicted, missing = {}, {}
    for one in participants:
        try:
            predicted[one.name] = np.asarray(baseline.predict_for(one.name, X))
        except InapplicableError as error:
            missing[one.name] = str(error)
    return Taught(predicted, missing)


BASELINES = (
    "pooled",
    "raw-rows",
    "average",
    "stacking",
    "soft-labels",
    "munge",
    "akd",
    "pkd",
    "avgkd",
    "prefiltered",
)

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Reseeded("fitted again"),
        *(Instead(name) for name in BASELINES),
        Cooperating("paper", preset("paper")),
        Cooperating("defaults"),
        Cooperating("defaults, together", together=True),
        Cooperating("focus wrong", {"focus": "wrong"}),
        Cooperating("focus unsure", {"focus": "unsure"}),
        *(
            Instead(f"defaults, {word}", partial(Thinned, share=share), cooperates=True)
            for word, share in SHARES.items()
        ),
    )
}
"""All that has a name, but for variants."""

USUAL = ("fitted again", *BASELINES, "paper", "defaults", "defaults, together", "focus wrong", "focus unsure")
IN_QUICK = (
    "fitted again",
    "pooled",
    "raw-rows",
    "average",
    "stacking",
    "akd",
    "paper",
    "defaults",
    "defaults, together",
    "focus wrong",
)
CURVE = tuple(f"defaults, {word}" for word in SHARES)


def method_of(text: str, variants: Mapping[str, Method]) -> Method:
    """Find a method by name, or make one of options such as ``focus=wrong,alpha=0.9``.

    Raises
    ------
    OptionError
        If there is none.
    """
    known = {**METHODS, **variants}
    if text in known:
        return known[text]
    if "=" not in text:
        raise OptionError(f"no method {text!r}{nearest_name(text, known)}")
    pairs = (part.partition("=") for part in text.split(","))
    return Cooperating(text, {key.strip(): _value(value.strip()) for key, _, value in pairs})


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
