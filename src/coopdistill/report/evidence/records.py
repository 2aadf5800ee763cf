"""What a report shows beyond counts and scores, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Change", "Cloud", "Evidence", "Example", "Generation", "Points", "Portrait", "RowMap", "Value"]


@dataclass(frozen=True)
class Change:
    """How a teacher changed one feature on its way from rows to virtual instances for one student and label.

    Parameters
    ----------
    teacher, student, label, feature : str
    n : int
        Virtual instances of that label.
    share : float
        Of them, where the feature differs from the row they came from.
    mean : float or None
        Mean difference in the teacher's spreads; None of categories.
    """

    teacher: str
    student: str
    label: str
    feature: str
    n: int
    share: float
    mean: float | None


@dataclass(frozen=True)
class Value:
    """One feature of a row and of the virtual instance that was made from it.

    Parameters
    ----------
    feature, before, after : str
        As they are shown.
    steps : float
        How far apart they are, in spreads; the sign is the direction of a number.
    """

    feature: str
    before: str
    after: str
    steps: float


@dataclass(frozen=True)
class Example:
    """A virtual instance, beside the row that it was made from where that row may be shown.

    Parameters
    ----------
    teacher, student, label : str
    owner : str
        Whose row it is.
    sureness : tuple of float
        How sure the teacher is of the label: on the row, and on the virtual instance.
    changed : tuple of Value
        The greatest changes, the greatest first; none of a picture.
    n_changed, n_same : int
        Features that differ, and features that are as they were.
    shape : tuple of int or None
        Height and width where the features are the pixels of a picture.
    pictures : tuple of str
        The row and the virtual instance as shades of grey from 0 to 255, base64; empty if they are no pictures.
    """

    teacher: str
    student: str
    label: str
    owner: str
    sureness: tuple[float, float]
    changed: tuple[Value, ...]
    n_changed: int
    n_same: int
    shape: tuple[int, int] | None = None
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Portrait:
    """The mean change of pictures of one class, from rows to virtual instances.

    Parameters
    ----------
    label : str
    n : int
        Virtual instances of that class.
    shape : tuple of int
        Height and width.
    pixels : str
        Mean change of each pixel, base64 of whole numbers from -127 to 127, where 127 is `most`.
    most : float
        The greatest mean change of any pixel, in the teachers' spreads.
    """

    label: str
    n: int
    shape: tuple[int, int]
    pixels: str
    most: float


@dataclass(frozen=True)
class Points:
    """Places on the map, by column.

    Parameters
    ----------
    x, y : tuple of float
    label, teacher, student : tuple of int
        Positions in the lists of names of the map; of an original row, the teacher is its owner and the student -1.
    """

    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
    label: tuple[int, ...] = ()
    teacher: tuple[int, ...] = ()
    student: tuple[int, ...] = ()


@dataclass(frozen=True)
class Cloud:
    """Where original rows are dense: counts in the cells of a grid, never of fewer than a few rows.

    Parameters
    ----------
    x, y : tuple of float
        Centres of cells.
    count : tuple of int
        Rows there.
    width, height : float
        Of a cell.
    least : int
        Cells of fewer rows are left out.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    count: tuple[int, ...]
    width: float
    height: float
    least: int


@dataclass(frozen=True)
class RowMap:
    """Virtual instances, and where the original rows are, on the two axes along which the instances vary most.

    Parameters
    ----------
    names, labels : tuple of str
        What positions in `instances` and `rows` stand for; a value to be predicted has no labels.
    n_features : int
        Features that all participants share, which the map is made of.
    explained : tuple of float
        Share of the variance along each axis.
    instances, rows : Points
        A sample of each; rows only where they may be shown.
    cloud : Cloud or None
        Where the rows are, if they may not be shown.
    n_instances, n_rows : int
        Of which the samples were taken.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    n_features: int
    explained: tuple[float, float]
    instances: Points
    rows: Points
    cloud: Cloud | None
    n_instances: int
    n_rows: int


@dataclass(frozen=True)
class Generation:
    """How good one teacher's virtual instances for one student are.

    Parameters
    ----------
    teacher, student : str
    labels : dict of str to int
        Virtual instances of each class; empty in regression.
    distance : tuple of float
        Least, lower quartile, median, upper quartile and greatest distance from the row, in the teacher's spreads.
    sureness : tuple of float
        Median score of the true class: on the row, asked for, on the virtual instance.
    """

    teacher: str
    student: str
    labels: dict[str, int]
    distance: tuple[float, float, float, float, float]
    sureness: tuple[float, float, float]


@dataclass(frozen=True)
class Evidence:
    """All that a report shows beyond counts and scores.

    Parameters
    ----------
    task : str
        ``"classification"`` or ``"regression"``; in the latter, the score of a virtual instance is what is predicted.
    rows_shown : str or None
        Why original rows are shown: ``"asked"``, ``"public"`` or ``"pooled"``; None if they are not.
    changes : tuple of Change
        Of each pair, the features that were changed most often; and of all pairs together, whose teacher and
        student are empty.
    portraits : tuple of Portrait
        The same of pictures, by class.
    examples : tuple of Example
    map : RowMap or None
    generation : tuple of Generation
    seconds : dict of str to float
        Wall-clock time of each phase.

    Examples
    --------
    >>> Evidence().rows_shown is None
    True
    """

    task: str = "classification"
    rows_shown: str | None = None
    changes: tuple[Change, ...] = ()
    portraits: tuple[Portrait, ...] = ()
    examples: tuple[Example, ...] = ()
    map: RowMap | None = None
    generation: tuple[Generation, ...] = ()
    seconds: dict[str, float] | None = None
