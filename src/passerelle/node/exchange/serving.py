"""Answer signed requests: pull by a log's reader, suffix by its writer."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.db.models import F

from passerelle.exchange import sender
from passerelle.exchange.effects import Reply, Send
from passerelle.exchange.errors import FrameError, RemoteProtocolError
from passerelle.exchange.frame import PushFrame, ReaderRequest, parse_receipt
from passerelle.exchange.note import Checkpoint, LineKind, Note, verify_lines
from passerelle.exchange.peer import may_push
from passerelle.node.exchange import content, sending, store
from passerelle.node.exchange.models import CheckpointRow, Cursor, Entry, Log, Nonce
from passerelle.node.exchange.receiving import find_origin
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from passerelle.exchange.blob_request import BlobRequest
    from passerelle.exchange.names import Origin
    from passerelle.exchange.suite import Suite
    from passerelle.kernel.clock import Clock

__all__ = ["answer_pull", "answer_suffix", "pull_body", "refuse_request"]

_WINDOW: Final = sender.CLOCK_WINDOW


def pull_body(note: Note, receipt: bytes) -> bytes:
    """Write a pull: length of the note, the note, and the last receipt made."""
    data = note.encode()
    return struct.pack(">I", len(data)) + data + receipt


def answer_pull(log_id: str, data: bytes, clock: Clock) -> Reply:
    """Give the reader of one of our logs its entries; take the receipt that came along."""
    origin = find_origin(log_id, "out")
    record = store.find_peer(origin.reader) if origin else None
    if origin is None or record is None or record.trust.card is None:
        return Reply(404, code="exchange.log-unknown")
    now = clock.now()
    if not may_push(record.state, record.freshness(now)):
        return Reply(403, code="exchange.peer-refused")
    keys = record.trust.card.receipt_keys_at(now)
    try:
        note, receipt = _split_pull(data)
        request = ReaderRequest.parse(note.text)
        verify_lines(
            note.lines, record.node, LineKind.RECEIPT, suite=record.suite, keys=keys, data=note.text
        )
        refusal = refuse_request(request, "pull", log_id, clock)
        if refusal is None and receipt:
            take_receipt(origin, receipt, clock)
    except RemoteProtocolError as error:
        return Reply(error.status, code=error.code)
    return refusal or _entries_after(origin, request.old, clock)


def _split_pull(data: bytes) -> tuple[Note, bytes]:
    if len(data) < 4:
        raise FrameError("Expected a length.", code="exchange.request")
    (length,) = struct.unpack_from(">I", data)
    return Note.parse(data[4 : 4 + length]), data[4 + length :]


def _entries_after(origin: Origin, old: int, clock: Clock) -> Reply:
    node = station()
    with transaction.atomic():
        log = store.lock_log(origin, "out")
    if old > log.size:
        return Reply(409, f"{log.size}\n".encode(), code="exchange.conflict")
    end = sending.batch_end(log, old)
    checkpoint = Checkpoint.parse(sending.sign_size(node, log, end, clock).text)
    cursor = Cursor.objects.get(pk=log.id)
    attempts = {int(size): int(at) for size, at in cursor.attempts}
    attempts.setdefault(end, int(clock.now().timestamp()))
    kept = sorted(attempts.items())[-64:]
    Cursor.objects.filter(pk=log.id).update(attempts=[list(item) for item in kept])
    return Reply(200, sending.build_frame(node, log, Send(log.origin, old, checkpoint)))


def take_receipt(origin: Origin, receipt: bytes, clock: Clock) -> bool:
    """Take a receipt that came by pull or by courier; tell whether it was accepted.

    The receipt does not name its size: it is matched against our checkpoints from the newest back.
    """
    record = store.find_peer(origin.reader)
    log = Log.objects.filter(pk=origin.log_id).first()
    if record is None or record.trust.card is None or log is None:
        return False
    keys = record.trust.card.receipt_keys_at(clock.now())
    cursor = Cursor.objects.get(pk=log.id)
    event = sender.ReceiptArrived(parse_receipt(receipt), keys)
    rows = CheckpointRow.objects.filter(log=log, size__gt=cursor.cosigned).order_by("-size")[:200]
    for row in rows:
        checkpoint = Checkpoint.parse(Note.parse(bytes(row.note)).text)
        state = sending.offered(store.load_sender(log, cursor, record.suite), checkpoint)
        after, _ = sender.step(state, event, clock.now().timestamp(), lambda: 0.0)
        if after.cosigned > cursor.cosigned:
            _keep_receipt(log, checkpoint, event, record.suite, clock)
            return True
    return False


@transaction.atomic
def _keep_receipt(
    log: Log, checkpoint: Checkpoint, event: sender.ReceiptArrived, suite: Suite, clock: Clock
) -> None:
    """Keep a receipt; a turn in flight loses its lease and cannot write an older state over it."""
    Cursor.objects.filter(pk=log.id).update(lease_no=F("lease_no") + 1, lease_until=0.0)
    cursor = Cursor.objects.get(pk=log.id)
    state = sending.offered(store.load_sender(log, cursor, suite), checkpoint)
    sending.Turn(station(), log, clock, lambda: 0.0, cursor.lease_no).step(state, event)


def answer_suffix(log_id: str, data: bytes, clock: Clock) -> Reply:
    """Give the writer of a log that we hold its own entries back."""
    origin = find_origin(log_id, "in")
    record = store.find_peer(origin.writer) if origin else None
    if origin is None or record is None or record.trust.card is None:
        return Reply(404, code="exchange.log-unknown")
    try:
        note = Note.parse(data)
        request = ReaderRequest.parse(note.text)
        keys = record.trust.card.log_keys_at(clock.now())
        verify_lines(
            note.lines, str(origin), LineKind.LOG, suite=record.suite, keys=keys, data=note.text
        )
    except RemoteProtocolError as error:
        return Reply(error.status, code=error.code)
    if refusal := refuse_request(request, "suffix", log_id, clock):
        return refusal
    return _suffix(origin, request.old)


def _suffix(origin: Origin, old: int) -> Reply:
    node = station()
    # The frame must end where the writer signed: the first checkpoint that covers a batch.
    row = (
        CheckpointRow.objects.filter(log_id=origin.log_id, size__gt=old, size__lte=old + 100)
        .order_by("-size")
        .first()
        or CheckpointRow.objects.filter(log_id=origin.log_id, size__gte=old)
        .order_by("size")
        .first()
    )
    if row is None:
        size = store.held_of(origin)
        return Reply(409, f"{size}\n".encode(), code="exchange.conflict")
    entries = tuple(
        (bytes(entry.header), content.stored_body(node, entry) or b"")
        for entry in Entry.objects.filter(log_id=origin.log_id, idx__gte=old, idx__lt=row.size)
        .order_by("idx")
        .select_related("body")
    )
    return Reply(200, PushFrame(old, entries, Note.parse(bytes(row.note))).encode())


def refuse_request(
    request: ReaderRequest | BlobRequest, kind: str, log_id: str, clock: Clock
) -> Reply | None:
    """Refuse a signed request of another kind or log, of another time, or one that came before."""
    now = clock.now().timestamp()
    if request.kind != kind or request.log != log_id:
        return Reply(400, code="exchange.request")
    if abs(request.time - now) > _WINDOW:
        return Reply(403, code="exchange.clock")
    Nonce.objects.filter(at__lt=now - 2 * _WINDOW).delete()
    try:
        with transaction.atomic():
            Nonce.objects.create(nonce=request.nonce, at=now)
    except IntegrityError:
        return Reply(403, code="exchange.nonce")
    return None
