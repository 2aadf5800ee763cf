"""Modules of PyTorch: weights as safetensors, the architecture described or given again by the user."""

from __future__ import annotations

import copy
from typing import Any

from sklearn.base import clone

from coopdistill.exceptions import SavingError
from coopdistill.extra import import_extra
from coopdistill.learners import TorchModule
from coopdistill.learners.libraries.preprocessing import last_step
from coopdistill.learners.networks.torch_training import usable_device
from coopdistill.saving.foreign.foreign_part import Dumped, ForeignPart
from coopdistill.saving.foreign.torch_layers import built, described

__all__ = ["TorchPart", "as_safetensors", "load_weights"]

_SETTINGS = ("task", "classes", "learning_rate", "max_epochs", "batch_size", "patience", "device", "random_state")
_FITTED = ("classes_", "n_epochs_", "n_features_in_", "feature_names_in_")
_LOSSES = ("CrossEntropyLoss", "BCEWithLogitsLoss", "MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss")
_OPTIMIZERS = ("Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam")


class TorchPart(ForeignPart):
    """A `TorchModule`.

    Of a ``torch.nn.Sequential`` of known layers, with a known loss and optimiser, the file holds a description. Of any
    other module it holds the weights alone, and the user gives the unfitted model again.
    """

    name = "PyTorch"
    suffix = "safetensors"

    def holds(self, part: Any) -> bool:
        """Tell whether a part is such an estimator."""
        return isinstance(part, TorchModule)

    def dump(self, part: Any) -> Dumped:
        """Take an estimator apart; of one that is not fitted, the module that it will begin with."""
        import torch

        template = described(part.module) if isinstance(part.module, torch.nn.Module) else None
        trained = getattr(part, "module_", part.module if isinstance(part.module, torch.nn.Module) else None)
        layers = None if trained is None else described(trained)
        loss, optimizer = _class_name(part.criterion, "nn", _LOSSES), _class_name(part.optimizer, "optim", _OPTIMIZERS)
        is_known = layers is not None and layers == template and loss is not None and optimizer is not None
        state = {
            "settings": {name: getattr(part, name) for name in _SETTINGS},
            "fitted": {name: getattr(part, name) for name in _FITTED if hasattr(part, name)},
            "described": [layers, loss, optimizer] if is_known else None,
        }
        return Dumped(state, b"" if trained is None else as_safetensors(trained))

    def load(self, state: dict[str, Any], content: bytes, *, architecture: Any) -> Any:
        """Build the module, and give it its weights."""
        import_extra("torch", "torch", what="a saved module of PyTorch")
        if architecture is not None:
            made = _given(architecture)
            module = _fresh(made, state)
        elif state["described"] is not None:
            layers, loss, optimizer = state["described"]
            module = built(layers)
            made = TorchModule(
                module, criterion=_named("nn", _LOSSES, loss), optimizer=_named("optim", _OPTIMIZERS, optimizer)
            )
        else:
            raise SavingError(
                "its module is code, which a file does not hold; give the unfitted TorchModule again: "
                "architectures={NAME: TorchModule(…)}"
            )
        made.set_params(**{name: state["settings"][name] for name in _SETTINGS})
        if content:
            load_weights(module, content)
        if architecture is None:
            made.module = module
        if state["fitted"]:
            vars(made).update({name: state["fitted"][name] for name in _FITTED if name in state["fitted"]})
            made.device_ = usable_device(made.device)
            made.module_ = copy.deepcopy(module).to(made.device_).eval()
        return made


def as_safetensors(module: Any) -> bytes:
    """Return a module's weights and buffers in the format of safetensors."""
    import_extra("safetensors", "torch", what="saving a module of PyTorch")
    from safetensors.torch import save

    weights = module.state_dict()
    if any(not hasattr(weight, "untyped_storage") for weight in weights.values()):
        raise SavingError(f"the state of {type(module).__name__} holds more than tensors, which safetensors cannot")
    # Tied weights share memory, which safetensors refuses; each is written as if it were alone.
    return bytes(save({name: weight.detach().cpu().contiguous().clone() for name, weight in weights.items()}))


def load_weights(module: Any, content: bytes) -> None:
    """Give a module its weights and buffers, in place.

    Raises
    ------
    ValueError
        If they are not its own, by name, shape and type.
    """
    import_extra("safetensors", "torch", what="a saved module of PyTorch")
    from safetensors.torch import load

    weights, own = load(content), module.state_dict()
    unlike = sorted(set(weights) ^ set(own))
    if unlike:
        raise ValueError(f"weights {unlike[0]!r} are on one side only: in the file, or in the architecture")
    for name in own:  # in the architecture's order, for a file has none
        weight = weights[name]
        if weight.shape != own[name].shape or weight.dtype != own[name].dtype:
            raise ValueError(
                f"weights {name!r} are {weight.dtype} of shape {tuple(weight.shape)} in the file and "
                f"{own[name].dtype} of shape {tuple(own[name].shape)} in the architecture"
            )
    is_empty = any(weight.is_meta for weight in own.values())
    module.load_state_dict(weights, assign=is_empty)


def _given(architecture: Any) -> Any:
    given = last_step(architecture)[0]
    if not isinstance(given, TorchModule):
        raise SavingError(f"architectures holds a {type(given).__name__} where a TorchModule was saved")
    return clone(given)


def _fresh(given: TorchModule, state: dict[str, Any]) -> Any:
    import torch

    if isinstance(given.module, torch.nn.Module):
        return copy.deepcopy(given.module)
    fitted = state["fitted"]
    n_outputs = 1 if state["settings"]["task"] == "regression" else len(fitted["classes_"])
    return given.module(int(fitted["n_features_in_"]), n_outputs)


def _class_name(given: Any, where: str, known: tuple[str, ...]) -> str | None:
    """Name a class of PyTorch's, "" for the default, None for what no name says whole."""
    import torch

    if given is None:
        return ""
    name = getattr(given, "__name__", "")
    return name if name in known and given is getattr(getattr(torch, where), name) else None


def _named(where: str, known: tuple[str, ...], name: str) -> Any:
    import torch

    if name == "":
        return None
    if name not in known:
        raise ValueError(f"torch.{where}.{name} is not among those that a file may name")
    return getattr(getattr(torch, where), name)
