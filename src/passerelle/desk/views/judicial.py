"""The judicial tracker: metadata of requests, with computed dates of release that nobody can move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_GET

from passerelle.desk.boards.exchanged import judicial_lines
from passerelle.desk.frame import show
from passerelle.desk.speaking import language, openings
from passerelle.desk.views.page import clock, page
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.queries import folded

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["judicial"]


@require_GET
@page(Action.VIEW_JUDICIAL)
def judicial(request: HttpRequest) -> HttpResponse:
    """List the judicial requests, those with a date of release first."""
    lines = judicial_lines(folded("judicial"), clock().now(), language())
    views = {
        "ours": [line for line in lines if line.is_ours],
        "theirs": [line for line in lines if not line.is_ours],
        "release": [line for line in lines if line.release_on],
    }
    view = request.GET.get("view", "")
    values = {
        "lines": views.get(view, lines),
        "view": view if view in views else "",
        "n_all": len(lines),
        "n_ours": len(views["ours"]),
        "n_theirs": len(views["theirs"]),
        "n_release": len(views["release"]),
        "openings": openings(request, "judicial"),
    }
    return show(request, "judicial.html", values, place="judicial")
