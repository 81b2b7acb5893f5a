"""The desk by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.e2e.pages import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page


def focused(page: Page) -> str | None:
    return page.locator(":focus").first.get_attribute("data-at")


def test_grid_is_one_tab_stop(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGES["coverage"])

    assert page.locator('[data-grid] a[data-at][tabindex="0"]').count() == 1


@pytest.mark.parametrize(("language", "forward"), [("en", "ArrowRight"), ("ar", "ArrowLeft")])
def test_arrows_follow_the_reading_direction(
    open_page: Callable[..., Page], language: str, forward: str
) -> None:
    page = open_page(PAGES["coverage"], language)
    first_row = page.locator("[data-grid] tbody tr:has(a[data-at])").first
    cells = [link.get_attribute("data-at") for link in first_row.locator("a[data-at]").all()]
    first_row.locator("a[data-at]").first.focus()

    page.keyboard.press(forward)
    after_one = focused(page)
    page.keyboard.press("End")
    at_end = focused(page)
    page.keyboard.press("Home")

    assert (after_one, at_end, focused(page)) == (cells[1], cells[-1], cells[0])


def test_enter_opens_the_cell_and_escape_closes_it(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGES["coverage"])
    link = page.locator("[data-grid] a[data-at]").first
    at = link.get_attribute("data-at")
    link.focus()

    page.keyboard.press("Enter")
    page.locator("#panel h2").wait_for()
    opened = page.url
    page.keyboard.press("Escape")
    page.locator("#panel h2").wait_for(state="detached")

    assert f"at={at}" in opened
    assert "at=" not in page.url
    assert focused(page) == at


def test_palette_finds_a_site(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGES["plan"])

    page.keyboard.press("Control+k")
    page.keyboard.type("STE")
    page.locator('#palette [role="option"]', has_text="STE").first.wait_for()
    page.locator('#palette [role="option"]', has_text="STE ·").first.click()
    page.wait_for_url("**/sites/STE")


def test_g_then_letter_goes_to_a_part(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGES["plan"])

    page.keyboard.press("g")
    page.keyboard.press("c")

    page.wait_for_url("**/coverage*")


def test_single_letter_keys_can_be_switched_off(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGES["plan"])
    page.locator("summary", has_text="Looks and keys").click()
    page.locator('button[name="keys"][value="off"]').click()
    page.wait_for_load_state()

    page.keyboard.press("?")

    assert page.locator("#keys[open]").count() == 0


def test_theme_switch_holds_over_pages(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGES["plan"])
    page.locator("summary", has_text="Looks and keys").click()
    page.locator('button[name="theme"][value="dark"]').click()
    page.wait_for_load_state()

    page.goto(PAGES["coverage"])

    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_map_list_and_slider_drive_the_same_facts(open_page: Callable[..., Page]) -> None:
    page = open_page(PAGES["map"])
    page.locator("#map[data-ready]").wait_for()
    before = page.locator("#map-when").inner_text()

    page.locator("#map-time").focus()
    page.keyboard.press("ArrowRight")

    assert page.locator("#map-when").inner_text() != before
    assert "part=" in page.url
