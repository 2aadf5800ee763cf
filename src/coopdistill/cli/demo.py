"""``coopdistill demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from coopdistill.cli.job import Job

__all__ = ["demo"]

LEARNERS: dict[str, tuple[str, dict[str, Any]]] = {
    "small": ("logistic-regression", {"max_iter": 5000}),
    "medium": ("random-forest", {"n_estimators": 100}),
    "large": ("mlp", {}),
}
"""What each clinic uses, with steps enough to converge."""


@click.command(
    epilog="""\b
Example:
  coopdistill demo --out demo-run
"""
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="coopdistill-demo",
    show_default=True,
    metavar="DIR",
    help="Folder for the results.",
)
@click.option("--force", is_flag=True, help="Replace an earlier run in that folder.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Same seed, same result.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else, on stdout.")
def demo(out: Path, force: bool, seed: int, as_json: bool) -> None:
    """Run the whole job on data that comes along.

    Three clinics see only small, only medium or only large tumours. Each uses an algorithm of its own, and one
    measures fewer columns.
    """
    from coopdistill.cli.job import do_job
    from coopdistill.cli.speech import Speech
    from coopdistill.cli.telling import tell_result
    from coopdistill.report.run_folder import RunFolder

    folder = RunFolder(out, force=force)
    with Speech() as speech:
        result = do_job(_job(out, seed), folder, speech)
    tell_result(result, out, as_json=as_json)


def _job(out: Path, seed: int) -> Job:
    from coopdistill.cli.job import Job
    from coopdistill.cooperation import CooperativeDistillation
    from coopdistill.datasets import make_clinics
    from coopdistill.learners import make_learner
    from coopdistill.participants import Participant
    from coopdistill.schema import infer_feature_space

    clinics = make_clinics(share_of_others=0.0, fewer_columns=True, random_state=seed)
    participants = [
        Participant(
            clinic, make_learner(name, infer_feature_space(clinics.train[clinic].X), parameters), *clinics.train[clinic]
        )
        for clinic, (name, parameters) in LEARNERS.items()
    ]
    return Job(
        name="Three clinics",
        participants=participants,
        cooperation=CooperativeDistillation(random_state=seed),
        X_test=clinics.test.X,
        y_test=clinics.test.y,
        show_rows="public",
        command=["coopdistill", "demo", "--seed", str(seed), "--out", str(out)],
    )
