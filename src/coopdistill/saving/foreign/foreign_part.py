"""What a part of a model that scikit-learn did not make needs to be saved."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

from coopdistill.exceptions import SavingError
from coopdistill.learners.libraries.library import is_of

__all__ = ["Dumped", "ForeignPart", "class_named", "is_fitted", "plain_state"]


class Dumped(NamedTuple):
    """A part taken apart.

    Parameters
    ----------
    state : dict of str to object
        What skops saves of it: numbers, text, arrays and containers of these.
    content : bytes
        The part in its library's own format; none of one that is not fitted.
    """

    state: dict[str, Any]
    content: bytes


class ForeignPart(ABC):
    """How the models of one library are saved; the library is imported when one of its models is at hand."""

    name: ClassVar[str]
    """What files and errors call it."""

    suffix: ClassVar[str]
    """How its file ends."""

    @abstractmethod
    def holds(self, part: Any) -> bool:
        """Tell whether a part is of this kind; fitted or not, for an ensemble keeps what it was given, too."""

    @abstractmethod
    def dump(self, part: Any) -> Dumped:
        """Take a part apart.

        Raises
        ------
        SavingError
            If it cannot be saved.
        """

    @abstractmethod
    def load(self, state: dict[str, Any], content: bytes, *, architecture: Any) -> Any:
        """Put a part together again.

        Parameters
        ----------
        state, content
            What `dump` gave, or someone else wrote.
        architecture : object
            The unfitted model that the user named, or None.

        Raises
        ------
        SavingError
            If the user has to name an architecture.
        Exception
            Any other, if the content is damaged or hostile.
        """

    def rows_inside(self, part: Any) -> str | None:
        """Say what within it carries rows, if anything does."""
        return None


def class_named(package: str, names: tuple[str, ...], name: str) -> Any:
    """Return a class of a library, of those that are known.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    from coopdistill.extra import import_extra

    if name not in names:
        raise ValueError(f"{name!r} is no model of {package} that is loaded here")
    return getattr(import_extra(package, package, what=f"a saved model of {package}"), name)


def plain_state(part: Any, package: str, names: tuple[str, ...], *, without: tuple[str, ...]) -> dict[str, Any]:
    """Return the class and the attributes of an estimator, but for those that its library saves.

    Raises
    ------
    SavingError
        If it is of a class of the user's own.
    """
    kind = type(part)
    if kind.__name__ not in names or not is_of(part, package) or kind.__module__.partition(".")[0] != package:
        raise SavingError(
            f"{kind.__module__}.{kind.__name__} is not one of {package}'s own models ({', '.join(names)}), "
            "and a file cannot hold its code"
        )
    attributes = {name: _plain(value) for name, value in vars(part).items() if name not in without}
    return {"class": kind.__name__, "attributes": attributes}


def _plain(value: Any) -> Any:
    """Turn the many kinds of dictionaries, which differ in what they do and not in what they hold, into one."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def is_fitted(part: Any) -> bool:
    """Tell whether an estimator is fitted, by its own word."""
    return bool(part.is_fitted() if hasattr(part, "is_fitted") else part.__sklearn_is_fitted__())
