"""The whole way of a solve: event folder, need, job, worker, draft, publication."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from tests.factories.node import write_folder

from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.events import domain as events
from passerelle.node.jobs.enums import JobKind
from passerelle.node.jobs.worker import Worker
from passerelle.node.plans.certificates import read_certificate
from passerelle.node.plans.domain import publish, start_plan
from passerelle.node.plans.models import PlanContent
from passerelle.node.plans.queries import changes_against_published, published, table
from passerelle.node.plans.tasks import PlanHandler

if TYPE_CHECKING:
    from pathlib import Path

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
    worker = Worker("w", {JobKind.PLAN: PlanHandler()}, 30, clock, threading.Event())
    worker.run(until_idle=True)


def test_an_event_is_solved_checked_published_and_solved_again(
    event: Event, clock: FixedClock
) -> None:
    job = start_plan(event, actor=COMMAND_LINE, clock=clock, seconds=20)
    _work(clock)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    first = job.plans.get()
    assert first.n_violations == 0
    assert first.bound is not None
    assert first.bound <= first.value + 1e-6
    assert table(first.pk).n_people > 0
    publish(first, expected_published=None, actor=COMMAND_LINE, clock=clock)

    again = start_plan(event, actor=COMMAND_LINE, clock=clock, seconds=20)
    _work(clock)

    second = again.plans.get()
    assert published(event) == first
    assert second.based_on == first
    assert second.instance_hash == first.instance_hash
    assert second.value <= first.value + 1e-6
    assert len(changes_against_published(second)) <= first.n_duties
    packed = PlanContent.objects.get(pk=second.pk).certificate
    assert packed is not None
    assert read_certificate(bytes(packed)).instance_hash == second.instance_hash
