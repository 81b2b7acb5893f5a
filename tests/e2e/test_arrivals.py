"""The arrival desk without a line: by keyboard, kept, opened again, sent once when the line is back."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.e2e.conftest import serve_node
from tests.e2e.test_pages import findings
from tests.factories.played import CASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page
    from tests.e2e.conftest import Served

PATH = f"/arrivals/{CASE}"


@pytest.fixture(scope="module")
def roll_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a node with six named people."""
    with serve_node(tmp_path_factory.mktemp("roll") / "node", "make_roll.py") as served:
        yield served


@pytest.fixture
def desk(roll_node: Served, browser: Browser) -> Iterator[Page]:
    """Return the page of the desk, signed in and kept by the service worker."""
    context = browser.new_context(base_url=roll_node.address)
    context.add_cookies([{"name": "passerelle_language", "value": "en", "url": roll_node.address}])
    page = context.new_page()
    page.goto(roll_node.sign_in_link())
    page.goto(PATH)
    page.wait_for_function(
        """async () => {
            const kept = (await (await caches.open('arrivals-1')).keys()).map((one) => new URL(one.url));
            return kept.length > 4 && kept.some((one) => one.pathname === location.pathname)
                && navigator.serviceWorker.controller !== null;
        }""",
        timeout=30_000,
    )
    yield page
    context.close()


def arrivals(node: Served) -> list[str]:
    """Return who the record says has arrived, once an act."""
    command = [sys.executable, "-m", "passerelle.cli", "dossier", "show", CASE]
    done = subprocess.run(
        [*command, "--node", str(node.folder)],
        env=node.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    steps = json.loads(done.stdout)["steps"]
    return [one["payload"]["person"] for one in steps if one["act"] == "arrive"]


def test_check_ins_survive_the_loss_of_the_line_and_are_sent_once(
    roll_node: Served, desk: Page
) -> None:
    desk.context.set_offline(True)
    with roll_node.held():  # the browser may let a request of a page that opens slip through
        desk.locator("[data-filter]").focus()
        desk.keyboard.type("Exemple-A")
        desk.keyboard.press("Enter")
        desk.reload()
        desk.locator("[data-filter]").focus()
        desk.keyboard.type("P2")
        desk.keyboard.press("Enter")

        assert "2" in desk.locator("[data-line]").inner_text()
        assert desk.locator('[data-person="P1"] [data-mark]').inner_text() == "kept on this device"
        assert arrivals(roll_node) == []

    desk.context.set_offline(False)
    desk.locator('[data-person="P2"] [data-mark]', has_text="recorded").wait_for(timeout=30_000)

    assert desk.locator("[data-line]").inner_text() == "Everything is sent."
    assert sorted(arrivals(roll_node)) == ["P1", "P2"]
    desk.reload()
    assert desk.locator('[data-person="P1"]').get_attribute("data-state") == "here"
    assert sorted(arrivals(roll_node)) == ["P1", "P2"]


def test_a_conflict_with_another_desk_is_shown_and_says_nothing_twice(
    roll_node: Served, desk: Page
) -> None:
    other = desk.context.new_page()
    other.goto(PATH)
    desk.bring_to_front()
    desk.context.set_offline(True)
    desk.locator('[data-person="P3"] [data-deed="no-show"] button').press("Enter")
    desk.context.set_offline(False)
    desk.locator('[data-person="P3"] [data-mark]', has_text="recorded").wait_for(timeout=30_000)

    other.locator('[data-person="P3"] [data-deed="depart"] button').click()

    mark = other.locator('[data-person="P3"] .state-critical')
    mark.wait_for(timeout=30_000)
    assert mark.inner_text() != ""
    assert "Conflicts: 1" in other.locator("[data-line]").inner_text()


def test_the_device_forgets_the_page_on_demand(desk: Page) -> None:
    desk.locator("[data-forget]").click()

    desk.wait_for_function("async () => !(await caches.has('arrivals-1'))", timeout=10_000)
    assert desk.evaluate("Object.keys(localStorage).length") == 0


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_pages_of_rolls_have_no_serious_finding(
    roll_node: Served, browser: Browser, language: str
) -> None:
    context = browser.new_context(base_url=roll_node.address, reduced_motion="reduce")
    context.add_cookies(
        [{"name": "passerelle_language", "value": language, "url": roll_node.address}]
    )
    page = context.new_page()
    page.goto(roll_node.sign_in_link())

    found: dict[str, list[str]] = {}
    for path in ("/rolls", f"/rolls/{CASE}", "/counts", "/partners/MA", PATH):
        page.goto(path)
        assert page.locator("h1").count() == 1
        found[path] = findings(page)
    context.close()

    assert {path: one for path, one in found.items() if one} == {}
