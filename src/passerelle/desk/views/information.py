"""Information: what is asked, told and alerted, the most urgent first; cyber reports as STIX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from passerelle.desk.boards.exchanged import message_lines
from passerelle.desk.frame import show
from passerelle.desk.speaking import language, openings
from passerelle.desk.views.page import clock, page
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.configuration import configuration
from passerelle.node.dossiers.queries import folded, open_dossier_value
from passerelle.standards.marks import Status
from passerelle.standards.stix import report_of, write_bundle

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["information", "stix"]


@require_GET
@page(Action.VIEW_INFORMATION)
def information(request: HttpRequest) -> HttpResponse:
    """List requests, information and cyber reports, the most urgent open ones first."""
    lines = message_lines(folded("information", "cyber-report"), clock().now(), language())
    views = {
        "open": [line for line in lines if line.is_open],
        "flash": [line for line in lines if line.urgency == "FLASH"],
        "cyber": [line for line in lines if line.is_cyber],
    }
    view = request.GET.get("view", "")
    values = {
        "lines": views.get(view, lines),
        "view": view if view in views else "",
        "n_all": len(lines),
        "n_open": len(views["open"]),
        "n_flash": len(views["flash"]),
        "n_flash_open": sum(line.is_open for line in views["flash"]),
        "n_cyber": len(views["cyber"]),
        "openings": openings(request, "information", "cyber-report"),
    }
    return show(request, "information.html", values, place="information")


@require_GET
@page(Action.VIEW_INFORMATION)
def stix(request: HttpRequest, case: str) -> HttpResponse:
    """Give the cyber report of a dossier as a STIX 2.1 bundle."""
    del request
    row, _heard, found = open_dossier_value(case)
    if row.procedure != "cyber-report":
        raise RefusedError(
            "There is no cyber report {case}.", code="dossiers.unknown", case=case[:32]
        )
    settings = configuration()
    is_ours = row.side == found.opened.side
    bundle = write_bundle(
        report_of(
            found,
            node=settings.node if is_ours else row.corridor.peer,
            node_name=settings.title if is_ours else row.corridor.peer_state,
            status=Status.EXERCISE if settings.exercise else Status.ACTUAL,
        )
    )
    answer = HttpResponse(bundle, content_type="application/stix+json;version=2.1")
    answer["Content-Disposition"] = f'attachment; filename="cyber-{case[:8]}.stix.json"'
    return answer
