"""Events and their need."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from passerelle.api.auth import actor_of
from passerelle.api.values import (
    EventOut,
    ExplanationOut,
    NeedFigureOut,
    NeedOut,
    SessionOut,
    SiteOut,
)
from passerelle.kernel.problems import InputError, Issue, RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.configuration import configuration
from passerelle.node.events import domain
from passerelle.node.events.models import Event, EventRevision, NeedSnapshot
from passerelle.node.events.queries import (
    explanation,
    find_event,
    latest_need,
    latest_revision,
    need_of,
    newest_revisions,
)
from passerelle.node.exercise.clock import node_clock

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["router"]

router = Router(tags=["events"])

Limit = Annotated[int, Query(ge=1, le=5000)]
Offset = Annotated[int, Query(ge=0, le=10**9)]


@router.get("", response=list[EventOut], summary="List the events")
def list_events(request: HttpRequest) -> list[dict[str, object]]:
    """Return every event with its newest revision."""
    actor_of(request).require(Action.VIEW_PLANNING)
    return [_event(revision.event, revision) for revision in newest_revisions()]


@router.post("", response={201: EventOut}, summary="Import an event folder (ZIP)")
def import_event(request: HttpRequest, folder: File[UploadedFile]) -> Status[dict[str, object]]:
    """Take in an event folder: everything, or nothing and the list of all mistakes."""
    most = configuration().upload_max_mb
    if (folder.size or 0) > most * 2**20:
        raise InputError([Issue("upload", 0, "", "event.too-large", f"{most} MB at most")])
    revision = domain.import_packed(
        folder.read(),
        (folder.name or "event").rsplit(".", maxsplit=1)[0],
        actor=actor_of(request),
        clock=node_clock(),
    )
    return Status(201, _event(revision.event, revision))


@router.get("/{code}", response=EventOut, summary="Show an event")
def show_event(request: HttpRequest, code: str) -> dict[str, object]:
    """Return one event with its newest revision."""
    event = _find(request, code)
    return _event(event, latest_revision(event))


@router.get("/{code}/folder", summary="Export the event folder (ZIP)")
def export_event(request: HttpRequest, code: str) -> HttpResponse:
    """Return the newest revision's folder, to the byte as it came in."""
    content = domain.export_event(_find(request, code), actor=actor_of(request))
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{code}.zip"'
    return answer


@router.get("/{code}/sites", response=list[SiteOut], summary="List the places")
def list_sites(request: HttpRequest, code: str) -> Iterable[object]:
    """Return venues and places of the territory."""
    return latest_revision(_find(request, code)).sites.all()


@router.get("/{code}/sessions", response=list[SessionOut], summary="List the sessions")
def list_sessions(
    request: HttpRequest, code: str, limit: Limit = 1000, offset: Offset = 0
) -> Iterable[object]:
    """Return sessions in order of time."""
    sessions = latest_revision(_find(request, code)).sessions.values(
        "code",
        "title",
        "sport",
        "starts_at",
        "ends_at",
        "attendance",
        "risk",
        site_code=F("site__code"),
    )
    chosen = sessions[offset : offset + limit]
    return [{**session, "site": session["site_code"]} for session in chosen]


@router.post("/{code}/need", response={201: NeedOut}, summary="Compute the need")
def compute_need(request: HttpRequest, code: str) -> Status[dict[str, object]]:
    """Compute the need of the newest revision; the same revision gives the same need."""
    revision = latest_revision(_find(request, code))
    snapshot = domain.compute_need(revision, actor=actor_of(request), clock=node_clock())
    return Status(201, _need(snapshot, revision))


@router.get("/{code}/need", response=NeedOut, summary="Show the need")
def show_need(request: HttpRequest, code: str) -> dict[str, object]:
    """Return the newest need of the newest revision."""
    revision, snapshot = _newest_need(request, code)
    return _need(snapshot, revision)


@router.get("/{code}/need/figures", response=list[NeedFigureOut], summary="List figures")
def list_figures(
    request: HttpRequest,
    code: str,
    site: str | None = None,
    capability: str | None = None,
    limit: Limit = 1000,
    offset: Offset = 0,
) -> list[dict[str, object]]:
    """Return figures of a site, a capability or all, sorted by site, capability and start."""
    _, snapshot = _newest_need(request, code)
    need = need_of(snapshot.pk)
    rows = islice(need.rows(site_id=site, capability=capability), offset, offset + limit)
    return [
        {
            "row": row,
            "site": need.site_ids[need.site[row]],
            "capability": need.capabilities[need.capability[row]],
            "start": datetime.fromtimestamp(int(need.start[row]), UTC),
            "end": datetime.fromtimestamp(int(need.end[row]), UTC),
            "low": int(need.low[row]),
            "central": int(need.central[row]),
            "high": int(need.high[row]),
            "minimum": int(need.minimum[row]),
            "weight": float(need.weight[row]),
        }
        for row in rows
    ]


@router.get(
    "/{code}/need/figures/{row}/explanation", response=ExplanationOut, summary="Explain a figure"
)
def explain_figure(request: HttpRequest, code: str, row: int) -> object:
    """Return formula, inputs, coefficients and computation of one figure."""
    _, snapshot = _newest_need(request, code)
    if not 0 <= row < snapshot.n_figures:
        raise RefusedError("There is no figure {row}.", code="need.unknown-row", row=row)
    return explanation(snapshot.pk, row)


def _find(request: HttpRequest, code: str) -> Event:
    actor_of(request).require(Action.VIEW_PLANNING)
    return find_event(code)


def _newest_need(request: HttpRequest, code: str) -> tuple[EventRevision, NeedSnapshot]:
    revision = latest_revision(_find(request, code))
    snapshot = latest_need(revision)
    if snapshot is None:
        raise RefusedError("No need was computed for {event}.", code="need.unknown", event=code)
    return revision, snapshot


def _event(event: Event, revision: EventRevision) -> dict[str, object]:
    return {
        "code": event.code,
        "name": event.name,
        "host": event.host,
        "time_zone": event.time_zone,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "revision": revision.number,
        "digest": revision.digest,
        "n_venues": revision.n_venues,
        "n_sessions": revision.n_sessions,
        "n_posts": revision.n_posts,
        "n_groups": revision.n_groups,
        "n_assumptions": revision.n_assumptions,
    }


def _need(snapshot: NeedSnapshot, revision: EventRevision) -> dict[str, object]:
    return {
        "event": revision.event.code,
        "revision": revision.number,
        "coefficient_version": snapshot.coefficient_version,
        "digest": snapshot.digest,
        "n_figures": snapshot.n_figures,
        "n_overlays": snapshot.n_overlays,
        "computed_at": snapshot.computed_at,
    }
