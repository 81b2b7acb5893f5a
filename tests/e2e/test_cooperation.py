"""Pages of cooperation and casework in a browser: axe in French and Arabic, phone width, keys, pictures."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.e2e.conftest import serve_node
from tests.e2e.pictures import keep
from tests.e2e.test_pages import PICTURES, WANT_PICTURES, findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page
    from tests.e2e.conftest import Served

PAGES = (
    "commitments", "commitment", "meetings", "meeting", "indicators", "release", "information",
    "assessment", "cyber-report", "judicial", "cases", "file", "review", "rights", "corridors",
    "audit", "public-group",
)  # fmt: skip


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve one of two nodes that have cooperated for months; PAIR_NODE is one made before."""
    kept = os.environ.get("PAIR_NODE")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("pair") / "node"
    with serve_node(folder, "" if kept else "make_cooperation.py") as served:
        yield served


@pytest.fixture(scope="module")
def paths(pair: Served) -> dict[str, str]:
    """Return the address of every page."""
    cases = json.loads((pair.folder / "cases.json").read_text("utf-8"))
    return {
        **{name: f"/{name}" for name in PAGES},
        "commitment": f"/dossiers/{cases['passes']}",
        "meeting": f"/dossiers/{cases['meeting']}",
        "release": f"/dossiers/{cases['figures']}",
        "assessment": f"/dossiers/{cases['assessment']}",
        "cyber-report": f"/dossiers/{cases['phishing']}",
        "file": f"/dossiers/{cases['file-held']}",
        "review": f"/dossiers/{cases['file-in-review']}/safeguard-officer/review",
        "public-group": "/public",
    }


@pytest.fixture(scope="module")
def signed(pair: Served, browser: Browser) -> Iterator[BrowserContext]:
    """Sign in once."""
    context = browser.new_context(base_url=pair.address, reduced_motion="reduce")
    context.new_page().goto(pair.sign_in_link())
    yield context
    context.close()


@pytest.fixture
def visit(
    pair: Served, paths: dict[str, str], signed: BrowserContext
) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page; complaints of the console fail the test."""
    complaints: list[str] = []
    pages: list[Page] = []

    def go(name: str, language: str, width: int = 1280) -> Page:
        cookie = {"name": "passerelle_language", "value": language, "url": pair.address}
        signed.add_cookies([cookie])  # type: ignore[list-item]  # a cookie
        page = signed.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": 832})
        page.on("console", lambda message: complaints.append(f"{message.type} {message.text}"))
        page.goto(paths[name])
        if name == "public-group":
            page.locator("main a").first.click()
            page.goto(f"{page.url}?language={language}")
        return page

    yield go
    for page in pages:
        page.close()
    assert complaints == []


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_serious_finding(visit: Callable[..., Page], name: str, language: str) -> None:
    page = visit(name, language)

    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    assert page.locator("h1").count() == 1
    assert findings(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_needs_no_sideways_scrolling_at_320_px(visit: Callable[..., Page], name: str) -> None:
    page = visit(name, "ar", width=320)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.skipif(not WANT_PICTURES, reason="pictures are taken when DESK_PICTURES is set")
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_picture_is_taken(visit: Callable[..., Page], name: str, language: str) -> None:
    target = PICTURES / f"{name}-{language}.png"

    keep(visit(name, language), target)

    assert 3_000 < target.stat().st_size < 200_000


def test_a_consent_is_asked_for_by_keyboard_alone(visit: Callable[..., Page]) -> None:
    page = visit("assessment", "en")

    page.get_by_role("link", name="Ask the originator's consent").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask-consent?**")
    page.locator("#f-use").select_option("police")
    page.locator("#f-recipient").fill("Prefecture")
    page.locator("#f-reason").fill("Deployment on the day of the match.")
    page.get_by_role("button", name="Check before signing").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign and release").focus()
    page.keyboard.press("Enter")

    page.get_by_text("Signed and released").wait_for()
    assert page.locator(".act-ours").count() >= 2


def test_a_release_is_proposed_with_its_figures_and_shown_before_it_is_signed(
    visit: Callable[..., Page],
) -> None:
    page = visit("release", "en")

    page.get_by_role("link", name="Reconcile").first.click()
    assert len(page.locator("#f-results_hash").input_value()) == 64
