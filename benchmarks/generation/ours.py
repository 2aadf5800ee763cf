"""Our generators, all rows at once."""

from __future__ import annotations

import time

import numpy as np
from answer import Answer, RefusalError
from cases import ALPHA, Case

from coopdistill.counterfactuals import generate, reference_of
from coopdistill.exceptions import OptionError

__all__ = ["run_ours"]

_WARM_UP = 4


def run_ours(case: Case, generator: str, n_jobs: int | None = None) -> Answer:
    """Time one of our generators from the table to the table; it also gets the teacher's other rows to look at."""
    try:
        _generate(case, generator, _WARM_UP, n_jobs)
    except OptionError as error:
        raise RefusalError(str(error)) from None
    case.meter.reset()
    began = time.perf_counter()
    n = len(case.start)
    made, chosen = _generate(case, generator, n, n_jobs)
    seconds = time.perf_counter() - began
    note = f"chose {chosen!r}" if generator == "auto" else ""
    return Answer(made, n, seconds, case.meter.rows / n, case.meter.seconds, note)


def _generate(case: Case, generator: str, n: int, n_jobs: int | None) -> tuple[object, str]:
    codec = case.model.codec
    own, rows = codec.encode(case.rows.X), codec.encode(case.table(n))
    result = generate(
        case.model,
        rows,
        case.y[:n],
        alpha=ALPHA,
        generator=generator,
        reference=reference_of(case.model, own, case.rows.y),
        seed=0,
        n_jobs=n_jobs,
    )
    failed = result.status == "failed"
    return codec.decode(np.where(failed[:, None], rows, result.X)), result.generator
