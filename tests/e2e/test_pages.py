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


def path_of(name: str) -> str:
    return PAGES[name]


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


def picture(page: Page, name: str, language: str) -> None:
    """Keep a picture, when pictures are wanted."""
    if not WANT_PICTURES:
        return
    keep(page, PICTURES / f"{name}-{language}.png")


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_serious_finding(
    open_page: Callable[..., Page], name: str, language: str
) -> None:
    page = open_page(path_of(name), language)
    settle(page)

    picture(page, name, language)
    found = findings(page)

    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    assert page.locator("h1").count() == 1
    assert found == []


@pytest.mark.skipif(not WANT_PICTURES, reason="English pictures only when DESK_PICTURES is set")
@pytest.mark.parametrize("name", PAGES)
def test_english_picture_is_taken(open_page: Callable[..., Page], name: str) -> None:
    page = open_page(path_of(name), "en")
    settle(page)

    picture(page, name, "en")

    assert (PICTURES / f"{name}-en.png").exists()


@pytest.mark.parametrize("name", ["plan", "coverage-cell", "map", "roster"])
def test_dark_page_has_no_serious_finding(open_page: Callable[..., Page], name: str) -> None:
    page = open_page(path_of(name), "en", theme="dark")
    settle(page)

    found = findings(page)

    picture(page, f"{name}-dark", "en")
    assert found == []


@pytest.mark.parametrize(
    "name", ["plan", "publish", "sessions", "session", "site", "import", "forces"]
)
def test_page_needs_no_sideways_scrolling_at_320_px(
    open_page: Callable[..., Page], name: str
) -> None:
    page = open_page(path_of(name), "fr", width=320, height=640)

    width = page.evaluate("document.documentElement.scrollWidth")

    assert width <= 320


def test_sign_in_page_has_no_serious_finding(open_page: Callable[..., Page]) -> None:
    page = open_page("/account/login/", "ar")
    page.context.clear_cookies(name="passerelle_fr")
    page.goto("/account/login/")

    assert findings(page) == []
    picture(page, "sign-in", "ar")
