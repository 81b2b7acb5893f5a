"""Files of the published plan, and calendar feeds: secret addresses that can be revoked."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from passerelle.desk.frame import show
from passerelle.desk.views.page import actor_of, clock, event_page, page
from passerelle.kernel.problems import RefusedError
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.events.queries import find_event
from passerelle.node.feeds.domain import (
    feed_calendar,
    make_duty_feed,
    make_feed,
    revoke_duty_feed,
    revoke_feed,
)
from passerelle.node.feeds.models import CalendarFeed
from passerelle.node.plans.queries import published
from passerelle.procedures.reinforcement.duties import published_duties

if TYPE_CHECKING:
    from django.http import HttpRequest

    from passerelle.desk.facts import Facts
    from passerelle.node.events.models import Event

__all__ = ["duty_feeds", "feed", "feeds"]

_LANGUAGES = (("fr", "français"), ("en", "English"), ("ar", "العربية"))


@require_http_methods(["GET", "POST"])
@event_page(Action.EXPORT_PLAN)
def feeds(request: HttpRequest, facts: Facts) -> HttpResponse:
    """List files and feeds; make one, whose address is shown this once; revoke one."""
    event = find_event(facts.event.code)
    address = refusal = ""
    if request.method == "POST":
        try:
            address = _change(request, event)
        except RefusedError as problem:
            refusal = problem.message.format_map(dict(problem.params))
    values = {
        "event": facts.event,
        "version": published(event),
        "rows": CalendarFeed.objects.filter(event=event),
        "address": address,
        "refusal": refusal,
        "languages": _LANGUAGES,
        "language": (get_language() or "en")[:2],
    }
    return show(request, "feeds.html", values, place="roster", status=422 if refusal else 200)


@require_GET
@login_not_required
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Answer a calendar program that knows the address."""
    del request
    answer = feed_calendar(token, clock())
    if answer is None:
        raise Http404
    if answer.wait_s:
        return HttpResponse(status=429, headers={"Retry-After": str(answer.wait_s)})
    response = HttpResponse(answer.calendar, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, max-age=900"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(["GET", "POST"])
@page(Action.VIEW_ROLL)
def duty_feeds(request: HttpRequest, case: str) -> HttpResponse:
    """List the addresses of the duties of a dossier; make one, shown this once; revoke one."""
    row, _heard, found = open_dossier_value(case)
    address, actor = "", actor_of(request)
    key = request.POST.get("revoke", "")
    if key:
        revoke_duty_feed(row, int(key) if key.isdecimal() else 0, actor=actor, clock=clock())
    elif request.method == "POST":
        _row, token = make_duty_feed(
            row,
            person=request.POST.get("person", "")[:64],
            language=_language(request),
            actor=actor,
            clock=clock(),
            draw=_draw,
        )
        address = _address(request, token)
    values = {
        "row": row,
        "rows": row.calendar_feeds.all(),
        "people": sorted(published_duties(found)),
        "address": address,
        "languages": _LANGUAGES,
        "language": (get_language() or "en")[:2],
    }
    return show(request, "duty_feeds.html", values, place="requests")


def _draw() -> str:
    return secrets.token_urlsafe(32)


def _address(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(f"/calendar/{token}.ics")


def _language(request: HttpRequest) -> str:
    wanted = request.POST.get("language", "")
    return wanted if wanted in dict(_LANGUAGES) else "en"


def _change(request: HttpRequest, event: Event) -> str:
    """Revoke or make what was asked; return the address of a new feed."""
    if "revoke" in request.POST:
        key = request.POST["revoke"]
        revoke_feed(
            event, int(key) if key.isdecimal() else 0, actor=actor_of(request), clock=clock()
        )
        return ""
    crew = request.POST.get("crew", "").strip()
    _row, token = make_feed(
        event,
        request.POST.get("group", "").strip()[:64],
        crew=int(crew) if crew.isdecimal() else None,
        language=_language(request),
        actor=actor_of(request),
        clock=clock(),
        draw=_draw,
    )
    return _address(request, token)
