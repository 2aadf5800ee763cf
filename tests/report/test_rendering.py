"""A page shows what the result says, and runs nothing of what users named."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from coopdistill.exceptions import OutputError
from coopdistill.report.console import console_table
from coopdistill.report.html import render_html
from coopdistill.report.summary import summarise

HOSTILE = "<script>alert(1)</script>'\"&"
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "p", "h1", "h2", "h3", "ul", "li"),
    *("div", "span", "b", "i", "strong", "bdi", "code", "pre", "table", "caption", "thead", "tbody", "tr", "th", "td"),
    *("dl", "dt", "dd", "svg", "circle", "line"),
}


def result_of(a: str = "north", b: str = "south", **more: Any) -> dict[str, Any]:
    score = {"before": 0.5, "after": 0.75, "pooled": 0.8, "average": 0.7, "accepted": True, "n_rows": 9}
    return {
        "name": a,
        "metric": "accuracy",
        "n_test_rows": 30,
        "participants": {
            a: {**score, "learner": b, "model": {"withheld": b}},
            b: {**score, "after": 0.4, "accepted": False},
        },
        "transfers": [{"teacher": a, "student": b, "qualified": 9, "generated": 8, "reached": 7, "kept": 6}],
        "disclosures": [
            {"round": 1, "what": "model", "sender": a, "receiver": b, "count": 1},
            {"round": 1, "what": "virtual instances", "sender": a, "receiver": b, "count": 6},
        ],
        "options": {a: b},
        "versions": {a: b},
        "command": ["coopdistill", a],
        "notes": [a],
        **more,
    }


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_never_become_markup(a: str, b: str) -> None:
    seen = Tags(render_html(summarise(result_of(HOSTILE + a, b + HOSTILE))))
    assert seen.tags <= ALLOWED
    assert not {name for name in seen.attributes if name.startswith("on") or name in ("href", "src")}
    assert HOSTILE in seen.text


def test_the_page_needs_no_network() -> None:
    page = render_html(summarise(result_of()))
    assert not any(word in page for word in ("http:", "https:", "url(", "@import", "<link", "<script"))


def test_the_page_says_what_the_result_says() -> None:
    text = Tags(render_html(summarise(result_of()))).text
    for shown in ("1 of 2 models came out better, 1 worse", "+25.0", "−10.0", "declined", "9 qualified", "6 kept"):
        assert shown.replace("6 kept", "6") in text
    assert "No row left its owner" in text


def test_rows_that_left_are_not_hushed_up() -> None:
    rows = [{"round": 1, "what": "rows", "sender": "north", "receiver": "everyone", "count": 9}]
    text = Tags(render_html(summarise(result_of(disclosures=rows)))).text
    assert "No row left" not in text
    assert "9 rows" in text


def test_nothing_sent_is_no_departure() -> None:
    sent = [
        {"round": 1, "what": "scores", "sender": "north", "receiver": to, "count": n} for to, n in (("a", 0), ("b", 2))
    ]
    (departure,) = summarise(result_of(disclosures=sent)).departures
    assert (departure.receivers, departure.count) == (("b",), 2)


def test_without_test_rows_nothing_is_claimed() -> None:
    result = result_of(metric=None, participants={"north": {}, "south": {}})
    summary = summarise(result)
    assert summary.mean_gain is None
    assert "no score was measured" in Tags(render_html(summary)).text
    Console(quiet=True).print(console_table(summary))


def test_a_summary_is_plain_data() -> None:
    assert json.loads(json.dumps(summarise(result_of()).as_dict()))["models"][0]["gain"] == 0.25


@pytest.mark.parametrize("wrong", [{}, {"name": "a", "participants": []}, {"name": "a", "participants": {"b": 1}}])
def test_what_is_no_result_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(OutputError, match="not the result of a run"):
        summarise(wrong)
