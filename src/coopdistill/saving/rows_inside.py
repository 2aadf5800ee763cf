"""Which models carry rows that they were trained on."""

from __future__ import annotations

from typing import Any

from coopdistill.saving.foreign import kind_of
from coopdistill.saving.object_graph import parts_of

__all__ = ["rows_inside"]

_ROW_ATTRIBUTES = {
    "_fit_X": "nearest neighbours",
    "support_vectors_": "a support vector machine",
    "X_train_": "a Gaussian process",
    "X_fit_": "a kernel method",
    "component_indices_": "a kernel approximation",
    "X_": "label propagation",
    "_y_train": "a Gaussian process",
    "x_scores_": "partial least squares",
    "_x_scores": "partial least squares",
    "core_sample_indices_": "a clustering by density",
}


def rows_inside(model: Any) -> str | None:
    """Say what within a fitted model carries rows that it was trained on.

    Known are the models of scikit-learn that do, wherever they stand: in pipelines, ensembles, calibrated or stacked;
    and support vector machines in ONNX. What a module of PyTorch keeps in its buffers cannot be told.

    Parameters
    ----------
    model : object
        A fitted estimator.

    Returns
    -------
    str or None
        Such as ``"nearest neighbours (KNeighborsClassifier)"``; None where nothing is known to carry any.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> model = make_pipeline(StandardScaler(), KNeighborsClassifier(1)).fit([[0.0], [1.0]], [0, 1])
    >>> rows_inside(model)
    'nearest neighbours (KNeighborsClassifier)'
    """
    for part in parts_of(model, whole=lambda part: kind_of(part) is not None):
        kind = kind_of(part)
        if kind is not None:
            found = kind.rows_inside(part)
        else:
            found = next((_ROW_ATTRIBUTES[name] for name in _ROW_ATTRIBUTES if name in _attributes(part)), None)
        if found is not None:
            return f"{found} ({type(part).__name__})"
    return None


def _attributes(part: Any) -> dict[str, Any]:
    return getattr(part, "__dict__", {})
