"""The wire of attachments: take them from a log's writer, give them to its reader.

Who begins an upload signs with the log keys, who fetches with the receipt keys. A chunk is believed for
its hash alone. Attachments that entries of a log name are given to the reader of that log only.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from passerelle.exchange.blob import Upload
from passerelle.exchange.blob_request import BlobRequest
from passerelle.exchange.effects import Reply
from passerelle.exchange.errors import FrameError, LimitError, RemoteProtocolError
from passerelle.exchange.note import LineKind, Note, verify_lines
from passerelle.exchange.peer import push_answer
from passerelle.node.exchange import arriving, blobs, store
from passerelle.node.exchange.models import Blob
from passerelle.node.exchange.receiving import find_origin
from passerelle.node.exchange.serving import refuse_request
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from passerelle.exchange.names import Origin
    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.store import PeerRecord

__all__ = ["begin_upload", "give", "offset_of", "take_chunk", "upload_body"]


def upload_body(note: Note, leaves: bytes) -> bytes:
    """Write the beginning of an upload: length of the note, the note, the chunk hashes."""
    data = note.encode()
    return struct.pack(">I", len(data)) + data + leaves


def begin_upload(root: str, data: bytes, clock: Clock) -> Reply:
    """Take the chunk hashes of an attachment; 201 when it is new, 200 when it was begun before.

    Parameters
    ----------
    root
        From the address.
    data
        Length of the note, the signed note, the chunk hashes.
    clock
        Wall clock.
    """
    try:
        if len(data) < 4:
            raise FrameError("Expected a length.", code="exchange.request")
        (length,) = struct.unpack_from(">I", data)
        note, leaves = Note.parse(data[4 : 4 + length]), data[4 + length :]
        request, record, _ = _asked(note, root, "put", clock)
        upload = Upload.begin(root, request.number, leaves, record.limits.attachment)
        is_new = not Blob.objects.filter(pk=root).exists()
        row = blobs.begin(station(), record.node, upload, clock.now())
    except LimitError as error:
        is_full = error.code == "exchange.blob-quota"
        return Reply(429, b"3600", code=error.code) if is_full else Reply(413, code=error.code)
    except RemoteProtocolError as error:
        return Reply(error.status, code=error.code)
    return Reply(201 if is_new else 200, str(arriving.reached(station(), row).offset).encode())


def offset_of(root: str) -> Reply:
    """Say how many bytes of an attachment are here: where its sender goes on."""
    row = Blob.objects.filter(pk=root).first()
    if row is None or row.ours:
        return Reply(404, code="exchange.blob-unknown")
    return Reply(200, str(arriving.reached(station(), row).offset).encode())


def take_chunk(root: str, offset: int, chunk: bytes) -> Reply:
    """Take the next chunk: 204 when it is written, 409 and the offset when it is not the next one."""
    row = Blob.objects.filter(pk=root).first()
    if row is None or row.ours:
        return Reply(404, code="exchange.blob-unknown")
    node = station()
    try:
        held = arriving.take(node, row, offset, chunk).offset
    except RemoteProtocolError as error:
        if error.code == "exchange.blob-offset":
            told = str(arriving.reached(node, row).offset).encode()
            return Reply(409, told, code=error.code)
        return Reply(error.status, code=error.code)
    return Reply(204, str(held).encode())


def give(root: str, data: bytes, clock: Clock) -> Reply:
    """Give the reader of a log the chunk hashes, or one chunk, of an attachment offered to it."""
    try:
        note = Note.parse(data)
        request = BlobRequest.parse(note.text)
        _, record, _ = _asked(note, root, request.kind, clock)
    except RemoteProtocolError as error:
        return Reply(error.status, code=error.code)
    row = Blob.objects.filter(pk=root, ours=True, peer=record.node).exclude(case="").first()
    if row is None:
        return Reply(404, code="exchange.blob-unknown")
    if request.kind == "list":
        return Reply(200, struct.pack(">Q", row.size) + bytes(row.leaves))
    chunk = blobs.read_chunk(station(), row, request.number)
    return Reply(404, code="exchange.blob-missing") if chunk is None else Reply(200, chunk)


def _asked(
    note: Note, root: str, kind: str, clock: Clock
) -> tuple[BlobRequest, PeerRecord, Origin]:
    """Check who asks: signature, root, time, nonce, standing."""
    request, now = BlobRequest.parse(note.text), clock.now()
    is_put = request.line_kind is LineKind.LOG
    origin = find_origin(request.log, "in" if is_put else "out")
    record = store.find_peer(origin.writer if is_put else origin.reader) if origin else None
    if origin is None or record is None or record.trust.card is None:
        raise FrameError("Expected a log that we know.", code="exchange.log-unknown")
    card = record.trust.card
    verify_lines(
        note.lines,
        str(origin) if is_put else record.node,
        request.line_kind,
        suite=record.suite,
        keys=card.log_keys_at(now) if is_put else card.receipt_keys_at(now),
        data=note.text,
    )
    refusal = refuse_request(request, kind, request.log, clock)
    if refusal is not None or request.root != root or (kind == "put") is not is_put:
        code = refusal.code if refusal else "exchange.request"
        raise FrameError("Expected a request of now for this attachment.", code=code)
    if push_answer(record.state, record.freshness(now)) != 200:
        raise FrameError("Expected a peer with fresh trust.", code="exchange.peer-refused")
    return request, record, origin
