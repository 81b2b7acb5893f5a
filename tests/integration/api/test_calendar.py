from __future__ import annotations

from typing import TYPE_CHECKING

import icalendar
import pytest
from tests.factories.node import add_event, add_plan

from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.plans.domain import publish
from passerelle.planning.roster.plan import Duty, Line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from passerelle.kernel.clock import FixedClock

pytestmark = pytest.mark.django_db


def test_the_calendar_of_a_group_is_served_and_an_unknown_one_refused(
    signed_in: Callable[..., Client], tmp_path: Path, clock: FixedClock
) -> None:
    event = add_event(tmp_path, clock).event
    version = add_plan(event, clock, Line("FR-1", 2, (Duty(480, 960, "STE", "patrol"),)))
    publish(version, expected_published=None, actor=COMMAND_LINE, clock=clock)
    client = signed_in("planner")

    good = client.get(f"/api/v1/events/{event.code}/calendars/FR-1?language=fr")
    bad = client.get(f"/api/v1/events/{event.code}/calendars/XX")

    assert good["Content-Type"] == "text/calendar; charset=utf-8"
    events = icalendar.Calendar.from_ical(good.content).walk("VEVENT")
    assert [str(one["SUMMARY"]) for one in events] == ["patrouille · STE"] * 2
    assert bad.json()["code"] == "plan.group"
