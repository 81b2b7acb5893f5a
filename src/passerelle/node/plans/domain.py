"""Verbs on plans: start a solve, keep its result as a draft, publish, drop, lock and release."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Max

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.configuration import configuration
from passerelle.node.events.domain import keep_need_after
from passerelle.node.events.queries import latest_need, latest_revision
from passerelle.node.jobs.domain import ask
from passerelle.node.jobs.enums import JobKind
from passerelle.node.jobs.queries import running_job
from passerelle.node.plans.enums import PlanState
from passerelle.node.plans.models import DutyLock, PlanContent, PlanVersion
from passerelle.node.plans.queries import locks_of, published, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.node.events.models import Event
    from passerelle.node.jobs.models import Job
    from passerelle.node.plans.changes import DutySpan
    from passerelle.node.plans.solving import Solved

__all__ = ["add_draft", "drop", "lock", "publish", "release", "start_plan", "start_repair"]


@transaction.atomic
def start_plan(
    event: Event,
    *,
    actor: Actor,
    clock: Clock,
    seconds: int | None = None,
    seed: int = 0,
    level: str = "central",
) -> Job:
    """Queue a solve of an event's newest revision.

    Raises
    ------
    RefusedError
        When no need was computed, a solve of the event waits or runs already, the time asked for is
        out of range, or the actor may not start one.
    """
    actor.require(Action.START_PLAN)
    limit = configuration().plan_seconds if seconds is None else seconds
    if not 1 <= limit <= 86_400:
        raise RefusedError(
            "Expected 1 to 86,400 seconds, got {seconds}.", code="plan.seconds", seconds=limit
        )
    revision = latest_revision(event)
    need = latest_need(revision)
    if need is None:
        raise RefusedError(
            "Compute the need of {event} first.", code="plan.no-need", event=event.code
        )
    busy = running_job(event)
    if busy is not None:
        raise RefusedError(
            "A solve of {event} is under way (job {job}); stop it first or wait.",
            code="plan.busy",
            event=event.code,
            job=busy.key,
        )
    based_on = published(event)
    params = {
        "revision": revision.pk,
        "need": need.pk,
        "based_on": based_on.pk if based_on else None,
        "seconds": limit,
        "seed": seed,
        "level": level,
        "locks": _locks(event),
    }
    job = ask(JobKind.PLAN, event, params, actor=actor, clock=clock)
    record(
        actor.label,
        Action.START_PLAN.value,
        f"event:{event.code}/job:{job.key}",
        clock=clock,
        new={"seconds": limit, "seed": seed, "level": level},
    )
    return job


@transaction.atomic
def start_repair(
    event: Event,
    change: Mapping[str, Json],
    *,
    actor: Actor,
    clock: Clock,
    now: datetime | None = None,
) -> Job:
    """Queue the repair of the published plan of an event.

    Parameters
    ----------
    event
        The event.
    change
        Plain values of one change, as :func:`passerelle.planning.formats.change_file.change_of` takes.
    actor, clock
        Who asks and when.
    now
        Present moment of the repair; that of the clock when left out.

    Raises
    ------
    RefusedError
        When nothing is published, a job of the event is under way, or the actor may not start one.
    """
    actor.require(Action.START_PLAN)
    based_on = published(event)
    if based_on is None:
        raise RefusedError(
            "Publish a plan of {event} first: only a published plan is repaired.",
            code="plan.none-published",
            event=event.code,
        )
    busy = running_job(event)
    if busy is not None:
        raise RefusedError(
            "A solve of {event} is under way (job {job}); stop it first or wait.",
            code="plan.busy",
            event=event.code,
            job=busy.key,
        )
    solved_by = based_on.job
    params = {
        "revision": based_on.revision_id,
        "need": based_on.need_id,
        "based_on": based_on.pk,
        "seed": 0,
        "seconds": 10,
        "level": solved_by.params.get("level", "central") if solved_by else "central",
        "locks": _locks(event),
        "change": dict(change),
        "now": (now or clock.now()).isoformat(),
    }
    job = ask(JobKind.REPAIR, event, params, actor=actor, clock=clock)
    record(
        actor.label,
        "plans.repair",
        f"event:{event.code}/job:{job.key}",
        clock=clock,
        new={"published": based_on.number, "change": dict(change)},
    )
    return job


def add_draft(job: Job, solved: Solved, clock: Clock) -> PlanVersion:
    """Keep what a solve returned as the next draft; called inside a transaction."""
    number = (job.event.plans.aggregate(last=Max("number"))["last"] or 0) + 1
    need_id = job.params["need"]
    if solved.need and solved.repair is not None:
        changes = solved.repair["changes"]
        need_id = keep_need_after(
            job.params["revision"], solved.need, changes, by=job.created_by, clock=clock
        ).pk
    version = PlanVersion.objects.create(
        event=job.event,
        revision_id=job.params["revision"],
        need_id=need_id,
        based_on_id=job.params["based_on"],
        job=job,
        number=number,
        status=solved.status,
        value=solved.value,
        bound=solved.bound,
        terms=solved.terms,
        n_lines=solved.n_lines,
        n_duties=solved.n_duties,
        n_people=solved.n_people,
        n_violations=solved.n_violations,
        seed=job.params["seed"],
        seconds=solved.seconds,
        peak_mb=solved.peak_mb,
        versions=solved.versions,
        instance_hash=solved.instance_hash,
        digest=hashlib.sha256(solved.columns).hexdigest(),
        repair=solved.repair,
        created_at=clock.now(),
        created_by=job.created_by,
    )
    PlanContent.objects.create(
        version=version,
        columns=solved.columns,
        certificate=solved.certificate,
        violations=solved.violations,
    )
    record(
        f"worker:{job.worker}",
        "plans.add-draft",
        f"event:{job.event.code}/plan:{number}",
        clock=clock,
        new={"digest": version.digest, "violations": version.n_violations},
    )
    return version


@transaction.atomic
def publish(
    version: PlanVersion,
    *,
    expected_published: int | None,
    actor: Actor,
    clock: Clock,
    why: str = "",
) -> PlanVersion:
    """Make a draft the published plan; the one before is superseded.

    Parameters
    ----------
    version
        The draft.
    expected_published
        Number of the published version against which the actor saw the changes; ``None`` for none.
        When another one was published meanwhile (an old browser tab), nothing happens.

    Raises
    ------
    RefusedError
        When it is no draft any more, breaks a rule, does not keep a locked duty, or the published
        version is another one.
    """
    actor.require(Action.PUBLISH_PLAN)
    if version.n_violations:
        raise RefusedError(
            "Version {number} breaks {n} rule(s) and cannot be published.",
            code="plan.violations",
            number=version.number,
            n=version.n_violations,
        )
    known = published(version.event)
    if (known.number if known else None) != expected_published:
        raise RefusedError(
            "Version {published} was published meanwhile; look at the changes again.",
            code="plan.stale",
            published=known.number if known else 0,
        )
    _expect_locks_kept(version)
    now = clock.now()
    if known is not None and not _move(known, PlanState.PUBLISHED, PlanState.SUPERSEDED):
        raise RefusedError("The published version changed meanwhile.", code="plan.stale")
    try:
        with transaction.atomic():
            moved = PlanVersion.objects.filter(pk=version.pk, state=PlanState.DRAFT).update(
                state=PlanState.PUBLISHED, published_at=now, published_by=actor.label
            )
    except IntegrityError:
        raise RefusedError("Another version was published meanwhile.", code="plan.stale") from None
    if moved != 1:
        raise RefusedError(
            "Version {number} is no draft any more.", code="plan.no-draft", number=version.number
        )
    record(
        actor.label,
        Action.PUBLISH_PLAN.value,
        f"event:{version.event.code}/plan:{version.number}",
        clock=clock,
        old={"published": expected_published},
        new={"published": version.number, "digest": version.digest},
        why=why,
    )
    version.refresh_from_db()
    return version


@transaction.atomic
def drop(version: PlanVersion, *, actor: Actor, clock: Clock) -> None:
    """Put a draft aside; it stays readable.

    Raises
    ------
    RefusedError
        When it is no draft any more.
    """
    actor.require(Action.CHANGE_PLAN)
    if not _move(version, PlanState.DRAFT, PlanState.DROPPED):
        raise RefusedError(
            "Version {number} is no draft any more.", code="plan.no-draft", number=version.number
        )
    record(
        actor.label,
        "plans.drop",
        f"event:{version.event.code}/plan:{version.number}",
        clock=clock,
    )


@transaction.atomic
def lock(
    event: Event, group: str, duty: DutySpan, crews: int, *, why: str, actor: Actor, clock: Clock
) -> DutyLock:
    """Order that the next plans keep a duty of so many crews of a group.

    Raises
    ------
    RefusedError
        When the duty is locked already, or no reason is given.
    """
    actor.require(Action.LOCK_DUTY)
    if not why.strip() or crews < 1:
        raise RefusedError("A lock needs a reason and a crew.", code="plan.lock-reason")
    try:
        with transaction.atomic():
            made = DutyLock.objects.create(
                event=event,
                group=group,
                site=duty.site,
                capability=duty.capability,
                starts_at=duty.during.start,
                ends_at=duty.during.end,
                crews=crews,
                why=why.strip()[:500],
                locked_at=clock.now(),
                locked_by=actor.label,
            )
    except IntegrityError:
        raise RefusedError("This duty is locked already.", code="plan.locked") from None
    record(
        actor.label,
        Action.LOCK_DUTY.value,
        f"event:{event.code}/lock:{made.pk}",
        clock=clock,
        new={"group": group, "site": duty.site, "during": str(duty.during), "crews": crews},
        why=why,
    )
    return made


@transaction.atomic
def release(made: DutyLock, *, actor: Actor, clock: Clock) -> None:
    """Let go of a lock; it stays in the record.

    Raises
    ------
    RefusedError
        When it was released already.
    """
    actor.require(Action.LOCK_DUTY)
    released = DutyLock.objects.filter(pk=made.pk, released_at=None).update(
        released_at=clock.now(), released_by=actor.label
    )
    if released != 1:
        raise RefusedError("This lock was released already.", code="plan.unlocked")
    record(actor.label, "plans.release", f"event:{made.event.code}/lock:{made.pk}", clock=clock)


def _locks(event: Event) -> list[Json]:
    """Return the locks that hold, as plain values that :func:`held_by` reads."""
    return [
        [
            held.group, held.site, held.capability,
            held.starts_at.isoformat(), held.ends_at.isoformat(), held.crews,
        ]
        for held in locks_of(event)
    ]  # fmt: skip


def _expect_locks_kept(version: PlanVersion) -> None:
    """Refuse a version that does not keep every locked duty."""
    columns = table(version.pk)
    for held in locks_of(version.event):
        crews = columns.crews_on(
            held.group,
            held.site,
            held.capability,
            int(held.starts_at.timestamp()),
            int(held.ends_at.timestamp()),
        )
        if crews < held.crews:
            raise RefusedError(
                "Version {number} keeps {found} of {crews} locked crew(s) of {group} at {site}.",
                code="plan.lock-broken",
                number=version.number,
                found=crews,
                crews=held.crews,
                group=held.group,
                site=held.site,
            )


def _move(version: PlanVersion, old: PlanState, new: PlanState) -> bool:
    return PlanVersion.objects.filter(pk=version.pk, state=old).update(state=new) == 1
