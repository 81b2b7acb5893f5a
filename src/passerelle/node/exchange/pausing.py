"""Tell a peer that traffic is paused or active: a signed notice beside the log, one neutral word.

A pause says nothing of its reason. It is told over the wire and in courier files as long as the peer
has not taken it; the peer shows it and goes on storing and receipting.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from passerelle.exchange.effects import Reply
from passerelle.exchange.errors import FrameError, RemoteProtocolError
from passerelle.exchange.frame import peer_notice
from passerelle.exchange.note import LineKind, Note, Statement, sign_statement, verify_lines
from passerelle.exchange.peer import PeerState
from passerelle.exchange.sender import CLOCK_WINDOW
from passerelle.node.exchange import store
from passerelle.node.exchange.models import Peer
from passerelle.node.exchange.receiving import find_origin
from passerelle.node.exchange.station import station
from passerelle.node.exchange.transport import TransportError

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.transport import HttpTransport

__all__ = ["notice_for", "take_notice", "tell_peers"]

_LOG = logging.getLogger(__name__)
_WORDS: Final = ("paused", "active")


def notice_for(peer: Peer, now: datetime) -> bytes:
    """Write the notice that a peer is owed; nothing when it knows."""
    word = "paused" if peer.state == PeerState.SUSPENDED.value else "active"
    if word == (peer.notified or "active") or peer.state == PeerState.ENDED.value:
        return b""
    node = station()
    origin = store.current(node.identity.node, peer.node)
    statement = peer_notice(origin.log_id, paused=word == "paused", time=int(now.timestamp()))
    return sign_statement(statement, str(origin), node.identity.log, LineKind.LOG).encode()


def tell_peers(transport: HttpTransport, clock: Clock) -> int:
    """Tell every peer that is owed a notice and can be reached; return how many took it."""
    told = 0
    for row in Peer.objects.exclude(state=PeerState.ENDED.value):
        data = notice_for(row, clock.now())
        record = store.find_peer(row.node) if data else None
        if record is None or record.trust.card is None or not record.trust.card.endpoints:
            continue
        origin = store.current(station().identity.node, row.node)
        try:
            path = f"logs/{origin.log_id}/peer"
            answer = transport.post(record.trust.card.endpoints, path, data)
        except TransportError:
            continue
        if answer.status == 204:
            word = Statement.parse(Note.parse(data).text).fields[1]
            Peer.objects.filter(pk=row.node).update(notified=word)
            told += 1
        else:
            _LOG.warning("exchange.notice-refused", extra={"peer": row.node})
    return told


def take_notice(log_id: str, data: bytes, clock: Clock) -> Reply:
    """Take a peer's notice: 204 when it stands, an older one changes nothing.

    Parameters
    ----------
    log_id
        From the address: the peer's log to us.
    data
        The note.
    clock
        A notice from the future is refused.
    """
    origin = find_origin(log_id, "in")
    record = store.find_peer(origin.writer) if origin else None
    if origin is None or record is None or record.trust.card is None:
        return Reply(404, code="exchange.log-unknown")
    now = clock.now()
    try:
        note = Note.parse(data)
        keys = record.trust.card.log_keys_at(now)
        verify_lines(
            note.lines, str(origin), LineKind.LOG, suite=record.suite, keys=keys, data=note.text
        )
        word, time = _read(note.text, log_id)
    except RemoteProtocolError as error:
        return Reply(error.status, code=error.code)
    if time > now.timestamp() + CLOCK_WINDOW:
        return Reply(403, code="exchange.clock")
    Peer.objects.filter(pk=record.node, told_at__lt=time).update(told=word, told_at=time)
    return Reply(204)


def _read(text: bytes, log_id: str) -> tuple[str, int]:
    found = Statement.parse(text)
    if found.kind != "passerelle/peer/v1" or len(found.fields) != 3:
        raise FrameError("Expected a peer notice.", code="exchange.notice")
    log, word, stamp = found.fields
    time = stamp.removeprefix("time ")
    if log != log_id or word not in _WORDS or not time.isdigit() or len(time) > 15:
        raise FrameError("Expected a peer notice for this log.", code="exchange.notice")
    return word, int(time)
