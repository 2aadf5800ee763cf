import numpy as np
import pytest

from coopdistill.datasets import load_bundled
from coopdistill.datasets.bundled import BUNDLED_NAMES
from coopdistill.exceptions import DatasetError


@pytest.mark.parametrize(
    ("name", "shape", "n_classes", "label"),
    [
        ("breast_cancer", (569, 30), 2, "diagnosis"),
        ("digits", (1797, 64), 10, "digit"),
        ("iris", (150, 4), 3, "species"),
        ("wine", (178, 13), 3, "cultivar"),
    ],
)
def test_shapes_and_labels(name, shape, n_classes, label):
    X, y = load_bundled(name)
    assert X.shape == shape
    assert (X.dtypes == np.float64).all()
    assert y.nunique() == n_classes
    assert y.name == label
    assert name in BUNDLED_NAMES


def test_labels_are_readable():
    assert load_bundled("breast_cancer").y.value_counts().to_dict() == {"benign": 357, "malignant": 212}
    assert sorted(load_bundled("digits").y.unique()) == list(range(10))


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(DatasetError, match=r"name='irsi'; did you mean 'iris'\?"):
        load_bundled("irsi")
