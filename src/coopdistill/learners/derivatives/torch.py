"""Derivatives of PyTorch modules held by skorch, on the device that the module is on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.learners.derivatives.raw_outputs import Pullback, RawOutputs

__all__ = ["ModuleOutputs"]


class ModuleOutputs(RawOutputs):
    """What a module returns, before skorch makes probabilities of it.

    Parameters
    ----------
    net : skorch.NeuralNet
        Fitted; its module stays on its device.
    """

    tolerance = 1e-4

    def __init__(self, net: Any) -> None:
        self._net = net
        parameter = next(net.module_.parameters(), None)
        self._dtype = None if parameter is None else parameter.dtype
        self._device = net.device if parameter is None else parameter.device

    def outputs(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the module returns, shape (n_rows, n_outputs)."""
        import torch

        with torch.no_grad():
            return _on_host(self._raw(self._there(columns)))

    def outputs_and_pullback(self, columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], Pullback]:
        """Return that, and what turns weights of it into derivatives."""
        import torch

        there = self._there(columns).requires_grad_()
        with torch.enable_grad():
            raw = self._raw(there)

        def pullback(weight: NDArray[np.float64]) -> NDArray[np.float64]:
            # By the columns alone, so that nothing is left on the module's parameters.
            (gradient,) = torch.autograd.grad(raw, there, torch.as_tensor(weight, dtype=raw.dtype, device=raw.device))
            return _on_host(gradient)

        return _on_host(raw), pullback

    def _there(self, columns: NDArray[np.float64]) -> Any:
        import torch

        return torch.as_tensor(columns, dtype=self._dtype or torch.float32, device=self._device)

    def _raw(self, there: Any) -> Any:
        self._net.module_.eval()
        raw = self._net.infer(there)
        raw = raw[0] if isinstance(raw, tuple) else raw
        return raw.reshape(len(there), -1)


def _on_host(tensor: Any) -> NDArray[np.float64]:
    return np.asarray(tensor.detach().cpu().numpy(), dtype=np.float64)
