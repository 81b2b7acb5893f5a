"""Every page in three languages: it opens, obeys its own policy, has no serious finding of axe."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.e2e.pages import PAGES
from tests.e2e.pictures import keep

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "docs/user/screenshots"
WANT_PICTURES = bool(os.environ.get("DESK_PICTURES"))
DARK = {("coverage-event", "fr"), ("map", "ar")}


def findings(page: Page) -> list[str]:
    """Return what axe finds serious or critical, with the first place of each."""
    # Without preloading: axe would fetch style sheets by itself, past the policy of the page.
    # Rows of a table are alike, so a dozen of each stand for all; thousands would take minutes.
    rest = {"exclude": [["table tbody tr:nth-child(n+13)"]]}
    results = Axe().run(page, context=rest, options={"preload": False}).response
    return [
        f"{entry['id']}: {entry['nodes'][0]['target']} {entry['nodes'][0]['failureSummary']}"
        for entry in results["violations"]
        if entry["impact"] in {"serious", "critical"}
    ]


def settle(page: Page) -> None:
    """Wait for the map, which draws itself after the page has come."""
    if page.locator("#map").count():
        page.locator("#map[data-ready]").wait_for()


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_serious_finding(
    open_page: Callable[..., Page], name: str, language: str
) -> None:
    page = open_page(PAGES[name], language)
    settle(page)

    found = findings(page)

    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    assert page.locator("h1").count() == 1
    assert found == []


@pytest.mark.skipif(not WANT_PICTURES, reason="pictures are taken when DESK_PICTURES is set")
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_picture_is_taken(open_page: Callable[..., Page], name: str, language: str) -> None:
    theme = "dark" if (name, language) in DARK else "light"
    page = open_page(PAGES[name], language, theme=theme)
    settle(page)
    target = PICTURES / f"{name}-{language}.png"

    keep(page, target)

    assert 5_000 < target.stat().st_size < 200_000


@pytest.mark.parametrize("name", ["plan", "coverage-cell", "map", "roster"])
def test_dark_page_has_no_serious_finding(open_page: Callable[..., Page], name: str) -> None:
    page = open_page(PAGES[name], "en", theme="dark")
    settle(page)

    found = findings(page)

    assert found == []


@pytest.mark.parametrize(
    "name", ["plan", "publish", "sessions", "session", "site", "import", "forces"]
)
def test_page_needs_no_sideways_scrolling_at_320_px(
    open_page: Callable[..., Page], name: str
) -> None:
    page = open_page(PAGES[name], "fr", width=320, height=640)

    width = page.evaluate("document.documentElement.scrollWidth")

    assert width <= 320


def test_sign_in_page_has_no_serious_finding(open_page: Callable[..., Page]) -> None:
    page = open_page("/account/login/", "ar")
    page.context.clear_cookies(name="passerelle_fr")
    page.goto("/account/login/")

    assert findings(page) == []
