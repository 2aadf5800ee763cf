"""What rows came in, and what their columns mean, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from scipy import sparse

from coopdistill.exceptions import SavingError
from coopdistill.saving.dtypes import dtype_as_json, dtype_from_json
from coopdistill.schema import Codec, Feature, FeatureSpace
from coopdistill.schema.container import Array, Container, OtherFrame, PandasFrame, SparseMatrix

__all__ = ["codec_as_json", "codec_from_json"]

_SPARSE = tuple(f"{layout}_{kind}" for layout in ("csr", "csc", "coo") for kind in ("array", "matrix"))


def codec_as_json(codec: Codec) -> dict[str, Any]:
    """Describe a codec by plain values: its feature space, and the container of its rows.

    Parameters
    ----------
    codec : Codec

    Returns
    -------
    dict

    Raises
    ------
    SavingError
        If the container is of a kind, or a column of a dtype, that cannot be written.

    Examples
    --------
    >>> from coopdistill.schema import infer_feature_space
    >>> X = np.zeros((2, 1))
    >>> codec_as_json(Codec.of(X, infer_feature_space(X)))["container"]
    {'kind': 'Array', 'names': ('x0',), 'dtype': 'float64'}
    """
    return {
        "space": [{field.name: getattr(f, field.name) for field in fields(f)} for f in codec.space],
        "container": _container_as_json(codec.container),
    }


def codec_from_json(described: Mapping[str, Any]) -> Codec:
    """Make the codec that `codec_as_json` described; its features are checked as any others are.

    Parameters
    ----------
    described : mapping

    Returns
    -------
    Codec

    Raises
    ------
    ValueError
        If it describes none.

    Examples
    --------
    >>> from coopdistill.schema import infer_feature_space
    >>> X = pd.DataFrame({"age": [41, 67], "sex": ["f", "m"]})
    >>> codec = Codec.of(X, infer_feature_space(X))
    >>> codec_from_json(codec_as_json(codec)) == codec
    True
    """
    try:
        space = FeatureSpace(tuple(Feature(**feature) for feature in described["space"]))
        container = _container_from_json(described["container"])
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"it holds no feature space ({error!r})") from error
    if sorted(container.names) != sorted(space.columns):
        raise ValueError("its columns are not those of its features")
    return Codec(space, container)


def _container_as_json(container: Container) -> dict[str, Any]:
    described: dict[str, Any] = {"kind": type(container).__name__, "names": container.names}
    if isinstance(container, PandasFrame):
        index = container.index
        is_deep = isinstance(index, pd.MultiIndex)
        return described | {
            "dtypes": [dtype_as_json(dtype) for dtype in container.dtypes],
            "labels": list(container.labels),
            "index": {"names": list(index.names), "dtype": None if is_deep else dtype_as_json(index.dtype)},
        }
    if isinstance(container, OtherFrame):
        return described | {
            "dtypes": [dtype_as_json(dtype) for dtype in container.dtypes],
            "has_nan": container.has_nan,
            "library": nw.Implementation(container.library).value,
        }
    if isinstance(container, Array):
        return described | {"dtype": dtype_as_json(container.dtype)}
    if isinstance(container, SparseMatrix) and container.kind.__name__ in _SPARSE:
        return described | {"dtype": dtype_as_json(container.dtype), "layout": container.kind.__name__}
    raise SavingError(f"rows of {container!r} cannot be saved; hand them over as a DataFrame or an array")


def _container_from_json(described: Mapping[str, Any]) -> Container:
    kind, names = described["kind"], tuple(map(str, described["names"]))
    if kind == "PandasFrame":
        dtypes = tuple(dtype_from_json(dtype) for dtype in described["dtypes"])
        labels, index = described["labels"], _index(described["labels"], described["index"])
        _check_lengths(names, dtypes, index)
        return PandasFrame(names, dtypes, tuple(labels), index)
    if kind == "OtherFrame":
        other = tuple(dtype_from_json(dtype) for dtype in described["dtypes"])
        has_nan = tuple(map(bool, described["has_nan"]))
        _check_lengths(names, other, has_nan)
        return OtherFrame(names, other, has_nan, nw.Implementation(described["library"]))
    dtype: Any = dtype_from_json(described["dtype"])
    if not isinstance(dtype, np.dtype):
        raise ValueError(f"an array has no dtype {dtype!r}")
    if kind == "Array":
        return Array(names, dtype)
    if kind == "SparseMatrix" and described["layout"] in _SPARSE:
        return SparseMatrix(names, dtype, getattr(sparse, described["layout"]))
    raise ValueError(f"it holds rows in a {kind!r}, which is not known here")


def _index(labels: list[Any], described: Mapping[str, Any]) -> pd.Index[Any]:
    if described["dtype"] is None:
        return pd.MultiIndex.from_tuples(labels, names=described["names"])
    index: pd.Index[Any] = pd.Index(labels, dtype=dtype_from_json(described["dtype"]), name=described["names"][0])
    return index


def _check_lengths(names: tuple[str, ...], *others: Any) -> None:
    if any(len(other) != len(names) for other in others):
        raise ValueError(f"it does not describe each of its {len(names)} columns")
