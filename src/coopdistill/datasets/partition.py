"""Ways to divide rows among participants, as pure functions from labels to row numbers.

Every function returns one sorted array of row numbers for each participant. The arrays are disjoint, together
they are all rows, and each holds at least two classes with at least two rows: below that, no model of the
participant's own could be trained and validated. A division that is drawn at random is drawn again until this
holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import OptionError

__all__ = [
    "RandomState",
    "as_generator",
    "check_share",
    "hold_out",
    "is_trainable",
    "partition_by_covariate_shift",
    "partition_by_label_shift",
    "partition_by_missing_classes",
    "partition_randomly",
]

Rows = NDArray[np.int64]
RandomState = int | np.random.Generator | None

MAX_DRAWS = 100
"""How often a random division is drawn before it is given up."""


def as_generator(random_state: RandomState) -> np.random.Generator:
    """Make a random generator of a seed.

    Parameters
    ----------
    random_state : int, numpy.random.Generator or None
        A seed of 0 or more; a generator, which is used as it is and advances; None for another result each
        time.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    OptionError
        If `random_state` is none of these.
    """
    try:
        return np.random.default_rng(random_state)
    except (TypeError, ValueError) as error:
        raise OptionError(
            f"random_state={random_state!r} is no seed; give an integer of 0 or more, a numpy.random.Generator or None"
        ) from error


def is_trainable(labels: NDArray[np.generic]) -> bool:
    """Say whether at least two classes have at least two rows each.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        The labels of a participant's rows.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_trainable(np.array(["a", "a", "b", "b"])), is_trainable(np.array(["a", "a", "a", "b"]))
    (True, False)
    """
    counts = np.unique(labels, return_counts=True)[1]
    return int(np.sum(counts >= 2)) >= 2


def hold_out(labels: NDArray[np.generic], test_size: float, *, random_state: RandomState = None) -> tuple[Rows, Rows]:
    """Set a share of the rows of every class aside.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        The labels.
    test_size : float
        The share to set aside, between 0 and 1, both excluded. Each class is rounded on its own; one row
        at least is set aside, and one is left.
    random_state : int, numpy.random.Generator or None, default=None
        The seed.

    Returns
    -------
    train, test : ndarray of int64
        Sorted row numbers; disjoint, and together all rows.

    Raises
    ------
    OptionError
        If `test_size` is out of range, or a class has a single row.

    Examples
    --------
    >>> train, test = hold_out(np.repeat(["a", "b"], [8, 4]), 0.25, random_state=0)
    >>> len(train), len(test)
    (9, 3)
    """
    check_share("test_size", test_size, low=0.0, high=1.0, open_ends=True)
    rng = as_generator(random_state)
    test = []
    for name, of_class in _rows_by_class(labels):
        if len(of_class) < 2:
            raise OptionError(f"class {name!r} has a single row, which cannot be both trained on and tested; drop it")
        n_test = min(max(round(test_size * len(of_class)), 1), len(of_class) - 1)
        test.append(rng.permutation(of_class)[:n_test])
    tested = np.sort(np.concatenate(test))
    return np.setdiff1d(np.arange(len(labels), dtype=np.int64), tested), tested


def partition_randomly(
    labels: NDArray[np.generic], n_participants: int, *, random_state: RandomState = None
) -> list[Rows]:
    """Divide rows at random: all participants see the same distribution.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        The labels.
    n_participants : int
        Among how many, 2 or more.
    random_state : int, numpy.random.Generator or None, default=None
        The seed.

    Returns
    -------
    list of ndarray of int64
        Row numbers of each participant; their sizes differ by one at most.

    Raises
    ------
    OptionError
        If `n_participants` is out of range, or too large for the rows.

    Examples
    --------
    >>> [len(rows) for rows in partition_randomly(np.repeat([0, 1], 10), 3, random_state=0)]
    [7, 7, 6]
    """
    _check_count("n_participants", n_participants, low=2)
    rng = as_generator(random_state)
    return _draw_trainable(labels, lambda: np.array_split(rng.permutation(len(labels)), n_participants))


def partition_by_missing_classes(
    labels: NDArray[np.generic], n_participants: int, *, n_missing: int = 1, random_state: RandomState = None
) -> list[Rows]:
    """Divide rows so that each participant lacks some classes: semi-experts.

    The classes, in random order, form a circle; each participant holds the arc that follows its
    predecessor's. The rows of a class are divided at random, and as evenly as possible, among those who hold
    it.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        The labels, of three classes or more.
    n_participants : int
        Among how many, 2 or more.
    n_missing : int, default=1
        How many classes each participant lacks; it keeps two or more. Together, the participants hold all
        classes.
    random_state : int, numpy.random.Generator or None, default=None
        The seed.

    Returns
    -------
    list of ndarray of int64
        Row numbers of each participant.

    Raises
    ------
    OptionError
        If a number is out of range: also where the participants together would not hold every class.

    Examples
    --------
    >>> labels = np.repeat(["a", "b", "c"], 10)
    >>> [sorted(set(labels[rows].tolist())) for rows in partition_by_missing_classes(labels, 3, random_state=0)]
    [['a', 'c'], ['b', 'c'], ['a', 'b']]
    """
    _check_count("n_participants", n_participants, low=2)
    by_class = [rows for _, rows in _rows_by_class(labels)]
    n_classes = len(by_class)
    if n_classes < 3:
        raise OptionError(
            f"the labels have {n_classes} classes, and a participant that lacks one needs two others; "
            "use labels of three classes or more, or divide by label shift"
        )
    _check_count("n_missing", n_missing, low=1, high=n_classes - 2)
    n_held = n_classes - n_missing
    if n_held * n_participants < n_classes:
        raise OptionError(
            f"n_missing={n_missing!r} leaves {n_held} classes to each of {n_participants} participants, "
            f"too few to hold all {n_classes}; lower n_missing or raise n_participants"
        )
    rng = as_generator(random_state)

    def draw() -> list[Rows]:
        circle = rng.permutation(n_classes)
        parts: list[tuple[int, Rows]] = []
        for place, code in enumerate(circle):
            # Who gets the larger parts is drawn, too.
            holders = rng.permutation(_holders(place, n_classes, n_held, n_participants)).tolist()
            pieces = np.array_split(rng.permutation(by_class[code]), len(holders))
            parts.extend(zip(holders, pieces, strict=True))
        return _gather(n_participants, parts)

    return _draw_trainable(labels, draw)


def partition_by_label_shift(
    labels: NDArray[np.generic],
    n_participants: int,
    *,
    concentration: float = 0.5,
    random_state: RandomState = None,
) -> list[Rows]:
    """Divide rows so that classes are frequent at one participant and rare at another.

    For each class, the participants' shares of its rows are drawn from a symmetric Dirichlet distribution.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        The labels.
    n_participants : int
        Among how many, 2 or more.
    concentration : float, default=0.5
        The parameter of the Dirichlet distribution, above 0: near 0, each class has few holders; with 100,
        all participants get nearly the same.
    random_state : int, numpy.random.Generator or None, default=None
        The seed.

    Returns
    -------
    list of ndarray of int64
        Row numbers of each participant.

    Raises
    ------
    OptionError
        If a number is out of range, or no draw gives every participant two classes of two rows.

    Examples
    --------
    >>> labels = np.repeat(["a", "b"], 50)
    >>> parts = partition_by_label_shift(labels, 3, concentration=0.5, random_state=0)
    >>> sum(len(rows) for rows in parts)
    100
    """
    _check_count("n_participants", n_participants, low=2)
    _check_positive("concentration", concentration)
    by_class = [rows for _, rows in _rows_by_class(labels)]
    rng = as_generator(random_state)

    def draw() -> list[Rows]:
        parts: list[tuple[int, Rows]] = []
        for rows in by_class:
            shares = _dirichlet(n_participants, concentration, rng)
            parts.extend(enumerate(np.split(rng.permutation(rows), _cuts(shares, len(rows)))))
        return _gather(n_participants, parts)

    return _draw_trainable(labels, draw)


def partition_by_covariate_shift(
    X: pd.DataFrame,
    labels: NDArray[np.generic],
    n_participants: int,
    *,
    overlap: float = 0.2,
    random_state: RandomState = None,
) -> list[Rows]:
    """Divide rows along their direction of largest variance, so that each participant sees another region.

    The rows, sorted by their first principal component, are cut into equal blocks, one a participant; then
    a random share of all rows change places.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n_rows, n_features)
        The rows: numbers, none missing. They are standardised first.
    labels : ndarray of shape (n_rows,)
        The labels.
    n_participants : int
        Among how many, 2 or more.
    overlap : float, default=0.2
        The share of the rows that change places, between 0 (disjoint regions) and 1 (no shift).
    random_state : int, numpy.random.Generator or None, default=None
        The seed.

    Returns
    -------
    list of ndarray of int64
        Row numbers of each participant; their sizes differ by one at most.

    Raises
    ------
    OptionError
        If a number is out of range, a column is not numeric or has missing values, or no draw gives every
        participant two classes of two rows.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]})
    >>> labels = np.array([0, 1] * 4)
    >>> [rows.tolist() for rows in partition_by_covariate_shift(X, labels, 2, overlap=0, random_state=0)]
    [[0, 1, 2, 3], [4, 5, 6, 7]]
    """
    _check_count("n_participants", n_participants, low=2)
    check_share("overlap", overlap, low=0.0, high=1.0)
    order = np.argsort(_first_component(X), kind="stable")
    block = np.empty(len(X), dtype=np.int64)
    for participant, rows in enumerate(np.array_split(order, n_participants)):
        block[rows] = participant
    rng = as_generator(random_state)

    def draw() -> list[Rows]:
        owner = block.copy()
        movers = rng.choice(len(owner), size=round(overlap * len(owner)), replace=False)
        owner[movers] = owner[rng.permutation(movers)]
        return [np.flatnonzero(owner == participant) for participant in range(n_participants)]

    return _draw_trainable(labels, draw)


def check_share(name: str, value: object, *, low: float, high: float, open_ends: bool = False) -> None:
    """Refuse a parameter that is no number between two bounds.

    Parameters
    ----------
    name : str
        The parameter's name, for the message.
    value : object
        What was given.
    low, high : float
        The bounds.
    open_ends : bool, default=False
        Whether the bounds themselves are refused.

    Raises
    ------
    OptionError
        If `value` is out of range.
    """
    inside = isinstance(value, int | float | np.number) and (low < value < high if open_ends else low <= value <= high)
    if not inside:
        ends = "excluded" if open_ends else "included"
        raise OptionError(f"{name}={value!r} is out of range; allowed: {low:.3g} to {high:.3g}, both {ends}")


def _check_positive(name: str, value: object) -> None:
    if not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
        raise OptionError(f"{name}={value!r} is out of range; allowed: a number above 0")


def _check_count(name: str, value: object, *, low: int, high: int | None = None) -> None:
    inside = isinstance(value, int | np.integer) and value >= low and (high is None or value <= high)
    if not inside:
        allowed = f"an integer of {low} or more" if high is None else f"an integer from {low} to {high}"
        raise OptionError(f"{name}={value!r} is out of range; allowed: {allowed}")


def _rows_by_class(labels: NDArray[np.generic]) -> list[tuple[object, Rows]]:
    classes, codes = np.unique(labels, return_inverse=True)
    return [(name, np.flatnonzero(codes == code)) for code, name in enumerate(classes.tolist())]


def _draw_trainable(labels: NDArray[np.generic], draw: Callable[[], list[Rows]]) -> list[Rows]:
    """Draw a division until each part can be trained on."""
    for _ in range(MAX_DRAWS):
        parts = draw()
        if all(is_trainable(labels[rows]) for rows in parts):
            return [np.sort(rows).astype(np.int64) for rows in parts]
    raise OptionError(
        f"{len(labels)} rows of {len(np.unique(labels))} classes could not be divided so that each "
        f"participant has two classes with two rows each ({MAX_DRAWS} draws); "
        "take fewer participants, more rows or a milder shift"
    )


def _holders(place: int, n_classes: int, n_held: int, n_participants: int) -> list[int]:
    """List the participants whose arc of `n_held` places on the circle of classes covers this place."""
    return [i for i in range(n_participants) if (place - i * n_held) % n_classes < n_held]


def _gather(n_participants: int, parts: Iterable[tuple[int, Rows]]) -> list[Rows]:
    """Put the parts of each participant together."""
    gathered: list[list[Rows]] = [[np.empty(0, dtype=np.int64)] for _ in range(n_participants)]
    for participant, rows in parts:
        gathered[participant].append(rows)
    return [np.concatenate(rows) for rows in gathered]


def _cuts(shares: NDArray[np.float64], n_rows: int) -> NDArray[np.int64]:
    """Where to cut `n_rows` rows so that the pieces have these shares."""
    return np.round(np.cumsum(shares)[:-1] * n_rows).astype(np.int64)


def _dirichlet(n_shares: int, concentration: float, rng: np.random.Generator) -> NDArray[np.float64]:
    shares = rng.dirichlet(np.full(n_shares, float(concentration)))
    # With a tiny concentration all gamma variates underflow to 0, and the shares to NaN: in the limit, one
    # has it all.
    return shares if np.isfinite(shares).all() else np.eye(n_shares)[rng.integers(n_shares)]


def _first_component(X: pd.DataFrame) -> NDArray[np.float64]:
    """Project standardised rows onto their direction of largest variance."""
    for column in X.columns:
        if not pd.api.types.is_numeric_dtype(X[column]) or X[column].isna().any():
            raise OptionError(
                f"column {column!r} is not numeric or has missing values, so rows cannot be sorted by it; "
                "drop or fill it, or divide by label shift"
            )
    values = X.to_numpy(dtype=np.float64)
    spread = values.std(axis=0)
    standardised = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    loadings = np.linalg.svd(standardised, full_matrices=False)[2][0]
    # The sign of a singular vector is arbitrary, and differs between numerical libraries.
    oriented = loadings * np.sign(loadings[np.argmax(np.abs(loadings))])
    return np.asarray(standardised @ oriented, dtype=np.float64)
