"""Read events: rows for lists, and the planner's own values for everything that is computed.

Revisions and needs never change, so what is decoded from them is kept in the process: a page costs
the query that finds the revision and nothing for the programme behind it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from passerelle.kernel.problems import RefusedError
from passerelle.node import planner
from passerelle.node.configuration import configuration
from passerelle.node.events.folders import FolderLimits, unpacked
from passerelle.node.events.models import Event, EventRevision, NeedSnapshot
from passerelle.node.events.need_columns import read_need

if TYPE_CHECKING:
    from passerelle.planning.need import Explanation, Need
    from passerelle.planning.need.explain import Explainer
    from passerelle.planning.programme import Event as Programme

__all__ = [
    "explanation",
    "find_event",
    "find_revision",
    "forget",
    "latest_need",
    "latest_revision",
    "limits",
    "need_of",
    "newest_revisions",
    "planned",
    "programme_of",
]


def limits() -> FolderLimits:
    """Return the caps that the settings put on event folders."""
    settings = configuration()
    return FolderLimits(settings.upload_max_mb * 2**20, settings.import_max_rows)


def find_event(code: str) -> Event:
    """Return an event by its code.

    Raises
    ------
    RefusedError
        With code ``event.unknown``.
    """
    event = Event.objects.filter(code=code).first()
    if event is None:
        raise RefusedError("There is no event {event}.", code="event.unknown", event=code)
    return event


def latest_revision(event: Event) -> EventRevision:
    """Return the newest revision of an event, without its packed folder."""
    return event.revisions.defer("folder").select_related("event").order_by("-number")[0]


def find_revision(event: Event, number: int) -> EventRevision:
    """Return one revision of an event.

    Raises
    ------
    RefusedError
        With code ``event.unknown-revision``.
    """
    found = event.revisions.defer("folder").filter(number=number).first()
    if found is None:
        raise RefusedError(
            "Event {event} has no revision {number}.",
            code="event.unknown-revision",
            event=event.code,
            number=number,
        )
    return found


def newest_revisions() -> list[EventRevision]:
    """Return the newest revision of every event, in one query, without the packed folders."""
    newest = EventRevision.objects.filter(event=OuterRef("event")).order_by("-number")
    return list(
        EventRevision.objects.filter(pk=Subquery(newest.values("pk")[:1]))
        .defer("folder")
        .select_related("event")
        .order_by("-event__starts_at", "event__code")
    )


def latest_need(revision: EventRevision) -> NeedSnapshot | None:
    """Return the newest need of a revision as it came in, without its figures; ``None`` for none."""
    return revision.needs.defer("columns").filter(after="").order_by("-pk").first()


def planned(revision_id: int) -> planner.Planned:
    """Return programme and force of a revision; decoded once a process."""
    return _planned(revision_id)


def need_of(need_id: int) -> Need:
    """Return the figures of a need; decoded once a process."""
    return _need(need_id)


def explanation(need_id: int, row: int) -> Explanation:
    """Explain one figure of a need: it is computed again, in the plain way.

    Raises
    ------
    RefusedError
        When the need was computed with coefficients that this version of the product lacks.
    """
    snapshot = NeedSnapshot.objects.only("coefficient_version").get(pk=need_id)
    explainer = _explainer(need_id)
    expected = explainer.laid.coefficients.version
    if snapshot.coefficient_version != expected:
        raise RefusedError(
            "This need was computed with coefficients {found}; compute it again with {expected}.",
            code="need.old-coefficients",
            found=snapshot.coefficient_version,
            expected=expected,
        )
    return explainer.figure(need_of(need_id), row).explanation


def programme_of(need_id: int) -> Programme:
    """Return the programme whose need this is: that of its revision, after the changes since."""
    return _programme(need_id)


def forget() -> None:
    """Drop what was decoded; for a database that was replaced under a running process."""
    _planned.cache_clear()
    _need.cache_clear()
    _programme.cache_clear()
    _explainer.cache_clear()


@lru_cache(maxsize=6)
def _planned(revision_id: int) -> planner.Planned:
    folder = EventRevision.objects.values_list("folder", flat=True).get(pk=revision_id)
    with unpacked(bytes(folder), limits()) as path:
        return planner.read_folder(path)


@lru_cache(maxsize=6)
def _need(need_id: int) -> Need:
    return read_need(bytes(NeedSnapshot.objects.values_list("columns", flat=True).get(pk=need_id)))


@lru_cache(maxsize=4)
def _explainer(need_id: int) -> Explainer:
    return planner.explainer(_programme(need_id))


@lru_cache(maxsize=6)
def _programme(need_id: int) -> Programme:
    snapshot = NeedSnapshot.objects.only("revision_id", "changes").get(pk=need_id)
    programme = _planned(snapshot.revision_id).event
    return planner.programme_after(programme, snapshot.changes) if snapshot.changes else programme
