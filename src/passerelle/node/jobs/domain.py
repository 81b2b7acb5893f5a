"""Verbs on jobs: ask for one, take it, keep it, end it, stop it.

Every change of state is a conditional update: it names the state (and the worker) that it expects
and counts the rows it changed. Of two workers that want one job, one gets a count of 1. A worker
that was away longer than its lease finds a count of 0 and lets go.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F, Q

from passerelle.kernel.ids import new_id
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.jobs.enums import FINAL, JobKind, JobState
from passerelle.node.jobs.models import Job, JobProgress

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.events.models import Event
    from passerelle.node.jobs.standing import Standing

__all__ = [
    "MOST_ATTEMPTS",
    "ask",
    "claim",
    "fail",
    "finish",
    "give_back",
    "renew",
    "request_stop",
]

MOST_ATTEMPTS: Final = 3
"""A job whose worker is lost so many times is not tried again."""


def ask(
    kind: JobKind,
    event: Event,
    params: dict[str, Any],  # Any: JSON
    *,
    actor: Actor,
    clock: Clock,
) -> Job:
    """Queue a job; called inside the transaction of the verb that wants it."""
    return Job.objects.create(
        key=new_id(secrets.token_bytes),
        kind=kind,
        event=event,
        params=params,
        created_at=clock.now(),
        created_by=actor.label,
    )


def claim(
    worker: str,
    lease_s: int,
    clock: Clock,
    facts: Clock | None = None,
    *,
    kinds: Collection[str] = tuple(JobKind),
) -> Job | None:
    """Take the oldest job that waits or whose worker has gone silent; ``None`` when there is none.

    Only jobs of ``kinds`` are taken: a worker leaves alone what it does not know. A job that was taken :data:`MOST_ATTEMPTS` times and lost each time fails instead. Leases run by
    ``clock``, what is recorded by ``facts`` (the same when ``None``): the clock of an exercise may
    stand still while a worker dies.
    """
    now = clock.now()
    recorded = (facts or clock).now()
    free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=now)
    for job in Job.objects.filter(free, kind__in=kinds).order_by("pk")[:20]:
        mine = Job.objects.filter(
            pk=job.pk, state=job.state, worker=job.worker, attempts=job.attempts
        )
        if job.attempts >= MOST_ATTEMPTS:
            mine.update(
                state=JobState.FAILED,
                finished_at=recorded,
                lease_until=None,
                error_code="job.worker-lost",
                error=f"The worker was lost {job.attempts} times; the job was given up.",
            )
            continue
        taken = mine.update(
            state=JobState.RUNNING,
            worker=worker,
            attempts=F("attempts") + 1,
            started_at=recorded,
            heartbeat_at=now,
            lease_until=now + timedelta(seconds=lease_s),
            phase="starting",
        )
        if taken == 1:
            job.series.all().delete()
            job.refresh_from_db()
            return job
    return None


def renew(job: Job, lease_s: int, standing: Standing | None, clock: Clock) -> bool | None:
    """Keep a job, and show how far it has come.

    Returns
    -------
    bool or None
        Whether somebody has asked to stop; ``None`` when the job belongs to somebody else by now.
    """
    now = clock.now()
    changes: dict[str, Any] = {  # Any: values of fields
        "heartbeat_at": now,
        "lease_until": now + timedelta(seconds=lease_s),
    }
    if standing is not None:
        changes |= {
            "phase": standing.phase,
            "seconds": standing.seconds,
            "value": standing.value,
            "bound": standing.bound,
            "n_done": standing.n_done,
            "n_steps": standing.n_steps,
        }
    with transaction.atomic():
        if _mine(job).update(**changes) != 1:
            return None
        if standing is not None and (standing.value is not None or standing.bound is not None):
            JobProgress.objects.create(
                job=job,
                seconds=standing.seconds,
                value=standing.value,
                bound=standing.bound,
                phase=standing.phase,
            )
    return Job.objects.values_list("cancel_requested", flat=True).get(pk=job.pk)


def finish(job: Job, result: str, clock: Clock) -> None:
    """Mark a job as done; called inside the transaction that stores its result.

    Raises
    ------
    RefusedError
        When the job belongs to somebody else by now; the result is then rolled back.
    """
    done = _mine(job).update(
        state=JobState.DONE, finished_at=clock.now(), lease_until=None, result=result, phase=""
    )
    if done != 1:
        raise RefusedError("The job {job} was taken over.", code="job.taken-over", job=job.key)


def fail(job: Job, code: str, message: str, clock: Clock) -> bool:
    """Mark a job as failed, with the reason; tell whether it was still ours."""
    return (
        _mine(job).update(
            state=JobState.FAILED,
            finished_at=clock.now(),
            lease_until=None,
            error_code=code,
            error=message[:500],
            phase="",
        )
        == 1
    )


def give_back(job: Job, clock: Clock) -> bool:
    """Put a job that was not finished back in the queue, or end it when a stop was asked for."""
    if (
        _mine(job)
        .filter(cancel_requested=True)
        .update(state=JobState.CANCELLED, finished_at=clock.now(), lease_until=None, phase="")
    ):
        return True
    return (
        _mine(job).update(
            state=JobState.QUEUED, worker="", lease_until=None, attempts=F("attempts") - 1, phase=""
        )
        == 1
    )


@transaction.atomic
def request_stop(key: str, *, actor: Actor, clock: Clock) -> Job:
    """Ask for a job to stop: a waiting one is cancelled, a running one keeps the best it has.

    Whoever may sign may also stop what was signed for: the sending of a campaign.

    Raises
    ------
    RefusedError
        When there is no such job, it is over, or the actor may not stop it.
    """
    job = Job.objects.filter(key=key).first()
    if job is None or job.kind != JobKind.CAMPAIGN or not actor.may(Action.SIGN_ACT):
        actor.require(Action.CANCEL_JOB)
    if job is None:
        raise RefusedError("There is no job {job}.", code="job.unknown", job=key)
    if job.state in FINAL:
        raise RefusedError(
            "The job {job} is over ({state}).", code="job.over", job=key, state=job.state
        )
    cancelled = Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
        state=JobState.CANCELLED, cancel_requested=True, finished_at=clock.now()
    )
    if not cancelled:
        Job.objects.filter(pk=job.pk).exclude(state__in=FINAL).update(cancel_requested=True)
    record(
        actor.label,
        Action.CANCEL_JOB.value,
        f"job:{job.key}",
        clock=clock,
        old={"state": str(job.state)},
    )
    job.refresh_from_db()
    return job


def _mine(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(
        pk=job.pk, state=JobState.RUNNING, worker=job.worker, attempts=job.attempts
    )
