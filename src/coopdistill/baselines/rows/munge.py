"""Synthetic rows near the student's own, labelled by its teachers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from coopdistill.baselines.distillation.targets import classes_of, fit_on_targets, given, said
from coopdistill.baselines.distillation.teacher import teachers_of
from coopdistill.baselines.per_student import PerStudent
from coopdistill.counterfactuals.neighbours import embedding
from coopdistill.learners import Model
from coopdistill.options import check_number, check_whole
from coopdistill.participants import Prepared
from coopdistill.schema import FeatureSpace

__all__ = ["Munge", "munged"]


class Munge(PerStudent):
    """Enlarges each student's rows by synthetic ones, which the others label together.

    Bucilă et al. compress an ensemble into one model: MUNGE makes rows, the ensemble labels them, the model is trained
    on both [1]_. Here the ensemble is all other participants; the mean of their scores is a soft label.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    times : int, default=1
        Passes over the own rows, each of which makes as many synthetic ones (k in the paper).
    probability : float, default=0.5
        That a value is exchanged with the nearest neighbour's (p in the paper).
    narrowness : float, default=1.0
        A number is drawn around the neighbour's with their distance over this as standard deviation (s in the paper).

    References
    ----------
    .. [1] C. Bucilă, R. Caruana, A. Niculescu-Mizil: Model Compression. KDD, 2006. Algorithm 1.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from coopdistill import Participant
    >>> from coopdistill.datasets import make_clinics
    >>> clinics = make_clinics(random_state=0)
    >>> taught = Munge().fit([Participant(name, GaussianNB(), *table) for name, table in clinics.train.items()])
    >>> bool((taught.predict_for("small", clinics.test.X) == clinics.test.y).mean() > 0.8)
    True
    """

    name = "munge"

    def __init__(
        self, random_state: int = 0, *, times: int = 1, probability: float = 0.5, narrowness: float = 1.0
    ) -> None:
        super().__init__(random_state)
        self.times = times
        self.probability = probability
        self.narrowness = narrowness

    def _check(self) -> None:
        check_whole("times", self.times, least=1)
        check_number("probability", self.probability, least=0.0, most=1.0)
        check_number("narrowness", self.narrowness, least=1e-3)

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        own = prepared[name]
        space = own.model.space
        classes = classes_of(prepared.values())
        rng = np.random.default_rng(seed)
        rows = np.vstack(
            [munged(own.X, space, self.probability, self.narrowness, rng) for _ in range(self.times)],
        )
        answers = [said(model, model.read(rows, space), classes) for model in teachers_of(name, prepared).values()]
        weight = None
        if own.weight is not None:
            weight = np.concatenate([own.weight, np.full(len(rows), own.weight.mean())])
        return fit_on_targets(
            own.model,
            np.vstack([own.X, rows]),
            np.vstack([given(own.y, classes), np.mean(answers, axis=0)]),
            classes,
            seed=seed,
            weight=weight,
            n_own=len(own.y),
        )


def munged(
    X: NDArray[np.float64], space: FeatureSpace, probability: float, narrowness: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Make one pass of MUNGE over encoded rows.

    Each row in turn meets its nearest neighbour; each of their values is, with some probability, exchanged: categories
    (and missing values) as they are, numbers by a draw around the other's. Neighbours are those of the rows as given.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features), float64
    space : FeatureSpace
        Whole numbers stay whole, and all within their range.
    probability : float
    narrowness : float
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n_rows, n_features), float64
    """
    out = X.copy()
    if len(X) < 2:
        return out
    neighbour = _neighbours(embedding(X, space))
    low, high = np.fmin(space.low, np.fmin.reduce(X, axis=0)), np.fmax(space.high, np.fmax.reduce(X, axis=0))
    for i, j in enumerate(neighbour):
        exchanged = rng.random(len(space)) < probability
        mine, yours = out[i].copy(), out[j].copy()
        spread = np.abs(mine - yours) / narrowness
        drawn = rng.normal(size=(2, len(space))) * spread
        drawn_here = np.where(space.numeric & ~np.isnan(spread), yours + drawn[0], yours)
        drawn_there = np.where(space.numeric & ~np.isnan(spread), mine + drawn[1], mine)
        out[i] = np.where(exchanged, drawn_here, mine)
        out[j] = np.where(exchanged, drawn_there, yours)
    out = np.where(space.integer, np.rint(out), out)
    return np.where(np.isnan(out), out, np.clip(out, low, high))


def _neighbours(points: NDArray[np.float64]) -> NDArray[np.intp]:
    """The nearest other point of each."""
    near = NearestNeighbors(n_neighbors=1, metric="manhattan").fit(points).kneighbors(return_distance=False)
    return np.asarray(near[:, 0], dtype=np.intp)
