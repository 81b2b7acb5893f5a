from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import icalendar
import pytest
from tests.factories.node import add_event, add_plan

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE, Actor
from passerelle.node.plans.calendars import export_calendar
from passerelle.node.plans.domain import publish
from passerelle.planning.roster.plan import Duty, Line

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.kernel.clock import FixedClock
    from passerelle.node.events.models import Event
    from passerelle.node.plans.models import PlanVersion

pytestmark = pytest.mark.django_db

EARLY = Duty(480, 960, "STE", "patrol")
LATE = Duty(960, 1440, "STE", "patrol")


@pytest.fixture
def event(tmp_path: Path, clock: FixedClock) -> Event:
    return add_event(tmp_path, clock).event


def _publish(version: PlanVersion, clock: FixedClock, expected: int | None = None) -> None:
    publish(version, expected_published=expected, actor=COMMAND_LINE, clock=clock)


def _events(content: bytes) -> dict[str, tuple[int, str]]:
    found = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return {str(one["UID"]): (int(one["SEQUENCE"]), str(one["STATUS"])) for one in found}


def test_a_crew_follows_its_duties_over_published_versions(event: Event, clock: FixedClock) -> None:
    _publish(add_plan(event, clock, Line("FR-1", 2, (EARLY,)), Line("MA-1", 1, (LATE,))), clock)
    first = _events(export_calendar(event, "FR-1", node="fr", actor=COMMAND_LINE))
    clock.advance(timedelta(hours=1))
    later = (Line("FR-1", 1, (EARLY,)), Line("FR-1", 1, (LATE,)), Line("MA-1", 1, (LATE,)))
    _publish(add_plan(event, clock, *later), clock, 1)

    second = _events(export_calendar(event, "FR-1", node="fr", actor=COMMAND_LINE))
    one = export_calendar(event, "FR-1", node="fr", actor=COMMAND_LINE, crew=1)

    assert set(first.values()) == {(0, "CONFIRMED")}
    assert sorted(second.values()) == [(0, "CONFIRMED"), (1, "CONFIRMED")]
    assert second.keys() == first.keys()
    assert len(_events(one)) == 1


def test_a_group_that_is_gone_is_cancelled(event: Event, clock: FixedClock) -> None:
    _publish(add_plan(event, clock, Line("FR-1", 1, (EARLY,)), Line("MA-1", 1, (LATE,))), clock)
    _publish(add_plan(event, clock, Line("FR-1", 1, (EARLY,))), clock, 1)

    gone = _events(export_calendar(event, "MA-1", node="fr", actor=COMMAND_LINE))

    assert list(gone.values()) == [(1, "CANCELLED")]


def test_the_same_plan_gives_the_same_bytes(event: Event, clock: FixedClock) -> None:
    _publish(add_plan(event, clock, Line("FR-1", 1, (EARLY,))), clock)

    one = export_calendar(event, "FR-1", node="fr", actor=COMMAND_LINE)

    assert one == export_calendar(event, "FR-1", node="fr", actor=COMMAND_LINE)


def test_a_draft_is_in_no_calendar(event: Event, clock: FixedClock) -> None:
    add_plan(event, clock, Line("FR-1", 1, (EARLY,)))

    with pytest.raises(RefusedError, match="no published plan"):
        export_calendar(event, "FR-1", node="fr", actor=COMMAND_LINE)


def test_an_unknown_group_and_somebody_without_the_right_are_refused(
    event: Event, clock: FixedClock
) -> None:
    _publish(add_plan(event, clock, Line("FR-1", 1, (EARLY,))), clock)

    with pytest.raises(RefusedError, match="No crew of XX"):
        export_calendar(event, "XX", node="fr", actor=COMMAND_LINE)
    with pytest.raises(RefusedError):
        export_calendar(event, "FR-1", node="fr", actor=Actor("user:nobody", frozenset()))
