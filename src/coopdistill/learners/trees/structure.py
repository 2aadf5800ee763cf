"""Decision trees of any library in one form: arrays of nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

__all__ = [
    "LEAF",
    "UNREADABLE",
    "Trees",
    "TreesOf",
    "UnreadableError",
    "goes_left",
    "joined_trees",
    "linked",
    "numbered_through",
]

LEAF = -1
"""In place of a child, or of a category set."""

UNREADABLE = "it is not a decision tree, nor a sum or mean of them, that is known here"


class UnreadableError(Exception):
    """A model's trees cannot be read; the message says why."""


@dataclass(frozen=True, eq=False)
class Trees:
    """All trees of a model, whose nodes are numbered through.

    A node sends a row to the left if its number is at most the threshold, or its category is in the set. Scores are
    ``link(offset + sum of the values of the leaves)``; weights, rates and means are in the values already.

    Parameters
    ----------
    left, right : ndarray of shape (n_nodes,), int
        Children; `LEAF` at leaves.
    column : ndarray of shape (n_nodes,), int
        Column of the matrix that the trees take.
    threshold : ndarray of shape (n_nodes,), float64
        NaN where a node asks for categories.
    missing_left : ndarray of shape (n_nodes,), bool
        Whether a missing value goes to the left.
    category_set : ndarray of shape (n_nodes,), int
        Row of `left_categories`; `LEAF` at nodes that compare numbers.
    left_categories : ndarray of shape (n_sets, n_codes), bool
        Which categories go to the left.
    value : ndarray of shape (n_nodes, n_outputs), float64
        Of the leaves.
    roots : ndarray of shape (n_trees,), int
        In ascending order; the nodes of a tree stand together.
    offset : ndarray of shape (n_outputs,), float64
        What a model without trees would say.
    link : {"identity", "sigmoid", "softmax", "exp"}
        From the sum to scores; by ``"sigmoid"`` one output becomes two of classes, in regression one.
    single : bool
        Whether numbers are rounded to single precision before they are compared.
    """

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    column: NDArray[np.intp]
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    category_set: NDArray[np.intp]
    left_categories: NDArray[np.bool_]
    value: NDArray[np.float64]
    roots: NDArray[np.intp]
    offset: NDArray[np.float64]
    link: str
    single: bool

    @property
    def is_leaf(self) -> NDArray[np.bool_]:
        """Which nodes are leaves, shape (n_nodes,)."""
        return np.asarray(self.left == LEAF)

    def outputs(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums of leaf values before the link, shape (n_rows, n_outputs).

        Parameters
        ----------
        matrix : ndarray of shape (n_rows, n_columns), float64
            As the trees take it.
        """
        node = np.repeat(self.roots[None, :], len(matrix), axis=0)
        row = np.arange(len(matrix))[:, None]
        while True:
            inner = ~self.is_leaf[node]
            if not inner.any():
                break
            left = goes_left(self, node, matrix[row, self.column[node]])
            node = np.where(inner, np.where(left, self.left[node], self.right[node]), node)
        return np.asarray(self.offset + self.value[node].sum(axis=1))


@dataclass(frozen=True, eq=False)
class TreesOf:
    """The trees of an estimator, and how it makes a matrix of a table.

    Parameters
    ----------
    trees : Trees
    matrix : callable
        From the container that the estimator takes to float64 numbers of shape (n_rows, n_columns).
    noise : float
        How far its library's sums may be off, which adds up in double or in single precision.
    """

    trees: Trees
    matrix: Callable[[Any], NDArray[np.float64]]
    noise: float = 1e-12


def linked(link: str, outputs: NDArray[np.float64], *, classification: bool) -> NDArray[np.float64]:
    """Turn sums of leaf values into scores.

    Parameters
    ----------
    link : str
        See `Trees`.
    outputs : ndarray of shape (n_rows, n_outputs), float64
    classification : bool
        Whether ``"sigmoid"`` makes probabilities of two classes.

    Returns
    -------
    ndarray of shape (n_rows, n_scores), float64
    """
    if link == "sigmoid":
        return np.column_stack([expit(-outputs[:, 0]), expit(outputs[:, 0])]) if classification else expit(outputs)
    if link == "softmax":
        return np.asarray(softmax(outputs, axis=1))
    return np.exp(outputs) if link == "exp" else outputs


def goes_left(trees: Trees, node: NDArray[np.intp], value: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell whether nodes send values to the left.

    Parameters
    ----------
    trees : Trees
    node : ndarray of int
    value : ndarray of float64
        One for each node; broadcasts.
    """
    number = value.astype(np.float32).astype(np.float64) if trees.single else value
    missing = np.isnan(value)
    with np.errstate(invalid="ignore"):
        left = number <= trees.threshold[node]
    which = trees.category_set[node]
    if (which != LEAF).any():
        n_codes = trees.left_categories.shape[1]
        code = np.where(missing | (value < 0) | (value >= n_codes), -1, value).astype(np.intp)
        in_set = trees.left_categories[which, code] & (code >= 0)
        left = np.where(which != LEAF, in_set, left)
        # What is no known category counts as missing.
        missing = missing | ((which != LEAF) & (code < 0))
    return np.asarray(np.where(missing, trees.missing_left[node], left))


def numbered_through(sizes: Sequence[int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Number the nodes of several trees through.

    Parameters
    ----------
    sizes : sequence of int
        Nodes of each tree, which begin with its root.

    Returns
    -------
    roots : ndarray of shape (n_trees,), int
    shift : ndarray of shape (n_nodes,), int
        For each node the root of its tree, by which its own numbers are to be raised.

    Examples
    --------
    >>> numbered_through([3, 1])
    (array([0, 3]), array([0, 0, 0, 3]))
    """
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
    return roots, np.repeat(roots, sizes)


def joined_trees(parts: list[Trees]) -> Trees:
    """Put the trees of several models of one kind together; offset, link and precision are those of the first.

    Parameters
    ----------
    parts : list of Trees
        With the same outputs.
    """
    n_codes = max(part.left_categories.shape[1] for part in parts)
    sizes = [len(part.left) for part in parts]
    at, _ = numbered_through(sizes)
    sets_at, _ = numbered_through([len(part.left_categories) for part in parts])

    def moved(name: str, by: NDArray[np.intp]) -> NDArray[np.intp]:
        arrays = [getattr(part, name) for part in parts]
        return np.concatenate([np.where(a == LEAF, LEAF, a + step) for a, step in zip(arrays, by, strict=True)])

    def together(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    widened = [np.pad(p.left_categories, ((0, 0), (0, n_codes - p.left_categories.shape[1]))) for p in parts]
    first = parts[0]
    return Trees(
        left=moved("left", at),
        right=moved("right", at),
        column=together("column"),
        threshold=together("threshold"),
        missing_left=together("missing_left"),
        category_set=moved("category_set", sets_at),
        left_categories=np.concatenate(widened),
        value=together("value"),
        roots=moved("roots", at),
        offset=first.offset,
        link=first.link,
        single=first.single,
    )
