"""A generator and a student that a network teaches without any rows."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Distillation", "clean_rows", "distil_without_rows", "js_divergence"]


@dataclass(frozen=True)
class Distillation:
    """How long, and with what weights.

    Parameters
    ----------
    rounds : int
        Steps of the generator.
    student_steps : int
        Of the student, for each of these.
    batch_size : int
    of_statistics : float
        Weight of the distance from the statistics in the teacher's batch normalisation.
    of_size : float
        Weight of the length of what is generated.
    """

    rounds: int
    student_steps: int = 5
    batch_size: int = 64
    of_statistics: float = 10.0
    of_size: float = 6e-3


def clean_rows(losses: NDArray[np.float64], *, seed: int) -> NDArray[np.bool_]:
    """Tell which generated rows the teacher is sure of, whatever the class.

    A mixture of two Gaussians is fitted to the teacher's losses on its own predictions; rows that belong to the lesser
    one with more than one half are clean.

    Parameters
    ----------
    losses : ndarray of shape (n_rows,), float64
    seed : int

    Returns
    -------
    ndarray of shape (n_rows,), bool
        All, where the losses do not differ.

    Examples
    --------
    >>> clean_rows(np.array([0.1, 0.12, 0.09, 2.0, 2.2]), seed=0)
    array([ True,  True,  True, False, False])
    """
    from sklearn.mixture import GaussianMixture

    reach = np.ptp(losses)
    if len(losses) < 4 or reach < 1e-9:
        return np.ones(len(losses), dtype=bool)
    scaled = ((losses - losses.min()) / reach)[:, None]
    mixture = GaussianMixture(2, max_iter=10, tol=1e-2, reg_covar=5e-4, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ten iterations need not converge
        belongs = mixture.fit(scaled).predict_proba(scaled)[:, mixture.means_.argmin()]
    return np.asarray(belongs > 0.5)


def js_divergence(one: Any, other: Any, temperature: float = 3.0) -> Any:
    """Return the Jensen–Shannon divergence of two softened answers, mean over rows; in [0, log 2].

    Parameters
    ----------
    one, other : Tensor of shape (n_rows, n_classes)
        Logits.
    temperature : float, default=3.0
    """
    import torch

    p, q = (torch.softmax(logits / temperature, dim=1).clamp_min(1e-8) for logits in (one, other))
    middle = (p + q) / 2
    parts = p * (p / middle).log() + q * (q / middle).log()
    return 0.5 * parts.sum(dim=1).mean()


def distil_without_rows(
    teacher: Any,
    student: Any,
    centre: NDArray[np.float32],
    scale: NDArray[np.float32],
    plan: Distillation,
    *,
    seed: int,
) -> None:
    """Train a student in place to say what a teacher says, on rows that a generator invents.

    Parameters
    ----------
    teacher, student : torch.nn.Module
        From rows to logits, one for each class; the teacher stays as it is. On one device.
    centre, scale : ndarray of shape (n_columns,), float32
        Where rows lie.
    plan : Distillation
    seed : int
        Of the mixtures; PyTorch's numbers are drawn as they come.
    """
    import torch

    device = next(teacher.parameters()).device
    generator = _Generator(len(centre), centre, scale).module.to(device)
    of_generator = torch.optim.Adam(generator.parameters(), lr=1e-3)
    of_student = torch.optim.Adam(student.parameters(), lr=1e-3)
    wanted = [parameter.requires_grad for parameter in teacher.parameters()]
    for parameter in teacher.parameters():
        parameter.requires_grad_(False)
    teacher.eval()
    student.train()
    drift = _Drift(teacher)
    try:
        for _ in range(plan.rounds):
            with torch.no_grad():
                generated = _clean(teacher, _draw(generator, plan.student_steps * plan.batch_size, device), seed)
            for rows in generated.chunk(plan.student_steps):
                if len(rows) < 2:  # on which batch normalisation fails
                    continue
                of_student.zero_grad()
                (student(rows) - teacher(rows)).abs().mean().backward()
                of_student.step()
            of_generator.zero_grad()
            made = _draw(generator, plan.batch_size, device)
            drift.terms.clear()
            teacher(made)
            apart = sum(drift.terms, torch.zeros((), device=device))
            rows = _clean(teacher, made, seed)
            size = ((made - generator.centre) / generator.scale).norm()
            adversarial = 1.0 - js_divergence(student(rows), teacher(rows))
            (adversarial + plan.of_statistics * apart + plan.of_size * size).backward()
            of_generator.step()
    finally:
        drift.close()
        for parameter, was in zip(teacher.parameters(), wanted, strict=True):
            parameter.requires_grad_(was)
    student.eval()


def _draw(generator: Any, n_rows: int, device: Any) -> Any:
    import torch

    return generator(torch.randn(n_rows, generator.n_noise, device=device))


def _clean(teacher: Any, rows: Any, seed: int) -> Any:
    """The rows that the teacher is sure of; two at least, for batch normalisation."""
    import torch
    from torch.nn import functional

    with torch.no_grad():
        logits = teacher(rows)
        losses = functional.cross_entropy(logits, logits.argmax(dim=1), reduction="none")
    clean = clean_rows(losses.cpu().numpy().astype(np.float64), seed=seed)
    return rows[torch.as_tensor(clean, device=rows.device)] if clean.sum() > 1 else rows


class _Generator:
    """Makes the module from noise to rows."""

    def __init__(self, n_columns: int, centre: NDArray[np.float32], scale: NDArray[np.float32]) -> None:
        import torch
        from torch import nn

        class Generator(nn.Module):
            n_noise = 32

            def __init__(self) -> None:
                super().__init__()
                self.body = nn.Sequential(
                    nn.Linear(self.n_noise, 128),
                    nn.BatchNorm1d(128),
                    nn.LeakyReLU(0.2),
                    nn.Linear(128, n_columns),
                    nn.BatchNorm1d(n_columns, affine=False),
                )
                self.centre: Any
                self.scale: Any
                self.register_buffer("centre", torch.as_tensor(centre))
                self.register_buffer("scale", torch.as_tensor(scale))

            def forward(self, noise: Any) -> Any:
                return self.body(noise) * self.scale + self.centre

        self.module: Any = Generator()


class _Drift:
    """How far the batch that a teacher sees is from those that it was trained on, one term for each normalisation."""

    def __init__(self, teacher: Any) -> None:
        from torch import nn

        kinds = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
        layers = [part for part in teacher.modules() if isinstance(part, kinds) and part.running_mean is not None]
        self._hooks = [layer.register_forward_pre_hook(self._note) for layer in layers]
        self.terms: list[Any] = []

    def _note(self, layer: Any, inputs: Any) -> None:
        seen = inputs[0].transpose(0, 1).flatten(1)
        spread = (seen.var(dim=1, unbiased=False) - layer.running_var).norm()
        self.terms.append(spread + (seen.mean(dim=1) - layer.running_mean).norm())

    def close(self) -> None:
        for hook in self._hooks:
            hook.remove()
