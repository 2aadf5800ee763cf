"""Relation-based distillation: distances and angles between rows as the teacher has them."""

from __future__ import annotations

from typing import Any

from coopdistill.baselines.networks.torch_student import best_torch_teacher, trained_beside
from coopdistill.baselines.per_student import PerStudent
from coopdistill.learners import Model
from coopdistill.options import check_number
from coopdistill.participants import Prepared

__all__ = ["Relations", "angle_loss", "distance_loss"]


class Relations(PerStudent):
    """Trains a network so that its last hidden layer places rows as the teacher's does; for `TorchModule` alone.

    Relational knowledge distillation [1]_: beside the student's own loss, the distances between all pairs of a batch,
    in units of their mean, and the angles in all triples are to be the teacher's, by Huber's loss. The widths of the
    layers need not agree. The teacher is the network that predicts the student's rows best.

    Parameters
    ----------
    random_state : int, default=0
        Same value, same result.
    distances, angles : float, default=25.0, 50.0
        Weights beside the student's own loss; the paper's in classification.

    References
    ----------
    .. [1] W. Park, D. Kim, Y. Lu, M. Cho: Relational Knowledge Distillation. CVPR, 2019. Section 3.2.

    Examples
    --------
    >>> Relations(angles=0.0).distances
    25.0
    """

    name = "relations"

    def __init__(self, random_state: int = 0, *, distances: float = 25.0, angles: float = 50.0) -> None:
        super().__init__(random_state)
        self.distances = distances
        self.angles = angles

    def _check(self) -> None:
        check_number("distances", self.distances, least=0.0)
        check_number("angles", self.angles, least=0.0)

    def _teach(self, name: str, prepared: dict[str, Prepared], seed: int) -> Model:
        def loss(_: Any, usual: Any, beside: Any) -> Any:
            apart = self.distances * distance_loss(beside.hidden, beside.of_teacher)
            return usual + apart + self.angles * angle_loss(beside.hidden, beside.of_teacher)

        return trained_beside(prepared[name], best_torch_teacher(name, prepared), loss, seed=seed)


def distance_loss(hidden: Any, of_teacher: Any) -> Any:
    """Return Huber's loss of all pairs' distances, each in units of the mean one.

    Parameters
    ----------
    hidden, of_teacher : Tensor of shape (n_rows, n_units)
        Two representations of the same rows.
    """
    from torch.nn import functional

    mine, theirs = functional.pdist(hidden), functional.pdist(of_teacher)
    return functional.smooth_l1_loss(mine / mine.mean().clamp_min(1e-8), theirs / theirs.mean().clamp_min(1e-8))


def angle_loss(hidden: Any, of_teacher: Any) -> Any:
    """Return Huber's loss of the cosines of the angles in all triples of rows.

    Parameters
    ----------
    hidden, of_teacher : Tensor of shape (n_rows, n_units)
        Two representations of the same rows.
    """
    from torch.nn import functional

    return functional.smooth_l1_loss(_cosines(hidden), _cosines(of_teacher))


def _cosines(points: Any) -> Any:
    """Of the angle at each point between each two others, shape (n_rows, n_rows, n_rows)."""
    from torch.nn import functional

    towards = functional.normalize(points[None, :, :] - points[:, None, :], dim=2)
    return towards @ towards.transpose(1, 2)
