"""Verbs on events: take a folder in, compute its need."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.kernel.canonical import digest
from passerelle.node import planner
from passerelle.node.accounts.enums import Action
from passerelle.node.audit.domain import record
from passerelle.node.events.folders import pack, unpacked
from passerelle.node.events.models import Event, EventRevision, NeedSnapshot, Session, Site
from passerelle.node.events.need_columns import read_need, write_need
from passerelle.node.events.queries import find_revision, latest_revision, limits, planned
from passerelle.node.forces.domain import add_forces

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from passerelle.kernel.canonical import Json
    from passerelle.kernel.clock import Clock
    from passerelle.node.accounts.actor import Actor
    from passerelle.planning.programme import Event as Programme

__all__ = ["compute_need", "export_event", "import_event", "import_packed", "keep_need_after"]


def import_event(
    folder: Path, *, actor: Actor, clock: Clock, programme: str | None = None
) -> EventRevision:
    """Take an event folder in: a new event, or a new revision of one that is there.

    Either everything is taken in or nothing. The same folder twice gives the same revision.

    Parameters
    ----------
    folder
        The folder.
    actor, clock
        Who takes it in, and when.
    programme
        File of the sessions that are planned, for a folder that holds more than one programme.

    Raises
    ------
    InputError
        With every issue of every file.
    RefusedError
        When the actor may not import.
    """
    actor.require(Action.IMPORT_EVENT)
    packed = pack(folder, limits(), programme=programme)
    with unpacked(packed, limits()) as laid_out:
        read = planner.read_folder(laid_out)
    return _store(packed, read, actor=actor, clock=clock)


def import_packed(packed: bytes, name: str, *, actor: Actor, clock: Clock) -> EventRevision:
    """Take in an event folder that came as a ZIP file called ``name``; as :func:`import_event`."""
    actor.require(Action.IMPORT_EVENT)
    with unpacked(packed, limits(), name) as folder:
        return import_event(folder, actor=actor, clock=clock)


def compute_need(revision: EventRevision, *, actor: Actor, clock: Clock) -> NeedSnapshot:
    """Compute the need of a revision; once for each version of the coefficients."""
    actor.require(Action.COMPUTE_NEED)
    need = planner.assess(planned(revision.pk).event)
    packed = write_need(need)
    with transaction.atomic():
        snapshot, is_new = NeedSnapshot.objects.get_or_create(
            revision=revision,
            coefficient_version=need.coefficient_version,
            after="",
            defaults={
                "columns": packed,
                "digest": hashlib.sha256(packed).hexdigest(),
                "n_figures": len(need),
                "n_overlays": len(need.overlays),
                "computed_at": clock.now(),
                "computed_by": actor.label,
            },
        )
        if is_new:
            record(
                actor.label,
                Action.COMPUTE_NEED.value,
                f"event:{revision.event.code}/revision:{revision.number}",
                clock=clock,
                new={"digest": snapshot.digest, "figures": snapshot.n_figures},
            )
    return snapshot


def keep_need_after(
    revision_id: int, packed: bytes, changes: Sequence[Json], *, by: str, clock: Clock
) -> NeedSnapshot:
    """Keep the need of a revision after changes; called inside a transaction.

    Parameters
    ----------
    revision_id
        The revision.
    packed
        The need, packed.
    changes
        Plain values of the changes since, the oldest first.
    by, clock
        Who asked for the repair that computed it, and when it is kept.
    """
    need = read_need(packed)
    snapshot, _ = NeedSnapshot.objects.get_or_create(
        revision_id=revision_id,
        coefficient_version=need.coefficient_version,
        after=digest(list(changes)),
        defaults={
            "changes": list(changes),
            "columns": packed,
            "digest": hashlib.sha256(packed).hexdigest(),
            "n_figures": len(need),
            "n_overlays": len(need.overlays),
            "computed_at": clock.now(),
            "computed_by": by,
        },
    )
    return snapshot


def export_event(event: Event, *, actor: Actor, number: int | None = None) -> bytes:
    """Return the packed folder of a revision, the newest by default, to the byte as it came in."""
    actor.require(Action.EXPORT_EVENT)
    revision = latest_revision(event) if number is None else find_revision(event, number)
    return bytes(revision.folder)


@transaction.atomic
def _store(packed: bytes, read: planner.Planned, *, actor: Actor, clock: Clock) -> EventRevision:
    programme, digest = read.event, hashlib.sha256(packed).hexdigest()
    event, _ = Event.objects.update_or_create(
        code=programme.id,
        defaults={
            "name": programme.name,
            "host": programme.host,
            "time_zone": programme.timezone,
            "starts_at": programme.period.start,
            "ends_at": programme.period.end,
        },
    )
    newest = event.revisions.defer("folder").order_by("-number").first()
    if newest is not None and newest.digest == digest:
        return newest
    revision = EventRevision.objects.create(
        event=event,
        number=newest.number + 1 if newest else 1,
        digest=digest,
        folder=packed,
        imported_at=clock.now(),
        imported_by=actor.label,
        n_venues=len(programme.venues),
        n_sessions=len(programme.sessions),
        n_posts=len(programme.posts),
        n_groups=len(read.force.groups),
        n_assumptions=len(programme.assumptions),
    )
    _add_rows(revision, programme)
    add_forces(revision, read.force)
    record(
        actor.label,
        Action.IMPORT_EVENT.value,
        f"event:{event.code}/revision:{revision.number}",
        clock=clock,
        old={"digest": newest.digest} if newest else None,
        new={"digest": digest},
    )
    return revision


def _add_rows(revision: EventRevision, programme: Programme) -> None:
    venues = {venue.id: venue for venue in programme.venues}
    Site.objects.bulk_create(
        Site(
            revision=revision,
            code=site.id,
            name=site.name,
            kind=site.kind.value,
            lat=site.lat,
            lon=site.lon,
            capacity=venues[site.id].capacity if site.id in venues else None,
            is_venue=site.id in venues,
        )
        for site in programme.sites.values()
    )
    sites = dict(revision.sites.values_list("code", "pk"))
    Session.objects.bulk_create(
        (
            Session(
                revision=revision,
                code=session.id,
                site_id=sites[session.venue_id],
                title=session.title[:300],
                sport=session.sport[:80],
                starts_at=session.interval.start,
                ends_at=session.interval.end,
                attendance=session.attendance,
                risk=session.risk,
            )
            for session in programme.sessions
        ),
        batch_size=500,
    )
