"""Pages over HTTP: who may see them, what they cost, and that a fragment is a part of its page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from passerelle.node.plans.models import PlanVersion

LISTS = [
    "plan",
    "coverage",
    "coverage?scale=event&gaps=1",
    "roster",
    "map",
    "need?day=2024-07-24",
    "sessions?day=2024-07-24",
    "sites",
    "forces",
    "jobs",
    "duty-sheets?site=V00&from=2024-07-24",
]
ONE = [
    "sites/V00",
    "sessions/S00",
    "coverage?at=V00.20240724T1200Z",
    "roster?at=0",
    "plan/1/publish",
]


@pytest.mark.parametrize("path", LISTS)
def test_query_count_does_not_grow_with_rows(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client], path: str
) -> None:
    client = signed_in("planner")
    counts = []
    for rows in (1, 30):
        code = make_plan(rows).event.code
        client.get(f"/e/{code}/{path}")  # what never changes is kept from here on
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/e/{code}/{path}")
        assert answer.status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[1] <= 12


@pytest.mark.parametrize("path", [*LISTS, *ONE])
def test_page_opens_in_every_language(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client], path: str
) -> None:
    client = signed_in("planner")
    code = make_plan(2).event.code

    for language, direction in (("fr", "ltr"), ("en", "ltr"), ("ar", "rtl")):
        client.cookies["passerelle_language"] = language
        answer = client.get(f"/e/{code}/{path}")
        text = answer.content.decode()
        assert answer.status_code == 200
        assert f'<html lang="{language}" dir="{direction}"' in text
        assert text.count("<h1") == 1
        assert "style=" not in text


@pytest.mark.parametrize("path", ["coverage?at=V00.20240724T1200Z", "roster?at=0"])
def test_panel_fragment_is_what_the_page_shows(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client], path: str
) -> None:
    client = signed_in("planner")
    code = make_plan(2).event.code

    page = client.get(f"/e/{code}/{path}").content.decode()
    fragment = client.get(
        f"/e/{code}/{path}", headers={"HX-Request": "true", "HX-Target": "panel"}
    ).content.decode()

    found = re.search(r'<aside class="panel"[^>]*>(.*?)</aside>', page, re.DOTALL)
    assert found is not None
    assert "<h2" in fragment
    assert fragment.strip() == found[1].strip()


def test_main_fragment_is_what_the_page_shows(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client]
) -> None:
    client = signed_in("planner")
    code = make_plan(2).event.code

    page = client.get(f"/e/{code}/sites").content.decode()
    fragment = client.get(
        f"/e/{code}/sites", headers={"HX-Request": "true", "HX-Target": "main"}
    ).content.decode()

    title, _, main = fragment.strip().partition("\n")
    assert title.startswith("<title>")
    assert main.strip() in page


def test_visitor_without_account_is_sent_to_sign_in(
    make_plan: Callable[[int], PlanVersion], client: Client
) -> None:
    code = make_plan(1).event.code

    answer = client.get(f"/e/{code}/plan")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


def test_role_without_right_sees_a_reason_and_nothing_else(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client]
) -> None:
    version = make_plan(1)
    client = signed_in("analyst")

    answer = client.get(f"/e/{version.event.code}/plan")

    assert answer.status_code == 403
    assert "planner" in answer.content.decode()
    assert "Stadium" not in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/e/nothing/plan", "/e/cup-1/sites/XX", "/e/cup-1/plan?version=9", "/x"]
)
def test_what_is_not_there_is_said_in_words(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client], path: str
) -> None:
    make_plan(1)

    answer = signed_in("planner").get(path)

    assert answer.status_code == 404
    assert b"<h1>" in answer.content


def test_policy_allows_nothing_from_elsewhere(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client]
) -> None:
    code = make_plan(1).event.code

    policy = signed_in("planner").get(f"/e/{code}/map")["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
