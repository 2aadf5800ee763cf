"""What a word of one source of used cars is called at the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

__all__ = ["WORDS_ELSEWHERE"]

# Of several words that mean the same, the one to be used when words are turned back stands last.

_STATES = {
    "alabama": "al",
    "alaska": "ak",
    "arizona": "az",
    "arkansas": "ar",
    "california": "ca",
    "colorado": "co",
    "connecticut": "ct",
    "delaware": "de",
    "district of columbia": "dc",
    "florida": "fl",
    "georgia": "ga",
    "hawaii": "hi",
    "idaho": "id",
    "illinois": "il",
    "indiana": "in",
    "iowa": "ia",
    "kansas": "ks",
    "kentucky": "ky",
    "louisiana": "la",
    "maine": "me",
    "maryland": "md",
    "massachusetts": "ma",
    "michigan": "mi",
    "minnesota": "mn",
    "mississippi": "ms",
    "missouri": "mo",
    "montana": "mt",
    "nebraska": "ne",
    "nevada": "nv",
    "new hampshire": "nh",
    "new jersey": "nj",
    "new mexico": "nm",
    "new york": "ny",
    "north carolina": "nc",
    "north dakota": "nd",
    "ohio": "oh",
    "oklahoma": "ok",
    "oregon": "or",
    "pennsylvania": "pa",
    "rhode island": "ri",
    "south carolina": "sc",
    "south dakota": "sd",
    "tennessee": "tn",
    "texas": "tx",
    "utah": "ut",
    "vermont": "vt",
    "virginia": "va",
    "washington": "wa",
    "west virginia": "wv",
    "wisconsin": "wi",
    "wyoming": "wy",
}

# The auction's title is one of two; what Craigslist calls otherwise than clean was damaged once or has no papers.
_TITLE_OF_AUCTION = {
    "lien": "clean vehicle",
    "False": "clean vehicle",
    "clean": "clean vehicle",
    "parts only": "salvage insurance",
    "rebuilt": "salvage insurance",
    "True": "salvage insurance",
    "salvage": "salvage insurance",
}
_TITLE_OF_CRAIGSLIST = {
    "False": "clean",
    "clean vehicle": "clean",
    "True": "salvage",
    "salvage insurance": "salvage",
}
_SALVAGE_OF_CARGURUS = {
    "lien": "False",
    "clean": "False",
    "clean vehicle": "False",
    "parts only": "True",
    "rebuilt": "True",
    "salvage": "True",
    "salvage insurance": "True",
}

# A continuously variable gear and one with two clutches shift by themselves.
_GEARS = {"Dual Clutch": "automatic", "CVT": "automatic", "A": "automatic", "M": "manual"}

# What drives all wheels always is offered as four-wheel drive, and a truck of 4×2 is driven at the rear.
_WHEELS = {"AWD": "4wd", "4WD": "4wd", "FWD": "fwd", "4X2": "rwd", "RWD": "rwd"}

_FUELS = {
    "Flex Fuel Vehicle": "gas",
    "Gasoline": "gas",
    "Biodiesel": "diesel",
    "Diesel": "diesel",
    "Hybrid": "hybrid",
    "Electric": "electric",
}

_BODIES = {
    "Sedan": "sedan",
    "SUV / Crossover": "SUV",
    "Pickup Truck": "pickup",
    "Hatchback": "hatchback",
    "Minivan": "mini-van",
    "Coupe": "coupe",
    "Wagon": "wagon",
    "Van": "van",
    "Convertible": "convertible",
}
_BODIES_OF_CARGURUS = {
    "truck": "Pickup Truck",
    "offroad": "SUV / Crossover",
    **{theirs: mine for mine, theirs in _BODIES.items()},
}

_CYLINDERS = {str(number): f"{number} cylinders" for number in (3, 4, 5, 6, 8, 10, 12)}

_BRANDS_OF_AUCTION = {"rover": "land"}  # the auction cut "land rover" short, Craigslist at the other end

_HUES = (
    "white",
    "black",
    "silver",
    "grey",
    "blue",
    "red",
    "brown",
    "green",
    "yellow",
    "orange",
    "purple",
    "gold",
    "beige",
    "teal",
    "pink",
)
_HUES_OF_NAMES = {"gray": "grey", "charcoal": "grey", "tan": "beige", "maroon": "red", "burgundy": "red"}
_NAMED_COLOURS = (
    "magnetic metallic",
    "shadow black",
    "ingot silver metallic",
    "oxford white",
    "billet silver metallic clearcoat",
    "triple yellow tri-coat",
    "super black",
    "bright white clearcoat",
    "black clearcoat",
    "ruby red metallic tinted clearcoat",
    "off-white",
    "white platinum tri-coat metallic",
    "tuxedo black metallic",
    "cayenne red",
    "turquoise",
    "dark blue",
    "phantom black",
    "light blue",
    "toreador red",
    "jazz blue pearlcoat",
    "competition orange",
    "ruby red",
    "royal crimson metallic tinted clearcoat",
    "kona blue metallic",
    "lightning blue",
    "ingot silver",
    "burgundy",
    "morningsky blue",
    "pearl white",
    "glacier white",
    "maroon",
    "charcoal",
    "tan",
    "gray",
)
"""Colours of the auction that are more than a hue."""

_CRAIGSLIST_HUES = _HUES[:11]


def _hue(name: str) -> str | None:
    """Find the hue in the name of a colour."""
    for word in re.findall(r"[a-z]+", name.lower()):
        hue: str = _HUES_OF_NAMES.get(word, word)
        if hue in _HUES:
            return hue
    return None


def _by_hue(names: Iterable[str], own: Iterable[str]) -> dict[str, str]:
    """Map names of colours to the source's own words of the same hue; plain words come last."""
    mine = {hue: word for word in own if (hue := _hue(word))}
    ordered = sorted(names, key=lambda name: (name.lower() in _HUES, name))
    return {name: mine[hue] for name in ordered if (hue := _hue(name)) and hue in mine}


_COLOURS_OF_AUCTION = (*(hue for hue in _HUES if hue != "grey"), *_NAMED_COLOURS)
_COLOURS_OF_CARGURUS = tuple(("gray" if hue == "grey" else hue).upper() for hue in _HUES if hue != "beige")
_OWN_OF_AUCTION = tuple("gray" if hue == "grey" else hue for hue in _HUES)

WORDS_ELSEWHERE: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("auction", "brand"): _BRANDS_OF_AUCTION,
    ("auction", "title_status"): _TITLE_OF_AUCTION,
    ("auction", "color"): _by_hue((*_CRAIGSLIST_HUES, *_COLOURS_OF_CARGURUS), _OWN_OF_AUCTION),
    ("auction", "state"): {short: name for name, short in _STATES.items()},
    ("craigslist", "manufacturer"): {theirs: mine for mine, theirs in _BRANDS_OF_AUCTION.items()},
    ("craigslist", "title_status"): _TITLE_OF_CRAIGSLIST,
    ("craigslist", "paint_color"): _by_hue((*_COLOURS_OF_AUCTION, *_COLOURS_OF_CARGURUS), _CRAIGSLIST_HUES),
    ("craigslist", "state"): _STATES,
    ("craigslist", "cylinders"): _CYLINDERS,
    ("craigslist", "fuel"): _FUELS,
    ("craigslist", "transmission"): _GEARS,
    ("craigslist", "drive"): _WHEELS,
    ("craigslist", "type"): _BODIES,
    ("cargurus", "salvage"): _SALVAGE_OF_CARGURUS,
    ("cargurus", "listing_color"): _by_hue((*_COLOURS_OF_AUCTION, *_CRAIGSLIST_HUES), _COLOURS_OF_CARGURUS),
    ("cargurus", "engine_cylinders"): {theirs: mine for mine, theirs in _CYLINDERS.items()},
    ("cargurus", "fuel_type"): {"gas": "Gasoline", "diesel": "Diesel", "hybrid": "Hybrid", "electric": "Electric"},
    ("cargurus", "transmission"): {"automatic": "A", "manual": "M"},
    ("cargurus", "wheel_system"): {"fwd": "FWD", "rwd": "RWD", "4wd": "4WD"},
    ("cargurus", "body_type"): _BODIES_OF_CARGURUS,
}
"""For a source and a column, which of its own words each word from elsewhere means."""
