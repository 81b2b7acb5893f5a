"""After a restore: get our own missing entries back from the reader, who holds them.

The reader's frame carries our own signatures; they verify it. Then writing goes on where it stopped.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.exchange import receiver
from passerelle.exchange.effects import Receive
from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.frame import FrameLimits, PushFrame, ReaderRequest
from passerelle.exchange.names import Origin
from passerelle.exchange.note import Checkpoint
from passerelle.node.exchange import sending, store
from passerelle.node.exchange.models import Cursor, Log
from passerelle.node.exchange.station import station
from passerelle.node.exchange.transport import TransportError

if TYPE_CHECKING:
    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.transport import Answer, HttpTransport

__all__ = ["ask_held", "fetch_suffix", "take_suffix"]


def fetch_suffix(log: Log, transport: HttpTransport, clock: Clock) -> int:
    """Ask the reader for the entries that we lost; return how many came back."""
    answer = _ask(log, transport, clock)
    if answer is None or answer.status != 200:
        return 0
    return take_suffix(log.origin, answer.body, clock)


def _ask(log: Log, transport: HttpTransport, clock: Clock) -> Answer | None:
    node = station()
    record = store.find_peer(log.peer_id)
    if record is None or record.trust.card is None or not record.trust.card.endpoints:
        return None
    now = int(clock.now().timestamp())
    request = ReaderRequest("suffix", log.id, log.size, secrets.token_hex(16), now)
    note = request.sign(log.origin, node.identity.log)
    try:
        return transport.post(record.trust.card.endpoints, f"logs/{log.id}/suffix", note.encode())
    except TransportError:
        return None


def ask_held(log: Log, transport: HttpTransport, clock: Clock) -> int | None:
    """Ask the reader how many entries of a log it holds; ``None`` when it does not say."""
    answer = _ask(log, transport, clock)
    if answer is None or answer.status not in {200, 409}:
        return None
    if answer.status == 409:
        return int(answer.body) if answer.body.strip().isdigit() else None
    frame = PushFrame.parse(answer.body, FrameLimits(entries=1 << 20, frame=1 << 24))
    return Checkpoint.parse(frame.note.text).size


@transaction.atomic
def take_suffix(origin: str, frame: bytes, clock: Clock) -> int:
    """Take our own entries back, when our own signatures verify them.

    Returns
    -------
    int
        Entries added. The log is released for writing when the guard file is satisfied.
    """
    node = station()
    log = store.lock_log(Origin.parse(origin), "out")
    state = store.load_receiver(log, log.peer_id, node.identity.suite)
    event = receiver.PushArrived(
        frame,
        node.identity.log_keys_ever,
        FrameLimits(),
        has_blob=lambda _root: True,
        root_at=lambda _size: None,
    )
    try:
        _, effects = receiver.step(state, event, clock.now().timestamp(), lambda: 0.0)
    except RemoteProtocolError:
        return 0
    added = 0
    for effect in effects:
        if isinstance(effect, Receive):
            store.receive(node, log, effect, clock.now())
            added = len(effect.entries)
    if not sending.check_guard(node, log):
        Cursor.objects.filter(pk=log.id, phase="stopped").update(phase="idle", tries=0)
    return added
