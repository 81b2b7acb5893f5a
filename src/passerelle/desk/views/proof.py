"""Proof: how each peer stands, what waits for a receipt, logs, acts with their proof, and our root."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import segno
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from passerelle.desk.boards.alarms import alarm_words
from passerelle.desk.boards.proof import act_board, is_walled, log_board, peer_board, root_board
from passerelle.desk.frame import show
from passerelle.desk.views.page import clock, page, whole
from passerelle.node.accounts.enums import Action
from passerelle.node.exchange.models import Entry, Log, Peer
from passerelle.node.exchange.packing import make_pack
from passerelle.node.exchange.queries import peer_overview
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from django.http import HttpRequest

    from passerelle.node.exchange.queries import PeerOverview

__all__ = ["act", "log", "pack", "peer", "proof", "qr", "root", "root_file"]

_QR_SCALE: Final = 5


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
    alarm: str


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
    late = timedelta(hours=facts.courier_after_h)
    is_late = oldest is not None and now - oldest > late
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
        alarm=alarm_words(facts.alarm) if facts.alarm else "",
    )


@require_GET
@page(Action.VIEW_DOSSIERS)
def peer(request: HttpRequest, node: str) -> HttpResponse:
    """Show one peer: what passes, what is overdue, threads, logs, keys, agreement, evidence."""
    row = get_object_or_404(Peer, pk=node)
    now = clock().now()
    facts = next(one for one in peer_overview(now) if one.node == node)
    values = {"board": peer_board(row, now), "line": _line(facts, now)}
    return show(request, "peer.html", values, place="proof")


@require_GET
@page(Action.VIEW_DOSSIERS)
def log(request: HttpRequest, log_id: str) -> HttpResponse:
    """Show a log, fifty entries a page, newest first."""
    row = get_object_or_404(Log.objects.select_related("peer"), pk=log_id)
    values = {"board": log_board(row, whole(request, "before", 0, 1 << 53)), "peer": row.peer_id}
    return show(request, "log.html", values, place="proof")


@require_GET
@page(Action.VIEW_DOSSIERS)
def act(request: HttpRequest, entry_id: str = "", log_id: str = "", index: int = 0) -> HttpResponse:
    """Show what is proved about one act, named by its id or its place; recomputed now."""
    place = {"entry_id": entry_id} if entry_id else {"log_id": log_id, "idx": index}
    row = get_object_or_404(Entry.objects.select_related("log"), **place)
    values = {"board": act_board(row), "peer": row.log.peer_id}
    return show(request, "act_proof.html", values, place="proof")


@require_GET
@page(Action.VIEW_DOSSIERS)
def root(request: HttpRequest) -> HttpResponse:
    """Show our root, to be handed over in person: file, code, words."""
    return show(request, "root.html", {"board": root_board()}, place="proof")


@require_GET
@page(Action.VIEW_DOSSIERS)
def root_file(request: HttpRequest) -> HttpResponse:
    """Hand our root file out."""
    del request
    data = (station().folder / "trust" / "1.root.json").read_bytes()
    return _file(data, "1.root.json", "application/json")


@require_GET
@page(Action.VIEW_DOSSIERS)
def qr(request: HttpRequest) -> HttpResponse:
    """Draw the code of our root: node and fingerprint."""
    del request
    drawn = io.BytesIO()
    segno.make(root_board().code, error="m").save(drawn, kind="svg", scale=_QR_SCALE, border=4)
    return HttpResponse(drawn.getvalue(), content_type="image/svg+xml")


@require_GET
@page(Action.VIEW_DOSSIERS)
def pack(request: HttpRequest, case: str) -> HttpResponse:
    """Hand out a verification pack of a dossier: headers and proofs, no contents."""
    del request
    entry = get_object_or_404(
        Entry.objects.filter(case=case).select_related("log").order_by("at")[:1]
    )
    if is_walled(case):
        raise Http404  # the node operator makes it
    data = make_pack(entry.log.peer_id, clock(), case=case, disclose=False)
    return _file(data, f"{case}.pack", "application/x-tar")


def _file(data: bytes, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
