import numpy as np
import pandas as pd
import pytest

from coopdistill import infer_feature_space
from coopdistill.datasets import declare_used_cars, load_used_cars
from coopdistill.datasets.source import DATA_VARIABLE
from coopdistill.datasets.used_car_words import WORDS_ELSEWHERE
from coopdistill.datasets.used_cars import SOURCES
from coopdistill.exceptions import DatasetError
from coopdistill.schema import Alignment, Codec

AUCTION = """\
,price,brand,model,year,title_status,mileage,color,vin,lot,state,country,condition
0,20000,ford,door,2018,clean vehicle,100,gray,  v1,1,new jersey, usa,2 days left
1,19999,ford,door,2018,salvage insurance,200,no_color,  v2,2,texas, usa,2 days left
2,0,ford,door,2018,clean vehicle,300,white,  v3,3,texas, usa,2 days left
3,123456789,ford,door,2018,clean vehicle,400,white,  v4,4,texas, usa,2 days left
"""


@pytest.fixture
def auction(tmp_path, monkeypatch):
    """Write a file of the auction into a folder of its own."""

    def write(text):
        (tmp_path / "used-cars").mkdir()
        (tmp_path / "used-cars" / "auction.csv").write_text(text, encoding="utf-8")
        monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))

    return write


def test_prices_that_say_nothing_and_columns_that_name_a_single_car_are_left_out(auction):
    auction(AUCTION)
    X, y = load_used_cars("auction")
    assert y.tolist() == [1, 0]
    assert set(X.columns) == {"brand", "model", "year", "title_status", "mileage", "color", "state", "country"}
    assert X["country"].tolist() == ["usa", "usa"]
    assert X["color"].iloc[0] == "gray"
    assert pd.isna(X["color"].iloc[1])


def test_an_offer_that_is_repeated_counts_once(auction):
    first = AUCTION.splitlines()[1]
    auction(AUCTION + first.replace("0,20000", "9,20000", 1) + "\n")
    assert len(load_used_cars("auction").X) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (AUCTION.replace("mileage", "miles"), "no column 'mileage'.*kaggle"),
        (AUCTION.replace("19999", "much"), "column 'price'.*much"),
        ("", "cannot be read as a table"),
    ],
)
def test_a_damaged_file(auction, text, message):
    auction(text)
    with pytest.raises(DatasetError, match=message):
        load_used_cars("auction")


@pytest.mark.parametrize("source", SOURCES)
def test_where_to_get_a_file_that_is_absent(tmp_path, monkeypatch, source):
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    with pytest.raises(DatasetError, match=rf"has no file 'used-cars/{source}.csv'; .*https://www\.kaggle\.com"):
        load_used_cars(source)
    monkeypatch.delenv(DATA_VARIABLE)
    with pytest.raises(DatasetError, match=r"COOPDISTILL_DATA is not set; .*https://www\.kaggle\.com"):
        load_used_cars(source)


def test_a_source_that_is_unknown():
    with pytest.raises(DatasetError, match="did you mean 'craigslist'"):
        load_used_cars("craiglist")
    with pytest.raises(DatasetError, match="source='ebay'"):
        declare_used_cars("ebay", pd.DataFrame({"a": [1]}))


@pytest.fixture(params=[(a, b) for a in SOURCES for b in SOURCES if a != b], ids=lambda pair: "-".join(pair))
def pair(request, data_folder):
    """All cars of one source, the two feature spaces, and the cars as the other source would describe them."""
    tables = {name: load_used_cars(name).X for name in request.param}
    spaces = {name: infer_feature_space(X, declare_used_cars(name, X)) for name, X in tables.items()}
    here, there = request.param
    alignment = Alignment(spaces[here], spaces[there])
    rows = alignment.apply(Codec.of(tables[here], spaces[here]).encode(tables[here]))
    return tables[here], alignment, Codec.of(tables[there], spaces[there]).decode(rows)


def test_columns_meet_under_their_names(pair):
    cars, alignment, seen = pair
    shared = dict(alignment.shared)
    assert "year" in shared
    assert {"mileage", "odometer"} & set(shared)
    for mine, theirs in shared.items():
        if mine in ("mileage", "odometer", "year"):
            assert np.array_equal(cars[mine], seen[theirs])


def test_words_mean_the_same_on_both_sides(pair):
    cars, alignment, seen = pair
    same = {
        "clean vehicle": "clean",
        "clean": "clean",
        "False": "clean",
        "gray": "grey",
        "GRAY": "grey",
        "grey": "grey",
    }
    for mine, theirs in alignment.shared:
        here = cars[mine].map(same)
        compared = here.notna()
        assert (here[compared] == seen[theirs].map(same)[compared]).all(), (mine, theirs)


def test_what_is_declared_fits_any_rows_of_the_source(data_folder):
    for source in SOURCES:
        X = load_used_cars(source).X
        for seed in range(5):
            part = X.sample(25, random_state=seed).dropna(axis="columns", how="all")
            infer_feature_space(part, declare_used_cars(source, part))


def test_words_lead_to_words_that_occur(data_folder):
    for (source, column), words in WORDS_ELSEWHERE.items():
        occurring = set(load_used_cars(source).X[column].dropna())
        # Of a state or a hue without a car, the word is still right.
        if column not in ("state", "color", "paint_color", "listing_color"):
            assert set(words.values()) <= occurring, (source, column)


def test_shares_of_expensive_cars(data_folder):
    shares = {source: load_used_cars(source).y.mean() for source in SOURCES}
    assert 0.4 < shares["auction"] < 0.45
    assert 0.2 < shares["craigslist"] < 0.25
    assert 0.65 < shares["cargurus"] < 0.7
