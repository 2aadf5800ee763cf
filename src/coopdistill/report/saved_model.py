"""Fitted models as files, without pickles: what may be saved, and what may be loaded."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from coopdistill.exceptions import StudyError, nearest_name

__all__ = ["dump_model", "load_model", "rows_inside"]

MODEL_SUFFIX = ".skops"

TRUSTED = (
    "numpy.dtype",
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
)
"""What skops does not trust by itself and our own learners are made of: plain data without behaviour.

Trees hold positions that compiled code follows unchecked, so these are checked after loading.
"""

_ROW_ATTRIBUTES = {
    "_fit_X": "nearest neighbours",
    "support_vectors_": "a support vector machine",
    "X_train_": "a Gaussian process",
    "X_fit_": "a kernel method",
    "component_indices_": "a kernel approximation",
    "X_": "label propagation",
    "_y_train": "a Gaussian process",
}


def rows_inside(model: Any) -> str | None:
    """Say what within a fitted model carries rows that it was trained on.

    Parameters
    ----------
    model : object
        A fitted estimator, with others inside it or not.

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
    for part in _parts(model):
        for attribute in _ROW_ATTRIBUTES.keys() & vars(part).keys():
            return f"{_ROW_ATTRIBUTES[attribute]} ({type(part).__name__})"
    return None


def dump_model(model: Any) -> bytes | str:
    """Turn a fitted model into the bytes of a file, or say why it is not saved.

    Parameters
    ----------
    model : object
        A fitted estimator.

    Returns
    -------
    bytes or str
        What `load_model` reads; a str is the reason why there is nothing.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> isinstance(dump_model(GaussianNB().fit([[0.0], [1.0]], [0, 1])), bytes)
    True
    """
    import skops.io

    carrier = rows_inside(model)
    if carrier is not None:
        return f"it carries rows that it was trained on, inside {carrier}"
    try:
        return bytes(skops.io.dumps(model, compression=zipfile.ZIP_DEFLATED))
    except Exception as error:  # skops says in many ways that it has no safe form for an object
        return f"skops cannot save a {type(model).__name__}: {type(error).__name__}: {error}"


def load_model(path: Path) -> Any:
    """Load a model that skops saved, after an audit of what the file would make.

    Parameters
    ----------
    path : Path
        A file that ends in ``.skops``.

    Returns
    -------
    object
        The model.

    Raises
    ------
    StudyError
        If the file is absent or damaged, or names a type that is not trusted. Nothing of it was made then.
    """
    import skops.io

    _check_file(path)
    try:
        untrusted = sorted(set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED))
    except Exception as error:  # a damaged or hostile file fails in any way
        raise _damaged(path, error) from error
    if untrusted:
        raise StudyError(
            f"{str(path)!r} would make objects of types that are not trusted: {', '.join(untrusted)}; "
            "save a model made of scikit-learn's own parts, or hand it to coopdistill in Python"
        )
    try:
        model = skops.io.load(path, trusted=list(TRUSTED))
        _check_trees(model)
    except Exception as error:
        raise _damaged(path, error) from error
    return model


def _check_file(path: Path) -> None:
    if not path.is_file():
        folder = path.parent
        near = (
            nearest_name(path.name, sorted(f.name for f in folder.glob(f"*{MODEL_SUFFIX}"))) if folder.is_dir() else ""
        )
        raise StudyError(f"there is no model {str(path)!r}{near}")
    if path.suffix != MODEL_SUFFIX:
        raise StudyError(
            f"{str(path)!r} is no file of skops; save the model by skops.io.dump(model, 'NAME{MODEL_SUFFIX}') "
            "(pickles are not read: they can run anything)"
        )


def _damaged(path: Path, error: Exception) -> StudyError:
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    return StudyError(
        f"{str(path)!r} cannot be loaded as a model of skops ({reason}); save it again with skops.io.dump"
    )


def _parts(model: Any) -> Iterator[Any]:
    """Give the model and all objects within it that have attributes, each once."""
    seen: set[int] = set()
    waiting = [model]
    while waiting:
        part = waiting.pop()
        if id(part) in seen or isinstance(part, type | str | bytes | int | float | None):
            continue
        seen.add(id(part))
        if isinstance(part, Mapping):
            waiting.extend(part.values())
        elif isinstance(part, list | tuple | set):
            waiting.extend(part)
        elif isinstance(part, np.ndarray):
            waiting.extend(part.ravel() if part.dtype == object else ())
        elif hasattr(part, "__dict__"):
            yield part
            waiting.extend(vars(part).values())
        else:
            waiting.extend(_slots(part))


def _slots(part: Any) -> list[Any]:
    names = [name for cls in type(part).__mro__ for name in getattr(cls, "__slots__", ())]
    return [getattr(part, name) for name in names if hasattr(part, name)]


def _check_trees(model: Any) -> None:
    """Refuse a tree whose positions lead out of it, or in circles."""
    from sklearn.tree._tree import Tree

    for part in _parts(model):
        tree = vars(part).get("tree_")
        if isinstance(tree, Tree):
            _check_nodes(
                tree.children_left, tree.children_right, tree.feature, tree.n_features, leaf=tree.children_left == -1
            )
        elif type(part).__name__ == "TreePredictor":
            nodes = part.nodes
            leaf = nodes["is_leaf"].astype(bool)
            _check_nodes(nodes["left"], nodes["right"], nodes["feature_idx"], None, leaf=leaf)


def _check_nodes(left: Any, right: Any, feature: Any, n_features: int | None, *, leaf: Any) -> None:
    place = np.arange(len(left))
    inner = ~leaf
    for child in (left.astype(np.int64), right.astype(np.int64)):
        if not ((child > place) & (child < len(left)))[inner].all():
            raise ValueError("a tree in it leads out of itself")
    columns = feature.astype(np.int64)[inner]
    if (columns < 0).any() or (n_features is not None and (columns >= n_features).any()):
        raise ValueError("a tree in it asks for a feature that it does not have")
