"""The published procedure for differentiable teachers, from its description: Adam on one row at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from answer import Answer, RefusalError, one_by_one
from cases import Case
from one_hot import OneHotView

__all__ = ["LAMBDA", "published_adam"]

STEPS = 500
RATE = 1e-5
LAMBDA = 1e-3
"""Weight of the L1 term; the paper names none."""


def published_adam(case: Case, view: OneHotView, n: int, limit: float) -> Answer:
    """(f(x') − y')² + λ‖x − x'‖₁, 500 steps at a rate of 1e-5, in the estimator's own scale."""
    import torch

    probabilities = _as_torch(view.inner)
    starts = torch.from_numpy(view.scaled(view.encode(case.table(n))))

    def find(i: int) -> Any:
        x, target, label = starts[i], float(case.target[i]), int(case.y[i])
        moved = x.clone().requires_grad_(True)
        optimizer = torch.optim.Adam([moved], lr=RATE)
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = (probabilities(moved[None, :])[0, label] - target) ** 2 + LAMBDA * (moved - x).abs().sum()
            loss.backward()
            optimizer.step()
        return view.unscaled(moved.detach().numpy()[None, :])[0]

    return one_by_one(n, limit, find, lambda: float(STEPS))


def _as_torch(estimator: Any) -> Callable[[Any], Any]:
    """A teacher as a function of tensors that gives the probabilities of all classes."""
    import torch

    name = type(estimator).__name__
    if name == "NeuralNetClassifier":
        module = estimator.module_.eval()
        return lambda x: torch.softmax(module(x.float()), dim=1)
    if name == "LogisticRegression":
        layers = [(estimator.coef_.T, estimator.intercept_)]
    elif name == "MLPClassifier" and estimator.activation == "relu":
        layers = list(zip(estimator.coefs_, estimator.intercepts_, strict=True))
    else:
        raise RefusalError("the teacher is not differentiable")
    tensors = [
        (torch.from_numpy(np.array(W, dtype=float)), torch.from_numpy(np.array(b, dtype=float))) for W, b in layers
    ]

    def probabilities(x: Any) -> Any:
        for k, (weights, bias) in enumerate(tensors):
            x = x @ weights + bias
            x = torch.relu(x) if k < len(tensors) - 1 else x
        if x.shape[1] == 1:
            sure = torch.sigmoid(x)
            return torch.cat([1 - sure, sure], dim=1)
        return torch.softmax(x, dim=1)

    return probabilities
