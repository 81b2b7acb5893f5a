"""The pages of proof and the dossier with its proof state: three languages, desk and telephone, pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.e2e.conftest import serve_node
from tests.e2e.pictures import keep
from tests.e2e.test_pages import PICTURES, WANT_PICTURES, findings

from passerelle.exchange.names import log_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page
    from tests.e2e.conftest import Served

LOG = f"/proof/logs/{log_id('fr/to/ma/epoch-1')}"
PAGES = {
    "proof": "/proof",
    "proof-root": "/proof/root",
    "proof-peer": "/proof/peers/ma",
    "proof-peer-paused": "/proof/peers/es",
    "proof-log": LOG,
    "proof-act": f"{LOG}/0",
    "proof-act-waiting": f"{LOG}/61",
    "dossier-proof": "",
}
"""Path by name; the dossier is found by its link."""


@pytest.fixture(scope="module")
def proof_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a node that has said and heard something."""
    with serve_node(tmp_path_factory.mktemp("proof") / "node", "make_proof.py") as served:
        yield served


@pytest.fixture(scope="module")
def signed_state(proof_node: Served, browser: Browser) -> object:
    """Sign in once."""
    context = browser.new_context(base_url=proof_node.address)
    context.new_page().goto(proof_node.sign_in_link())
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def go(proof_node: Served, browser: Browser, signed_state: object) -> Iterator[Callable[..., Page]]:
    """Return a function that opens one of the pages; complaints of the console fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def visit(name: str, language: str, *, width: int = 1280, height: int = 832) -> Page:
        context = browser.new_context(
            base_url=proof_node.address,
            storage_state=signed_state,  # type: ignore[arg-type]  # what storage_state gave
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
        )
        contexts.append(context)
        cookie = {"name": "passerelle_language", "value": language, "url": proof_node.address}
        context.add_cookies([cookie])  # type: ignore[list-item]  # a cookie
        page = context.new_page()
        page.on(
            "console",
            lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None,
        )
        if PAGES[name]:
            page.goto(PAGES[name], wait_until="load")
        else:
            page.goto("/dossiers", wait_until="load")
            page.locator("main table a, main .data a").first.click()
            page.locator("main details summary").first.click()
        return page

    yield visit
    for context in contexts:
        context.close()
    assert "\n".join(complaints) == ""


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_page_of_proof_has_no_serious_finding(
    go: Callable[..., Page], name: str, language: str
) -> None:
    page = go(name, language)

    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    assert page.locator("h1").count() == 1
    assert findings(page) == []


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_page_of_proof_fits_a_telephone(go: Callable[..., Page], name: str, language: str) -> None:
    page = go(name, language, width=320, height=640)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.skipif(not WANT_PICTURES, reason="pictures are taken when DESK_PICTURES is set")
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_picture_of_proof_is_taken(go: Callable[..., Page], name: str, language: str) -> None:
    target = PICTURES / f"{name}-{language}.png"

    keep(go(name, language), target)

    assert 5_000 < target.stat().st_size < 200_000


def test_each_act_leads_to_its_proof_and_the_proof_to_a_pack(go: Callable[..., Page]) -> None:
    page = go("proof", "en")

    page.get_by_role("link", name="ma", exact=True).first.click()
    page.get_by_role("link", name="fr/to/ma/epoch-1").click()
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="0", exact=True).click()

    assert "the partner signed that it holds this" in page.locator("h1").inner_text()
    with page.expect_download() as started:
        page.get_by_role("link", name="Verification pack, without contents").click()
    assert started.value.suggested_filename.endswith(".pack")


def test_an_act_that_waits_too_long_is_called_overdue(go: Callable[..., Page]) -> None:
    rows = go("proof-peer", "en").locator("section").first.locator("tbody tr")

    assert rows.count() == 2
    assert "overdue" in rows.nth(0).inner_text()
    assert "overdue" not in rows.nth(1).inner_text()
