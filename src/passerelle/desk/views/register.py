"""The register: commitments with both sides' statuses, their exports, and the cycle of meetings."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from passerelle.desk.boards.standing import commitment_line
from passerelle.desk.frame import show
from passerelle.desk.speaking import language, openings
from passerelle.desk.views.page import clock, page
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.configuration import configuration
from passerelle.node.dossiers import register
from passerelle.procedures.standing.exports import register_csv, register_json
from passerelle.standards.activities import Reporter, write_activities

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["commitments", "export", "meetings"]

_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xml": "application/xml",
}


@require_GET
@page(Action.VIEW_REGISTER)
def commitments(request: HttpRequest) -> HttpResponse:
    """List the commitments, contested ones first, with both statuses beside each other."""
    today = clock().now().date()
    own = configuration().state
    lines = [commitment_line(one, language(), today, own) for one in register.commitments()]
    views = {
        "contested": [line for line in lines if line.is_contested],
        "overdue": [line for line in lines if line.is_overdue],
        "ended": [line for line in lines if line.is_ended],
    }
    view = request.GET.get("view", "")
    values = {
        "lines": views.get(view, lines),
        "view": view if view in views else "",
        "n_all": len(lines),
        "n_contested": len(views["contested"]),
        "n_overdue": len(views["overdue"]),
        "n_ended": len(views["ended"]),
        "openings": openings(request, "commitment"),
    }
    return show(request, "commitments.html", values, place="commitments")


@require_GET
@page(Action.VIEW_REGISTER)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """Give the register as a file: JSON, CSV, or public commitments as activities."""
    del request
    found, now, settings = register.commitments(), clock().now(), configuration()
    if kind == "csv":
        content = register_csv(found)
    elif kind == "json":
        content = register_json(found, node=settings.node, now=now)
    elif kind == "xml":
        reporter = Reporter(f"{settings.state}-{settings.node}", settings.title)
        content = write_activities(found, reporter=reporter, now=now)
    else:
        raise RefusedError(
            "Expected json, csv or xml, got {kind}.", code="register.unknown-format", kind=kind
        )
    name = f"commitments-{settings.node}-{now:%Y-%m-%d}.{kind}"
    answer = HttpResponse(content, content_type=_TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_GET
@page(Action.VIEW_REGISTER)
def meetings(request: HttpRequest) -> HttpResponse:
    """Show each joint group: whether it sleeps, its meetings, decisions and what became of them."""
    now = clock().now()
    day = _day(request.GET.get("on", "")) or now.date()
    at = now if day == now.date() else datetime.combine(day, time(23, 59, 59), UTC)
    found = register.groups(at)
    promised = {
        one.case: commitment_line(one, language(), now.date()) for one in register.commitments()
    }
    values = {
        "groups": found,
        "n_dormant": sum(group.is_dormant for group in found),
        "n_open": sum(one.open_decisions for group in found for one in group.meetings),
        "day": day,
        "is_today": day == now.date(),
        "promised": promised,
        "openings": openings(request, "meeting"),
    }
    return show(request, "meetings.html", values, place="commitments")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
