"""Make a feed, revoke it, write its calendar.

The address is a password: 256 random bits, of which only the hash is kept. An unknown and a revoked
address look alike. The calendar names duties, never persons, and no feed answers oftener than a calendar
program needs to ask: the answer may be kept by it for fifteen minutes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.actor import Actor
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.configuration import configuration
from passerelle.node.feeds.models import CalendarFeed
from passerelle.node.plans.calendars import export_calendar

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.events.models import Event

__all__ = ["feed_calendar", "make_feed", "revoke_feed"]

_READER = Actor("feed", None)


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
    """Make a feed; return it with its token, which is shown this once.

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
def revoke_feed(event: Event, key: int, *, actor: Actor, clock: Clock) -> None:
    """Let an address answer no more.

    Raises
    ------
    RefusedError
        When the actor may not, or there is no such feed in force.
    """
    actor.require(Action.EXPORT_PLAN)
    rows = CalendarFeed.objects.filter(pk=key, event=event, revoked_at=None)
    if rows.update(revoked_at=clock.now()) != 1:
        raise RefusedError("There is no feed {key} in force.", code="feeds.unknown", key=key)
    record(actor.label, "feeds.revoke", f"event:{event.code}/feed:{key}", clock=clock)


def feed_calendar(token: str) -> bytes | None:
    """Write the calendar of an address; ``None`` when it is unknown or revoked."""
    row = CalendarFeed.objects.select_related("event").filter(token_hash=_hash(token)).first()
    if row is None or row.revoked_at is not None:
        return None
    return export_calendar(
        row.event,
        row.group,
        node=configuration().node,
        actor=_READER,
        crew=row.crew,
        language=row.language,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
