"""An experiment as data: who takes part, with which learners, on which rows, and what was published of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from coopdistill.baselines import baseline_names
from coopdistill.cooperation import preset
from coopdistill.exceptions import OptionError, nearest_name
from coopdistill.experiments.method import Cooperation, Method, PublicRows, Rival
from coopdistill.experiments.trial import Trial

__all__ = ["DEFAULTS", "MEDIAN", "PAPER", "Experiment", "Published", "Setting"]

MEDIAN = "median"
"""Stands for the median over participants where a participant's name is expected."""

BEFORE = Rival("untaught")
PAPER = Cooperation("paper", preset("paper"))
DEFAULTS = Cooperation("defaults")
PARTICULAR = (Rival("fedmd", {"public": PublicRows()}), Rival("gan", extra=("ctgan", "gan")))
"""Baselines that need more than the participants: rows of the trial, a library."""

Published: TypeAlias = Mapping[str, Mapping[str, float]]
"""For a method and a participant (or `MEDIAN`), a published accuracy in per cent."""


@dataclass(frozen=True)
class Setting:
    """One variation of an experiment.

    Parameters
    ----------
    name : str
        Distinct within the experiment.
    make : callable
        From a seed to a `Trial`; a function of a module or a partial of one, so that it can be sent to a process.
        Everything is split there, before anything is trained.
    published : mapping of str to mapping, default={}
        For a method and a participant (or `MEDIAN`), the published accuracy in per cent.
    left_out : tuple of str, default=()
        Methods that are not run here, for their cost.
    rivals : tuple of Rival, default=()
        Baselines whose options are to suit the rows of this setting, such as the shape of images; in place of those of
        the same name.

    Examples
    --------
    >>> from functools import partial
    >>> from coopdistill.experiments.german_credit import make_banks
    >>> Setting("150 rows each", partial(make_banks, n_rows=150)).name
    '150 rows each'
    """

    name: str
    make: Callable[[int], Trial]
    published: Published = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    rivals: tuple[Rival, ...] = ()

    def methods_among(self, methods: Iterable[Method]) -> tuple[Method, ...]:
        """Return those that are run here, with the options that they have here."""
        own = {rival.name: rival for rival in self.rivals}
        return tuple(own.get(method.name, method) for method in methods if method.name not in self.left_out)


@dataclass(frozen=True)
class Experiment:
    """What is to be run.

    Parameters
    ----------
    number : int
        As in the paper; names the experiment on the command line.
    title : str
        In a few words.
    settings : tuple of Setting
        Its variations.
    small : tuple of Setting
        Variations that are done in a minute or so.
    cooperations : tuple of Cooperation
        Ways of cooperating. Default: the published one and the default options.
    rivals : tuple of str, optional
        Names of baselines; the untaught models are always among them. Default: all that there are.
    image_shape : tuple of int, optional
        Height and width, where rows are images, pixel by pixel.

    Examples
    --------
    >>> from coopdistill.experiments import EXPERIMENTS
    >>> EXPERIMENTS[3].title
    'Heart disease at three hospitals, tested on a fourth'
    """

    number: int
    title: str
    settings: tuple[Setting, ...]
    small: tuple[Setting, ...]
    cooperations: tuple[Cooperation, ...] = (PAPER, DEFAULTS)
    rivals: tuple[str, ...] | None = None
    image_shape: tuple[int, int] | None = None

    @property
    def methods(self) -> tuple[Method, ...]:
        """All that is compared: the untaught models first, then cooperation, then the other baselines."""
        names = baseline_names() if self.rivals is None else self.rivals
        given = {rival.name: rival for rival in PARTICULAR}
        rivals = (given.get(name, Rival(name)) for name in names if name != BEFORE.name)
        return (BEFORE, *self.cooperations, *rivals)

    def chosen(self, names: tuple[str, ...]) -> tuple[Method, ...]:
        """Return the methods of those names, all if there are none.

        Raises
        ------
        OptionError
            If a name is unknown.
        """
        known = {method.name: method for method in self.methods}
        for name in names:
            if name not in known:
                raise OptionError(f"no method {name!r} in experiment {self.number}{nearest_name(name, known)}")
        return tuple(known[name] for name in names) or self.methods
