"""Rows of one space expressed in another."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coopdistill.exceptions import AlignmentError, TableError
from coopdistill.schema import Alignment, Codec, Feature, FeatureSpace, infer_feature_space


def space_of(*features: dict[str, Any]) -> FeatureSpace:
    return FeatureSpace(tuple(Feature(**fields) for fields in features))


def number(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "kind": "continuous", **fields}


def coded(name: str, *categories: Any, **fields: Any) -> dict[str, Any]:
    kind = fields.pop("kind", "binary" if len(categories) == 2 else "categorical")
    return {"name": name, "kind": kind, "categories": categories, **fields}


MIXED = space_of(number("a"), {"name": "n", "kind": "integer"}, coded("c", "x", "y", "z"), coded("b", 0, 1))


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.just(2)), elements=st.integers(-99, 99)),
    st.integers(0, 2),
    st.integers(0, 1),
)
def test_identity_changes_nothing(numbers: np.ndarray, category: int, bit: int) -> None:
    rows = np.column_stack([numbers[:, 0] / 7, numbers[:, 1], np.full((len(numbers), 2), [category, bit])])
    np.testing.assert_array_equal(Alignment(MIXED, MIXED).apply(rows), rows)


def test_identity_keeps_the_missing_where_it_may_stay() -> None:
    rows = np.array([[np.nan, 1.0, np.nan, np.nan]])
    kept = Alignment(MIXED, MIXED).apply(rows, keep_missing=np.ones(4, dtype=bool))
    np.testing.assert_array_equal(kept, rows)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9), st.floats(1e-3, 1e3))
def test_units_lead_there_and_back(values: list[float], factor: float) -> None:
    mile = space_of(number("way", unit="mile"))
    km = space_of(number("way", unit="km", conversions={"mile": factor}))
    rows = np.array(values)[:, None]
    np.testing.assert_allclose(
        Alignment(km, mile).apply(Alignment(mile, km).apply(rows)), rows, rtol=1e-12, atol=1e-300
    )


def test_a_unit_without_a_factor_is_refused() -> None:
    with pytest.raises(TableError, match=r"'way' is in 'km' here and in 'mile' elsewhere.*conversions=\{'mile'"):
        Alignment(space_of(number("way", unit="mile")), space_of(number("way", unit="km")))


def test_a_converted_integer_is_whole() -> None:
    inch = space_of({"name": "h", "kind": "integer", "unit": "inch"})
    cm = space_of({"name": "h", "kind": "integer", "unit": "cm", "conversions": {"inch": 2.54}})
    assert Alignment(inch, cm).apply(np.array([[70.0]])).tolist() == [[178.0]]


@pytest.mark.parametrize("side", ["source", "target"])
def test_synonyms_meet_whoever_declares_them(side: str) -> None:
    source = space_of(number("odometer", synonyms=("mileage",) if side == "source" else ()))
    target = space_of(number("mileage", synonyms=("odometer",) if side == "target" else ()))
    alignment = Alignment(source, target)
    assert alignment.shared == (("odometer", "mileage"),)
    assert alignment.apply(np.array([[5.0]])).tolist() == [[5.0]]


def test_an_equal_name_goes_before_a_synonym() -> None:
    source = space_of(number("age"), number("years"))
    target = space_of(number("age", synonyms=("years",)))
    assert Alignment(source, target).shared == (("age", "age"),)


def test_ambiguous_synonyms_are_refused() -> None:
    one, two = space_of(number("old"), number("years")), space_of(number("age", synonyms=("old", "years")))
    with pytest.raises(AlignmentError, match=r"'age' could be any of \['old', 'years'\]"):
        Alignment(one, two)
    with pytest.raises(AlignmentError, match=r"'age' would be read as \['old', 'years'\] at once"):
        Alignment(two, one)


@given(
    st.lists(st.sets(st.sampled_from("abcdef"), min_size=1, max_size=3), min_size=1, max_size=4),
    st.sets(st.sampled_from("abcdef"), min_size=1, max_size=3),
)
def test_who_goes_by_a_common_name_meets(there: list[set[str]], here: set[str]) -> None:
    # Names proper are capitals, so that features meet by synonyms alone.
    source = space_of(*(number(chr(65 + i), synonyms=tuple(sorted(names))) for i, names in enumerate(there)))
    target = space_of(number("Z", synonyms=tuple(sorted(here))))
    meeting = [chr(65 + i) for i, names in enumerate(there) if names & here]
    if len(meeting) == 1:
        assert Alignment(source, target).shared == ((meeting[0], "Z"),)
        return
    with pytest.raises(AlignmentError, match=re.escape(f"any of {meeting!r}") if meeting else "no shared feature"):
        Alignment(source, target)


def test_categories_meet_by_value_and_by_synonym_both_ways() -> None:
    german = space_of(coded("sex", "m", "w", "d"))
    english = space_of(coded("sex", "female", "male", "diverse", category_synonyms={"m": "male", "w": "female"}))
    there = Alignment(german, english).apply(np.array([[0.0], [1.0]]))
    assert there.ravel().tolist() == [1.0, 0.0]
    back = Alignment(english, german).apply(there)
    assert back.ravel().tolist() == [0.0, 1.0]


# Some are equal, and of these some have other hashes.
LIKE = [0, 1, True, 1.0, 0.1, np.float32(0.1), "1", "a", np.str_("a"), None, float("nan"), pd.Timestamp(0)]


@given(
    st.lists(st.sampled_from(LIKE), min_size=1, unique=True),
    st.lists(st.sampled_from(LIKE), min_size=1, unique=True),
)
def test_the_same_category_is_what_is_the_same_in_a_tuple(there: list[Any], here: list[Any]) -> None:
    source, target = (space_of(coded("c", *words, kind="categorical")) for words in (there, here))
    codes = [float(here.index(word)) if word in here else np.nan for word in there]
    rows = np.arange(len(there), dtype=np.float64)[:, None]
    aligned = Alignment(source, target).apply(rows, keep_missing=np.array([True]))
    np.testing.assert_array_equal(aligned.ravel(), codes)


def test_the_same_word_goes_before_a_synonym() -> None:
    plain = space_of(coded("colour", "black", "white", category_synonyms={"tuxedo black": "black"}))
    named = space_of(coded("colour", "black", "tuxedo black", "snow", category_synonyms={"white": "snow"}))
    assert Alignment(plain, named).apply(np.array([[0.0], [1.0]])).ravel().tolist() == [0.0, 2.0]
    assert Alignment(named, plain).apply(np.array([[0.0], [1.0]])).ravel().tolist() == [0.0, 0.0]


def test_the_same_word_may_be_declared_to_mean_something_else() -> None:
    ours = space_of(coded("size", "S", "M", "L", category_synonyms={"M": "S", "L": "M"}))
    theirs = space_of(coded("size", "M", "L", "XL"))
    assert Alignment(theirs, ours).apply(np.array([[0.0], [1.0]])).ravel().tolist() == [0.0, 1.0]
    assert Alignment(ours, theirs).apply(np.array([[0.0], [1.0]])).ravel().tolist() == [0.0, 1.0]


def test_an_unseen_category_is_filled() -> None:
    source = space_of(coded("c", "x", "y", "q"))
    target = space_of(coded("c", "x", "y", "z", fill="z"))
    assert Alignment(source, target).apply(np.array([[0.0], [2.0]])).ravel().tolist() == [0.0, 2.0]


def test_unseen_categories_are_told_and_may_be_added() -> None:
    source = space_of(coded("c", "x", "y", "q"), coded("b", "m", "f"), number("n"))
    target = space_of(coded("c", "x", "y", "z", fill="z"), coded("b", "f", "d"), coded("n", 0, 1))
    assert Alignment(source, target).unknown_categories == {"c": ("q",), "b": ("m",)}
    grown = FeatureSpace(tuple(f.with_categories(("q", "m")) if f.name == "c" else f for f in target))
    assert grown["c"].categories == ("x", "y", "z", "q", "m")
    assert Alignment(source, grown).apply(np.array([[2.0, 1.0, 0.0]])).tolist() == [[3.0, 0.0, 0.0]]
    assert "c" not in Alignment(source, grown).unknown_categories


def test_categories_of_another_type_are_not_added_and_a_group_does_not_grow() -> None:
    assert Feature(**coded("c", "x", "y")).with_categories([3, True]).categories == ("x", "y")
    assert Feature(**coded("c", 1, 2)).with_categories([3, "z", 2.5]).categories == (1, 2, 3, 2.5)
    group = Feature(**coded("c", "x", "y", one_hot={"is_x": "x", "is_y": "y"}))
    assert group.with_categories(["z"]) is group


def test_what_the_source_lacks_is_filled_with_the_targets_own() -> None:
    target = space_of(number("a"), number("b", fill=7.5), coded("c", "x", "y", fill="y"))
    rows = Alignment(space_of(number("a")), target).apply(np.array([[1.0], [2.0]]))
    assert rows.tolist() == [[1.0, 7.5, 1.0], [2.0, 7.5, 1.0]]


def test_missing_stays_only_where_it_is_kept() -> None:
    target = space_of(number("a", fill=1.0), number("b", fill=7.5), coded("c", "x", "y", fill="y"))
    aligned = Alignment(space_of(number("a")), target).apply(
        np.array([[np.nan]]), keep_missing=np.array([True, True, False])
    )
    np.testing.assert_array_equal(aligned, [[np.nan, np.nan, 1.0]])


def test_the_base_gives_what_the_source_lacks() -> None:
    target = space_of(number("a", fill=1.0), number("b", fill=7.5))
    base = np.array([[3.0, 4.0], [5.0, 6.0]])
    aligned = Alignment(space_of(number("a")), target).apply(np.array([[9.0], [np.nan]]), base=base)
    assert aligned.tolist() == [[9.0, 4.0], [5.0, 6.0]]


def test_numbers_read_as_binary_take_the_nearer() -> None:
    source, target = space_of({"name": "n", "kind": "integer"}), space_of(coded("n", 0, 1, fill=0))
    aligned = Alignment(source, target).apply(np.array([[0.0], [1.0], [2.0], [-3.0], [np.nan]]))
    assert aligned.ravel().tolist() == [0.0, 1.0, 1.0, 0.0, 0.0]


def test_binary_read_as_numbers_gives_the_numbers() -> None:
    source, target = space_of(coded("n", 1, 2)), space_of({"name": "n", "kind": "integer"})
    assert Alignment(source, target).apply(np.array([[0.0], [1.0]])).ravel().tolist() == [1.0, 2.0]


def test_categories_of_numbers_read_as_binary_take_the_nearer() -> None:
    source, target = space_of(coded("n", 0, 1, 4)), space_of(coded("n", 0, 1))
    assert Alignment(source, target).apply(np.array([[0.0], [1.0], [2.0]])).ravel().tolist() == [0.0, 1.0, 1.0]


def test_words_cannot_be_read_as_numbers() -> None:
    words, numbers = space_of(coded("c", "low", "high", "mid")), space_of(number("c"))
    for pair in [(words, numbers), (numbers, words)]:
        with pytest.raises(AlignmentError, match=r"'c' is categorical on one side and continuous on the other"):
            Alignment(*pair)


def test_no_shared_feature_names_both_sides() -> None:
    with pytest.raises(AlignmentError, match=r"no shared feature: one side has 'a', 'b', the other 'z'.*synonyms"):
        Alignment(space_of(number("a"), number("b")), space_of(number("z")))


@given(st.data())
def test_every_aligned_value_is_one_that_the_target_knows(data: st.DataObject) -> None:
    frames = [
        pd.DataFrame({
            "n": data.draw(st.lists(st.integers(-5, 5), min_size=3, max_size=3)),
            "c": data.draw(st.lists(st.sampled_from("abcd"), min_size=3, max_size=3)),
            only: [0.5, 1.5, 2.5],
        })
        for only in ("left", "right")
    ]  # fmt: skip
    source, target = (infer_feature_space(frame) for frame in frames)
    rows = Codec.of(frames[0], source).encode(frames[0])
    aligned = Alignment(source, target).apply(rows)
    assert np.isfinite(aligned).all()
    codes = aligned[:, ~target.numeric]
    assert (codes == np.rint(codes)).all()
    assert ((codes >= 0) & (codes < target.n_categories[~target.numeric])).all()
