"""Quintessential counterfactuals: generators, the choice among them, and the batch they make."""

from coopdistill.counterfactuals.choice import check_generator, generator_names
from coopdistill.counterfactuals.generation import (
    CounterfactualBatch,
    Generated,
    check_alpha,
    generate,
    generate_counterfactuals,
    reference_of,
)
from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.problem import Problem, Proposal, Reference
from coopdistill.counterfactuals.search import SearchGenerator
from coopdistill.counterfactuals.segments import SegmentGenerator

__all__ = [
    "CounterfactualBatch",
    "Generated",
    "Generator",
    "Problem",
    "Proposal",
    "Reference",
    "SearchGenerator",
    "SegmentGenerator",
    "check_alpha",
    "check_generator",
    "generate",
    "generate_counterfactuals",
    "generator_names",
    "reference_of",
]
