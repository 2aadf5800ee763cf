import gzip

import numpy as np
import pytest

from coopdistill.datasets import load_fashion_mnist
from coopdistill.datasets.fashion_mnist import CLASSES, PIXELS, _read_idx
from coopdistill.datasets.source import DATA_VARIABLE
from coopdistill.exceptions import DatasetError


def idx(values, *, n_dimensions=None, shape=None):
    """The bytes of a file in the format IDX, or of one that claims to be another."""
    shape = values.shape if shape is None else shape
    head = bytes([0, 0, 8, len(shape) if n_dimensions is None else n_dimensions])
    return head + np.array(shape, dtype=">u4").tobytes() + values.astype(np.uint8).tobytes()


PICTURES = np.arange(24).reshape(2, 3, 4)


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "pictures.gz"
        path.write_bytes(content)
        return path

    return write


def test_what_was_written_is_read(written):
    assert np.array_equal(_read_idx(written(gzip.compress(idx(PICTURES))), (2, 3, 4)), PICTURES)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(gzip.compress(idx(PICTURES))[:30], "cannot be unpacked", id="cut off when compressed"),
        pytest.param(gzip.compress(idx(PICTURES))[:-9] + b"\0" * 9, "cannot be unpacked", id="changed"),
        pytest.param(idx(PICTURES), "cannot be unpacked", id="not compressed"),
        pytest.param(gzip.compress(idx(PICTURES)[:-1]), "23 values instead of 24", id="cut off before"),
        pytest.param(gzip.compress(idx(PICTURES) + b"\0"), "25 values instead of 24", id="too long"),
        pytest.param(gzip.compress(idx(PICTURES, n_dimensions=1)), "begins with '00000801", id="another magic number"),
        pytest.param(gzip.compress(idx(PICTURES, shape=(3, 2, 4))), "does not hold bytes of shape", id="other counts"),
        pytest.param(gzip.compress(b""), "begins with '' instead", id="empty"),
    ],
)
def test_a_damaged_file(written, content, message):
    with pytest.raises(DatasetError, match=message):
        _read_idx(written(content), (2, 3, 4))


def test_all_pictures_are_there(data_folder):
    parts = load_fashion_mnist()
    assert {name: table.X.shape for name, table in parts.items()} == {"train": (60_000, 784), "test": (10_000, 784)}
    counts = sum(table.y.value_counts() for table in parts.values())
    assert set(counts.index) == set(CLASSES)
    assert set(counts) == {7_000}
    for X, _ in parts.values():
        assert X.columns.tolist() == list(PIXELS)
        values = X.to_numpy()
        assert values.dtype == np.float32
        assert values.min() == 0.0
        assert values.max() == 1.0


def test_a_picture_is_upright_and_bears_its_label(data_folder):
    X, y = load_fashion_mnist()["train"]
    # The first picture of the published data is a boot: its sole, below, is brighter than the air above it.
    assert y.iloc[0] == "Ankle boot"
    picture = X.iloc[0].to_numpy().reshape(28, 28)
    assert picture[20:24].mean() > 0.5 > picture[:4].mean()
    trousers = X[(y == "Trouser").to_numpy()].to_numpy().mean(axis=0).reshape(28, 28)
    assert trousers[:, 10:18].mean() > 2 * trousers[:, :8].mean()


def test_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    with pytest.raises(DatasetError, match=r"has no file 'fashion-mnist/train-images-idx3-ubyte.gz'"):
        load_fashion_mnist()
