"""Adapter of ONNX models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coopdistill.exceptions import LearnerError
from coopdistill.extra import import_extra
from coopdistill.learners.teachers.frozen import FrozenLearner
from coopdistill.learners.teachers.onnx_audit import audited
from coopdistill.learners.teachers.stated_scores import as_classes, as_names
from coopdistill.schema import Table

__all__ = ["OnnxLearner", "is_onnx_model"]

_DTYPES: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
}
_NUMBERS = ("tensor(float)", "tensor(double)")
_LABELS = ("tensor(int64)", "tensor(string)")
_CLASS_ATTRIBUTES = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")


class OnnxLearner(FrozenLearner):
    """An ONNX model, as a model that only teaches.

    It is parsed first and run only if all of it is in its own bytes and made of the standard operators; onnxruntime
    runs it, on one thread. That bounds what it can reach, not the time and memory it takes: a model from a
    stranger belongs in a process with limits.

    Parameters
    ----------
    model : bytes
        The content of a ``.onnx`` file. It takes one matrix of numbers or one input for each column, any number of
        rows at once, and returns probabilities (of labels too, or as the maps of ZipMap), or values.
    classes : sequence, optional
        Class labels in the order of the probabilities. Default: those that the model names.
    feature_names : sequence of str, optional
        Its columns, in order. Default: the names of its inputs where there is one for each column; of a matrix, none.
    max_bytes : int, default=268435456
        The largest model that is read.

    Raises
    ------
    LearnerError
        If onnx or onnxruntime is not installed, or the model is refused.

    Examples
    --------
    >>> from pathlib import Path
    >>> learner = OnnxLearner(Path("model.onnx").read_bytes(), classes=["well", "ill"])  # doctest: +SKIP
    """

    def __init__(
        self,
        model: bytes,
        *,
        classes: Sequence[Any] | None = None,
        feature_names: Sequence[str] | None = None,
        max_bytes: int = 256 * 2**20,
    ) -> None:
        if is_onnx_model(model):
            model = model.SerializeToString()  # type: ignore[attr-defined]  # onnx may be absent
        if not isinstance(model, bytes | bytearray | memoryview):
            raise LearnerError(
                f"model must be the bytes of a .onnx file, got {type(model).__name__}; read the file first"
            )
        self._bytes = bytes(model)
        graph = audited(self._bytes, max_bytes=max_bytes).graph
        self._inputs = [(one.name, one.type, one.shape) for one in self._session.get_inputs()]
        self._check_inputs()
        self._names = self._feature_names(as_names(feature_names))
        self._output, is_map = self._scores_output()
        stated = _stated_classes(graph)
        if is_map and stated is None:
            raise LearnerError("the ONNX model returns maps and does not name their keys; export it without ZipMap")
        self._keys = stated if is_map else None
        has_label = is_map or any(one.type in _LABELS for one in self._session.get_outputs())
        self._classes = self._choose_classes(classes, stated) if has_label or classes is not None else as_classes(None)

    @property
    def content(self) -> bytes:
        """The model, as it was given."""
        return self._bytes

    @property
    def n_features_in_(self) -> int:
        """Number of columns that it takes; an AttributeError where it takes any."""
        if len(self._inputs) > 1:
            return len(self._inputs)
        width = self._inputs[0][2][1]
        if isinstance(width, int):
            return width
        if self._names is not None:
            return len(self._names)
        raise AttributeError("this ONNX model does not say how many columns it takes")

    @cached_property
    def _session(self) -> Any:
        runtime = import_extra("onnxruntime", "onnx", what="an ONNX model")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            return runtime.InferenceSession(self._bytes, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's exceptions have no common type but this
            raise LearnerError(f"onnxruntime does not take the ONNX model: {error}") from error

    def __getstate__(self) -> dict[str, Any]:
        """Without the session, which stays in its process and is made anew from the bytes."""
        return {name: value for name, value in self.__dict__.items() if name != "_session"}

    def _check_inputs(self) -> None:
        for name, kind, shape in self._inputs:
            if kind not in _DTYPES:
                raise LearnerError(
                    f"input {name!r} of the ONNX model is a {kind}; it must be a tensor of numbers or text"
                )
            if shape and isinstance(shape[0], int):
                raise LearnerError(
                    f"input {name!r} of the ONNX model takes exactly {shape[0]} rows at once; "
                    "export it with a dynamic first dimension"
                )
        if not self._inputs:
            raise LearnerError("the ONNX model has no inputs")
        if len(self._inputs) == 1:
            name, _, shape = self._inputs[0]
            if len(shape) != 2:
                raise LearnerError(f"input {name!r} of the ONNX model has shape {shape}; it must be rows × columns")
            return
        for name, _, shape in self._inputs:
            if len(shape) > 2 or (len(shape) == 2 and shape[1] != 1):
                raise LearnerError(
                    f"input {name!r} of the ONNX model has shape {shape}; of several inputs each must be one column"
                )

    def _feature_names(self, given: NDArray[Any] | None) -> NDArray[Any] | None:
        own = np.array([name for name, _, _ in self._inputs], dtype=object)
        width = len(own) if len(own) > 1 else self._inputs[0][2][1]
        if given is not None and isinstance(width, int) and len(given) != width:
            raise LearnerError(f"feature_names holds {len(given)} names, and the ONNX model takes {width} columns")
        return own if given is None and len(own) > 1 else given

    def _scores_output(self) -> tuple[str, bool]:
        """Name of the output that holds scores, and whether it holds them as maps."""
        outputs = [(one.name, one.type) for one in self._session.get_outputs()]
        maps = [one for one in outputs if one[1].startswith("seq(map(")]
        numbers = [one for one in outputs if one[1] in _NUMBERS]
        found = maps or numbers
        if len(found) > 1:
            found = [one for one in found if "prob" in one[0].lower()]
        if len(found) != 1:
            raise LearnerError(
                f"the ONNX model returns {[name for name, _ in outputs]!r}, of which none, or more than one, "
                "may be the scores; export it with one output of probabilities, or of values"
            )
        return found[0][0], bool(maps)

    def _choose_classes(self, given: Any, stated: NDArray[Any] | None) -> NDArray[Any]:
        if given is None and stated is None:
            raise LearnerError("the ONNX model does not name its classes; pass classes=[…] in the order of its scores")
        classes = as_classes(stated if given is None else given)
        if stated is not None and len(stated) != len(classes):
            raise LearnerError(f"classes={given!r}, and the ONNX model has {len(stated)}: {stated.tolist()!r}")
        return classes

    def _answer(self, X: Table) -> Any:
        said = self._session.run([self._output], self._fed(X))[0]
        if self._keys is not None:
            return [[row[key] for key in self._keys.tolist()] for row in said]
        scores = np.asarray(said)
        if len(self._classes) == 2 and scores.size == len(X):
            second = scores.reshape(-1).astype(np.float64)
            return np.column_stack([1.0 - second, second])
        return scores.reshape(len(X), -1)

    def _fed(self, X: Table) -> dict[str, NDArray[Any]]:
        n_columns = X.shape[1]
        expected = getattr(self, "n_features_in_", n_columns)
        if n_columns != expected:
            raise LearnerError(f"the rows have {n_columns} columns, and the ONNX model takes {expected}")
        if len(self._inputs) == 1:
            name, kind, _ = self._inputs[0]
            return {name: _as_tensor(X, kind, name)}
        columns = [X.iloc[:, [j]] if isinstance(X, pd.DataFrame) else X[:, [j]] for j in range(n_columns)]
        return {
            name: _as_tensor(column, kind, name).reshape(-1, *shape[1:])
            for column, (name, kind, shape) in zip(columns, self._inputs, strict=True)
        }

    def __repr__(self) -> str:
        return f"OnnxLearner({len(self._bytes)} bytes)"


def is_onnx_model(model: Any) -> bool:
    """Tell whether an object is a model of the onnx library, without importing it."""
    return type(model).__name__ == "ModelProto" and hasattr(model, "SerializeToString")


def _stated_classes(graph: Any) -> NDArray[Any] | None:
    """The classes that a node names; None where none does, or two disagree."""
    found: set[tuple[Any, ...]] = set()
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name in _CLASS_ATTRIBUTES:
                found.add(tuple(text.decode() for text in attribute.strings) or tuple(attribute.ints))
    found.discard(())
    return as_classes(next(iter(found))) if len(found) == 1 else None


def _as_tensor(X: Any, kind: str, name: str) -> NDArray[Any]:
    values = X.to_numpy() if isinstance(X, pd.DataFrame) else np.asarray(X)
    if kind not in _NUMBERS and pd.isna(values).any():
        raise LearnerError(f"input {name!r} of the ONNX model is a {kind} and takes no missing values")
    if kind == "tensor(string)":
        return np.array([[str(value) for value in row] for row in values.tolist()], dtype=object)
    return np.ascontiguousarray(values, dtype=_DTYPES[kind])
