"""Quintessential counterfactuals: generators, the choice among them, and the batch they make."""

from coopdistill.counterfactuals.aim import reference_of
from coopdistill.counterfactuals.batch import CounterfactualBatch, check_alpha, generate_counterfactuals
from coopdistill.counterfactuals.choice import check_generator, finds_several, generator_names
from coopdistill.counterfactuals.generation import Generated, generate
from coopdistill.counterfactuals.generator import Generator
from coopdistill.counterfactuals.gradient.generator import GradientGenerator
from coopdistill.counterfactuals.metering import MeteredTeacher
from coopdistill.counterfactuals.problem import Budget, Problem, Proposal, Reference
from coopdistill.counterfactuals.quality import measure_quality, quality_rows
from coopdistill.counterfactuals.search import SearchGenerator
from coopdistill.counterfactuals.segments import NearGenerator, SegmentGenerator
from coopdistill.counterfactuals.trees.generator import TreeGenerator

__all__ = [
    "Budget",
    "CounterfactualBatch",
    "Generated",
    "Generator",
    "GradientGenerator",
    "MeteredTeacher",
    "NearGenerator",
    "Problem",
    "Proposal",
    "Reference",
    "SearchGenerator",
    "SegmentGenerator",
    "TreeGenerator",
    "check_alpha",
    "check_generator",
    "finds_several",
    "generate",
    "generate_counterfactuals",
    "generator_names",
    "measure_quality",
    "quality_rows",
    "reference_of",
]
