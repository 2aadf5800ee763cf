"""Which generator works on a problem."""

from __future__ import annotations

from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.gradient.generator import GradientGenerator
from coopdistill.counterfactuals.problem import Problem
from coopdistill.counterfactuals.search import SearchGenerator
from coopdistill.counterfactuals.segments import SegmentGenerator
from coopdistill.counterfactuals.trees.generator import TreeGenerator
from coopdistill.exceptions import OptionError, nearest_name

__all__ = ["check_generator", "choose_generators", "finds_several", "generator_names"]

_GENERATORS: dict[str, type[Generator]] = {
    generator.name: generator for generator in (SegmentGenerator, GradientGenerator, TreeGenerator, SearchGenerator)
}
"""In the order in which "auto" tries them."""


def generator_names() -> tuple[str, ...]:
    """Return what ``generator=`` takes as a name.

    Examples
    --------
    >>> generator_names()
    ('auto', 'segments', 'gradient', 'trees', 'search')
    """
    return ("auto", *_GENERATORS)


def check_generator(generator: object) -> None:
    """Refuse what is neither a generator nor the name of one.

    Raises
    ------
    OptionError
        Naming the nearest.
    """
    if isinstance(generator, Generator) or (isinstance(generator, str) and generator in generator_names()):
        return
    raise OptionError(f"unknown generator={generator!r}{nearest_name(generator, generator_names())}")


def finds_several(generator: str | Generator) -> bool:
    """Tell whether a generator finds another point for each way of a problem; ``"auto"`` may choose any."""
    chosen = _GENERATORS.get(generator, Generator) if isinstance(generator, str) else generator
    return chosen.finds_several


def choose_generators(generator: str | Generator, problem: Problem) -> tuple[list[Generator], str]:
    """Choose the generators for a problem, and say why.

    Parameters
    ----------
    generator : str or Generator
        A name, an object, or ``"auto"``: all of `generator_names` that do not refuse.
    problem : Problem
        What they are to work on.

    Returns
    -------
    list of Generator
        In the order in which they are tried: the next on what the one before could not bring to its target.
    str
        Why these.

    Raises
    ------
    OptionError
        If the one asked for refuses; the message says why.
    """
    check_generator(generator)
    if generator != "auto":
        chosen = generator if isinstance(generator, Generator) else _GENERATORS[generator]()
        refusal = chosen.refusal(problem)
        if refusal is not None:
            raise OptionError(f"generator={chosen.name!r} cannot work here: {refusal}; use generator='auto'")
        return [chosen], "it was asked for"
    refusals = {offered: offered.refusal(problem) for offered in (make() for make in _GENERATORS.values())}
    able = [offered for offered, refusal in refusals.items() if refusal is None]
    against = [f"not {offered.name!r}, as {refusal}" for offered, refusal in refusals.items() if refusal is not None]
    if not able:
        raise OptionError(f"no generator can work here: {'; '.join(against)}")
    return able, "; ".join(["the first that can work here", *against])
