"""The experiments of the paper as data, and what runs them.

Nothing is searched for on a trial, neither for cooperation nor for what it is compared with. For the same seed all
methods get the same rows and start from the same models. Cooperation has its default options, or those of the paper;
baselines have their default options, which are those of their publications where these name one. Options that a setting
gives to a baseline say what its rows are, such as the shape of images, or bound the cost; none was chosen by a score.

One thing is uneven: two defaults of cooperation, how far a teacher must be above the base rate and that it teaches all
that it knows, were decided on five scenarios, among them these hospitals, with other models and the same test rows, and
German credit, divided otherwise. There the comparison leans towards cooperation.
"""

from coopdistill.experiments.cell import Cell, run_cell
from coopdistill.experiments.critical_difference import draw_critical_difference
from coopdistill.experiments.estimate import Estimate, estimate_of
from coopdistill.experiments.experiment import DEFAULTS, MEDIAN, PAPER, Experiment, Setting
from coopdistill.experiments.figures import draw_changes, draw_maps, draw_scores, draw_sweeps, draw_transfers
from coopdistill.experiments.method import Cooperation, Method, Outcome, PublicRows, Rival, Verdict
from coopdistill.experiments.picture import Picture
from coopdistill.experiments.registry import EXPERIMENTS
from coopdistill.experiments.runner import cells_of, finished_cells, pictures_of, results_of, run_cells
from coopdistill.experiments.standing import Standing, same_trials, standing_of, trial_scores
from coopdistill.experiments.summary import Summary, summarise, summary_as_data, summary_as_markdown
from coopdistill.experiments.sweep import SWEEPS, Point, Sweep, cells_of_sweep, summarise_sweep
from coopdistill.experiments.table import METHOD_TITLES, as_markdown, summarise_rows
from coopdistill.experiments.transfer_counts import count_transfers, counts_as_markdown
from coopdistill.experiments.trial import Trial

__all__ = [
    "DEFAULTS",
    "EXPERIMENTS",
    "MEDIAN",
    "METHOD_TITLES",
    "PAPER",
    "SWEEPS",
    "Cell",
    "Cooperation",
    "Estimate",
    "Experiment",
    "Method",
    "Outcome",
    "Picture",
    "Point",
    "PublicRows",
    "Rival",
    "Setting",
    "Standing",
    "Summary",
    "Sweep",
    "Trial",
    "Verdict",
    "as_markdown",
    "cells_of",
    "cells_of_sweep",
    "count_transfers",
    "counts_as_markdown",
    "draw_changes",
    "draw_critical_difference",
    "draw_maps",
    "draw_scores",
    "draw_sweeps",
    "draw_transfers",
    "estimate_of",
    "finished_cells",
    "pictures_of",
    "results_of",
    "run_cell",
    "run_cells",
    "same_trials",
    "standing_of",
    "summarise",
    "summarise_rows",
    "summarise_sweep",
    "summary_as_data",
    "summary_as_markdown",
    "trial_scores",
]
