"""What a differentiable estimator computes before the last function, and those last functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logsumexp, softmax

__all__ = ["LINKS", "Link", "Pullback", "RawOutputs"]

Pullback: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Weights of the outputs, (n_rows, n_outputs) → derivatives by columns of their weighted sum, (n_rows, n_columns)."""


class RawOutputs(ABC):
    """A differentiable function from design matrix to outputs."""

    tolerance: float = 1e-6
    """How far scores made from the outputs may stand off the model's own."""

    @abstractmethod
    def outputs(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the outputs, shape (n_rows, n_outputs)."""

    @abstractmethod
    def outputs_and_pullback(self, columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], Pullback]:
        """Return the outputs, and what turns weights of them into derivatives by columns."""


class Link(ABC):
    """The last function of a model: outputs to scores, and to a margin that does not level off where scores do.

    The margin of a class is the logarithm of the odds that its score gives it; in regression it is the prediction.
    """

    task: str = "classification"

    @abstractmethod
    def scores(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the scores of a model, shape (n_rows, n_classes)."""

    @abstractmethod
    def margin(
        self, raw: NDArray[np.float64], label: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the margin of each row's class, and its derivatives by the outputs."""


class _Softmax(Link):
    def scores(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(softmax(raw, axis=1))

    def margin(
        self, raw: NDArray[np.float64], label: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return _against_the_rest(raw, label, np.ones_like(raw))


class _OneVersusRest(Link):
    """A logistic function of each output, the scores divided by their sum."""

    def scores(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        each = expit(raw)
        return np.asarray(each / each.sum(axis=1, keepdims=True))

    def margin(
        self, raw: NDArray[np.float64], label: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return _against_the_rest(log_expit(raw), label, expit(-raw))


class _Logistic(Link):
    def scores(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([expit(-raw[:, 0]), expit(raw[:, 0])])

    def margin(
        self, raw: NDArray[np.float64], label: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        sign = np.where(label == 1, 1.0, -1.0)
        return sign * raw[:, 0], sign[:, None]


class _Probabilities(Link):
    """Outputs that are probabilities already."""

    def scores(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        return raw

    def margin(
        self, raw: NDArray[np.float64], label: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        at = np.arange(len(raw))
        odds, slope = _odds(raw[at, label])
        weight = np.zeros_like(raw)
        weight[at, label] = slope
        return odds, weight


class _ProbabilityOfSecond(Link):
    """One output: the probability of the second of two classes."""

    def scores(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([1.0 - raw[:, 0], raw[:, 0]])

    def margin(
        self, raw: NDArray[np.float64], label: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        odds, slope = _odds(raw[:, 0])
        sign = np.where(label == 1, 1.0, -1.0)
        return sign * odds, (sign * slope)[:, None]


class _Identity(Link):
    task = "regression"

    def scores(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        return raw

    def margin(
        self, raw: NDArray[np.float64], label: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return raw[:, 0], np.ones_like(raw)


class _Exponential(Link):
    task = "regression"

    def scores(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.exp(raw)

    def margin(
        self, raw: NDArray[np.float64], label: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        value = np.exp(raw)
        return value[:, 0], value


def _against_the_rest(
    log_weight: NDArray[np.float64], label: NDArray[np.intp], slope: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log of a class's weight over the sum of the others', and its derivatives; `slope` is that of the log weights."""
    at = np.arange(len(log_weight))
    others = log_weight.copy()
    others[at, label] = -np.inf
    weight = -softmax(others, axis=1)
    weight[at, label] = 1.0
    return np.asarray(log_weight[at, label] - logsumexp(others, axis=1)), weight * slope


def _odds(probability: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log odds of probabilities and their derivatives, finite also where single precision says 0 or 1."""
    p = np.clip(probability, 1e-12, 1.0 - 1e-12)
    return np.log(p) - np.log1p(-p), 1.0 / (p * (1.0 - p))


LINKS: tuple[Link, ...] = (
    _Softmax(),
    _Logistic(),
    _OneVersusRest(),
    _Probabilities(),
    _ProbabilityOfSecond(),
    _Identity(),
    _Exponential(),
)
"""In the order in which they are tried on a model: the one that makes its scores is its link."""
