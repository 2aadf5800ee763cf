"""A report as a browser shows it, opened from disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sklearn.naive_bayes import GaussianNB

from coopdistill import CooperativeDistillation, Participant
from coopdistill.datasets import make_clinics
from coopdistill.report import gather, render_html, summarise

PHONE, DESKTOP = 390, 1280
HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>"

needs_plots = pytest.mark.skipif(find_spec("vl_convert") is None, reason="the extra `report` is not installed")


def written(path: Path, names: list[str]) -> str:
    """Write a report of a real cooperation, and return its address."""
    train = make_clinics(random_state=0).train
    participants = [Participant(name, GaussianNB(), *table) for name, table in zip(names, train.values(), strict=True)]
    cooperation = CooperativeDistillation(acceptance="always", random_state=0).fit(participants)
    scores = {name: {"before": 0.8 + i / 50, "after": 0.85, "accepted": True} for i, name in enumerate(names)}
    result = {
        "name": names[0],
        "metric": "accuracy",
        "n_test_rows": 171,
        "participants": scores,
        "transfers": cooperation.transfers_.to_dict("records"),
        "disclosures": cooperation.disclosures_.to_dict("records"),
        "command": ["coopdistill", "run", "study.toml"],
    }
    path.write_text(render_html(summarise(result, gather(cooperation, participants, show_rows="asked"))), "utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("report") / "report.html", ["small", "medium", "large"])


Opened = Callable[..., Any]


@pytest.fixture
def opened(address: str, open_page: Opened) -> Opened:
    def at(**how: Any) -> Any:
        observed = open_page(address, **how)
        observed.page.goto(address, wait_until="load")
        if find_spec("vl_convert") is not None:
            observed.page.wait_for_selector(".plot.ready svg", timeout=20_000)
        return observed

    return at


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_it_loads_from_disk_quietly_and_fits(width: int, opened: Opened) -> None:
    observed = opened(width=width)
    assert observed.page.locator("h1").count() == 1
    assert observed.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    observed.assert_quiet()


def shown_lessons(page: Any) -> list[str]:
    return [lesson.get_attribute("id") for lesson in page.locator(".lesson").all() if lesson.is_visible()]


def test_a_click_on_a_pair_shows_its_lesson(opened: Opened) -> None:
    observed = opened()
    page = observed.page
    page.locator(".matrix a[href='#lesson-2-0']").click()
    assert shown_lessons(page) == ["lesson-2-0"]
    assert page.evaluate("document.activeElement.id") == "lesson-2-0"
    page.locator(".graph a[href='#lesson-0-2'] .hit").dispatch_event("click")
    assert shown_lessons(page) == ["lesson-0-2"]
    assert page.locator(".matrix [aria-current]").get_attribute("href") == "#lesson-0-2"
    observed.assert_quiet()


def test_the_keyboard_is_enough(opened: Opened) -> None:
    observed = opened()
    page = observed.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator(".matrix a[tabindex='0']").focus()
    page.locator(".matrix a[href='#lesson-0-1']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#lesson-1-2"
    assert page.locator(".matrix a[tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    assert shown_lessons(page) == ["lesson-1-2"]
    observed.assert_quiet()


def test_the_theme_follows_the_system_and_switches(opened: Opened) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    light, dark = (opened(scheme=scheme) for scheme in ("light", "dark"))
    colours = light.page.evaluate(paper), dark.page.evaluate(paper)
    assert colours[0] != colours[1]
    light.page.locator("#theme").click()
    assert light.page.evaluate(paper) == colours[1]
    assert "light" in light.page.locator("#theme").get_attribute("aria-label")
    light.page.locator("#theme").click()
    assert light.page.evaluate(paper) == colours[0]
    light.assert_quiet()


@needs_plots
def test_the_map_answers(opened: Opened) -> None:
    observed = opened()
    page = observed.page
    marks = page.locator(".live .mark-symbol.layer_1_marks path, .live .layer_1_marks path")
    everyone = marks.count()
    page.locator("#map-teacher").select_option("0")
    of_one = marks.count()
    page.locator("#map-student").select_option("0")
    assert (everyone > of_one > 0, marks.count()) == (True, 0)
    page.locator(".matrix a[href='#lesson-0-1']").click()
    assert page.locator("#map-student").input_value() == "1"
    assert 0 < marks.count() < of_one
    observed.assert_quiet()


def test_names_of_users_do_nothing(tmp_path: Path, open_page: Opened) -> None:
    address = written(tmp_path / "report.html", [HOSTILE, f"b{HOSTILE}", "c\u2028"])
    observed = open_page(address)
    observed.page.goto(address, wait_until="load")
    observed.page.wait_for_timeout(500)
    assert observed.page.title().startswith("</script>")
    assert observed.page.locator("img[src='x']").count() == 0
    observed.assert_quiet()


def test_the_policy_compiles_no_text(opened: Opened) -> None:
    page = opened().page
    # Later, because what a debugger asks at once is exempt from the policy.
    attempt = "() => { try { done(new Function('return 1')()); } catch (error) { done(error.name); } }"
    assert page.evaluate(f"new Promise((done) => setTimeout({attempt}))") == "EvalError"


def test_without_script_links_show_lessons_and_the_drawing_stays(address: str, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert len(shown_lessons(page)) == 1
    page.goto(f"{address}#lesson-1-0")
    assert shown_lessons(page) == ["lesson-1-0"]
    assert page.locator("svg.map").is_visible()
    context.close()


def test_on_paper_there_are_drawings_and_no_controls(opened: Opened) -> None:
    page = opened(scheme="dark").page
    page.emulate_media(media="print")
    assert page.locator("svg.map").is_visible()
    assert not any(page.locator(part).first.is_visible() for part in ("nav", ".controls", ".live"))
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 31, 35)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_screenshots_of_the_report_to_look_at(width: int, scheme: str, opened: Opened, tmp_path: Path) -> None:
    folder = Path(os.environ.get("COOPDISTILL_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / f"report-{width}-{scheme}.png"
    opened(width=width, scheme=scheme).page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size > 10_000
