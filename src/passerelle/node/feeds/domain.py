"""Make a feed, revoke it, write its calendar.

The address is a password: 256 random bits, of which only the hash is kept. An unknown and a revoked
address look alike. A calendar names duties, never persons: the feed of a person carries the reference that
the partner gave. An address that is asked oftener than calendar programs need to is told to wait.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import F, Q

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import Actor
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.configuration import configuration
from passerelle.node.dossiers.duty_calendars import duty_calendar
from passerelle.node.feeds.models import CalendarFeed, DutyFeed
from passerelle.node.plans.calendars import export_calendar

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.dossiers.models import Dossier
    from passerelle.node.events.models import Event

__all__ = [
    "MOST_ASKED",
    "WINDOW",
    "Answer",
    "feed_calendar",
    "make_duty_feed",
    "make_feed",
    "revoke_duty_feed",
    "revoke_feed",
]

WINDOW: Final = timedelta(hours=1)
MOST_ASKED: Final = 12
"""How often an address answers in :data:`WINDOW`; a calendar program asks four times at most."""

_READER = Actor("feed", None)


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer a calendar program: the calendar, or how many seconds to wait."""

    calendar: bytes = b""
    wait_s: int = 0


@transaction.atomic
def make_feed(
    event: Event,
    group: str,
    *,
    crew: int | None,
    language: str,
    actor: Actor,
    clock: Clock,
    draw: Callable[[], str],
) -> tuple[CalendarFeed, str]:
    """Make a feed of a group or crew; return it with its token, which is shown this once.

    Raises
    ------
    RefusedError
        When the actor may not, nothing is published, or the group was never on duty.
    """
    export_calendar(event, group, node=configuration().node, actor=actor, crew=crew)
    token = draw()
    row = CalendarFeed.objects.create(
        event=event,
        token_hash=_hash(token),
        group=group,
        crew=crew,
        language=language,
        made_by=actor.label,
        made_at=clock.now(),
    )
    new: Json = {"group": group, "crew": crew}
    record(actor.label, "feeds.make", f"event:{event.code}/feed:{row.pk}", clock=clock, new=new)
    return row, token


@transaction.atomic
def make_duty_feed(
    dossier: Dossier,
    *,
    person: str = "",
    language: str,
    actor: Actor,
    clock: Clock,
    draw: Callable[[], str],
) -> tuple[DutyFeed, str]:
    """Make a feed of the duties of a contingent, or of one of its people; shown this once.

    Raises
    ------
    RefusedError
        When the actor may not, or nothing was published to that person.
    """
    actor.require(Action.VIEW_ROLL)
    duty_calendar(dossier, person=person)
    token = draw()
    row = DutyFeed.objects.create(
        dossier=dossier,
        person=person,
        token_hash=_hash(token),
        language=language,
        made_by=actor.label,
        made_at=clock.now(),
    )
    subject = f"dossier:{dossier.case}/feed:{row.pk}"
    record(actor.label, "feeds.make", subject, clock=clock, new={"person": person})
    return row, token


@transaction.atomic
def revoke_feed(event: Event, key: int, *, actor: Actor, clock: Clock) -> None:
    """Let an address answer no more.

    Raises
    ------
    RefusedError
        When the actor may not, or there is no such feed in force.
    """
    actor.require(Action.EXPORT_PLAN)
    _revoke(CalendarFeed.objects.filter(event=event), key, clock)
    record(actor.label, "feeds.revoke", f"event:{event.code}/feed:{key}", clock=clock)


@transaction.atomic
def revoke_duty_feed(dossier: Dossier, key: int, *, actor: Actor, clock: Clock) -> None:
    """Let an address of duties answer no more.

    Raises
    ------
    RefusedError
        When the actor may not, or there is no such feed in force.
    """
    actor.require(Action.VIEW_ROLL)
    _revoke(DutyFeed.objects.filter(dossier=dossier), key, clock)
    record(actor.label, "feeds.revoke", f"dossier:{dossier.case}/feed:{key}", clock=clock)


def feed_calendar(token: str, clock: Clock) -> Answer | None:
    """Write the calendar of an address; ``None`` when it is unknown, revoked or erased."""
    duty = (
        DutyFeed.objects.select_related("dossier__corridor")
        .prefetch_related("dossier__corridor__suspensions", "dossier__corridor__profiles")
        .filter(token_hash=_hash(token), revoked_at=None)
        .first()
    )
    if duty is not None:
        wait_s = _take_turn(DutyFeed.objects.filter(pk=duty.pk), clock)
        if wait_s:
            return Answer(wait_s=wait_s)
        try:
            return Answer(duty_calendar(duty.dossier, person=duty.person, language=duty.language))
        except RefusedError:
            return None  # the content of the dossier cannot be opened any more
    row = (
        CalendarFeed.objects.select_related("event")
        .filter(token_hash=_hash(token), revoked_at=None)
        .first()
    )
    if row is None:
        return None
    wait_s = _take_turn(CalendarFeed.objects.filter(pk=row.pk), clock)
    if wait_s:
        return Answer(wait_s=wait_s)
    return Answer(
        export_calendar(
            row.event,
            row.group,
            node=configuration().node,
            actor=_READER,
            crew=row.crew,
            language=row.language,
        )
    )


def _revoke(feeds: QuerySet[CalendarFeed] | QuerySet[DutyFeed], key: int, clock: Clock) -> None:
    """Revoke one of the feeds; refuse a key that is not in force among them."""
    if feeds.filter(pk=key, revoked_at=None).update(revoked_at=clock.now()) != 1:
        raise _unknown(key)


def _take_turn(mine: QuerySet[CalendarFeed] | QuerySet[DutyFeed], clock: Clock) -> int:
    """Count one question; return how many seconds to wait when there were too many."""
    now = clock.now()
    over = Q(window_at=None) | Q(window_at__lte=now - WINDOW)
    if mine.filter(over).update(window_at=now, n_asked=1):
        return 0
    if mine.filter(n_asked__lt=MOST_ASKED).update(n_asked=F("n_asked") + 1):
        return 0
    since = mine.values_list("window_at", flat=True).get() or now
    return max(1, int((since + WINDOW - now).total_seconds()))


def _unknown(key: int) -> RefusedError:
    return RefusedError("There is no feed {key} in force.", code="feeds.unknown", key=key)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
