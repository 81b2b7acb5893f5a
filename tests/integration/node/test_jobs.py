from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests.integration.node import tasks_for_tests as tasks

from passerelle.compute import Watched, start_watched
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import COMMAND_LINE, Actor
from passerelle.node.events.models import Event
from passerelle.node.jobs.domain import MOST_ATTEMPTS, ask, claim, finish, renew, request_stop
from passerelle.node.jobs.enums import JobKind, JobState
from passerelle.node.jobs.models import Job
from passerelle.node.jobs.queries import series_of
from passerelle.node.jobs.standing import Standing
from passerelle.node.jobs.steps import Steps
from passerelle.node.jobs.worker import Handler, Outcome, Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.kernel.clock import Clock, FixedClock

pytestmark = pytest.mark.django_db


class TaskHandler:
    """Run a task of the tests as a job."""

    def __init__(self, task: Callable[..., Any], number: int = 21) -> None:
        self.task, self.number, self.stored = task, number, list[Any]()

    def start(self, job: Job) -> Watched[Any]:
        return start_watched(self.task, self.number)

    def store(self, job: Job, result: Any, clock: Clock) -> str:
        self.stored.append(result)
        return f"test:{result}"


@pytest.fixture
def event(db: None) -> Event:
    start = datetime(2024, 7, 24, tzinfo=UTC)
    return Event.objects.create(
        code="small",
        name="Small",
        host="FR",
        time_zone="Europe/Paris",
        starts_at=start,
        ends_at=start + timedelta(days=2),
    )


@pytest.fixture
def job(event: Event, clock: FixedClock) -> Job:
    return ask(JobKind.PLAN, event, {}, actor=COMMAND_LINE, clock=clock)


def _worker(handler: Handler, clock: FixedClock, **more: Any) -> Worker:
    return Worker("w1", {JobKind.PLAN: handler}, 30, clock, threading.Event(), **more)


def test_a_job_is_done_with_its_result_and_its_series(job: Job, clock: FixedClock) -> None:
    handler = TaskHandler(tasks.double)

    taken = _worker(handler, clock).run(until_idle=True)

    job.refresh_from_db()
    assert (taken, job.state, job.result, handler.stored) == (1, "done", "test:42", [42])
    assert [(point.value, point.bound) for point in series_of(job)][-1] == (8.0, 2.0)


def test_of_two_workers_one_gets_the_job(job: Job, clock: FixedClock) -> None:
    first, second = claim("w1", 30, clock), claim("w2", 30, clock)

    assert (first, second) == (job, None)


def test_a_killed_workers_job_goes_to_another_after_its_lease(job: Job, clock: FixedClock) -> None:
    dead = claim("w1", 30, clock)
    clock.advance(timedelta(seconds=31))

    again = claim("w2", 30, clock)

    assert again is not None
    assert (again.worker, again.attempts) == ("w2", 2)
    assert renew(dead, 30, None, clock) is None
    with pytest.raises(RefusedError, match="taken over"):
        finish(dead, "plan:1", clock)


def test_a_job_that_loses_every_worker_is_given_up(job: Job, clock: FixedClock) -> None:
    for number in range(MOST_ATTEMPTS):
        assert claim(f"w{number}", 30, clock) is not None
        clock.advance(timedelta(seconds=31))

    assert claim("w9", 30, clock) is None

    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "job.worker-lost")


def test_a_stopped_solve_keeps_the_best_it_has(job: Job, clock: FixedClock) -> None:
    taken = claim("w1", 30, clock)
    request_stop(job.key, actor=COMMAND_LINE, clock=clock)
    handler = TaskHandler(tasks.until_stopped, 7)

    outcome = _worker(handler, clock).run_one(taken)

    job.refresh_from_db()
    assert (outcome, job.state, job.result) == (Outcome.DONE, "done", "test:7")


def test_a_solve_stopped_before_any_plan_is_cancelled(job: Job, clock: FixedClock) -> None:
    taken = claim("w1", 30, clock)
    request_stop(job.key, actor=COMMAND_LINE, clock=clock)

    _worker(TaskHandler(tasks.until_stopped, 0), clock).run_one(taken)

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_a_solve_that_does_not_listen_is_ended(job: Job, clock: FixedClock) -> None:
    taken = claim("w1", 30, clock)
    request_stop(job.key, actor=COMMAND_LINE, clock=clock)

    _worker(TaskHandler(tasks.deaf), clock, stop_grace_s=0.5).run_one(taken)

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_a_leaving_worker_gives_its_job_back(job: Job, clock: FixedClock) -> None:
    taken = claim("w1", 30, clock)
    worker = _worker(TaskHandler(tasks.deaf), clock)
    worker.leave.set()

    outcome = worker.run_one(taken)

    job.refresh_from_db()
    assert (outcome, job.state, job.worker, job.attempts) == (Outcome.GIVEN_BACK, "queued", "", 0)


@pytest.mark.parametrize(
    ("task", "code", "words"),
    [
        (tasks.killed, "compute.process-lost", "ended without an answer"),
        (tasks.refusing, "test.refused", "a better day than 21"),
        (tasks.broken, "job.internal", "ZeroDivisionError"),
    ],
)
def test_a_solve_that_fails_says_why(
    job: Job, clock: FixedClock, task: Callable[..., Any], code: str, words: str
) -> None:
    _worker(TaskHandler(task), clock).run(until_idle=True)

    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", code)
    assert words in job.error


def test_a_full_disk_stores_nothing_and_says_so(job: Job, clock: FixedClock) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no page limit to fill; its own error takes the same way")
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 40}")

    class Filling(TaskHandler):
        def store(self, job: Job, result: Any, clock: Clock) -> str:
            Event.objects.create(
                code="big",
                name="x" * 10_000_000,
                host="FR",
                time_zone="UTC",
                starts_at=clock.now(),
                ends_at=clock.now() + timedelta(days=1),
            )
            return "never"

    try:
        _worker(Filling(tasks.double), clock).run(until_idle=True)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")

    job.refresh_from_db()
    assert (job.state, job.error_code, job.result) == ("failed", "storage.full", "")
    assert not Event.objects.filter(code="big").exists()


def test_a_waiting_job_is_cancelled_at_once(job: Job, clock: FixedClock) -> None:
    stopped = request_stop(job.key, actor=COMMAND_LINE, clock=clock)

    assert stopped.state == JobState.CANCELLED
    with pytest.raises(RefusedError, match="is over"):
        request_stop(job.key, actor=COMMAND_LINE, clock=clock)


def test_stopping_needs_a_role(job: Job, clock: FixedClock) -> None:
    nobody = Actor("user:nobody", frozenset())

    with pytest.raises(RefusedError) as refusal:
        request_stop(job.key, actor=nobody, clock=clock)

    assert refusal.value.code == "accounts.not-permitted"


def test_progress_is_shown_on_the_row(job: Job, clock: FixedClock) -> None:
    taken = claim("w1", 30, clock)

    asked = renew(taken, 30, Standing(3.0, "diving", value=100.0, bound=99.0), clock)

    job.refresh_from_db()
    assert (asked, job.phase, job.gap) == (False, "diving", 0.01)


@pytest.mark.parametrize(
    "changes", [{"state": "running"}, {"state": "done"}, {"state": "nonsense"}]
)
def test_the_database_refuses_impossible_jobs(job: Job, changes: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**changes)


class StepHandler:
    """Take two steps, the first of which asks the job to stop."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.taken = clock, list[str]()

    def start(self, job: Job) -> Steps:
        def first() -> None:
            self.taken.append("first")
            request_stop(job.key, actor=COMMAND_LINE, clock=self.clock)
            time.sleep(0.3)  # longer than one look of the worker

        return Steps([first, partial(self.taken.append, "second")], "working")

    def store(self, job: Job, result: Any, clock: Clock) -> str:
        raise AssertionError("Expected nothing to store.")


def test_a_stop_is_seen_between_two_steps(job: Job, clock: FixedClock) -> None:
    handler = StepHandler(clock)

    outcome = _worker(handler, clock).run(until_idle=True)

    job.refresh_from_db()
    assert (outcome, handler.taken) == (1, ["first"])
    assert (job.state, job.n_done, job.n_steps) == (JobState.CANCELLED, 1, 2)


def test_a_worker_leaves_kinds_alone_that_it_does_not_know(job: Job, clock: FixedClock) -> None:
    assert claim("w", 30, clock, kinds=[JobKind.CAMPAIGN]) is None
    assert claim("w", 30, clock, kinds=[JobKind.PLAN]) == job
