"""Proof: how each peer stands, what waits for a receipt, and the roots that both sides hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from passerelle.desk.frame import show
from passerelle.desk.views.page import clock, page
from passerelle.node.accounts.enums import Action
from passerelle.node.exchange.models import Log
from passerelle.node.exchange.queries import peer_overview

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from passerelle.node.exchange.queries import PeerOverview

__all__ = ["proof"]

_LATE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _PeerLine:
    """Show one peer in words: standing, trust, receipts."""

    facts: PeerOverview
    look: str
    standing: str
    trust: str
    n_waiting: int
    oldest: datetime | None
    is_late: bool


@require_GET
@page(Action.VIEW_DOSSIERS)
def proof(request: HttpRequest) -> HttpResponse:
    """Show the peers, the receipts that are missing, and the logs with their roots."""
    now = clock().now()
    lines = [_line(one, now) for one in peer_overview(now)]
    values = {
        "peers": lines,
        "n_late": sum(line.is_late for line in lines),
        "n_waiting": sum(line.n_waiting for line in lines),
        "n_acts": sum(line.facts.released + line.facts.received for line in lines),
        "logs": Log.objects.select_related("peer").order_by("peer_id", "direction"),
    }
    return show(request, "proof.html", values, place="proof")


def _line(facts: PeerOverview, now: datetime) -> _PeerLine:
    oldest = datetime.fromisoformat(facts.oldest_unreceipted) if facts.oldest_unreceipted else None
    is_late = oldest is not None and now - oldest > _LATE
    standing = {
        "pinned": _("root known, not active yet"),
        "active": _("active"),
        "degraded": _("active, with an alarm"),
        "suspended": _("suspended: nothing leaves"),
        "ended": _("ended: read only"),
    }
    trust = {"fresh": _("fresh"), "stale": _("stale"), "expired": _("too old: nothing is released")}
    look = {"active": "met", "degraded": "short", "suspended": "critical"}.get(facts.state, "idle")
    return _PeerLine(
        facts=facts,
        look="short" if is_late and look == "met" else look,
        standing=standing.get(facts.state, facts.state),
        trust=trust.get(facts.freshness, facts.freshness),
        n_waiting=facts.released - facts.receipted,
        oldest=oldest,
        is_late=is_late,
    )
