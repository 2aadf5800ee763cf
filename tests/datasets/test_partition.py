import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coopdistill.datasets.partition import (
    as_generator,
    hold_out,
    is_trainable,
    partition_by_covariate_shift,
    partition_by_label_shift,
    partition_by_missing_classes,
    partition_randomly,
)
from coopdistill.exceptions import OptionError

seeds = st.integers(0, 2**32 - 1)
participants = st.integers(2, 5)
# How long a draw takes on a busy machine says nothing about it.
unhurried = settings(deadline=None)


@st.composite
def label_arrays(draw, min_classes=2, max_classes=6, min_rows=2):
    counts = draw(st.lists(st.integers(min_rows, 40), min_size=min_classes, max_size=max_classes))
    labels = np.repeat([f"class {i}" for i in range(len(counts))], counts)
    return np.random.default_rng(draw(seeds)).permutation(labels)


def assert_divides(parts, labels, n_participants):
    """Disjoint, complete, sorted, and each part with two classes of two rows."""
    assert len(parts) == n_participants
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(len(labels)))
    for rows in parts:
        assert rows.dtype == np.int64
        assert (np.diff(rows) > 0).all()
        counts = pd.Series(labels[rows]).value_counts()
        assert (counts >= 2).sum() >= 2


def drawn(partition, *args, **options):
    """The division, where there is one: rows may be too few for so many participants."""
    try:
        return partition(*args, **options)
    except OptionError as error:
        if "could not be divided" not in str(error):
            raise
        assume(False)


@unhurried
@given(label_arrays(), participants, seeds)
def test_random_subsets_divide_evenly(labels, n_participants, seed):
    parts = drawn(partition_randomly, labels, n_participants, random_state=seed)
    assert_divides(parts, labels, n_participants)
    sizes = [len(rows) for rows in parts]
    assert max(sizes) - min(sizes) <= 1


@unhurried
@given(label_arrays(min_classes=3, min_rows=10), participants, st.integers(1, 4), seeds)
def test_semi_experts_lack_exactly_so_many_classes(labels, n_participants, n_missing, seed):
    n_classes = len(np.unique(labels))
    assume(n_missing <= n_classes - 2)
    assume((n_classes - n_missing) * n_participants >= n_classes)
    parts = partition_by_missing_classes(labels, n_participants, n_missing=n_missing, random_state=seed)
    assert_divides(parts, labels, n_participants)
    for rows in parts:
        assert len(np.unique(labels[rows])) == n_classes - n_missing
    for name in np.unique(labels):
        held = [n for rows in parts if (n := int((labels[rows] == name).sum()))]
        assert max(held) - min(held) <= 1


@unhurried
@given(label_arrays(), participants, st.floats(0.05, 1000), seeds)
def test_label_shift_divides(labels, n_participants, concentration, seed):
    parts = drawn(partition_by_label_shift, labels, n_participants, concentration=concentration, random_state=seed)
    assert_divides(parts, labels, n_participants)


@unhurried
@given(label_arrays(), participants, st.floats(0, 1), seeds)
def test_covariate_shift_divides_evenly(labels, n_participants, overlap, seed):
    X = pd.DataFrame(np.random.default_rng(seed).normal(size=(len(labels), 3)), columns=list("abc"))
    parts = drawn(partition_by_covariate_shift, X, labels, n_participants, overlap=overlap, random_state=seed)
    assert_divides(parts, labels, n_participants)
    sizes = [len(rows) for rows in parts]
    assert max(sizes) - min(sizes) <= 1


@unhurried
@given(label_arrays(), st.floats(0.01, 0.99), seeds)
def test_hold_out_keeps_every_class_on_both_sides(labels, test_size, seed):
    train, test = hold_out(labels, test_size, random_state=seed)
    assert np.array_equal(np.sort(np.concatenate([train, test])), np.arange(len(labels)))
    for name in np.unique(labels):
        n, n_test = int((labels == name).sum()), int((labels[test] == name).sum())
        assert 1 <= n_test <= n - 1
        assert abs(n_test - test_size * n) <= 1


@unhurried
@given(seeds)
def test_a_seed_gives_the_same_rows_again(seed):
    labels = np.repeat(["a", "b", "c"], 20)
    X = pd.DataFrame({"x": np.arange(60.0), "y": np.arange(60.0) % 7})
    for divide in (
        lambda: partition_randomly(labels, 3, random_state=seed),
        lambda: partition_by_missing_classes(labels, 3, random_state=seed),
        lambda: partition_by_label_shift(labels, 3, concentration=1.0, random_state=seed),
        lambda: partition_by_covariate_shift(X, labels, 2, overlap=0.5, random_state=seed),
        lambda: hold_out(labels, 0.3, random_state=seed),
    ):
        assert all(np.array_equal(a, b) for a, b in zip(divide(), divide(), strict=True))


def test_another_seed_gives_other_rows():
    labels = np.repeat(["a", "b"], 50)
    first, second = (partition_randomly(labels, 2, random_state=seed)[0] for seed in (0, 1))
    assert not np.array_equal(first, second)


def test_the_global_generator_is_neither_read_nor_moved():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - the very thing under test
    partition_by_label_shift(np.repeat(["a", "b"], 50), 2, random_state=None)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_smaller_concentration_means_more_unequal_shares():
    labels = np.repeat(["a", "b"], 500)

    def inequality(concentration):
        return np.mean(
            [
                np.std([np.mean(labels[rows] == "a") for rows in parts])
                for seed in range(20)
                for parts in [partition_by_label_shift(labels, 3, concentration=concentration, random_state=seed)]
            ]
        )

    assert inequality(0.3) > 2 * inequality(10) > 2 * inequality(1000)


def test_without_overlap_regions_are_disjoint_and_with_it_they_mix():
    X = pd.DataFrame({"x": np.arange(60.0), "same": 1.0})
    labels = np.tile(["a", "b"], 30)
    left, right = partition_by_covariate_shift(X, labels, 2, overlap=0, random_state=0)
    assert left.tolist() == list(range(30))
    assert right.tolist() == list(range(30, 60))
    mixed, _ = partition_by_covariate_shift(X, labels, 2, overlap=1, random_state=0)
    assert 5 < np.sum(mixed < 30) < 25


def test_a_generator_is_used_as_it_is():
    rng = np.random.default_rng(3)
    assert as_generator(rng) is rng


@pytest.mark.parametrize(
    ("labels", "expected"), [("aabb", True), ("aaab", False), ("aaaa", False), ("", False), ("abcc", False)]
)
def test_what_can_be_trained_on(labels, expected):
    assert is_trainable(np.array(list(labels))) is expected


LABELS = np.repeat(["a", "b", "c"], 10)
FRAME = pd.DataFrame({"x": np.arange(30.0)})


@pytest.mark.parametrize(
    ("divide", "message"),
    [
        (lambda: partition_randomly(LABELS, 1), "n_participants=1 is out of range; allowed: an integer of 2"),
        (lambda: partition_randomly(LABELS, 2.0), "n_participants=2.0"),
        (lambda: partition_randomly(LABELS, 20), "30 rows of 3 classes could not be divided"),
        (lambda: partition_randomly(LABELS, 2, random_state="seed"), "random_state='seed' is no seed"),
        (lambda: partition_randomly(LABELS, 2, random_state=-1), "random_state=-1 is no seed"),
        (lambda: partition_by_missing_classes(LABELS[:20], 2), "2 classes, and a participant that lacks one"),
        (lambda: partition_by_missing_classes(LABELS, 2, n_missing=2), "n_missing=2.*an integer from 1 to 1"),
        (lambda: partition_by_missing_classes(LABELS, 2, n_missing=0), "n_missing=0"),
        (
            lambda: partition_by_missing_classes(np.repeat(list("abcdef"), 9), 2, n_missing=4),
            "leaves 2 classes to each of 2 participants, too few to hold all 6",
        ),
        (lambda: partition_by_missing_classes(LABELS, 12), "could not be divided"),
        (lambda: partition_by_label_shift(LABELS, 2, concentration=0), "concentration=0 is out of range"),
        (lambda: partition_by_label_shift(LABELS, 2, concentration=np.inf), "concentration=inf"),
        (lambda: partition_by_label_shift(LABELS, 5, concentration=1e-9, random_state=0), "100 draws"),
        (
            lambda: partition_by_covariate_shift(FRAME, LABELS, 2, overlap=1.5),
            "overlap=1.5 .*0 to 1, both incl",
        ),
        (lambda: partition_by_covariate_shift(FRAME, LABELS, 3, overlap=0), "could not be divided"),
        (
            lambda: partition_by_covariate_shift(FRAME.astype(str), LABELS, 2),
            "column 'x' is not numeric or has missing",
        ),
        (
            lambda: partition_by_covariate_shift(FRAME.where(FRAME > 3), LABELS, 2),
            "column 'x' is not numeric or has missing",
        ),
        (lambda: hold_out(LABELS, 0.0), "test_size=0.0 .*0 to 1, both excluded"),
        (lambda: hold_out(LABELS, np.nan), "test_size=nan"),
        (lambda: hold_out(np.array(["a", "b", "b"]), 0.5), "class 'a' has a single row"),
    ],
)
def test_options_out_of_range(divide, message):
    with pytest.raises(OptionError, match=message):
        divide()
