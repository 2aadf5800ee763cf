"""What a student is to say of each row: a share of each class, or a value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import has_fit_parameter

from coopdistill.baselines.distillation.continuation import last_estimator
from coopdistill.exceptions import InapplicableError
from coopdistill.learners import Model, ScikitLearnLearner
from coopdistill.participants import Prepared

__all__ = ["classes_of", "fit_on_targets", "given", "mean_said", "said", "softened"]

_LEAST_SHARE = 1e-3
"""A lesser share of a class is left out: it would only lengthen the table."""

_COPIES = 10
"""Rows that stand for one where a learner takes no weights."""

_LEAST_SCORE = 1e-7


def classes_of(prepared: Iterable[Prepared]) -> NDArray[Any]:
    """Return every class that some model or some row knows, sorted; none in regression.

    Parameters
    ----------
    prepared : iterable of Prepared

    Returns
    -------
    ndarray of shape (n_classes,)
    """
    labels: set[Any] = set()
    for one in prepared:
        if one.model.task == "regression":
            return np.empty(0)
        labels |= {*one.model.classes.tolist(), *one.y.tolist()}
    classes = np.array(sorted(labels))
    return classes.astype(object) if classes.dtype.kind in "US" else classes


def given(y: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.float64]:
    """Turn labels or values into targets.

    Parameters
    ----------
    y : ndarray of shape (n_rows,)
    classes : ndarray of shape (n_classes,)
        Sorted; none in regression.

    Returns
    -------
    ndarray of shape (n_rows, n_classes), or (n_rows, 1) of values, float64

    Examples
    --------
    >>> given(np.array([3, 1]), np.array([1, 2, 3]))
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    if not len(classes):
        return y.astype(np.float64)[:, None]
    return np.asarray(y[:, None] == classes[None, :], dtype=np.float64)


def said(model: Model, rows: NDArray[np.float64], classes: NDArray[Any]) -> NDArray[np.float64]:
    """Return a model's scores of encoded rows as targets; a class that it never saw gets none.

    Parameters
    ----------
    model : Model
    rows : ndarray of shape (n_rows, n_features), float64
        In the model's own space.
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    ndarray of shape (n_rows, n_classes), each row of sum 1, or (n_rows, 1) of values, float64
    """
    scores = model.scores(rows)
    if not len(classes):
        return scores
    spread_out = np.zeros((len(rows), len(classes)))
    spread_out[:, np.searchsorted(classes, model.classes)] = scores
    # Scores made from margins need not sum to one; votes of nobody are no opinion.
    total = spread_out.sum(axis=1, keepdims=True)
    return np.where(total > 0, spread_out / np.where(total > 0, total, 1.0), 1.0 / len(classes))


def mean_said(models: Iterable[Model], student: Prepared, classes: NDArray[Any]) -> NDArray[np.float64]:
    """Return the mean of what several models say of a student's rows, as targets."""
    own = student.model
    answers = [said(model, model.read(student.X, own.space), classes) for model in models]
    return np.asarray(np.mean(answers, axis=0))


def softened(targets: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    r"""Soften probabilities by a temperature.

    From logits :math:`z` it is :math:`q_i = \exp(z_i/T) / \sum_j \exp(z_j/T)` [1]_; from probabilities, which are all
    that most learners show, the same, since :math:`z_i = \log p_i` up to a constant.

    Parameters
    ----------
    targets : ndarray of shape (n_rows, n_classes), float64
        Values, in a single column, stay as they are.
    temperature : float
        1 changes nothing; the greater, the more alike.

    Returns
    -------
    ndarray of shape (n_rows, n_classes), float64

    References
    ----------
    .. [1] G. Hinton, O. Vinyals, J. Dean: Distilling the Knowledge in a Neural Network. NIPS Deep Learning and
       Representation Learning Workshop, 2015. Equation 1.

    Examples
    --------
    >>> softened(np.array([[0.9, 0.1]]), 2.0)
    array([[0.75, 0.25]])
    """
    if targets.shape[1] == 1 or temperature == 1:
        return targets
    powers = np.maximum(targets, _LEAST_SCORE) ** (1.0 / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fit_on_targets(
    model: Model,
    X: NDArray[np.float64],
    targets: NDArray[np.float64],
    classes: NDArray[Any],
    *,
    seed: int,
    weight: NDArray[np.float64] | None = None,
    n_own: int | None = None,
) -> Model:
    """Refit a model on soft labels, whatever its learner.

    Every row stands once for each class, weighted by its share of that class; for a loss that is linear in the label,
    such as cross entropy, this is the loss of soft labels. Where a learner takes no weights, ten copies of a row bear
    its classes in proportion.

    Parameters
    ----------
    model : Model
        It stays as it is.
    X : ndarray of shape (n_rows, n_features), float64
        Encoded in the model's space.
    targets : ndarray of shape (n_rows, n_classes), or (n_rows, 1) of values, float64
    classes : ndarray of shape (n_classes,)
        None in regression.
    seed : int
    weight : ndarray of shape (n_rows,), float64, optional
        What each row counts.
    n_own : int, optional
        See `Learner.refit`.

    Returns
    -------
    Model

    Raises
    ------
    InapplicableError
        If the learner takes no weights, and copies of rows would crowd out neighbours.
    """
    if not len(classes):
        return model.refit(X, targets[:, 0], seed=seed, sample_weight=weight, n_own=n_own)
    row, column, share = _duplicated(targets)
    if (share == 1.0).all():
        return model.refit(X, classes[column], seed=seed, sample_weight=weight, n_own=n_own)
    if _takes_weights(model):
        total = share if weight is None else share * weight[row]
        return model.refit(X[row], classes[column], seed=seed, sample_weight=total, n_own=n_own)
    last = last_estimator(model)
    if hasattr(last, "n_neighbors"):
        raise InapplicableError(
            f"{type(last).__name__} takes neither soft labels nor weights, and copies of a row would crowd out its "
            "neighbours"
        )
    row, column = _copied(targets)
    return model.refit(
        X[row], classes[column], seed=seed, sample_weight=None if weight is None else weight[row], n_own=n_own
    )


def _duplicated(targets: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Each row with each of its classes and the share of it; first all rows with their greatest, so own stay first."""
    kept = np.where(targets >= _LEAST_SHARE, targets, 0.0)
    kept /= kept.sum(axis=1, keepdims=True)
    greatest = kept.argmax(axis=1)
    first = np.arange(len(kept))
    others = kept.copy()
    others[first, greatest] = 0.0
    row, column = np.nonzero(others)
    shares = np.concatenate([kept[first, greatest], others[row, column]])
    return np.concatenate([first, row]), np.concatenate([greatest, column]), shares


def _copied(targets: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Each row and class as often as its share of ten copies says, by largest remainders."""
    exact = targets / targets.sum(axis=1, keepdims=True) * _COPIES
    count = np.floor(exact).astype(np.intp)
    rank = np.argsort(np.argsort(count - exact, axis=1, kind="stable"), axis=1)
    count += rank < (_COPIES - count.sum(axis=1, keepdims=True))
    greatest = count.argmax(axis=1)
    first = np.arange(len(count))
    count[first, greatest] -= 1
    row, column = np.nonzero(count)
    times = count[row, column]
    return np.concatenate([first, np.repeat(row, times)]), np.concatenate([greatest, np.repeat(column, times)])


def _takes_weights(model: Model) -> bool:
    return not isinstance(model.learner, ScikitLearnLearner) or has_fit_parameter(
        last_estimator(model), "sample_weight"
    )
