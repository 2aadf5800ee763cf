"""Generated rows are like own rows, and labelled."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_digits
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from coopdistill import Participant
from coopdistill.baselines import GAN, InapplicableError
from coopdistill.baselines.networks.dcgan import labelled_images
from coopdistill.exceptions import OptionError

RNG = np.random.default_rng(0)


def mixed_table(n_rows: int) -> tuple[pd.DataFrame, Any]:
    ill = RNG.random(n_rows) < 0.5
    frame = pd.DataFrame(
        {
            "dose": np.where(ill, 8.0, 1.0) + RNG.normal(size=n_rows),
            "age": RNG.integers(20, 90, n_rows),
            "sex": RNG.choice(["f", "m"], n_rows),
        }
    )
    frame.loc[3, "dose"] = np.nan
    return frame, np.where(ill, "ill", "well").astype(object)


class Remembering(GaussianNB):
    """Keeps what it was fitted on."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        self.rows_, self.labels_ = pd.DataFrame(X), np.asarray(y)
        return super().fit(np.nan_to_num(X), y, sample_weight)

    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(np.nan_to_num(X))

    def predict(self, X: Any) -> Any:
        return super().predict(np.nan_to_num(X))


def last(model: Any) -> Any:
    return model.learner.estimator[-1]


def test_made_rows_keep_ranges_categories_and_labels() -> None:
    pytest.importorskip("ctgan")
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    front = make_column_transformer((encoder, ["sex"]), remainder="passthrough")
    company = []
    for name in ("one", "two"):
        X, y = mixed_table(120)
        company.append(Participant(name, make_pipeline(front, Remembering()), X, y))
    taught: Any = GAN(times=2, epochs=20).fit(company)
    fitted = last(taught.models_["one"])
    assert len(fitted.labels_) == 360
    assert set(fitted.labels_[120:]) == {"ill", "well"}
    own, made = fitted.rows_.to_numpy()[:120], fitted.rows_.to_numpy()[120:]
    assert set(made[:, 0]) == {0.0, 1.0}  # no sex but those that there are
    assert (made[:, 2] == np.rint(made[:, 2])).all()
    assert ((made >= np.nanmin(own, axis=0)) & (made <= np.nanmax(own, axis=0))).all()
    again: Any = GAN(times=2, epochs=20).fit(company[::-1])
    pd.testing.assert_frame_equal(last(again.models_["one"]).rows_, fitted.rows_)


def test_values_of_a_regressor_are_one_more_column() -> None:
    pytest.importorskip("ctgan")
    X = RNG.normal(size=(80, 2))
    company = [Participant(name, LinearRegression(), X, X @ [3.0, -1.0]) for name in ("one", "two")]
    assert np.isfinite(GAN(epochs=5).fit(company).predict_for("one", X)).all()


def test_images_are_made_class_by_class() -> None:
    torch = pytest.importorskip("torch")
    X, y = load_digits(return_X_y=True)
    X, y = X[y < 2][:128], y[y < 2][:128]
    before = torch.random.get_rng_state()
    made, labels = labelled_images(X, y, (8, 8), 128, epochs=90, seed=0)
    assert (torch.random.get_rng_state() == before).all()
    assert (np.bincount(labels) == np.bincount(y)).all()
    # What is made of a class looks like that class.
    means = np.array([X[y == k].mean(axis=0) for k in (0, 1)])
    nearest = np.linalg.norm(made[:, None] - means[None], axis=2).argmin(axis=1)
    assert (nearest == labels).mean() > 0.9


def test_images_join_the_own_rows_within_their_range() -> None:
    pytest.importorskip("torch")
    X, y = RNG.uniform(size=(60, 25)), np.arange(60) % 2
    X[:, 3] = 0.0
    halves = {"one": slice(30), "two": slice(30, None)}
    company = [Participant(name, Remembering(), X[half], y[half]) for name, half in halves.items()]
    taught: Any = GAN(image_shape=(5, 5), epochs=1, times=2).fit(company)
    rows = taught.models_["one"].learner.estimator.rows_.to_numpy()
    own, made = rows[:30], rows[30:]
    assert (own == X[:30]).all()
    assert made.shape == (60, 25)
    assert ((made >= own.min(axis=0)) & (made <= own.max(axis=0))).all()


def test_what_is_no_image_and_who_has_too_little_have_reasons() -> None:
    pytest.importorskip("torch")
    X, y = RNG.normal(size=(40, 5)), np.arange(40) % 2
    company = [Participant(name, GaussianNB(), X, y) for name in ("one", "two")]
    with pytest.raises(InapplicableError, match=r"5 columns are no images of shape \(4, 4\)"):
        GAN(image_shape=(4, 4)).fit(company)
    few = [Participant(name, GaussianNB(), X[:10], y[:10]) for name in ("one", "two")]
    with pytest.raises(InapplicableError, match="has 10 rows, too few"):
        GAN().fit(few)
    with pytest.raises(OptionError, match=r"image_shape=\(3,\) must be two whole numbers"):
        GAN(image_shape=(3,)).fit(company)  # type: ignore[arg-type]


@pytest.mark.skipif(find_spec("ctgan") is not None, reason="it is installed")
def test_without_the_library_the_reason_says_how_to_install_it() -> None:
    X, y = RNG.normal(size=(40, 5)), np.arange(40) % 2
    company = [Participant(name, GaussianNB(), X, y) for name in ("one", "two")]
    with pytest.raises(InapplicableError, match=r"pip install 'coopdistill\[gan\]'"):
        GAN().fit(company)
