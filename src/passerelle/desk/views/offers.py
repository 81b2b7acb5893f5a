"""Offers: all of an event, and the answers to one request with what may be done about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from passerelle.desk.boards.offers import answers, crossing_words, offer_lines
from passerelle.desk.frame import show
from passerelle.desk.views.page import can, clock, event_page, page, whole
from passerelle.desk.words import capability_name
from passerelle.node.accounts.enums import Action
from passerelle.node.dossiers.queries import open_dossier_value
from passerelle.node.reinforcement.models import OfferRow
from passerelle.node.reinforcement.overview import catch_up
from passerelle.procedures.reinforcement.offers import OfferStatus

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.desk.facts import Facts

__all__ = ["dossier_offers", "offers"]

_PAGE = 100


@require_GET
@event_page(Action.VIEW_DOSSIERS)
def offers(request: HttpRequest, facts: Facts) -> HttpResponse:
    """List the offers made for an event, the next to expire first."""
    moment = clock()
    catch_up(moment)
    now, language = moment.now(), get_language() or "en"
    rows = OfferRow.objects.filter(
        dossier__event=facts.event.code, dossier__side="host"
    ).select_related("dossier__corridor")
    capability, state = request.GET.get("capability", ""), request.GET.get("state", "")
    kinds = sorted(set(rows.order_by().values_list("capability", flat=True)))
    if capability:
        rows = rows.filter(capability=capability)
    if state:
        rows = rows.filter(dossier__corridor__peer_state=state)
    view = request.GET.get("view", "standing")
    if view == "standing":
        rows = rows.filter(status=OfferStatus.STANDING.value, valid_until__gte=now)
    elif view == "accepted":
        rows = rows.filter(status=OfferStatus.ACCEPTED.value)
    n_rows = rows.count()
    n_pages = max(1, -(-n_rows // _PAGE))
    number = min(max(whole(request, "page", 1), 1), n_pages)
    chosen = rows.order_by("valid_until", "dossier__corridor__peer_state", "code")
    values = {
        "event": facts.event,
        "version": facts.version,
        "offers": offer_lines(chosen[(number - 1) * _PAGE : number * _PAGE], now, language),
        "n_offers": n_rows,
        "view": view,
        "state": state,
        "capability": capability,
        "capabilities": sorted(
            ({"code": code, "words": capability_name(code)} for code in kinds),
            key=lambda choice: choice["words"],
        ),
        "page": number,
        "n_pages": n_pages,
        "previous_page": number - 1,
        "next_page": number + 1,
        "now": now,
    }
    return show(request, "offers.html", values, place="offers")


@require_GET
@page(Action.VIEW_DOSSIERS)
def dossier_offers(request: HttpRequest, case: str) -> HttpResponse:
    """Show each line of a request with the offers on it, expiry counted down, and what may be done."""
    row, heard, found = open_dossier_value(case)
    now, language = clock().now(), get_language() or "en"
    values = {
        "row": row,
        "state": found.current.labels.get(language),
        "lines": answers(case, row.corridor.peer_state, found, now, language),
        "crossings": crossing_words(found, language),
        "is_host": heard.side == "host",
        "may_sign": can(request, Action.SIGN_ACT),
        "may_offer": heard.side == "partner",
        "now": now,
    }
    return show(request, "dossier_offers.html", values, place="requests")
