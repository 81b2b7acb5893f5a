"""Calendar feeds: a secret address, shown once, revocable at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.test import Client

from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.audit.models import AuditEntry
from passerelle.node.feeds.models import CalendarFeed
from passerelle.node.plans.domain import publish
from passerelle.node.plans.queries import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.kernel.clock import FixedClock
    from passerelle.node.plans.models import PlanVersion


def english(client: Client) -> Client:
    client.cookies["passerelle_language"] = "en"
    return client


def made(client: Client, code: str, group: str) -> str:
    """Make a feed on the page and return its path."""
    page = client.post(f"/e/{code}/files", {"group": group, "language": "fr"}).content.decode()
    found = re.search(r"/calendar/[A-Za-z0-9_-]{40,}\.ics", page)
    assert found, page
    return found[0]


def test_a_feed_answers_without_sign_in_until_it_is_revoked(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client], clock: FixedClock
) -> None:
    version = make_plan(1)
    publish(version, expected_published=None, actor=COMMAND_LINE, clock=clock)
    code, group = version.event.code, next(iter(table(version.pk).groups))
    client, stranger = english(signed_in("planner")), Client()

    path = made(client, code, group)
    before = stranger.get(path)
    client.post(f"/e/{code}/files", {"revoke": str(CalendarFeed.objects.get().pk)})
    after = stranger.get(path)

    assert before.status_code == 200
    assert before.content.startswith(b"BEGIN:VCALENDAR")
    assert b"SEQUENCE:" in before.content
    assert (after.status_code, stranger.get("/calendar/guess.ics").status_code) == (404, 404)
    token = path.split("/")[-1].removesuffix(".ics")
    assert token not in str(list(CalendarFeed.objects.values()))
    assert {one.action for one in AuditEntry.objects.all()} >= {"feeds.make", "feeds.revoke"}
    assert token not in client.get(f"/e/{code}/files").content.decode()


def test_a_feed_of_nothing_is_refused_and_an_operator_makes_none(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client]
) -> None:
    code = make_plan(1).event.code

    refused = english(signed_in("planner")).post(f"/e/{code}/files", {"group": "NOBODY"})

    assert refused.status_code == 422
    assert signed_in("operator").get(f"/e/{code}/files").status_code == 403
    client = signed_in("leader")
    for language in ("fr", "ar"):
        client.cookies["passerelle_language"] = language
        assert client.get(f"/e/{code}/files").status_code == 200


def test_the_forms_come_from_the_published_plan_in_three_languages(
    make_plan: Callable[[int], PlanVersion], signed_in: Callable[..., Client], clock: FixedClock
) -> None:
    version = make_plan(1)
    client, code = signed_in("commander"), version.event.code
    assert client.get(f"/e/{code}/ics/204").status_code == 409
    publish(version, expected_published=None, actor=COMMAND_LINE, clock=clock)

    for language in ("fr", "en", "ar"):
        client.cookies["passerelle_language"] = language
        for number in ("204", "211", "218"):
            page = client.get(f"/e/{code}/ics/{number}")
            assert page.status_code == 200
            assert f"ICS {number}" in page.content.decode()
    assert client.get(f"/e/{code}/ics/999").status_code == 404
    duties = client.get(f"/e/{code}/ics/204").content.decode()
    assert next(iter(table(version.pk).groups)) in duties
