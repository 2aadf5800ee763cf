"""The built documentation as a browser sees it; `make test-browser` builds it first."""

from __future__ import annotations

import functools
import os
import re
import threading
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
SITE = Path(os.environ.get("COOPDISTILL_SITE", ROOT / "site"))
PAGES = sorted(path.relative_to(SITE).parent.as_posix() for path in SITE.rglob("index.html"))
PHONE, DESKTOP = 390, 1280

pytestmark = pytest.mark.skipif(not PAGES, reason="the documentation is not built: make docs")


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def home():
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Silent, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def address(home: str, page: str) -> str:
    return home if page == "." else f"{home}{page}/"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_quietly_and_fits_a_phone(page, home, open_page):
    observed = open_page(home, width=PHONE)
    observed.page.goto(address(home, page), wait_until="load")
    assert observed.page.locator("h1").count() == 1
    wider = observed.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0, f"the page is {wider} pixels wider than a phone"
    observed.assert_quiet()


def test_every_link_within_the_site_leads_somewhere():
    html = {page: (SITE / page / "index.html").read_text(encoding="utf-8") for page in PAGES}
    broken = []
    for page, text in html.items():
        for link in set(re.findall(r'<a [^>]*?href="([^"]+)"', text)):
            to = urlsplit(urljoin(f"http://site/{'' if page == '.' else page + '/'}", unescape(link)))
            if to.netloc != "site":
                continue
            target = to.path.strip("/") or "."
            there = f'id="{unquote(to.fragment)}"' in html.get(target, "") if to.fragment else target in html
            if not there and not (SITE / target).is_file():
                broken.append((page, link))
    assert broken == []


def test_search_finds_pages_without_a_network(home, open_page):
    observed = open_page(home)
    observed.page.goto(home, wait_until="load")
    observed.page.keyboard.press("/")
    observed.page.keyboard.type("immutable", delay=20)
    first = observed.page.locator(".md-search-result__item a").first
    first.wait_for(state="visible", timeout=15_000)
    assert first.get_attribute("href").startswith(home)
    observed.assert_quiet()


def test_the_theme_switches_and_the_picture_with_it(home, open_page):
    observed = open_page(home, scheme="light")
    page = observed.page
    page.goto(home, wait_until="load")
    card = "getComputedStyle(document.querySelector('.picture .card')).fill"
    light = page.evaluate("getComputedStyle(document.body).backgroundColor"), page.evaluate(card)
    page.locator("label[title='Switch to dark']").click()
    page.wait_for_function("document.body.dataset.mdColorScheme === 'slate'")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor"), page.evaluate(card)
    assert light[0] != dark[0]
    assert light[1] != dark[1]
    observed.assert_quiet()


def test_formulas_are_drawn_by_the_browser_itself(home, open_page):
    observed = open_page(home)
    observed.page.goto(f"{home}method/", wait_until="load")
    assert observed.page.locator("math").count() > 20
    assert observed.page.locator("text=/\\\\\\\\(alpha|frac|bigl)/").count() == 0
    observed.assert_quiet()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("page", [".", "tutorials/hospitals", "method"])
def test_screenshots_to_look_at(page, width, scheme, home, open_page, tmp_path):
    folder = Path(os.environ.get("COOPDISTILL_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    observed = open_page(home, width=width, scheme=scheme)
    observed.page.goto(address(home, page), wait_until="load")
    name = f"{'home' if page == '.' else page.replace('/', '-')}-{width}-{scheme}.png"
    observed.page.screenshot(path=folder / name, full_page=True)
    assert (folder / name).stat().st_size > 10_000
