"""Which generator works on a problem."""

from __future__ import annotations

from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.problem import Problem
from coopdistill.counterfactuals.search import SearchGenerator
from coopdistill.counterfactuals.segments import SegmentGenerator
from coopdistill.exceptions import OptionError, nearest_name

__all__ = ["check_generator", "choose_generator", "generator_names"]

_GENERATORS: dict[str, type[Generator]] = {
    generator.name: generator for generator in (SegmentGenerator, SearchGenerator)
}
"""In the order in which "auto" tries them."""


def generator_names() -> tuple[str, ...]:
    """Return what ``generator=`` takes as a name.

    Examples
    --------
    >>> generator_names()
    ('auto', 'segments', 'search')
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


def choose_generator(generator: str | Generator, problem: Problem) -> Generator:
    """Choose the generator for a problem.

    Parameters
    ----------
    generator : str or Generator
        A name, an object, or ``"auto"``: the first of `generator_names` that does not refuse.
    problem : Problem
        What it is to work on.

    Returns
    -------
    Generator

    Raises
    ------
    OptionError
        If the one asked for refuses; the message says why.
    """
    check_generator(generator)
    if generator == "auto":
        offered = [make() for make in _GENERATORS.values()]
        return next((g for g in offered if g.refusal(problem) is None), offered[-1])
    chosen = generator if isinstance(generator, Generator) else _GENERATORS[generator]()
    refusal = chosen.refusal(problem)
    if refusal is not None:
        raise OptionError(f"generator={chosen.name!r} cannot work here: {refusal}; use generator='auto'")
    return chosen
