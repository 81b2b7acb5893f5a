"""Pages of reinforcement in a browser: no serious finding, a decision and a confirmation by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.e2e.conftest import serve_node
from tests.e2e.test_pages import PICTURES, WANT_PICTURES, findings
from tests.factories.played import CASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page
    from tests.e2e.conftest import Served

EVENT = "/e/small-cup"
PAGES = {
    "reinforcement": f"{EVENT}/reinforcement",
    "campaign": f"{EVENT}/campaigns/1",
    "campaign-check": f"{EVENT}/campaigns/1/check",
    "campaign-thread": f"{EVENT}/campaigns/1/ma",
    "offers": f"{EVENT}/offers",
    "mix": f"{EVENT}/offers/mix",
    "request-offers": f"/dossiers/{CASE}/offers",
    "request": f"/dossiers/{CASE}",
    "duties": f"/dossiers/{CASE}/duties",
    "calendars": f"/dossiers/{CASE}/calendars",
    "request-commitment": f"/dossiers/{CASE}/commitment",
    "roll": f"/rolls/{CASE}",
    "screening": f"/rolls/{CASE}/screening",
    "arrivals": f"/arrivals/{CASE}",
    "partner": "/partners/MA",
    "counts": "/counts?event=small-cup",
}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve_node(
        tmp_path_factory.mktemp("reinforcement") / "node", "make_reinforcement.py"
    ) as served:
        yield served


@pytest.fixture(scope="module")
def signed_in(node: Served, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=node.address, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(node.sign_in_link())
    page.close()
    yield context
    context.close()


def opened(context: BrowserContext, node: Served, path: str, language: str) -> Page:
    context.add_cookies([{"name": "passerelle_language", "value": language, "url": node.address}])
    page = context.new_page()
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    return page


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_page_has_no_serious_finding(
    node: Served, signed_in: BrowserContext, name: str, language: str
) -> None:
    page = opened(signed_in, node, PAGES[name], language)

    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    assert findings(page) == []
    if WANT_PICTURES:
        page.screenshot(path=PICTURES / f"{name}-{language}.png")
    page.close()


def test_a_decision_about_a_person_is_checked_and_signed_by_keyboard(
    node: Served, signed_in: BrowserContext
) -> None:
    page = opened(signed_in, node, PAGES["screening"], "en")
    assert "3 people wait" in page.locator("h1").inner_text()

    page.get_by_role("button", name="Cleared").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/security/vet")
    assert findings(page) == []
    page.get_by_role("button", name="Sign and release").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{PAGES['screening']}")

    assert "Exemple-E" in page.locator("#who").inner_text()
    page.get_by_role("button", name="Exemple-D").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Number of the badge").wait_for()
    page.close()


def test_a_confirmed_campaign_shows_that_it_waits_for_the_worker_and_can_be_stopped(
    node: Served, signed_in: BrowserContext
) -> None:
    page = opened(signed_in, node, PAGES["campaign-check"], "en")

    page.get_by_role("button", name="Sign and release").click()
    page.wait_for_url(f"**{PAGES['campaign']}")
    waiting = page.locator("#live").inner_text()
    found = findings(page)
    page.get_by_role("button", name="Stop sending").click()
    page.wait_for_load_state()

    assert "has not begun yet" in waiting
    assert found == []
    assert page.get_by_role("link", name="Check and send").count() == 1
    page.close()
