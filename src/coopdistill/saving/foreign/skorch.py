"""Nets of skorch: weights as safetensors, the net given again by the user."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone

from coopdistill.exceptions import SavingError
from coopdistill.learners.libraries.preprocessing import last_step
from coopdistill.learners.networks.skorch_net import is_skorch
from coopdistill.saving.foreign.foreign_part import Dumped, ForeignPart
from coopdistill.saving.foreign.torch import as_safetensors, load_weights

__all__ = ["SkorchPart"]


class SkorchPart(ForeignPart):
    """A net of skorch, which is code through and through: module, loss, optimiser and callbacks."""

    name = "skorch"
    suffix = "safetensors"

    def holds(self, part: Any) -> bool:
        """Tell whether a part is a net, fitted or not."""
        return is_skorch(part) and any(kind.__name__ == "NeuralNet" for kind in type(part).__mro__)

    def dump(self, part: Any) -> Dumped:
        """Give the weights, the classes and the kind of net."""
        classes = getattr(part, "classes_inferred_", None)
        state = {"kind": type(part).__name__, "classes": None if classes is None else np.asarray(classes)}
        return Dumped(state, as_safetensors(part.module_) if hasattr(part, "module_") else b"")

    def load(self, state: dict[str, Any], content: bytes, *, architecture: Any) -> Any:
        """Initialise a clone of the net that was given, and give it its weights."""
        if architecture is None:
            raise SavingError(
                f"it is a {state['kind']} of skorch, whose module is code, which a file does not hold; give the "
                f"unfitted net again: architectures={{NAME: {state['kind']}(…)}}"
            )
        given = last_step(architecture)[0]
        if type(given).__name__ != state["kind"]:
            raise SavingError(f"architectures holds a {type(given).__name__} where a {state['kind']} was saved")
        net = clone(given)
        if not content:
            return net
        net.initialize()
        load_weights(net.module_, content)
        net.module_.eval()
        if state["classes"] is not None:
            net.classes_inferred_ = state["classes"]
        return net
