"""Counts: four units at seven stages, on screen and as files; figures only, never a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from passerelle.desk.boards.counts import GROUPINGS, Selection, counts_page
from passerelle.desk.frame import show
from passerelle.desk.views.page import clock, page
from passerelle.kernel.counts import Unit
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.sheets import sheet_of, sheets
from passerelle.standards.counts import counts_csv, counts_workbook, lines_of

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["counts", "counts_file"]

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_GET
@page(Action.VIEW_DOSSIERS)
def counts(request: HttpRequest) -> HttpResponse:
    """Show the figures of a selection; the address holds it."""
    now = clock().now()
    event = request.GET.get("event", "")[:64]
    chosen = _selection(request)
    values = {
        "counts": counts_page(sheets(now, event=event), chosen),
        "chosen": chosen,
        "shown_event": event,
        "query": request.GET.urlencode(),
    }
    return show(request, "counts.html", values, place="rolls")


@require_GET
@page(Action.VIEW_DOSSIERS)
def counts_file(request: HttpRequest, kind: str) -> HttpResponse:
    """Write all figures of an event or a partner as CSV or XLSX."""
    if kind not in _TYPES:
        raise Http404
    chosen = _selection(request)
    rows = sheets(clock().now(), event=request.GET.get("event", "")[:64])
    lines = [
        line
        for row in rows
        if not chosen.partner or row.dossier.corridor.peer_state == chosen.partner
        for line in lines_of(
            sheet_of(row),
            event=row.dossier.event,
            partner=row.dossier.corridor.peer_state,
            dossier=row.dossier.reference or row.dossier_id,
        )
    ]
    language = get_language() or "en"
    content = (counts_csv if kind == "csv" else counts_workbook)(lines, language=language)
    response = HttpResponse(content, content_type=_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="counts.{kind}"'
    return response


def _selection(request: HttpRequest) -> Selection:
    def text(name: str) -> str:
        return request.GET.get(name, "")[:64]

    unit = text("unit")
    return Selection(
        partner=text("partner"),
        capability=text("capability"),
        place=text("place"),
        day=text("day"),
        unit=Unit(unit) if unit in set(Unit) else Unit.PEOPLE,
        by=text("by") if text("by") in GROUPINGS else "partner",
    )
