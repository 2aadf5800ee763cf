"""Derivatives of scikit-learn's estimators in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial.distance import cdist
from scipy.special import expit

from coopdistill.learners.derivatives.raw_outputs import Pullback, RawOutputs

__all__ = ["raw_outputs_of"]


def raw_outputs_of(estimator: Any) -> RawOutputs | None:
    """Return the differentiable function inside a fitted estimator of scikit-learn, None where none is known.

    Estimators are told by what fitting leaves on them, so others that leave the same are taken too. Whether the
    function is the estimator's own is for the caller to verify.

    Parameters
    ----------
    estimator : object
        Linear models, networks, support vector machines of two classes or of values, Gaussian naive Bayes, and one
        of these for each class.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> raw_outputs_of(Ridge(alpha=0.0).fit([[0.0], [1.0]], [1.0, 3.0])).outputs(np.array([[2.0]])).round(6)
    array([[5.]])
    """
    if _has(estimator, "coefs_", "intercepts_", "activation"):
        return _Network(estimator) if estimator.activation in _ACTIVATIONS else None
    if _has(estimator, "support_vectors_", "_gamma", "kernel"):
        return _kernel_machine(estimator)
    if _has(estimator, "theta_", "var_", "class_prior_"):
        return _GaussianBayes(estimator)
    if type(estimator).__name__ == "OneVsRestClassifier":
        return _stacked([raw_outputs_of(one) for one in estimator.estimators_])
    if getattr(estimator, "loss", None) == "modified_huber":
        return None  # its scores are a clipped line, which far from the border no check tells from a sigmoid
    if _has(estimator, "coef_", "intercept_"):
        return _Linear(_dense(estimator.coef_), estimator.intercept_)
    return None


class _Linear(RawOutputs):
    def __init__(self, coef: NDArray[np.float64], intercept: Any) -> None:
        self._coef = np.atleast_2d(np.asarray(coef, dtype=np.float64))
        self._intercept = np.atleast_1d(np.asarray(intercept, dtype=np.float64))

    def outputs(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(columns @ self._coef.T + self._intercept)

    def outputs_and_pullback(self, columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], Pullback]:
        return self.outputs(columns), lambda weight: np.asarray(weight @ self._coef)


class _Network(RawOutputs):
    """A multi-layer perceptron before its last activation."""

    def __init__(self, estimator: Any) -> None:
        self._weights = [np.asarray(w, dtype=np.float64) for w in estimator.coefs_]
        self._biases = [np.asarray(b, dtype=np.float64) for b in estimator.intercepts_]
        self._activation, self._slope = _ACTIVATIONS[estimator.activation]

    def outputs(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._layers(columns)[-1]

    def outputs_and_pullback(self, columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], Pullback]:
        *hidden, raw = self._layers(columns)

        def pullback(weight: NDArray[np.float64]) -> NDArray[np.float64]:
            back = weight @ self._weights[-1].T
            for values, weights in zip(reversed(hidden), reversed(self._weights[:-1]), strict=True):
                back = (back * self._slope(values)) @ weights.T
            return np.asarray(back)

        return raw, pullback

    def _layers(self, columns: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Values of each hidden layer, and the outputs."""
        layers, values = [], columns
        for weights, bias in zip(self._weights[:-1], self._biases[:-1], strict=True):
            values = self._activation(values @ weights + bias)
            layers.append(values)
        return [*layers, values @ self._weights[-1] + self._biases[-1]]


_ACTIVATIONS: dict[str, tuple[Any, Any]] = {
    "identity": (lambda z: z, np.ones_like),
    "logistic": (expit, lambda a: a * (1.0 - a)),
    "tanh": (np.tanh, lambda a: 1.0 - a**2),
    "relu": (lambda z: np.maximum(z, 0.0), lambda a: (a > 0).astype(np.float64)),
}
"""Each activation, and its derivative as a function of its value."""


def _kernel_machine(estimator: Any) -> RawOutputs | None:
    dual = _dense(estimator.dual_coef_)
    # Of more than two classes the decision counts votes, and votes have no derivative.
    if len(dual) != 1 or estimator.kernel not in ("rbf", "linear", "poly", "sigmoid"):
        return None
    vectors = _dense(estimator.support_vectors_)
    intercept = float(np.ravel(estimator.intercept_)[0])
    if estimator.kernel == "linear":
        return _Linear(dual @ vectors, intercept)
    if estimator.kernel == "rbf":
        return _RadialMachine(vectors, dual[0], intercept, float(estimator._gamma))
    degree = int(estimator.degree) if estimator.kernel == "poly" else None
    return _ProductMachine(vectors, dual[0], intercept, float(estimator._gamma), float(estimator.coef0), degree)


class _RadialMachine(RawOutputs):
    """Σ aᵢ exp(−γ ∥x − vᵢ∥²) + b."""

    def __init__(self, vectors: NDArray[np.float64], dual: NDArray[np.float64], intercept: float, gamma: float) -> None:
        self._vectors, self._dual, self._intercept, self._gamma = vectors, dual, intercept, gamma

    def outputs(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self._shares(columns).sum(axis=1, keepdims=True) + self._intercept, dtype=np.float64)

    def outputs_and_pullback(self, columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], Pullback]:
        shares = self._shares(columns)
        total = shares.sum(axis=1, keepdims=True)

        def pullback(weight: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.asarray(2.0 * self._gamma * weight * (shares @ self._vectors - total * columns))

        return total + self._intercept, pullback

    def _shares(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self._dual * np.exp(-self._gamma * cdist(columns, self._vectors, "sqeuclidean")))


class _ProductMachine(RawOutputs):
    """Σ aᵢ k(γ x·vᵢ + c) + b, where k is a power or the hyperbolic tangent."""

    def __init__(
        self,
        vectors: NDArray[np.float64],
        dual: NDArray[np.float64],
        intercept: float,
        gamma: float,
        coef0: float,
        degree: int | None,
    ) -> None:
        self._vectors, self._dual, self._intercept = vectors, dual, intercept
        self._gamma, self._coef0, self._degree = gamma, coef0, degree

    def outputs(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.outputs_and_pullback(columns)[0]

    def outputs_and_pullback(self, columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], Pullback]:
        inner = self._gamma * (columns @ self._vectors.T) + self._coef0
        if self._degree is None:
            value = np.tanh(inner)
            slope = 1.0 - value**2
        else:
            value = inner**self._degree
            slope = self._degree * inner ** (self._degree - 1)

        def pullback(weight: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.asarray(self._gamma * weight * ((slope * self._dual) @ self._vectors))

        return np.asarray(value @ self._dual)[:, None] + self._intercept, pullback


class _GaussianBayes(RawOutputs):
    """Logarithms of prior times density."""

    def __init__(self, estimator: Any) -> None:
        self._mean = np.asarray(estimator.theta_, dtype=np.float64)
        self._precision = 1.0 / np.asarray(estimator.var_, dtype=np.float64)
        with np.errstate(divide="ignore"):
            prior = np.log(estimator.class_prior_)
        self._constant = prior + 0.5 * np.log(self._precision / (2.0 * np.pi)).sum(axis=1)

    def outputs(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        squares = [
            ((columns - mean) ** 2 @ precision) for mean, precision in zip(self._mean, self._precision, strict=True)
        ]
        return np.asarray(self._constant - 0.5 * np.column_stack(squares))

    def outputs_and_pullback(self, columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], Pullback]:
        def pullback(weight: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.asarray(weight @ (self._precision * self._mean) - (weight @ self._precision) * columns)

        return self.outputs(columns), pullback


class _Stacked(RawOutputs):
    """The outputs of several functions side by side, one of each."""

    def __init__(self, parts: list[RawOutputs]) -> None:
        self._parts = parts

    def outputs(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.hstack([part.outputs(columns) for part in self._parts])

    def outputs_and_pullback(self, columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], Pullback]:
        both = [part.outputs_and_pullback(columns) for part in self._parts]

        def pullback(weight: NDArray[np.float64]) -> NDArray[np.float64]:
            back = np.zeros_like(columns)
            for k, (_, part) in enumerate(both):
                back += part(weight[:, [k]])
            return back

        return np.hstack([raw for raw, _ in both]), pullback


def _stacked(parts: list[RawOutputs | None]) -> RawOutputs | None:
    known = [part for part in parts if part is not None]
    return _Stacked(known) if len(known) == len(parts) else None


def _has(estimator: Any, *names: str) -> bool:
    return all(hasattr(estimator, name) for name in names)


def _dense(matrix: Any) -> NDArray[np.float64]:
    return np.asarray(matrix.toarray() if sparse.issparse(matrix) else matrix, dtype=np.float64)
