"""Carry attachments to peers, and fetch those that are offered on demand.

A few chunks a round, so that a long file never holds up the log; after a cut the reader is asked how
far it came, and at most the chunk in flight goes again.
"""

from __future__ import annotations

import secrets
import struct
from typing import TYPE_CHECKING, Final

from passerelle.exchange.blob import CHUNK, Upload
from passerelle.exchange.blob_request import BlobRequest
from passerelle.exchange.errors import FrameError
from passerelle.exchange.merkle import HASH_SIZE
from passerelle.exchange.peer import may_push
from passerelle.node.exchange import blobs, store
from passerelle.node.exchange.models import Blob
from passerelle.node.exchange.offering import upload_body
from passerelle.node.exchange.station import station
from passerelle.node.exchange.transport import TransportError

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.exchange.header import Header
    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.transport import Answer, HttpTransport

__all__ = ["Uploads", "fetch", "resend"]

_CHUNKS_A_ROUND: Final = 8
_PAUSE_S: Final = 15.0
_REST_S: Final = 0.5


class Uploads:
    """Upload what was sealed for acts to come, a few chunks a round.

    Parameters
    ----------
    clock
        Wall clock.
    transport
        Carries requests.
    monotonic
        Clock of pauses after a failure.
    """

    def __init__(
        self, clock: Clock, transport: HttpTransport, monotonic: Callable[[], float]
    ) -> None:
        self._clock, self._transport, self._monotonic = clock, transport, monotonic
        self._not_before: dict[str, float] = {}
        self._rest_until = 0.0

    def round(self) -> int:
        """Send some chunks to every peer that waits for them; return how many went."""
        sent = 0
        if self._monotonic() < self._rest_until:
            return 0
        for row in Blob.objects.filter(ours=True).exclude(case=""):
            if row.sent * HASH_SIZE >= len(bytes(row.leaves)):
                continue
            if self._monotonic() < self._not_before.get(row.peer, 0.0):
                continue
            try:
                sent += self._send(row)
            except TransportError:
                self._not_before[row.peer] = self._monotonic() + _PAUSE_S
        if not sent:
            self._rest_until = self._monotonic() + _REST_S
        return sent

    def _send(self, row: Blob) -> int:
        node, now = station(), self._clock.now()
        record = store.find_peer(row.peer)
        if record is None or record.trust.card is None or not record.trust.card.endpoints:
            return 0
        if not may_push(record.state, record.freshness(now)):
            return 0
        endpoints, path = record.trust.card.endpoints, f"blobs/{row.root}"
        offset = self._begin(row, endpoints, path)
        for _ in range(_CHUNKS_A_ROUND):
            if offset >= row.size and offset > 0:
                break
            chunk = blobs.read_chunk(node, row, offset // CHUNK)
            if chunk is None:
                raise TransportError("The attachment was erased here.", permanent=True)
            answer = self._transport.put_chunk(endpoints, path, offset, row.size, chunk)
            offset = _offset(answer, {204, 409})
        done = -(-offset // CHUNK)
        Blob.objects.filter(pk=row.root).update(sent=done)
        return max(0, done - row.sent)

    def _begin(self, row: Blob, endpoints: tuple[str, ...], path: str) -> int:
        answer = self._transport.head(endpoints, path)
        if answer.status == 200:
            return _offset(answer, {200})
        node = station()
        origin = store.current(node.identity.node, row.peer)
        request = BlobRequest(
            "put",
            origin.log_id,
            row.root,
            row.size,
            secrets.token_hex(16),
            int(self._clock.now().timestamp()),
        )
        note = request.sign(str(origin), node.identity.log)
        data = upload_body(note, bytes(row.leaves))
        return _offset(self._transport.put(endpoints, f"{path}/leaves", data), {200, 201})


def _offset(answer: Answer, good: set[int]) -> int:
    if answer.status not in good:
        raise TransportError("The peer answered {status}.", permanent=False, status=answer.status)
    return answer.offset


def resend(roots: bytes) -> None:
    """Begin anew with attachments that a reader says it misses: it may have been restored."""
    names = roots.decode("ascii", "replace").split("\n")[:64]
    Blob.objects.filter(root__in=names, ours=True).update(sent=0)


def fetch(header: Header, number: int, transport: HttpTransport, clock: Clock) -> None:
    """Fetch an attachment offered on demand, whole; goes on where it was cut.

    Parameters
    ----------
    header
        Entry that names it.
    number
        Which of its attachments.
    transport, clock
        Carry requests, and stamp them.

    Raises
    ------
    TransportError
        When the peer does not answer, or does not give it.
    RemoteProtocolError
        When what it gives is not what the root names.
    """
    root, size, origin = header.att[number].root, header.att[number].size, header.origin
    node, record = station(), store.find_peer(origin.writer)
    if record is None or record.trust.card is None:
        raise FrameError("Expected a known peer.", code="exchange.peer-unknown")
    endpoints = record.trust.card.endpoints

    def ask(kind: str, number: int) -> bytes:
        now = int(clock.now().timestamp())
        request = BlobRequest(kind, origin.log_id, root, number, secrets.token_hex(16), now)
        note = request.sign(node.identity.node, node.identity.receipt)
        answer = transport.post(endpoints, f"blobs/{root}/fetch", note.encode())
        if answer.status != 200:
            raise TransportError(
                "The peer answered {status}.", permanent=True, status=answer.status
            )
        return answer.body

    row = Blob.objects.filter(pk=root).first()
    if row is None:
        listed = ask("list", 0)
        (told,) = struct.unpack_from(">Q", listed.ljust(8, b"\0"))
        if told != size:
            raise FrameError("Expected the size that the entry names.", code="exchange.blob-size")
        upload = Upload.begin(root, size, listed[8:], record.limits.attachment)
        row = blobs.begin(node, record.node, upload, clock.now(), case=header.case)
    while not (upload := blobs.follow(row)).complete:
        blobs.put_chunk(node, root, upload.offset, ask("get", row.done))
        row.refresh_from_db()
