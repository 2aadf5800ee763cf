"""What an ONNX model may hold before a runtime sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coopdistill.exceptions import LearnerError
from coopdistill.extra import import_extra

__all__ = ["audited"]

_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")


def audited(data: bytes, *, max_bytes: int) -> Any:
    """Parse an ONNX model and refuse what reaches beyond its own bytes.

    Parameters
    ----------
    data : bytes
    max_bytes : int

    Returns
    -------
    onnx.ModelProto

    Raises
    ------
    LearnerError
        If it is too large, damaged, or holds weights in other files, custom operators or functions of its own.
    """
    if len(data) > max_bytes:
        raise LearnerError(f"the ONNX model has {len(data)} bytes, more than max_bytes={max_bytes}")
    onnx = import_extra("onnx", "onnx", what="an ONNX model")
    try:
        model = onnx.load_model_from_string(data)
    except Exception as error:  # protobuf's own errors, and whatever a hostile file provokes
        raise LearnerError(f"the bytes are no ONNX model, or a damaged one: {error}") from error
    _refuse_other_files(onnx, model)
    _refuse_custom_operators(onnx, model)
    try:
        onnx.checker.check_model(model)
    except Exception as error:  # as above
        raise LearnerError(f"the ONNX model is not valid: {error}") from error
    return model


def _refuse_other_files(onnx: Any, model: Any) -> None:
    for message in _messages(model):
        if isinstance(message, onnx.TensorProto) and (
            message.data_location == onnx.TensorProto.EXTERNAL or len(message.external_data)
        ):
            raise LearnerError(
                f"the ONNX model keeps the tensor {message.name!r} in another file, which is never read; "
                "save it as one file, with its weights inside"
            )


def _refuse_custom_operators(onnx: Any, model: Any) -> None:
    if len(model.functions):
        raise LearnerError(
            f"the ONNX model defines a function of its own, {model.functions[0].name!r}, which is refused; "
            "inline it by onnx.inliner.inline_local_functions"
        )
    for opset in model.opset_import:
        if opset.domain not in _DOMAINS:
            raise LearnerError(f"the ONNX model needs operators of {opset.domain!r}, {_ALLOWED}")
    for message in _messages(model):
        if isinstance(message, onnx.NodeProto) and message.domain not in _DOMAINS:
            raise LearnerError(
                f"the ONNX model holds the custom operator {message.op_type!r} of {message.domain!r}, {_ALLOWED}"
            )


_ALLOWED = "and only those of ai.onnx and ai.onnx.ml are run"


def _messages(message: Any) -> Iterator[Any]:
    """A message of protobuf and all within it, so that nothing hides in an attribute, a subgraph or a branch."""
    pending = [message]
    while pending:
        current = pending.pop()
        yield current
        for _, value in current.ListFields():
            if hasattr(value, "ListFields"):
                pending.append(value)
            elif not isinstance(value, str | bytes | int | float):
                pending.extend(item for item in value if hasattr(item, "ListFields"))
