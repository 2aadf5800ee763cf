"""DiCE: as a regressor of the score, so that a range can be asked for."""

from __future__ import annotations

import contextlib
import io
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from answer import Answer, RefusalError, one_by_one
from cases import Case
from one_hot import OneHotView

__all__ = ["dice_genetic", "dice_kdtree", "dice_random"]

_OUTCOME = "score_of_the_class"


class _Score:
    """The teacher's score of one class, as a regressor."""

    def __init__(self, case: Case, label: int) -> None:
        self.case, self.label, self.rows = case, label, 0

    def predict(self, frame: Any) -> Any:
        table = frame[list(self.case.rows.X.columns)].astype(dict(self.case.rows.X.dtypes))
        self.rows += len(table)
        return self.case.model.learner.scores(table)[:, self.label]


def _dice(method: str, case: Case, _: OneHotView, n: int, limit: float) -> Answer:
    import dice_ml
    from raiutils.exceptions import UserConfigValidationException

    if case.rows.is_image:
        raise RefusalError("it takes tables with named columns; 784 of them are beyond the time allowed")
    X = case.rows.X
    numbers = [name for name, numeric in zip(case.rows.space.names, case.rows.space.numeric, strict=True) if numeric]
    scorers, explainers = {}, {}
    for label in np.unique(case.y):
        scorers[label] = _Score(case, int(label))
        data = dice_ml.Data(
            dataframe=X.assign(**{_OUTCOME: scorers[label].predict(X)}),
            continuous_features=numbers,
            outcome_name=_OUTCOME,
        )
        model = dice_ml.Model(model=scorers[label], backend="sklearn", model_type="regressor")
        explainers[label] = dice_ml.Dice(data, model, method=method)
    for scorer in scorers.values():
        scorer.rows = 0
    start = case.table(n)
    finished: list[int] = []

    def find(i: int) -> Any:
        label = case.y[i]
        options = {"random_seed": i} if method == "random" else {}
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                explained = explainers[label].generate_counterfactuals(
                    start.iloc[i : i + 1], total_CFs=1, desired_range=[float(case.target[i]), 1.0], **options
                )
        except UserConfigValidationException as error:
            if "No counterfactuals found" in str(error):
                return None
            raise
        finally:
            finished.append(sum(scorer.rows for scorer in scorers.values()))
        found = explained.cf_examples_list[0].final_cfs_df
        if found is None or len(found) == 0:
            return None
        return pd.DataFrame(found[list(X.columns)].head(1)).astype(dict(X.dtypes)).iloc[0]

    return one_by_one(n, limit, find, lambda: finished[-1] / len(finished))


dice_random = partial(_dice, "random")
dice_genetic = partial(_dice, "genetic")
dice_kdtree = partial(_dice, "kdtree")
