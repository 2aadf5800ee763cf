"""A real browser, and pages that tell on themselves: what they wrote to the console, what they asked of the network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = [
    "--no-sandbox",  # which cannot be had as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Observed:
    """A page, and what it did that a reader would not see."""

    page: Any
    home: str
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda m: self.console.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("response", self._note_missing)
        self.page.on("request", self._note_foreign)

    def assert_quiet(self) -> None:
        assert (self.console, self.errors, self.foreign) == ([], [], [])

    def _note_missing(self, response: Any) -> None:
        if response.status >= 400:
            self.errors.append(f"{response.status} {response.url}")

    def _note_foreign(self, request: Any) -> None:
        if not request.url.startswith((self.home, "data:", "blob:", "about:")):
            self.foreign.append(request.url)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium as it is installed; `COOPDISTILL_CHROMIUM` names another one."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make test-browser")
    named = os.environ.get("COOPDISTILL_CHROMIUM")
    path = named or next((found for found in map(shutil.which, _NAMES) if found), None)
    if path is None:
        pytest.skip("there is no Chromium here; install one, or name it in COOPDISTILL_CHROMIUM")
    with (
        playwright.sync_playwright() as driver,
        closing(driver.chromium.launch(executable_path=path, args=_QUIET)) as it,
    ):
        yield it


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Observed]]:
    """Open pages below a home address; nothing else may be asked of the network."""
    contexts = []

    def open_at(home: str, *, width: int = 1280, height: int = 900, scheme: str = "light") -> Observed:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        observed = Observed(context.new_page(), home)
        observed.watch()
        return observed

    yield open_at
    for context in contexts:
        context.close()
