"""Derivatives of a fitted model's scores by encoded features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners.derivatives.design_matrix import Design, design_of
from coopdistill.learners.derivatives.raw_outputs import LINKS, Link, RawOutputs
from coopdistill.learners.derivatives.scikit_learn import raw_outputs_of
from coopdistill.learners.model import Model
from coopdistill.learners.networks.skorch_net import is_skorch
from coopdistill.learners.networks.torch_module import TorchModule

__all__ = ["Differentiable", "Gradient", "differentiable"]

_N_CHECKS = 16


@dataclass(frozen=True, eq=False)
class Gradient:
    """Values of a function at some rows, and how they change with the features.

    Attributes
    ----------
    value : ndarray of shape (n_rows,), float64
    features : ndarray of shape (n_rows, n_features), float64
        Derivatives by encoded numbers; zero for the other features and where a number is missing.
    switches : ndarray of shape (n_rows, sum of categories), float64
        What switching to each category adds, to first order, feature by feature in the order of the space; NaN for a
        category that the model does not take.
    """

    value: NDArray[np.float64]
    features: NDArray[np.float64]
    switches: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Differentiable:
    """A model whose scores have derivatives.

    Parameters
    ----------
    design : Design
        From encoded rows to the design matrix.
    raw : RawOutputs
        From there to outputs.
    link : Link
        From there to scores.

    See Also
    --------
    differentiable : Makes one of a model.
    """

    design: Design
    raw: RawOutputs
    link: Link

    def scores(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the model's own scores are, shape (n_rows, n_classes)."""
        return self.link.scores(self.raw.outputs(self.design.columns(rows)))

    def margin(self, rows: NDArray[np.float64], label: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the log odds of each row's class; in regression the prediction; shape (n_rows,)."""
        return self.link.margin(self.raw.outputs(self.design.columns(rows)), label)[0]

    def margin_gradient(self, rows: NDArray[np.float64], label: NDArray[np.intp]) -> Gradient:
        """Return the same with its derivatives.

        Parameters
        ----------
        rows : ndarray of shape (n_rows, n_features), float64
            Encoded.
        label : ndarray of shape (n_rows,), int
            Column of the scores; 0 for all in regression.
        """
        raw, pullback = self.raw.outputs_and_pullback(self.design.columns(rows))
        value, weight = self.link.margin(raw, label)
        by_column = pullback(weight)
        features = np.where(np.isnan(rows), 0.0, self.design.to_features(by_column))
        return Gradient(value, features, self.design.to_switches(by_column, rows))


def differentiable(model: Model) -> Differentiable | str:
    """Find the derivatives of a fitted model's scores.

    What stands in front of the last estimator is found out by asking it (`design_of`); the last estimator's
    derivatives are closed forms for scikit-learn's, and autograd's for a PyTorch module held by skorch. All together
    must give the model's own scores on random rows, else there are none.

    Parameters
    ----------
    model : Model
        Fitted.

    Returns
    -------
    Differentiable or str
        Or why there is none.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from coopdistill.learners import as_learner
    >>> from coopdistill.schema import Codec, infer_feature_space
    >>> X, y = np.array([[0.0], [1.5], [3.0], [4.5]]), np.array([0, 0, 1, 1])
    >>> fitted = LogisticRegression().fit(X, y)
    >>> gradients = differentiable(Model("bank", as_learner(fitted), Codec.of(X, infer_feature_space(X))))
    >>> slope = gradients.margin_gradient(X, np.ones(4, dtype=int)).features
    >>> bool(np.allclose(slope, fitted.coef_))
    True
    """
    if not model.learner.is_fitted:
        return "it is not fitted"
    design = design_of(model)
    if isinstance(design, str):
        return design
    raw = _raw_outputs(design.estimator)
    if raw is None:
        return f"no derivatives of {type(design.estimator).__name__} are known"
    rows = _check_rows(design)
    try:
        said = model.scores(rows)
        outputs = raw.outputs(design.columns(rows))
    except Exception as error:  # an estimator that only looks like one that is known
        return f"{type(design.estimator).__name__} cannot be asked for its margins: {error}"
    for link in LINKS:
        if link.task == model.task and _makes(link, outputs, said, raw.tolerance):
            return Differentiable(design, raw, link)
    return f"the scores of {type(design.estimator).__name__} are no known function of its margins"


def _raw_outputs(estimator: Any) -> RawOutputs | None:
    if is_skorch(estimator) or isinstance(estimator, TorchModule):
        from coopdistill.learners.derivatives.torch import ModuleOutputs

        return ModuleOutputs(estimator)
    return raw_outputs_of(estimator)


def _check_rows(design: Design) -> NDArray[np.float64]:
    """Random rows around the base row, with values that the preprocessing takes."""
    space = design.space
    rng = np.random.default_rng(1)
    shape = (_N_CHECKS, len(space))
    numbers = design.base + space.spread * rng.normal(size=shape)
    numbers = np.clip(np.where(space.integer, np.rint(numbers), numbers), space.low, space.high)
    codes = np.floor(rng.random(shape) * np.maximum(space.n_categories, 1)).astype(np.intp)
    taken = design.allowed[design.first_level + np.where(space.numeric, 0, codes)]
    rows = np.where(space.numeric, numbers, np.where(taken, codes, design.base))
    rows[0] = design.base
    return rows


def _makes(link: Link, outputs: NDArray[np.float64], said: NDArray[np.float64], tolerance: float) -> bool:
    with np.errstate(all="ignore"):
        made = link.scores(outputs)
    scale = 1.0 + np.abs(said) if link.task == "regression" else 1.0
    return made.shape == said.shape and bool((np.abs(made - said) <= tolerance * scale).all())
