"""Which modules of PyTorch a file may describe, and how."""

from __future__ import annotations

import inspect
from typing import Any

__all__ = ["built", "described"]

_LAYERS = (
    *("Linear", "Identity", "Flatten", "Dropout", "AlphaDropout", "BatchNorm1d", "LayerNorm"),
    *("ReLU", "LeakyReLU", "ELU", "CELU", "SELU", "GELU", "SiLU", "Mish", "Tanh", "Sigmoid", "Softplus", "Hardtanh"),
)
_NOT_KEPT = ("device", "dtype", "inplace")
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def described(module: Any) -> Any:
    """Describe a module by plain values.

    Parameters
    ----------
    module : torch.nn.Module

    Returns
    -------
    list or None
        None if it is anything but a ``torch.nn.Sequential`` of known layers, which may be such a one in turn.

    Examples
    --------
    >>> import torch  # doctest: +SKIP
    >>> described(torch.nn.Sequential(torch.nn.Linear(4, 2)))  # doctest: +SKIP
    ['Sequential', [['Linear', {'in_features': 4, 'out_features': 2, 'bias': True}]]]
    """
    import torch

    if any(getattr(module, hooks, None) for hooks in _HOOKS):
        return None
    if type(module) is torch.nn.Sequential:
        if list(module._modules) != [str(i) for i in range(len(module))]:
            return None
        inside = [described(layer) for layer in module]
        return None if None in inside else ["Sequential", inside]
    name = type(module).__name__
    if name not in _LAYERS or type(module) is not getattr(torch.nn, name):
        return None
    settings = {key: _setting(module, key) for key in _settings_of(type(module))}
    return [name, settings]


def built(description: Any) -> Any:
    """Build the module that was described, without memory for its weights.

    Parameters
    ----------
    description : list

    Returns
    -------
    torch.nn.Module
        On the device ``meta``.

    Raises
    ------
    ValueError
        If a layer is not one of those that are known.
    """
    import torch

    name, content = description
    if name == "Sequential":
        return torch.nn.Sequential(*[built(layer) for layer in content])
    if name not in _LAYERS:
        raise ValueError(f"{name!r} is no layer that a file may describe")
    layer = getattr(torch.nn, name)
    unknown = sorted(set(content) - set(_settings_of(layer)))
    if unknown:
        raise ValueError(f"{name} takes no {unknown[0]!r}")
    with torch.device("meta"):
        return layer(**content)


def _settings_of(layer: Any) -> list[str]:
    return [name for name in inspect.signature(layer).parameters if name not in _NOT_KEPT]


def _setting(module: Any, key: str) -> Any:
    value = getattr(module, key)
    if key == "bias":
        return value is not None
    return list(value) if isinstance(value, tuple) else value
