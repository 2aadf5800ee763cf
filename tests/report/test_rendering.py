"""A page shows what the result says, and runs nothing of what users named."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from coopdistill.exceptions import OutputError
from coopdistill.report.console import console_table
from coopdistill.report.evidence import Change, Evidence, Example, Generation, Points, RowMap, Value
from coopdistill.report.html import render_html
from coopdistill.report.html.elements import embedded_json
from coopdistill.report.html.map_plot import map_data
from coopdistill.report.markdown import render_markdown
from coopdistill.report.phrases import answer
from coopdistill.report.summary import Summary, summarise

HOSTILE = "</script><script>alert(1)</script>'\"&\u2028]]>-->"
ALLOWED = {
    *("html", "head", "meta", "title", "style", "script", "body", "nav", "main", "header", "section", "article", "p"),
    *("a", "button", "h1", "h2", "h3", "h4", "ul", "ol", "li", "div", "span", "b", "i", "strong", "small", "mark"),
    *("bdi", "code", "pre", "table", "caption", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "details"),
    *("summary", "figure", "figcaption", "img", "label", "select", "option"),
    *("svg", "g", "path", "circle", "line", "rect", "text", "title"),
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


def evidence_of(a: str = "north", b: str = "south", *, with_map: bool = False) -> Evidence:
    """Evidence in which every text is one of the two."""
    points = Points((0.0, 1.0, 2.0), (0.0, 2.0, 1.0), (0, 1, 0), (0, 0, 1), (1, 1, 0))
    return Evidence(
        rows_shown="asked",
        changes=(Change("", "", a, b, 9, 0.5, -0.2), Change(a, b, a, b, 9, 0.5, None)),
        examples=(Example(a, b, a, b, (0.6, 0.8), (Value(b, a, b, 1.0),), 1, 2),),
        map=RowMap((a, b), (a, b), 2, (0.7, 0.2), points, points, None, 3, 3) if with_map else None,
        generation=(Generation(a, b, {a: 2, b: 1}, (0.0, 0.5, 1.0, 2.0, 3.0), (0.6, 0.8, 0.81)),),
        seconds={a: 1.0, b: 2.0},
    )


def summary_of(a: str = "north", b: str = "south", *, with_map: bool = False) -> Summary:
    return summarise(result_of(a, b), evidence_of(a, b, with_map=with_map))


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.scripts: list[str] = []
        self.text = ""
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data
        else:
            self.text += data

    @property
    def policy(self) -> str:
        return next(value for name, value in self.attributes if name == "content" and "default-src" in value)


def assert_harmless(seen: Tags) -> None:
    assert seen.tags <= ALLOWED
    for name, value in seen.attributes:
        assert not name.startswith("on")
        assert name != "href" or value.startswith("#")
        assert name != "src" or value.startswith("data:image/png;base64,")


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_never_become_markup(a: str, b: str) -> None:
    seen = Tags(render_html(summary_of(HOSTILE + a, b + HOSTILE)))
    assert_harmless(seen)
    assert len(seen.scripts) == 1
    assert HOSTILE in seen.text


def test_names_in_data_stay_data() -> None:
    seen = Tags(render_html(summary_of(HOSTILE, f"b{HOSTILE}", with_map=True)))
    assert_harmless(seen)
    if len(seen.scripts) == 3:
        data = json.loads(seen.scripts[0])
        assert data["layer"][-1]["data"]["values"][0]["key"] == HOSTILE


@given(st.text())
def test_embedded_json_holds_no_markup_and_comes_back(text: str) -> None:
    embedded = embedded_json({text: [text]})
    assert not set(embedded) & set("<>&\u2028\u2029")
    assert json.loads(embedded) == {text: [text]}


def test_only_scripts_of_the_page_itself_may_run() -> None:
    seen = Tags(render_html(summary_of(with_map=True)))
    directives = dict(part.strip().split(" ", 1) for part in seen.policy.split(";"))
    assert directives["default-src"] == "'none'"
    allowed = directives["script-src"].split()
    runs = [script for script in seen.scripts if not script.startswith("{")]
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in runs]
    assert allowed == [f"'sha256-{value}'" for value in hashes]


def test_the_page_needs_no_network() -> None:
    page = render_html(summary_of())
    assert not any(word in page for word in ("http:", "https:", "url(", "@import", "<link", "<script src"))


def test_the_page_of_many_participants_stays_small() -> None:
    n = 1500
    places = tuple(i / 7 for i in range(n))
    points = Points(places, places[::-1], (0,) * n, (1,) * n, (2,) * n)
    names = [f"participant {i}" for i in range(12)]
    shown = RowMap(tuple(names), ("ill", "well"), 30, (0.5, 0.3), points, points, None, 10**6, 10**6)
    pairs = [(a, b) for a in names for b in names if a != b]
    values = tuple(Value(f"feature {i}", "1.0", "2.0", 1.0) for i in range(8))
    evidence = Evidence(
        rows_shown="asked",
        changes=tuple(Change(a, b, "ill", f"feature {i}", 9, 0.5, 0.1) for a, b in pairs for i in range(8)),
        examples=tuple(Example(a, b, "ill", a, (0.5, 0.7), values, 8, 2) for a, b in pairs),
        map=shown,
    )
    given = [{"teacher": a, "student": b, "qualified": 9, "generated": 8, "reached": 7, "kept": 6} for a, b in pairs]
    result = result_of(transfers=given, participants={name: {"before": 0.5, "after": 0.6} for name in names})
    assert len(render_html(summarise(result, evidence)).encode()) < 3_000_000


def test_what_users_named_is_no_expression_of_the_plot() -> None:
    shown = evidence_of("datum.x", "1 + 1", with_map=True).map
    assert shown is not None

    def expressions(part: Any) -> list[str]:
        if isinstance(part, list):
            return [found for item in part for found in expressions(item)]
        if not isinstance(part, dict):
            return []
        own = [value for key, value in part.items() if key in ("expr", "filter", "calculate", "test") and value]
        return own + [found for key, value in part.items() if key != "values" for found in expressions(value)]

    assert expressions(map_data(shown))
    assert not any("datum.x" in found or "1 + 1" in found for found in expressions(map_data(shown)))


def test_intervals_are_shown() -> None:
    result = result_of()
    result["participants"]["north"]["intervals"] = {"after": [0.71, 0.79], "gain": [0.1, 0.31]}
    summary = summarise(result)
    assert "71.0–79.0" in Tags(render_html(summary)).text
    assert "+10.0 to +31.0" in Tags(render_html(summary)).text
    assert "75.0 [71.0, 79.0]" in render_markdown(summary)


@pytest.mark.parametrize(
    ("metric", "scores", "shown"),
    [
        ("accuracy", (0.5, 0.75), ("in % on", "50.0", "75.0", "+25.0", "by 25.0 points")),
        ("r2", (-0.21, 0.4832), ("R² on", "−0.210", "0.483", "+0.693", "R² rose by 0.693")),
        (
            "neg_mean_absolute_error",
            (-5431.4, -5020.0),
            ("target on", "less is better", "5,431", "5,020", "−411", "mean absolute error fell by 411"),
        ),
    ],
)
def test_scores_are_shown_in_their_own_unit(metric: str, scores: tuple[float, float], shown: tuple[str, ...]) -> None:
    one = {"before": scores[0], "after": scores[1], "accepted": True}
    summary = summarise(result_of(metric=metric, participants={"north": one}, transfers=[]))
    page, text = Tags(render_html(summary)).text, render_markdown(summary).replace("\\", "")
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(console_table(summary))
    told = console.export_text()
    assert [part for part in shown if not (part in page and part in text and part in told)] == []
    assert (" in %" in page) == (metric == "accuracy")


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=8),
    st.sampled_from(["accuracy", "r2", "neg_mean_absolute_error", "another"]),
)
@example([0.0, 0.0], "neg_mean_absolute_error")
@example([1.0, 1.0], "accuracy")
def test_better_is_further_right_whatever_is_shown(scores: list[float], metric: str) -> None:
    least = {"accuracy": 0.0, "neg_mean_absolute_error": -1e9}.get(metric, -1e9)
    best = {"another": 1e9, "neg_mean_absolute_error": 0.0}.get(metric, 1.0)
    scores = sorted(min(max(score, least), best) for score in scores)
    participants = {f"p{i}": {"before": scores[0], "after": score} for i, score in enumerate(scores)}
    page = render_html(summarise(result_of(metric=metric, participants=participants, transfers=[])))
    places = [float(place) for place in re.findall(r"class='after' cx='([\d.]+)%'", page)]
    assert places == sorted(places)
    assert all(3 <= place <= 97 for place in places)


def test_each_pair_leads_to_its_lesson() -> None:
    seen = Tags(render_html(summary_of()))
    targets = {value[1:] for name, value in seen.attributes if name == "href" and value.startswith("#lesson")}
    assert targets == {"lesson-0-1"}
    assert ("id", "lesson-0-1") in seen.attributes


@given(st.text(min_size=1), st.text(min_size=1))
def test_names_never_become_markup_of_markdown(a: str, b: str) -> None:
    text = render_markdown(summary_of(f"|{HOSTILE}`{a}\n# x", f"{b}[x](y)|"))
    # What a backslash stands before means itself.
    lines = [re.sub(r"\\.", "", line) for line in text.splitlines() if not line.startswith("    ")]
    assert sum(line.startswith("#") for line in lines) == 4 + 1
    assert {line.count("|") for line in lines if line.startswith("| ")} == {9 + 1, 6 + 1}
    assert not any(mark in line for line in lines for mark in "<>`[")


def test_the_page_says_what_the_result_says() -> None:
    text = Tags(render_html(summarise(result_of()))).text
    for shown in ("1 of 2 models came out better, 1 worse", "+25.0", "−10.0", "declined", "9 qualified", "6 kept"):
        assert shown in text
    assert "No row left its owner" in text


def test_who_only_teaches_is_not_counted() -> None:
    result = result_of()
    result["participants"]["old"] = {"before": 0.5, "after": 0.5, "accepted": None}
    told = "1 of 2 models came out better, 1 worse; on average a gain of 7.5 points."
    assert told in Tags(render_html(summarise(result))).text
    assert told in render_markdown(summarise(result)).replace("\\", "")


def test_of_nothing_taught_what_came_furthest_is_told() -> None:
    def sent(teacher: str, generated: int, reached: int) -> dict[str, Any]:
        counts = {"qualified": 110, "generated": generated, "reached": reached, "kept": 0}
        return {"teacher": teacher, "student": "south" if teacher == "north" else "north", **counts}

    text = Tags(render_html(summarise(result_of(transfers=[sent("north", 0, 0), sent("south", 101, 99)])))).text
    assert "south came furthest, with north: it qualified for 110 instances; 101 could be made, and 99 became" in text


def test_the_command_to_repeat_a_run_is_not_refused() -> None:
    summary = summary_of()
    for text in (Tags(render_html(summary)).text, render_markdown(summary).replace("\\", "")):
        assert "coopdistill north --force" in text
        assert "--force lets it replace this run; to keep both, give another folder by --out instead." in text


def test_a_model_that_is_not_saved_is_named() -> None:
    told = "the model of 'north' is not saved: south"
    assert told in render_markdown(summary_of()).replace("\\", "")
    assert told in shown_in(160, summary_of())


def shown_in(width: int, summary: Summary) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(console_table(summary))
    return console.export_text()


@pytest.mark.parametrize("width", [20, 30, 45, 60, 72, 79, 100])
@pytest.mark.parametrize("metric", ["accuracy", "neg_mean_absolute_error"])
def test_narrow_terminals_cut_learners_first_and_numbers_never(width: int, metric: str) -> None:
    sign = -1 if metric.startswith("neg") else 1
    scores = {"before": sign * 0.5, "after": sign * 0.75, "pooled": sign * 0.81, "average": sign * 0.72}
    learner = "HistGradientBoostingClassifier"
    names = ("Köln Nord", "Universitätsklinikum")
    participants = {
        names[0]: {**scores, "accepted": True, "learner": learner},
        names[1]: {**scores, "accepted": False, "learner": learner},
    }
    told = shown_in(width, summarise(result_of(metric=metric, participants=participants, transfers=[])))
    assert re.search(r"Köln\s.*Nord", told, re.DOTALL)
    numbers = ("50.0", "75.0", "+25.0", "81.0", "72.0") if metric == "accuracy" else ("0.5", "0.75", "0.81", "0.72")
    for number in numbers:
        assert len(re.findall(rf"(?<![\d.]){re.escape(number)}0*(?![\d…])", told)) >= 2, told
    assert "declined" in told
    assert "…" not in re.sub(r"Hist\w*…", "", told)
    assert max(map(len, told.splitlines())) <= width
    if width == 100:
        assert "Hist" in told


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
    assert "Gain" not in render_markdown(summary)
    Console(quiet=True).print(console_table(summary))


def test_a_summary_is_plain_data() -> None:
    assert json.loads(json.dumps(summarise(result_of()).as_dict()))["models"][0]["gain"] == 0.25


@pytest.mark.parametrize("wrong", [{}, {"name": "a", "participants": []}, {"name": "a", "participants": {"b": 1}}])
def test_what_is_no_result_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(OutputError, match="not the result of a run"):
        summarise(wrong)


def test_those_who_do_better_together_are_told_so_and_others_are_not() -> None:
    asked = {"before": 0.5, "after": 0.75, "together": 0.9, "consults": True, "accepted": True}
    alone = {**asked, "together": 0.75, "consults": False}
    with_one = summarise(result_of(participants={"north": asked, "south": alone}, transfers=[]))
    told = Tags(render_html(with_one)).text, render_markdown(with_one), shown_in(100, with_one)
    for text in told:
        assert "90.0" in text
        assert "together" in text.lower()
    assert answer(with_one).endswith("Asked together: +32.5.")
    with_nobody = summarise(result_of(participants={"north": alone, "south": alone}, transfers=[]))
    assert "together" not in shown_in(100, with_nobody)
    assert "ogether" not in answer(with_nobody)
    of_before = {**asked, "together": None}
    assert summarise(result_of(participants={"north": of_before}, transfers=[])).mean_gain_together is None
