"""One table, several algorithms: cooperation beside voting, stacking and the best member.

``make bench-ensembles`` writes docs/benchmarks/ensembles.md. ``--choose`` compares the options of cooperation instead,
on other splits than those: the defaults come from there.
"""

from __future__ import annotations

import argparse
import platform
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, cpu_count, delayed
from results_of_page import put_results
from scipy.stats import t as student_t
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.ensemble import (
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import RidgeCV
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from coopdistill import CooperativeClassifier, CooperativeRegressor, infer_feature_space
from coopdistill.datasets import LabelledTable, load_bundled, load_german_credit, load_heart_disease
from coopdistill.learners import make_learner

Members = list[tuple[str, Any]]

TABLES: dict[str, Callable[[], LabelledTable]] = {
    "breast cancer": lambda: load_bundled("breast_cancer"),
    "digits": lambda: load_bundled("digits"),
    "German credit": load_german_credit,
    "heart disease": lambda: load_heart_disease()["cleveland"],
    "wine": lambda: load_bundled("wine"),
    "diabetes": lambda: LabelledTable(*load_diabetes(return_X_y=True, as_frame=True)),
}
REGRESSION = ("diabetes",)
MOST_ROWS = 1000
TEST_SIZE = 0.4
SETS = {"large": ("linear", "forest", "neighbours"), "small": ("linear", "tree", "neighbours")}
COOPERATION = {
    "cooperation": {},
    "on folds": {"views": "folds"},
    "on shares": {"views": "shares"},
}
OPTIONS = {
    **{f"rows, {focus}": {"views": "rows", "focus": focus} for focus in ("wrong", "unsure", "all")},
    **{f"{views}, unsure": {"views": views, "focus": "unsure"} for views in ("folds", "shares")},
}
UNTAUGHT = "on shares, untaught"


def members_of(names: tuple[str, ...], X: pd.DataFrame, *, values: bool, seed: int) -> Members:
    """Unfitted members, the same for every method."""
    if values:
        made = {
            "linear": make_pipeline(StandardScaler(), RidgeCV()),
            "forest": RandomForestRegressor(50, random_state=seed),
            "tree": DecisionTreeRegressor(max_depth=5, random_state=seed),
            "neighbours": make_pipeline(StandardScaler(), KNeighborsRegressor()),
        }
    else:
        space = infer_feature_space(X)
        made = {
            "linear": make_learner("logistic-regression", space),
            "forest": make_learner("random-forest", space, {"n_estimators": 50, "random_state": seed}),
            "tree": make_learner("decision-tree", space, {"max_depth": 5, "random_state": seed}),
            "neighbours": make_learner("nearest-neighbours", space),
        }
    return [(name, made[name]) for name in names]


def best_member(members: Members, X: pd.DataFrame, y: pd.Series) -> Any:
    """The member that does best in five folds of the training rows, which is all that one can know."""
    means = [cross_val_score(member, X, y, cv=5).mean() for _, member in members]
    return clone(members[int(np.argmax(means))][1])


def untaught(cooperation: Any, members: Members, X: pd.DataFrame, y: pd.Series) -> Callable[[pd.DataFrame], Any]:
    """What the members of a cooperation predict together before they teach each other."""
    views = cooperation.views_
    models = [clone(member).fit(X.iloc[views[name]], y.iloc[views[name]]) for name, member in members]
    if isinstance(cooperation, CooperativeRegressor):
        return lambda rows: np.mean([model.predict(rows) for model in models], axis=0)
    # Shares are stratified, so that every member knows every class.
    return lambda rows: cooperation.classes_[sum(model.predict_proba(rows) for model in models).argmax(axis=1)]


def one_run(table: str, members: str, seed: int, options: dict[str, dict[str, Any]], peers: bool) -> pd.DataFrame:
    """All methods on one split, in per cent of accuracy or R²."""
    X, y = TABLES[table]()
    values = table in REGRESSION
    if len(X) > MOST_ROWS:
        X, _, y, _ = train_test_split(X, y, train_size=MOST_ROWS, stratify=y, random_state=seed)
    strata = None if values else y
    X, X_test, y, y_test = train_test_split(X, y, test_size=TEST_SIZE, stratify=strata, random_state=seed)
    own = members_of(SETS[members], X, values=values, seed=seed)
    voting, stacking, cooperative = (
        (VotingRegressor(own), StackingRegressor(own), CooperativeRegressor)
        if values
        else (VotingClassifier(own, voting="soft"), StackingClassifier(own), CooperativeClassifier)
    )
    metric = r2_score if values else accuracy_score
    rows: list[dict[str, Any]] = []

    def note(method: str, fit: Callable[[], Any]) -> Any:
        """Remember what a model is worth and how long it takes to fit."""
        started = time.perf_counter()
        model = fit()
        seconds = time.perf_counter() - started
        predicted = getattr(model, "predict", model)(X_test)
        rows.append({"method": method, "score": 100 * metric(y_test, predicted), "seconds": seconds})
        return model

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the members: steps at the limit, categories of the test rows alone
        note("voting", lambda: voting.fit(X, y))
        if peers:
            note("stacking", lambda: stacking.fit(X, y))
            note("best member", lambda: best_member(own, X, y).fit(X, y))
        fitted = {
            method: note(method, lambda chosen=chosen: cooperative(own, random_state=seed, **chosen).fit(X, y))
            for method, chosen in options.items()
        }
        if peers:
            note(UNTAUGHT, lambda: untaught(fitted["on shares"], own, X, y))
    return pd.DataFrame(rows).assign(table=table, members=members, seed=seed)


def difference(runs: pd.DataFrame, method: str, reference: str) -> str:
    """Mean paired difference, its standard deviation over splits, and whether it is more than chance.

    Splits share rows, so the variance of their mean is corrected as Nadeau and Bengio (2003) have it.
    """
    scores = runs.pivot_table(index=["table", "seed"], columns="method", values="score")
    gain = (scores[method] - scores[reference]).groupby("seed").mean()
    spread = gain.std()
    error = spread * np.sqrt(1 / len(gain) + TEST_SIZE / (1 - TEST_SIZE))
    text = f"{gain.mean():+.1f} ± {spread:.1f}"
    return f"**{text}**" if abs(gain.mean()) > student_t.ppf(0.975, len(gain) - 1) * error else text


def compared(runs: pd.DataFrame, reference: str, absolute: tuple[str, ...] = ()) -> str:
    """A Markdown table: a line for each data set and one for all, differences to a reference method."""
    methods = [method for method in runs["method"].unique() if method not in (reference, *absolute, UNTAUGHT)]
    header = ["data", reference, *methods]
    lines = [header, ["---", *["---:"] * (len(header) - 1)]]
    for table in [*runs["table"].unique(), None]:
        part = runs if table is None else runs[runs["table"] == table]
        mean = f"{part.loc[part['method'] == reference, 'score'].mean():.1f}"
        lines.append([table or "**all**", mean, *(difference(part, method, reference) for method in methods)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def taught(runs: pd.DataFrame) -> str:
    """A Markdown table: members on shares, before and after they taught each other."""
    part = runs[runs["method"].isin([UNTAUGHT, "on shares"])].copy()
    part["method"] = part["method"].replace({UNTAUGHT: "untaught", "on shares": "taught"})
    return compared(part, "untaught")


def footnote(runs: pd.DataFrame, seconds: float) -> str:
    """What was run, on what, and how the times compare."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("coopdistill", "scikit-learn", "numpy", "pandas"))
    times = runs.pivot_table(index=["table", "members", "seed"], columns="method", values="seconds")
    ratios = times.div(times["voting"], axis=0).median()
    shown = ", ".join(
        f"{name} {ratios[name]:.0f}" for name in runs["method"].unique() if name not in ("voting", UNTAUGHT)
    )
    return (
        f"Time to fit, as a multiple of voting's (median): {shown}.\n\n"
        f"Seeds {runs['seed'].min()} to {runs['seed'].max()}; {seconds:.0f} s on {cpu_count()} cores; "
        f"Python {platform.python_version()}, {packages}."
    )


def main() -> None:
    """Run all data sets, sets of members and seeds, print the tables and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--members", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--choose", action="store_true", help="options of cooperation, on seeds from 100")
    parser.add_argument("--out", type=Path, help="Markdown file to write the tables to")
    options = parser.parse_args()
    started = time.perf_counter()
    first = 100 if options.choose else 0
    variants = OPTIONS if options.choose else COOPERATION
    runs = pd.concat(
        Parallel(n_jobs=options.jobs)(
            delayed(one_run)(table, members, seed, variants, not options.choose)
            for table in TABLES
            for members in options.members
            for seed in range(first, first + options.seeds)
        )
    )
    parts = []
    for name in options.members:
        kinds = SETS[name]
        own = runs[runs["members"] == name]
        heading = f"### {', '.join(kinds[:-1]).capitalize()} and {kinds[-1]}"
        parts += [heading, compared(own, "voting")]
        if not options.choose:
            parts += ["Members that each have a third of the rows:", taught(own)]
    text = "\n\n".join([*parts, footnote(runs, time.perf_counter() - started)])
    print(text)
    if options.out:
        put_results(options.out, text)


if __name__ == "__main__":
    main()
