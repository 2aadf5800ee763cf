"""ONNX models, as the bytes that they are."""

from __future__ import annotations

from typing import Any

from coopdistill.learners import OnnxLearner
from coopdistill.saving.foreign.foreign_part import Dumped, ForeignPart

__all__ = ["OnnxPart"]

_MACHINES = ("SVMClassifier", "SVMRegressor")


class OnnxPart(ForeignPart):
    """An `OnnxLearner`; loading audits the model as making one does."""

    name = "ONNX"
    suffix = "onnx"

    def holds(self, part: Any) -> bool:
        """Tell whether a part is such a learner."""
        return isinstance(part, OnnxLearner)

    def dump(self, part: Any) -> Dumped:
        """Give the bytes, and what the user said of them."""
        names = getattr(part, "feature_names_in_", None)
        state = {
            "classes": part.classes.tolist() or None,
            "feature_names": None if names is None else names.tolist(),
        }
        return Dumped(state, part.content)

    def load(self, state: dict[str, Any], content: bytes, *, architecture: Any) -> Any:
        """Audit the model and start a session."""
        return OnnxLearner(content, classes=state["classes"], feature_names=state["feature_names"])

    def rows_inside(self, part: Any) -> str | None:
        """Support vectors are rows, in ONNX as elsewhere."""
        import onnx

        graph = onnx.load_model_from_string(part.content).graph
        return "a support vector machine" if any(node.op_type in _MACHINES for node in graph.node) else None
