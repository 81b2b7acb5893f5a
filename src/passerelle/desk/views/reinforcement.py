"""Reinforcement of an event: where every partner stands, by stage, and the same as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from passerelle.desk.boards.reinforcement import position_lines, stage_heads
from passerelle.desk.frame import show
from passerelle.desk.views.page import can, clock, event_page
from passerelle.desk.words import UNITS, capability_name
from passerelle.kernel.counts import Unit
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.reinforcement.export import overview_csv, overview_workbook
from passerelle.node.reinforcement.overview import catch_up, overview, partner_positions

if TYPE_CHECKING:
    from django.http import HttpRequest

    from passerelle.desk.facts import Facts

__all__ = ["export", "reinforcement"]

_FORMATS = {
    "csv": ("text/csv; charset=utf-8", overview_csv),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        overview_workbook,
    ),
}


@require_GET
@event_page(Action.VIEW_DOSSIERS)
def reinforcement(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Show figures by partner or capability at every stage, and where each dossier stands."""
    moment, language = clock(), get_language() or "en"
    catch_up(moment)
    now, code = moment.now(), facts.event.code
    unit = Unit(request.GET["unit"]) if request.GET.get("unit") in set(Unit) else Unit.PEOPLE
    by = "capability" if request.GET.get("by") == "capability" else "partner"
    capability, state = request.GET.get("capability", ""), request.GET.get("state", "")
    side = "partner" if request.GET.get("side") == "partner" else "host"
    found = overview(code, unit, now, by=by, capability=capability, state=state, side=side)
    positions = partner_positions(code, side)
    cases = {one.state: one.case for one in reversed(positions)}
    campaigns = list(facts.event.campaigns.all()[:20])
    values = {
        "event": facts.event,
        "version": facts.version,
        "overview": found,
        "heads": stage_heads(),
        "rows": [
            {
                "key": line.key,
                "words": line.key if by == "partner" else capability_name(line.key),
                "case": cases.get(line.key, "") if by == "partner" else "",
                "figures": line.figures,
                "coming": line.coming,
            }
            for line in found.lines
        ],
        "positions": position_lines(positions, now, language),
        "unit": unit,
        "units": UNITS.items(),
        "unit_words": UNITS[unit],
        "by": by,
        "side": side,
        "capability": capability,
        "capability_words": capability_name(capability) if capability else "",
        "state": state,
        "now": now,
        "campaigns": campaigns,
        "may_draft": can(request, Action.DRAFT_REQUEST),
    }
    return show(request, "reinforcement.html", values, place="reinforcement")


@require_GET
@event_page(Action.VIEW_DOSSIERS)
def export(request: HttpRequest, facts: Facts, kind: str) -> HttpResponse:
    """Give the overview as CSV or XLSX."""
    del request
    if kind not in _FORMATS:
        raise RefusedError(
            "Expected csv or xlsx, got {kind}.", code="export.unknown", kind=kind[:10]
        )
    moment = clock()
    catch_up(moment)
    content_type, write = _FORMATS[kind]
    data = write(facts.event.code, moment.now(), get_language() or "en")
    answer = HttpResponse(data, content_type=content_type)
    name = f"{facts.event.code}-reinforcement.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
