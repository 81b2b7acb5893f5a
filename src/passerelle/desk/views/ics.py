"""ICS 204, 211 and 218 as pages for print, from the published plan and the dossiers of the event."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from passerelle.desk.boards.ics import arrivals_of, equipment_of
from passerelle.desk.frame import show
from passerelle.desk.views.page import clock, event_page, whole
from passerelle.kernel.problems import RefusedError
from passerelle.kernel.times import Interval
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.queries import fold_rows
from passerelle.node.dossiers.sheets import sheets
from passerelle.node.events.queries import find_event
from passerelle.node.plans.documents import document
from passerelle.node.plans.queries import published
from passerelle.standards.ics import Briefing, assignment_list, check_in_list, support_vehicles

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.facts import Facts
    from passerelle.standards.ics import PrintForm
    from passerelle.standards.plans.postings import PlanDocument

__all__ = ["ics"]

_FORMS = ("204", "211", "218")
_MOST_BLANKS = 60


@require_GET
@event_page(Action.EXPORT_PLAN)
def ics(request: HttpRequest, facts: Facts, number: str) -> HttpResponse:
    """Show one form; site, day and blank rows stand in the address."""
    if number not in _FORMS:
        raise Http404
    event = find_event(facts.event.code)
    version = published(event)
    if version is None:
        raise RefusedError(
            "Event {event} has no published plan.", code="plan.not-published", event=event.code
        )
    plan = document(version)
    sites = sorted({(one.site, one.site_name) for one in plan.postings})
    site = request.GET.get("site", "") or (sites[0][0] if sites else "")
    day = _day(request, plan)
    values = {
        "event": facts.event,
        "number": number,
        "form": _form(number, plan, site=site, day=day, blanks=whole(request, "blanks", 10, 60)),
        "sites": sites,
        "site": site,
        "day": day,
        "forms": _FORMS,
    }
    return show(request, "ics.html", values, place="roster")


def _form(number: str, plan: PlanDocument, *, site: str, day: date, blanks: int) -> PrintForm:
    language, zone = (get_language() or "en")[:2], ZoneInfo(plan.zone)
    start = datetime.combine(day, time(), zone)
    if number == "204":
        during = Interval(start, start + timedelta(days=1))
        return assignment_list(plan, site, during, Briefing(), language=language)
    rows = [one.dossier for one in sheets(clock().now(), event=plan.event)]
    found = fold_rows(rows)
    if number == "211":
        arrivals = list(arrivals_of(found))
        return check_in_list(plan, "", start, arrivals, language=language, blank_rows=blanks)
    return support_vehicles(plan, list(equipment_of(found)), language=language, blank_rows=blanks)


def _day(request: HttpRequest, plan: PlanDocument) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        starts = [one.during.start for one in plan.postings]
        return plan.local(min(starts)).date() if starts else clock().now().date()
