"""The directory transport: the same frames as files, for a memory stick or a courier.

``bundle out`` writes one sealed file a peer with everything not yet receipted, our trust files, and
the receipts that we owe. ``bundle in`` takes every file addressed to us, in any order, as often as it
comes: duplicates and wrong order are ordinary conflicts.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction

from passerelle.exchange.blob import CHUNK, Upload
from passerelle.exchange.effects import Send
from passerelle.exchange.errors import FrameError, RemoteProtocolError
from passerelle.exchange.frame import Bundle, PushFrame
from passerelle.exchange.header import parse_header
from passerelle.exchange.jcs import write
from passerelle.exchange.names import Origin, is_hash, is_node, log_id
from passerelle.exchange.note import Checkpoint
from passerelle.exchange.peer import may_push
from passerelle.exchange.seal import decrypt, encrypt
from passerelle.node.exchange import blobs, peers, receiving, sending, serving, store
from passerelle.node.exchange.files import write_durably
from passerelle.node.exchange.models import Blob, Cosignature, Cursor, Entry, Log, Peer
from passerelle.node.exchange.pausing import notice_for, take_notice
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.exchange.card import NodeCard
    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.station import Station

__all__ = ["Taken", "bundle_in", "bundle_out"]

_MAGIC: Final = b"passerelle-courier/1\n"
_SUFFIX: Final = ".passerelle"


@dataclass(frozen=True, slots=True)
class Taken:
    """Count what a folder brought.

    Parameters
    ----------
    files
        Files that were opened.
    entries
        Entries added.
    receipts
        Receipts accepted.
    refused
        Names of files that could not be used, with the code of the reason.
    """

    files: int
    entries: int
    receipts: int
    refused: tuple[tuple[str, str], ...]


def bundle_out(folder: Path, clock: Clock, *, peer: str = "") -> list[Path]:
    """Write one file for each peer (or one peer); returns the paths.

    Parameters
    ----------
    folder
        Where to write; below it, one folder a reader.
    clock
        Wall clock.
    peer
        Only this one; all when empty.
    """
    written = []
    for row in Peer.objects.filter(pk=peer) if peer else Peer.objects.all():
        record = store.find_peer(row.node)
        now = clock.now()
        if record is None or record.trust.card is None or not record.trust.card.bundle_key:
            continue
        notice = notice_for(row, now)
        is_open = may_push(record.state, record.freshness(now))
        if not is_open and not notice:
            continue
        node = station()
        parts = [
            *([("peer", notice)] if notice else []),
            *_trust_parts(node),
            *_receipt_parts(record.node),
            *(_blob_parts(node, record.node) if is_open else []),
            *(_push_parts(node, row, clock) if is_open else []),
        ]
        data = _seal(node, record.trust.card, Bundle(tuple(parts)).encode(), clock)
        name = f"{now:%Y%m%dT%H%M%SZ}-{hashlib.sha256(data).hexdigest()[:12]}{_SUFFIX}"
        path = folder / f"to-{record.node}" / name
        write_durably(path, data)
        written.append(path)
    return written


def bundle_in(folder: Path, clock: Clock) -> Taken:
    """Take every file addressed to this node below the folder, until nothing new comes of it."""
    node = station()
    bundles: list[tuple[str, str, Bundle]] = []
    refused: list[tuple[str, str]] = []
    for path in sorted(folder.rglob(f"*{_SUFFIX}")):
        try:
            sender_name, bundle = _open(node, path.read_bytes())
            bundles.append((path.name, sender_name, bundle))
        except RemoteProtocolError as error:
            if path.parent.name == f"to-{node.identity.node}":
                refused.append((path.name, error.code))
    for name, sender_name, bundle in bundles:
        files = {k.removeprefix("trust/"): v for k, v in bundle.parts if k.startswith("trust/")}
        try:
            peers.refresh_peer(sender_name, peers.fetch_from_mapping(files), clock)
        except RemoteProtocolError as error:
            # An older bundle brings older trust: what was accepted stays.
            if store.find_peer(sender_name) is None:
                refused.append((name, error.code))
    before = _held()
    _take_blobs(node, bundles, clock)
    receipts = _take_all(bundles, clock)
    return Taken(len(bundles), _held() - before, receipts, tuple(refused))


def _held() -> int:
    return sum(Log.objects.filter(direction="in").values_list("size", flat=True))


def _take_all(bundles: list[tuple[str, str, Bundle]], clock: Clock) -> int:
    """Offer every part again and again until a round changes nothing."""
    pushes = [
        (_log_of(peer, data), data)
        for _, peer, bundle in bundles
        for name, data in bundle.parts
        if name == "push"
    ]
    moved = True
    while moved:
        size = _held()
        pushes = [item for item in pushes if receiving.take_push(*item, clock).status == 409]
        moved = _held() > size
    receipts = 0
    for _, peer, bundle in bundles:
        for name, data in bundle.parts:
            if name == "peer":
                origin = store.current(peer, station().identity.node)
                take_notice(origin.log_id, data, clock)
            elif name == "receipt":
                origin = store.current(station().identity.node, peer)
                receipts += serving.take_receipt(origin, data, clock)
    return receipts


def _log_of(peer: str, frame: bytes) -> str:
    """Return the id of the log that a frame is of; the first of the peer's when it cannot be read."""
    with contextlib.suppress(RemoteProtocolError):
        note = PushFrame.parse(frame, receiving.LIMITS).note
        return log_id(Checkpoint.parse(note.text).origin)
    return Origin(peer, station().identity.node).log_id


def _push_parts(node: Station, peer: Peer, clock: Clock) -> list[tuple[str, bytes]]:
    parts: list[tuple[str, bytes]] = []
    for log in Log.objects.filter(peer=peer, direction="out", closed=False):
        with transaction.atomic():
            cursor = Cursor.objects.select_for_update().get(pk=log.id)
            attempts = {int(size): int(at) for size, at in cursor.attempts}
            old = min(cursor.held, cursor.cosigned)
            while old < log.size:
                end = sending.batch_end(log, old)
                note = sending.sign_size(node, log, end, clock)
                attempts.setdefault(end, int(clock.now().timestamp()))
                send = Send(log.origin, old, Checkpoint.parse(note.text))
                parts.append(("push", sending.build_frame(node, log, send)))
                old = end
            cursor.attempts = [list(item) for item in sorted(attempts.items())[-64:]]
            cursor.save(update_fields=["attempts"])
    return parts


def _blob_parts(node: Station, peer: str) -> list[tuple[str, bytes]]:
    """Carry the attachments that go with acts the peer has not receipted yet."""
    parts: list[tuple[str, bytes]] = []
    for log in Log.objects.filter(peer_id=peer, direction="out", closed=False):
        cosigned = Cursor.objects.get(pk=log.id).cosigned
        for entry in Entry.objects.filter(log=log, idx__gte=cosigned).order_by("idx"):
            roots = [item.root for item in parse_header(bytes(entry.header)).att]
            for row in Blob.objects.filter(root__in=roots):
                size = struct.pack(">Q", row.size)
                parts.append((f"blob/{row.root}/leaves", size + bytes(row.leaves)))
                for number in range(row.done):
                    chunk = blobs.read_chunk(node, row, number)
                    if chunk is not None:
                        parts.append((f"blob/{row.root}/{number}", chunk))
    return parts


def _take_blobs(node: Station, bundles: list[tuple[str, str, Bundle]], clock: Clock) -> None:
    """Take attachments chunk by chunk; what does not hash to its root is left out."""
    for _, peer, bundle in bundles:
        record = store.find_peer(peer)
        limit = record.limits.attachment if record else 0
        for name, data in bundle.parts:
            kind, _, rest = name.partition("/")
            root, _, part = rest.partition("/")
            if kind != "blob" or not is_hash(root):
                continue
            with contextlib.suppress(RemoteProtocolError):
                if part == "leaves" and len(data) > 8:
                    (size,) = struct.unpack_from(">Q", data)
                    upload = Upload.begin(root, size, data[8:], limit)
                    blobs.begin(node, peer, upload, clock.now())
                elif part.isdigit():
                    blobs.put_chunk(node, root, int(part) * CHUNK, data)


def _receipt_parts(peer: str) -> list[tuple[str, bytes]]:
    parts = []
    for log in Log.objects.filter(peer_id=peer, direction="in"):
        last = Cosignature.objects.filter(log=log, ours=True).order_by("-size", "-id").first()
        if last is not None:
            parts.append(("receipt", bytes(last.lines)))
    return parts


def _trust_parts(node: Station) -> list[tuple[str, bytes]]:
    folder = node.folder / "trust"
    return [(f"trust/{path.name}", path.read_bytes()) for path in sorted(folder.glob("*.json"))]


def _seal(node: Station, card: NodeCard, data: bytes, clock: Clock) -> bytes:
    """Seal to the reader's bundle key; the names of both nodes stay readable, for the courier."""
    keys = [item.key for item in card.bundle_key if item.window.holds(clock.now())]
    if not keys:
        raise FrameError("Expected a valid bundle key.", code="exchange.bundle-key")
    head = f"{node.identity.node} {card.node}\n".encode()
    secret = secrets.token_bytes(32)
    sealed = keys[-1].seal(
        secret, write({"bundle": 1, "from": node.identity.node, "to": card.node})
    )
    return (
        _MAGIC
        + head
        + struct.pack(">H", len(sealed))
        + sealed
        + encrypt(secret, secrets.token_bytes(24), data)
    )


def _open(node: Station, data: bytes) -> tuple[str, Bundle]:
    head, _, rest = data.removeprefix(_MAGIC).partition(b"\n")
    names = head[:140].decode("ascii", "replace").split(" ")
    if not data.startswith(_MAGIC) or len(names) != 2 or not all(map(is_node, names)):
        raise FrameError("Expected a courier file.", code="exchange.courier")
    if names[1] != node.identity.node or len(rest) < 2:
        raise FrameError("Expected a file for this node.", code="exchange.courier-reader")
    (length,) = struct.unpack_from(">H", rest)
    info = write({"bundle": 1, "from": names[0], "to": names[1]})
    secret = _opened(node, rest[2 : 2 + length], info)
    return names[0], Bundle.parse(decrypt(secret, rest[2 + length :]))


def _opened(node: Station, sealed: bytes, info: bytes) -> bytes:
    """Open a courier seal by the bundle key in use, or by a former one."""
    first, *former = node.identity.openers("bundle")
    for one in former:
        with contextlib.suppress(RemoteProtocolError):
            return one.open(sealed, info)
    return first.open(sealed, info)
