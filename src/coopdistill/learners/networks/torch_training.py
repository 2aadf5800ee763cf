"""Trains a PyTorch module on arrays, and asks it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coopdistill.exceptions import LearnerError

__all__ = ["TrainingPlan", "as_criterion", "outputs_of", "reset_weights", "train", "usable_device"]

_ROWS_AT_ONCE = 8192


@dataclass(frozen=True, eq=False)
class TrainingPlan:
    """How a module is trained.

    Parameters
    ----------
    criterion : callable
        From outputs and targets to a loss, of each row or of all.
    optimizer : callable
        From parameters to an optimiser of PyTorch.
    max_epochs, batch_size : int
    patience : int, optional
        Epochs without a lesser loss on the validation rows after which training stops. None: it never does.
    """

    criterion: Callable[[Any, Any], Any]
    optimizer: Callable[[Any], Any]
    max_epochs: int
    batch_size: int
    patience: int | None = None


def usable_device(device: str) -> Any:
    """Return the device of PyTorch that a name means.

    Parameters
    ----------
    device : str
        ``"auto"`` is the first GPU where there is one, else the processor.

    Returns
    -------
    torch.device

    Raises
    ------
    LearnerError
        If it is no device, or a GPU where there is none.
    """
    import torch

    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise LearnerError(f"device={device!r} is no device of PyTorch; use 'auto', 'cpu' or 'cuda'") from error
    n_gpus = torch.cuda.device_count()
    if chosen.type == "cuda" and (chosen.index or 0) >= n_gpus:
        raise LearnerError(f"device={device!r}, and there are {n_gpus} GPUs that PyTorch can use; use device='auto'")
    if chosen.type == "mps" and not torch.backends.mps.is_available():
        raise LearnerError(f"device={device!r}, and there is no such GPU here; use device='auto'")
    return chosen


def reset_weights(module: Any) -> None:
    """Draw a module's weights anew, in place.

    Raises
    ------
    LearnerError
        If some of its weights are made in a way that cannot be repeated.
    """
    for name, part in module.named_modules():
        reset = getattr(part, "reset_parameters", None) or getattr(part, "_reset_parameters", None)
        if reset is not None:
            reset()
        elif next(part.parameters(recurse=False), None) is not None:
            raise LearnerError(
                f"{type(part).__name__} ({name or 'the module itself'}) has weights and no reset_parameters(), so it "
                "cannot be trained anew; pass a function (n_features, n_outputs) -> module in place of the module"
            )


def as_criterion(criterion: Any, *, by_row: bool) -> Any:
    """Make a loss of a class, an object or a function.

    Parameters
    ----------
    criterion : callable
    by_row : bool
        Whether it has to return the loss of each row, which sample weights need.

    Raises
    ------
    LearnerError
        If it takes probabilities, or cannot return the loss of each row.
    """
    import torch

    made = criterion() if isinstance(criterion, type) else copy.deepcopy(criterion)
    if isinstance(made, torch.nn.BCELoss):
        raise LearnerError(
            "criterion=BCELoss takes probabilities, and TorchModule makes these itself; "
            "let the module return logits and pass torch.nn.BCEWithLogitsLoss"
        )
    if by_row:
        if not hasattr(made, "reduction"):
            raise LearnerError(
                f"criterion={criterion!r} cannot weight rows, because it has no 'reduction'; "
                "leave out the sample weights, or pass a loss of torch.nn"
            )
        made.reduction = "none"
    return made


def outputs_of(module: Any, X: NDArray[np.float32], device: Any) -> NDArray[np.float64]:
    """Ask a module for its outputs.

    Parameters
    ----------
    module : torch.nn.Module
    X : ndarray of shape (n_rows, n_features), float32
    device : torch.device

    Returns
    -------
    ndarray of shape (n_rows, n_outputs), float64

    Raises
    ------
    ValueError
        If one is NaN or infinite.
    """
    import torch

    module.eval()
    parts = []
    with torch.no_grad():
        for start in range(0, len(X), _ROWS_AT_ONCE):
            rows = torch.as_tensor(X[start : start + _ROWS_AT_ONCE], device=device)
            parts.append(_by_row(module(rows), len(rows)).cpu().numpy().astype(np.float64))
    outputs = np.concatenate(parts)
    if not np.isfinite(outputs).all():
        missing = " (some of the rows' values are missing)" if np.isnan(X).any() else ""
        raise ValueError(f"{type(module).__name__} returned an output that is NaN or infinite{missing}")
    return outputs


def train(
    module: Any,
    plan: TrainingPlan,
    rows: tuple[Any, Any, Any],
    validation: tuple[Any, Any, Any] | None = None,
) -> int:
    """Train a module in place; with validation rows, it ends with the weights that were best on these.

    Parameters
    ----------
    module : torch.nn.Module
        On its device.
    plan : TrainingPlan
    rows, validation : tuple of tensors
        Rows, targets, and weights or None; on that device.

    Returns
    -------
    int
        Number of epochs.
    """
    import torch

    X, y, weight = rows
    optimizer = plan.optimizer(module.parameters())
    best, best_at, best_state = np.inf, 0, None
    for epoch in range(1, plan.max_epochs + 1):
        module.train()
        for batch in _batches(torch.randperm(len(X), device="cpu"), plan.batch_size):
            at = batch.to(X.device)
            optimizer.zero_grad()
            part = None if weight is None else weight[at]
            _loss(plan.criterion, _by_row(module(X[at]), len(at)), y[at], part).backward()
            optimizer.step()
        if validation is None or plan.patience is None:
            continue
        module.eval()
        with torch.no_grad():
            loss = float(
                _loss(plan.criterion, _by_row(module(validation[0]), len(validation[0])), validation[1], validation[2])
            )
        if loss < best:
            best, best_at, best_state = loss, epoch, copy.deepcopy(module.state_dict())
        elif epoch - best_at >= plan.patience:
            break
    if best_state is not None:
        module.load_state_dict(best_state)
    module.eval()
    return epoch


def _batches(order: Any, size: int) -> list[Any]:
    """Split an order of rows; no batch is of one row, on which batch normalisation fails."""
    batches = list(order.split(size))
    if len(batches) > 1 and len(batches[-1]) == 1:
        batches[-2:] = [order[-size - 1 :]]
    return batches


def _by_row(outputs: Any, n_rows: int) -> Any:
    """Outputs with one row for each; a module may return a tuple whose first they are."""
    first = outputs[0] if isinstance(outputs, tuple) else outputs
    return first.reshape(n_rows, -1)


def _loss(criterion: Any, outputs: Any, target: Any, weight: Any) -> Any:
    loss = criterion(outputs, target)
    if weight is None:
        return loss.mean()
    return (loss.reshape(len(weight), -1).mean(dim=1) * weight).sum() / weight.sum().clamp_min(1e-12)
