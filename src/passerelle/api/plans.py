"""Plans: start a solve, look at versions and changes, publish, export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from passerelle.api.auth import actor_of
from passerelle.api.jobs import job_value
from passerelle.api.values import ChangeOut, JobOut, PlanOut, PublishIn, StartIn
from passerelle.node.accounts.enums import Action
from passerelle.node.configuration import configuration
from passerelle.node.events.queries import find_event
from passerelle.node.exercise.clock import node_clock
from passerelle.node.plans import domain
from passerelle.node.plans.calendars import export_calendar
from passerelle.node.plans.documents import PlanFormat, export_plan
from passerelle.node.plans.queries import (
    changes_against_published,
    find_version,
    versions_of,
)

if TYPE_CHECKING:
    from passerelle.node.plans.changes import DutySpan
    from passerelle.node.plans.models import PlanVersion

__all__ = ["router"]

router = Router(tags=["plans"])

_TYPES = {
    PlanFormat.JSON: "application/json",
    PlanFormat.CSV: "text/csv; charset=utf-8",
    PlanFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/events/{code}/plans", response=list[PlanOut], summary="List the versions")
def list_plans(request: HttpRequest, code: str) -> list[dict[str, object]]:
    """Return the versions of an event's plan, the newest first."""
    actor_of(request).require(Action.VIEW_PLANNING)
    event = find_event(code)
    return [_plan(version, code) for version in versions_of(event)]


@router.post("/events/{code}/plans", response={202: JobOut}, summary="Start a solve")
def start_plan(request: HttpRequest, code: str, body: StartIn) -> Status[dict[str, object]]:
    """Queue a solve of the newest revision; the answer is its job."""
    job = domain.start_plan(
        find_event(code),
        actor=actor_of(request),
        clock=node_clock(),
        seconds=body.seconds,
        seed=body.seed,
        level=body.level,
    )
    return Status(202, job_value(job))


@router.get("/events/{code}/plans/{number}", response=PlanOut, summary="Show a version")
def show_plan(request: HttpRequest, code: str, number: int) -> dict[str, object]:
    """Return one version."""
    return _plan(_find(request, code, number), code)


@router.get(
    "/events/{code}/plans/{number}/changes", response=list[ChangeOut], summary="List changes"
)
def list_changes(request: HttpRequest, code: str, number: int) -> list[dict[str, object]]:
    """Return what would change for the crews against the published version."""
    version = _find(request, code, number)
    return [
        {
            "kind": change.kind.value,
            "group": change.group,
            "day": change.day,
            "crews": change.crews,
            "people": change.people,
            "before": _duty(change.before),
            "after": _duty(change.after),
        }
        for change in changes_against_published(version)
    ]


@router.post("/events/{code}/plans/{number}/publish", response=PlanOut, summary="Publish a draft")
def publish_plan(
    request: HttpRequest, code: str, number: int, body: PublishIn
) -> dict[str, object]:
    """Make a draft the published plan, if the published one is still the one expected."""
    version = domain.publish(
        _find(request, code, number),
        expected_published=body.expected_published,
        actor=actor_of(request),
        clock=node_clock(),
        why=body.why,
    )
    return _plan(version, code)


@router.post(
    "/events/{code}/plans/{number}/drop", response={204: None}, summary="Put a draft aside"
)
def drop_plan(request: HttpRequest, code: str, number: int) -> Status[None]:
    """Put a draft aside; it stays readable."""
    domain.drop(_find(request, code, number), actor=actor_of(request), clock=node_clock())
    return Status(204, None)


@router.get("/events/{code}/plans/{number}/export", summary="Export a version")
def export(
    request: HttpRequest, code: str, number: int, kind: PlanFormat = PlanFormat.JSON
) -> HttpResponse:
    """Return a version as JSON, CSV or XLSX."""
    content = export_plan(_find(request, code, number), kind, actor=actor_of(request))
    answer = HttpResponse(content, content_type=_TYPES[kind])
    name = f"{code}-plan-{number}.{kind.value}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@router.get("/events/{code}/calendars/{group}", summary="Calendar of a group or crew")
def calendar(
    request: HttpRequest, code: str, group: str, crew: int | None = None, language: str = "en"
) -> HttpResponse:
    """Return the published duties of a group, or of one of its crews, as iCalendar."""
    content = export_calendar(
        find_event(code),
        group,
        node=configuration().node,
        actor=actor_of(request),
        crew=crew,
        language=language,
    )
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")


def _find(request: HttpRequest, code: str, number: int) -> PlanVersion:
    actor_of(request).require(Action.VIEW_PLANNING)
    return find_version(find_event(code), number)


def _duty(duty: DutySpan | None) -> dict[str, object] | None:
    if duty is None:
        return None
    return {
        "site": duty.site,
        "capability": duty.capability,
        "start": duty.during.start,
        "end": duty.during.end,
    }


def _plan(version: PlanVersion, code: str) -> dict[str, object]:
    names = PlanOut.model_fields.keys() - {"event"}
    return {"event": code, **{name: getattr(version, name) for name in names}}
