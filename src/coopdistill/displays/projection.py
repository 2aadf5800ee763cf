"""Rows of many features as points on a plane."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import DisplayError, OptionError, nearest_name
from coopdistill.extra import import_extra
from coopdistill.schema import FeatureSpace

__all__ = ["PROJECTIONS", "as_points", "project"]

PROJECTIONS = ("pca", "tsne", "umap")

_LEAST_ROWS = 5
_FARTHEST = 5.0
_NEIGHBOURS = 15
_PERPLEXITY = 30.0


def as_points(rows: NDArray[np.float64], space: FeatureSpace) -> NDArray[np.float64]:
    """Turn encoded rows into points between which distances mean something.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features), float64
        Encoded; the missing are NaN.
    space : FeatureSpace
        Of the rows.

    Returns
    -------
    ndarray of shape (n_rows, n_dimensions), float64
        Numbers as distances from the median, where a missing one is put, in spreads, or in standard deviations of these
        rows if that is more, and five at the most; each category a dimension, so that two lie at a distance of 1.

    Examples
    --------
    >>> from coopdistill.schema import Feature, FeatureSpace
    >>> space = FeatureSpace((Feature(name="age", kind="continuous", spread=10.0),))
    >>> as_points(np.array([[20.0], [np.nan], [40.0]]), space).ravel()
    array([-1.,  0.,  1.])
    """
    parts: list[NDArray[np.float64]] = []
    for feature, column in zip(space, rows.T, strict=True):
        if feature.kind.is_numeric:
            known = column[~np.isnan(column)]
            median = float(np.median(known)) if len(known) else 0.0
            filled = np.where(np.isnan(column), median, column)
            # A pixel that is nearly always dark has next to no spread; a few bright ones would be all that one sees.
            scale = max(feature.spread, float(filled.std()))
            parts.append(np.clip((filled - median) / scale, -_FARTHEST, _FARTHEST)[:, None])
        else:
            codes = np.arange(len(feature.categories))
            parts.append((column[:, None] == codes) / np.sqrt(2.0))
    return np.hstack(parts)


def project(points: NDArray[np.float64], method: str = "pca", *, random_state: int = 0) -> NDArray[np.float64]:
    """Lay points on a plane.

    Parameters
    ----------
    points : ndarray of shape (n_points, n_dimensions), float64
        At least five.
    method : {"pca", "tsne", "umap"}, default="pca"
        The two directions of the greatest variance; or what keeps neighbours together, by scikit-learn's t-SNE [1]_
        or, where umap-learn is installed, by UMAP [2]_.
    random_state : int, default=0
        Same value, same plane. PCA needs none.

    Returns
    -------
    ndarray of shape (n_points, 2), float64

    Raises
    ------
    OptionError
        If the method is unknown.
    DisplayError
        If there are too few points, or umap-learn is not installed.

    References
    ----------
    .. [1] van der Maaten, Hinton: Visualizing Data using t-SNE, JMLR 9, 2008.
    .. [2] McInnes, Healy, Melville: UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction, 2018.

    Examples
    --------
    >>> corners = np.array([[0.0, 0, 0], [4, 0, 0], [0, 1, 0], [4, 1, 0], [2, 0.5, 0]])
    >>> plane = project(corners)
    >>> plane.shape, bool(np.ptp(plane[:, 0]) > np.ptp(plane[:, 1]))
    ((5, 2), True)
    """
    if method not in PROJECTIONS:
        raise OptionError(f"unknown method={method!r}{nearest_name(method, PROJECTIONS)}")
    if len(points) < _LEAST_ROWS:
        raise DisplayError(f"{len(points)} points are too few for a map; it takes {_LEAST_ROWS}")
    if points.shape[1] == 1:
        points = np.column_stack([points, np.zeros(len(points))])
    if method == "pca":
        return _by_pca(points)
    return _by_tsne(points, random_state) if method == "tsne" else _by_umap(points, random_state)


def _by_pca(points: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = points - points.mean(axis=0)
    # Not scikit-learn's, whose signs differ between versions.
    left, strength, directions = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)])
    return np.asarray((left * strength * np.where(signs == 0, 1.0, signs))[:, :2])


def _by_tsne(points: NDArray[np.float64], random_state: int) -> NDArray[np.float64]:
    from sklearn.manifold import TSNE

    perplexity = min(_PERPLEXITY, (len(points) - 1) / 3)
    # On the plane of greatest variance to begin with, so that two maps of the same rows look alike.
    start = _by_pca(points)
    start = start / max(float(start[:, 0].std()), 1e-12) * 1e-4
    laid = TSNE(2, perplexity=perplexity, init=start, random_state=random_state).fit_transform(points)
    return np.asarray(laid, dtype=np.float64)


def _by_umap(points: NDArray[np.float64], random_state: int) -> NDArray[np.float64]:
    umap = import_extra("umap", "umap", what="a map by UMAP", error=DisplayError)
    reducer = umap.UMAP(n_neighbors=min(_NEIGHBOURS, len(points) - 1), random_state=random_state, n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own calls to scikit-learn
        return np.asarray(reducer.fit_transform(points), dtype=np.float64)
