"""A partner node for tests with one database: its keys and its machines, no tables."""

from __future__ import annotations

import base64
import secrets
import struct
from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.exchange import receiver
from passerelle.exchange.blob import Upload
from passerelle.exchange.blob_request import BlobRequest
from passerelle.exchange.effects import Receive, Reply, SignReceipt
from passerelle.exchange.frame import FrameLimits, PushFrame, receipt_bytes
from passerelle.exchange.header import (
    Attachment,
    Body,
    Enc,
    Handling,
    Header,
    Kind,
    Status,
    header_hash,
)
from passerelle.exchange.jcs import write
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.names import Origin
from passerelle.exchange.note import (
    Checkpoint,
    LineKind,
    Note,
    sign_checkpoint,
    sign_receipt,
    verify_lines,
)
from passerelle.exchange.seal import EntryKey, seal_content, seal_info, seal_key_id
from passerelle.exchange.trust import fingerprint
from passerelle.kernel.clock import SystemClock
from passerelle.node.exchange import identity, peers
from passerelle.node.exchange.acts import NewAct
from passerelle.node.exchange.models import Cursor
from passerelle.node.exchange.transport import Answer, TransportError
from passerelle.node.exchange.worker import ExchangeWorker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.identity import Identity
    from passerelle.node.exchange.station import Station


CASE = "ab" * 16
CLOCK = SystemClock()


class Partner:
    """Node ``ma`` as seen over the wire by the node under test."""

    def __init__(self, folder: Path, ours: Station, clock: Clock) -> None:
        self.keys: Identity = identity.load(folder)
        self.folder, self.ours, self.clock = folder, ours, clock
        self.entries: list[tuple[bytes, bytes]] = []
        self.origin = Origin("ma", ours.identity.node)
        self.state = receiver.ReceiverState(str(self.origin.reverse), "ma", self.keys.suite)
        self.received: list[tuple[bytes, bytes]] = []
        self.judge: Callable[[bytes], str] = lambda _body: "exchange.epoch-unknown"

    def introduce(self) -> None:
        """Be pinned and accepted by the node under test."""
        root = (self.folder / "trust" / "1.root.json").read_bytes()
        peers.add_peer("ma", root, fingerprint(root))
        peers.refresh_peer("ma", peers.fetch_from_folder(self.folder / "trust"), self.clock)

    def say(
        self,
        body: object,
        *,
        case: str = "ab" * 16,
        re: tuple[str, ...] = (),
        office: str = "cooperation",
        key: EntryKey | None = None,
        att: tuple[Attachment, ...] = (),
        seen: int = 0,
        kind: Kind = Kind.REPORT,
        from_office: str = "",
    ) -> bytes:
        """Add an act to the partner's log; returns its header."""
        key = key or EntryKey(secrets.token_bytes(32), self.keys.suite)
        sealed = seal_content(key, write(body), secrets.token_bytes)  # type: ignore[arg-type]
        blank = (Enc("blank", "0" * 16, "AA"),)
        header = Header(
            origin=self.origin,
            index=len(self.entries),
            from_office=from_office or office,
            to_office=office,
            kind=kind,
            status=Status.ACTUAL,
            case=case,
            issued=self.clock.now(),
            seen=seen,
            handling=Handling(),
            re=re,
            body=Body("application/json", len(sealed.ciphertext), sealed.ct, sealed.commit, blank),
            att=att,
        )
        target = self.ours.identity.offices[office].seal_key
        info = seal_info(
            self.keys.suite,
            origin=str(self.origin),
            index=header.index,
            office=office,
            key=seal_key_id(target),
            header_hash=header_hash(header),
        )
        seal = base64.urlsafe_b64encode(target.seal(key.secret, info)).rstrip(b"=").decode()
        assert header.body is not None
        enc = (Enc(office, seal_key_id(target), seal),)
        data = replace(header, body=replace(header.body, enc=enc)).encode()
        self.entries.append((data, sealed.ciphertext))
        return data

    def frame(self, old: int = 0, end: int | None = None) -> bytes:
        """Write the push frame over the partner's entries from ``old`` up to ``end``."""
        stop = len(self.entries) if end is None else end
        tree = CompactRange().extend(leaf_hash(h) for h, _ in self.entries[:stop])
        note = sign_checkpoint(Checkpoint.of(str(self.origin), tree), self.keys.log)
        return PushFrame(old, tuple(self.entries[old:stop]), note).encode()

    def take(self, data: bytes) -> Reply:
        """Answer a push of the node under test, as a reader with a store would."""
        now = self.clock.now().timestamp()
        event = receiver.PushArrived(
            data,
            self.ours.identity.log.public_keys,
            FrameLimits(),
            has_blob=lambda _root: True,
            root_at=lambda _size: None,
            judge_epoch=self.judge,
        )
        state, effects = receiver.step(self.state, event, now, lambda: 0.0)
        for effect in effects:
            if isinstance(effect, Receive):
                self.received += [(item.header, item.body) for item in effect.entries]
                state, effects = receiver.step(state, receiver.Committed(), now, lambda: 0.0)
        for effect in effects:
            if isinstance(effect, SignReceipt):
                lines = sign_receipt(effect.checkpoint, "ma", self.keys.receipt, effect.time)
                self.state = replace(state, phase=receiver.Phase.OPEN, pending=None)
                return Reply(200, receipt_bytes(lines))
        return next(effect for effect in effects if isinstance(effect, Reply))


class Wire:
    """Carry frames straight into the partner; answers can be lost."""

    def __init__(self, partner: Partner, *, lose: int = 0) -> None:
        self.partner, self.lose, self.sent = partner, lose, 0
        self.uploads: dict[str, Upload] = {}
        self.chunks: dict[str, list[bytes]] = {}
        self.cut_after = 1 << 30

    def post(self, endpoints: Sequence[str], path: str, data: bytes) -> Answer:
        """Push."""
        del endpoints
        assert path.endswith("/push")
        self.sent += 1
        reply = self.partner.take(data)
        if self.sent <= self.lose:
            raise TransportError("Lost.", permanent=False)
        return Answer(reply.status, reply.body)

    def head(self, endpoints: Sequence[str], path: str) -> Answer:
        """Say how far an attachment has come."""
        del endpoints
        found = self.uploads.get(path.split("/")[1])
        return Answer(200, b"", offset=found.offset) if found else Answer(404, b"")

    def put(self, endpoints: Sequence[str], path: str, data: bytes) -> Answer:
        """Begin an upload; only the signature of the node under test is believed."""
        del endpoints
        root = path.split("/")[1]
        (length,) = struct.unpack_from(">I", data)
        note = Note.parse(data[4 : 4 + length])
        request = BlobRequest.parse(note.text)
        ours = self.partner.ours.identity
        verify_lines(
            note.lines,
            str(self.partner.origin.reverse),
            LineKind.LOG,
            suite=ours.suite,
            keys=ours.log.public_keys,
            data=note.text,
        )
        self.uploads[root] = Upload.begin(root, request.number, data[4 + length :], 1 << 30)
        self.chunks[root] = []
        return Answer(201, b"", offset=0)

    def put_chunk(
        self, endpoints: Sequence[str], path: str, offset: int, size: int, chunk: bytes
    ) -> Answer:
        """Take a chunk, unless the line is cut."""
        del endpoints, size
        root = path.split("/")[1]
        if sum(map(len, self.chunks.values())) >= self.cut_after:
            raise TransportError("Cut.", permanent=False)
        self.uploads[root] = self.uploads[root].take(offset, chunk)
        self.chunks[root].append(chunk)
        return Answer(204, b"", offset=self.uploads[root].offset)


def worker(wire: Wire) -> ExchangeWorker:
    """Make a worker that sends over the wire given."""
    Cursor.objects.update(next_due=0.0)
    return ExchangeWorker(CLOCK, wire, rng=lambda: 0.0)  # type: ignore[arg-type]


def act(number: int = 0, **changes: object) -> NewAct:
    """Make an act."""
    fields = {"peer": "ma", "kind": Kind.REQUEST, "case": CASE, "body": {"n": number}} | changes
    return NewAct(**fields)  # type: ignore[arg-type]
