"""The six experiments of the paper."""

from __future__ import annotations

from coopdistill.experiments.experiment import Experiment
from coopdistill.experiments.fashion_mnist import FASHION_MNIST
from coopdistill.experiments.german_credit import GERMAN_CREDIT
from coopdistill.experiments.heart_disease import HEART_DISEASE
from coopdistill.experiments.used_cars import OVERLAP, TREE_AND_NETWORK, TWO_NETWORKS

__all__ = ["EXPERIMENTS"]

EXPERIMENTS: dict[int, Experiment] = {
    experiment.number: experiment
    for experiment in (TWO_NETWORKS, TREE_AND_NETWORK, HEART_DISEASE, GERMAN_CREDIT, FASHION_MNIST, OVERLAP)
}
"""By their number in the paper."""
