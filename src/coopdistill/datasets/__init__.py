"""Data to try cooperation on: loaders of public data, and participants made from one table."""

from coopdistill.datasets.bundled import load_bundled
from coopdistill.datasets.clinics import Clinics, make_clinics
from coopdistill.datasets.cohorts import (
    make_covariate_shift,
    make_label_shift,
    make_missing_classes,
    make_random_subsets,
)
from coopdistill.datasets.fashion_mnist import load_fashion_mnist
from coopdistill.datasets.german_credit import load_german_credit
from coopdistill.datasets.heart_disease import load_heart_disease
from coopdistill.datasets.table import Cohorts, LabelledTable
from coopdistill.datasets.used_cars import declare_used_cars, load_used_cars

__all__ = [
    "Clinics",
    "Cohorts",
    "LabelledTable",
    "declare_used_cars",
    "load_bundled",
    "load_fashion_mnist",
    "load_german_credit",
    "load_heart_disease",
    "load_used_cars",
    "make_clinics",
    "make_covariate_shift",
    "make_label_shift",
    "make_missing_classes",
    "make_random_subsets",
]
