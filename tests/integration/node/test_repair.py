"""A published plan is repaired by a job; the result is a draft that says what it touches."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.factories.node import write_folder

from passerelle.kernel.problems import RefusedError
from passerelle.kernel.times import Interval
from passerelle.node import planner
from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.events import domain as events
from passerelle.node.events.queries import (
    explanation,
    latest_need,
    need_of,
    planned,
    programme_of,
)
from passerelle.node.jobs.enums import JobKind
from passerelle.node.jobs.worker import Worker
from passerelle.node.plans.asking import ready
from passerelle.node.plans.changes import DutySpan
from passerelle.node.plans.domain import drop, lock, publish, start_plan, start_repair
from passerelle.node.plans.queries import changes_against, published, table
from passerelle.node.plans.tasks import PlanHandler, RepairHandler

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from passerelle.kernel.clock import FixedClock
    from passerelle.node.events.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FORCES = (
    "group_id,name,capabilities,crew_people,crews,base_id,base_lat,base_lon\n"
    "H1,Compagnie 1,patrol,2,200,STE-B,45.44,4.39\n"
)


@pytest.fixture
def event(tmp_path: Path, clock: FixedClock) -> Event:
    folder = write_folder(tmp_path)
    (folder / "forces.csv").write_text(FORCES, "utf-8")
    revision = events.import_event(folder, actor=COMMAND_LINE, clock=clock)
    events.compute_need(revision, actor=COMMAND_LINE, clock=clock)
    return revision.event


def _work(clock: FixedClock) -> None:
    handlers = {JobKind.PLAN: PlanHandler(), JobKind.REPAIR: RepairHandler()}
    Worker("w", handlers, 30, clock, threading.Event()).run(until_idle=True)


def _publish(event: Event, clock: FixedClock) -> None:
    job = start_plan(event, actor=COMMAND_LINE, clock=clock, seconds=5)
    _work(clock)
    publish(job.plans.get(), expected_published=None, actor=COMMAND_LINE, clock=clock)


def test_a_group_that_shrinks_is_repaired_shown_and_dropped(
    event: Event, clock: FixedClock, signed_in: Callable[..., Client]
) -> None:
    _publish(event, clock)
    start = datetime(2024, 7, 1, tzinfo=UTC)
    change = {"kind": "contingent-smaller", "group": "H1", "crews": 60}

    job = start_repair(event, change, actor=COMMAND_LINE, clock=clock, now=start)
    _work(clock)

    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    version = job.plans.get()
    assert version.based_on == published(event)
    assert version.repair is not None
    assert version.repair["change"] == change
    assert version.repair["touched"] >= version.repair["touched_least"]
    assert sum(c.crews for c in changes_against(version)) <= version.repair["touched"]
    client = signed_in("planner")
    for language in ("en", "fr", "ar"):
        answer = client.get(f"/e/{event.code}/plan/repair", headers={"accept-language": language})
        assert answer.status_code == 200
    drop(version, actor=COMMAND_LINE, clock=clock)
    assert published(event) is not None


def test_a_repaired_plan_shows_the_need_after_the_change_and_is_repaired_again(
    event: Event, clock: FixedClock, signed_in: Callable[..., Client]
) -> None:
    _publish(event, clock)
    solved = published(event)
    assert solved is not None
    session = planned(solved.revision_id).event.sessions[0]
    later = session.interval.start + timedelta(hours=3)
    now = session.interval.start - timedelta(days=2)
    moved = {"kind": "session-moved", "session": session.id, "start": later.isoformat()}

    job = start_repair(event, moved, actor=COMMAND_LINE, clock=clock, now=now)
    _work(clock)

    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    first = job.plans.get()
    assert first.need != solved.need
    assert programme_of(first.need_id).sessions[0].interval.start == later
    whole = planner.assess(programme_of(first.need_id))
    assert np.array_equal(need_of(first.need_id).start, whole.start)
    assert latest_need(solved.revision) == solved.need
    assert explanation(first.need_id, 0).trace
    assert ready(first) is not None
    publish(first, expected_published=solved.number, actor=COMMAND_LINE, clock=clock)
    client = signed_in("planner")
    for page in ("plan", "coverage", "sessions", "need", "plan/repair"):
        assert client.get(f"/e/{event.code}/{page}").status_code == 200, page

    coverage = client.get(f"/e/{event.code}/coverage").content.decode()
    assert "affichés tels qu’ils sont après" in coverage

    ill = {
        "kind": "crew-ill", "group": "H1", "crews": 3,
        "start": (later - timedelta(hours=12)).isoformat(),
        "end": (later + timedelta(days=1)).isoformat(),
    }  # fmt: skip
    job = start_repair(event, ill, actor=COMMAND_LINE, clock=clock, now=now)
    _work(clock)

    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    second = job.plans.get()
    assert second.repair is not None
    assert [item["change"] for item in second.repair["changes"]] == [moved, ill]
    assert programme_of(second.need_id).sessions[0].interval.start == later
    published_again = ready(second)
    assert published_again is not None
    assert published_again.instance.hash == second.instance_hash


def test_a_solve_keeps_a_locked_duty_that_nobody_asks_for(event: Event, clock: FixedClock) -> None:
    _publish(event, clock)
    standing = published(event)
    assert standing is not None
    columns = table(standing.pk)
    start = datetime.fromtimestamp(int(columns.duty_start[0]), UTC) - timedelta(hours=18)
    span = DutySpan(Interval(start, start + timedelta(hours=6)), "STE", "patrol")
    lock(event, "H1", span, 2, why="guard of honour", actor=COMMAND_LINE, clock=clock)

    job = start_plan(event, actor=COMMAND_LINE, clock=clock, seconds=5)
    _work(clock)

    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    version = job.plans.get()
    assert version.n_violations == 0
    kept = table(version.pk).crews_on(
        "H1", "STE", "patrol", int(start.timestamp()), int(span.during.end.timestamp())
    )
    assert kept == 2
    assert ready(version) is not None
    publish(version, expected_published=standing.number, actor=COMMAND_LINE, clock=clock)


def test_a_change_that_makes_no_sense_ends_with_its_reason(event: Event, clock: FixedClock) -> None:
    _publish(event, clock)

    job = start_repair(
        event, {"kind": "session-cancelled", "session": "NONE"}, actor=COMMAND_LINE, clock=clock
    )
    _work(clock)

    job.refresh_from_db()
    assert job.state == "failed"
    assert not job.plans.exists()


def test_nothing_is_repaired_before_something_is_published(event: Event, clock: FixedClock) -> None:
    with pytest.raises(RefusedError, match="Publish a plan"):
        start_repair(
            event, {"kind": "contingent-gone", "contingent": "X"}, actor=COMMAND_LINE, clock=clock
        )
