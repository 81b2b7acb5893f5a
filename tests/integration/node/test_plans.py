from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from tests.factories.node import add_event, add_plan

from passerelle.kernel.problems import RefusedError
from passerelle.kernel.times import Interval
from passerelle.node.accounts.actor import COMMAND_LINE, Actor
from passerelle.node.accounts.enums import Role
from passerelle.node.audit.queries import verify_chain
from passerelle.node.plans import queries
from passerelle.node.plans.changes import DutySpan
from passerelle.node.plans.documents import PlanFormat, document, export_plan
from passerelle.node.plans.domain import drop, lock, publish, release, start_plan
from passerelle.node.plans.enums import PlanState
from passerelle.node.plans.models import PlanVersion
from passerelle.planning.roster.plan import Duty, Line

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.kernel.clock import FixedClock
    from passerelle.node.events.models import Event

pytestmark = pytest.mark.django_db

EARLY = Duty(480, 960, "STE", "patrol")
LATE = Duty(960, 1440, "STE", "patrol")
FIRST = (Line("FR-1", 3, (EARLY,)), Line("MA-1", 1, (LATE,)))
SECOND = (Line("FR-1", 3, (EARLY,)), Line("MA-1", 2, (LATE,)))


@pytest.fixture
def event(tmp_path: Path, clock: FixedClock) -> Event:
    return add_event(tmp_path, clock).event


def _publish(version: PlanVersion, clock: FixedClock, expected: int | None = None) -> PlanVersion:
    return publish(version, expected_published=expected, actor=COMMAND_LINE, clock=clock)


def test_a_draft_is_published_and_supersedes_the_one_before(
    event: Event, clock: FixedClock
) -> None:
    first = _publish(add_plan(event, clock, *FIRST), clock)
    second = _publish(add_plan(event, clock, *SECOND), clock, 1)

    first.refresh_from_db()
    assert (first.state, second.state) == (PlanState.SUPERSEDED, PlanState.PUBLISHED)
    assert queries.published(event) == second
    assert second.based_on == first
    assert verify_chain().is_whole


def test_before_publishing_the_changes_are_listed(event: Event, clock: FixedClock) -> None:
    _publish(add_plan(event, clock, *FIRST), clock)
    second = add_plan(event, clock, *SECOND)

    changes = queries.changes_against_published(second)

    assert [(c.kind.value, c.group, c.crews, c.people) for c in changes] == [("new", "MA-1", 1, 4)]


def test_an_old_tab_cannot_publish_over_a_newer_version(event: Event, clock: FixedClock) -> None:
    first, second = add_plan(event, clock, *FIRST), add_plan(event, clock, *SECOND)
    _publish(second, clock)

    with pytest.raises(RefusedError) as refusal:
        _publish(first, clock, None)

    first.refresh_from_db()
    assert (refusal.value.code, first.state) == ("plan.stale", PlanState.DRAFT)
    assert queries.published(event) == second


def test_a_plan_that_breaks_a_rule_cannot_be_published(event: Event, clock: FixedClock) -> None:
    version = add_plan(event, clock, *FIRST, n_violations=2)

    with pytest.raises(RefusedError, match="breaks 2 rule"):
        _publish(version, clock)

    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.filter(pk=version.pk).update(
            state="published", published_at=clock.now()
        )


def test_the_database_holds_at_most_one_published_version(event: Event, clock: FixedClock) -> None:
    _publish(add_plan(event, clock, *FIRST), clock)
    second = add_plan(event, clock, *SECOND)

    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.filter(pk=second.pk).update(state="published", published_at=clock.now())


def test_a_published_version_is_no_draft_any_more(event: Event, clock: FixedClock) -> None:
    version = _publish(add_plan(event, clock, *FIRST), clock)

    with pytest.raises(RefusedError) as refusal:
        drop(version, actor=COMMAND_LINE, clock=clock)

    assert refusal.value.code == "plan.no-draft"


def test_a_dropped_draft_stays_readable(event: Event, clock: FixedClock) -> None:
    version = add_plan(event, clock, *FIRST)

    drop(version, actor=COMMAND_LINE, clock=clock)

    assert queries.find_version(event, 1).state == PlanState.DROPPED
    assert queries.table(version.pk).n_people == 10
    assert queries.current(event) is None


def test_a_locked_duty_must_be_kept_by_the_next_plan(event: Event, clock: FixedClock) -> None:
    version = add_plan(event, clock, *FIRST)
    columns = queries.table(version.pk)
    during = Interval(
        datetime.fromtimestamp(int(columns.duty_start[0]), UTC),
        datetime.fromtimestamp(int(columns.duty_end[0]), UTC),
    )
    duty = DutySpan(during, "STE", "patrol")
    held = lock(event, "FR-1", duty, 3, why="VIP visit", actor=COMMAND_LINE, clock=clock)
    worse = add_plan(event, clock, Line("FR-1", 2, (EARLY,)))

    with pytest.raises(RefusedError, match="keeps 2 of 3 locked"):
        _publish(worse, clock)
    with pytest.raises(RefusedError, match="locked already"):
        lock(event, "FR-1", duty, 3, why="again", actor=COMMAND_LINE, clock=clock)
    release(held, actor=COMMAND_LINE, clock=clock)

    assert _publish(worse, clock).state == PlanState.PUBLISHED


def test_publishing_needs_the_role(event: Event, clock: FixedClock) -> None:
    version = add_plan(event, clock, *FIRST)
    commander = Actor("user:commander", frozenset({Role.COMMANDER}))

    with pytest.raises(RefusedError) as refusal:
        publish(version, expected_published=None, actor=commander, clock=clock)

    assert refusal.value.code == "accounts.not-permitted"


def test_one_solve_of_an_event_at_a_time(event: Event, clock: FixedClock) -> None:
    start_plan(event, actor=COMMAND_LINE, clock=clock)

    with pytest.raises(RefusedError, match="under way"):
        start_plan(event, actor=COMMAND_LINE, clock=clock)


def test_a_solve_needs_a_need(tmp_path: Path, clock: FixedClock) -> None:
    from tests.factories.node import write_folder

    from passerelle.node.events.domain import import_event

    revision = import_event(write_folder(tmp_path, "bare"), actor=COMMAND_LINE, clock=clock)

    with pytest.raises(RefusedError) as refusal:
        start_plan(revision.event, actor=COMMAND_LINE, clock=clock)

    assert refusal.value.code == "plan.no-need"


def test_a_plan_is_exported_as_json(event: Event, clock: FixedClock) -> None:
    version = _publish(add_plan(event, clock, *FIRST), clock)

    value = json.loads(export_plan(version, PlanFormat.JSON, actor=COMMAND_LINE))

    assert (value["event"], value["version"], value["bound"]) == ("small-cup", 1, 99.0)
    assert [(line["group"], line["crews"]) for line in value["lines"]] == [("FR-1", 3), ("MA-1", 1)]


def test_a_plan_is_exported_as_csv_and_xlsx(event: Event, clock: FixedClock) -> None:
    version = _publish(add_plan(event, clock, *FIRST), clock)

    text = export_plan(version, PlanFormat.CSV, actor=COMMAND_LINE).decode("utf-8-sig")
    book = export_plan(version, PlanFormat.XLSX, actor=COMMAND_LINE)

    rows = list(csv.DictReader(io.StringIO(text)))
    assert sum(int(row["people"]) for row in rows) == 10
    assert book[:2] == b"PK"
    assert export_plan(version, PlanFormat.XLSX, actor=COMMAND_LINE) == book


def test_a_document_may_name_single_crews(event: Event, clock: FixedClock) -> None:
    version = add_plan(event, clock, *FIRST)

    crews = document(version, groups=["FR-1"])

    assert [posting.crew for posting in crews.postings] == ["FR-1-1", "FR-1-2", "FR-1-3"]
    with pytest.raises(RefusedError, match="No crew of XX"):
        document(version, groups=["XX"])


def test_lists_of_versions_need_one_query(
    event: Event, clock: FixedClock, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        add_plan(event, clock, *FIRST)

    with django_assert_num_queries(1):
        found = [(v.number, v.gap, v.need.n_figures) for v in queries.versions_of(event)]

    assert [number for number, _, _ in found] == [3, 2, 1]
