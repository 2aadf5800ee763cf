"""The experiments of the paper as data, and what runs them."""

from coopdistill.experiments.cell import Cell, run_cell
from coopdistill.experiments.experiment import DEFAULTS, MEDIAN, PAPER, Experiment, Setting
from coopdistill.experiments.figures import draw_scores, draw_transfers
from coopdistill.experiments.interval import Interval, interval_of
from coopdistill.experiments.method import Cooperation, Method, Outcome, PublicRows, Rival, Verdict
from coopdistill.experiments.registry import EXPERIMENTS
from coopdistill.experiments.runner import cells_of, results_of, run_cells
from coopdistill.experiments.table import as_markdown, summarise_rows
from coopdistill.experiments.trial import Trial

__all__ = [
    "DEFAULTS",
    "EXPERIMENTS",
    "MEDIAN",
    "PAPER",
    "Cell",
    "Cooperation",
    "Experiment",
    "Interval",
    "Method",
    "Outcome",
    "PublicRows",
    "Rival",
    "Setting",
    "Trial",
    "Verdict",
    "as_markdown",
    "cells_of",
    "draw_scores",
    "draw_transfers",
    "interval_of",
    "results_of",
    "run_cell",
    "run_cells",
    "summarise_rows",
]
