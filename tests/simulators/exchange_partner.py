"""A partner node for tests with one database: its keys and its machines, no tables."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from passerelle.exchange import receiver
from passerelle.exchange.effects import Receive, Reply, SignReceipt
from passerelle.exchange.frame import FrameLimits, PushFrame, receipt_bytes
from passerelle.exchange.header import Body, Enc, Handling, Header, Kind, Status, header_hash
from passerelle.exchange.jcs import write
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.names import Origin
from passerelle.exchange.note import Checkpoint, sign_checkpoint, sign_receipt
from passerelle.exchange.seal import EntryKey, seal_content, seal_info, seal_key_id
from passerelle.exchange.trust import fingerprint
from passerelle.node.exchange import identity, peers

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.identity import Identity
    from passerelle.node.exchange.station import Station


class Partner:
    """Node ``ma`` as seen over the wire by the node under test."""

    def __init__(self, folder: Path, ours: Station, clock: Clock) -> None:
        self.keys: Identity = identity.load(folder)
        self.folder, self.ours, self.clock = folder, ours, clock
        self.entries: list[tuple[bytes, bytes]] = []
        self.origin = Origin("ma", ours.identity.node)
        self.state = receiver.ReceiverState(str(self.origin.reverse), "ma", self.keys.suite)
        self.received: list[tuple[bytes, bytes]] = []

    def introduce(self) -> None:
        """Be pinned and accepted by the node under test."""
        root = (self.folder / "trust" / "1.root.json").read_bytes()
        peers.add_peer("ma", root, fingerprint(root))
        peers.refresh_peer("ma", peers.fetch_from_folder(self.folder / "trust"), self.clock)

    def say(self, body: object, *, case: str = "ab" * 16, re: tuple[str, ...] = ()) -> bytes:
        """Add an act to the partner's log; returns its header."""
        key = EntryKey(secrets.token_bytes(32), self.keys.suite)
        sealed = seal_content(key, write(body), secrets.token_bytes)  # type: ignore[arg-type]
        blank = (Enc("blank", "0" * 16, "AA"),)
        header = Header(
            origin=self.origin,
            index=len(self.entries),
            from_office="cooperation",
            to_office="cooperation",
            kind=Kind.REPORT,
            status=Status.ACTUAL,
            case=case,
            issued=self.clock.now(),
            seen=0,
            handling=Handling(),
            re=re,
            body=Body("application/json", len(sealed.ciphertext), sealed.ct, sealed.commit, blank),
        )
        target = self.ours.identity.offices["cooperation"].seal_key
        info = seal_info(
            self.keys.suite,
            origin=str(self.origin),
            index=header.index,
            office="cooperation",
            key=seal_key_id(target),
            header_hash=header_hash(header),
        )
        seal = base64.urlsafe_b64encode(target.seal(key.secret, info)).rstrip(b"=").decode()
        assert header.body is not None
        enc = (Enc("cooperation", seal_key_id(target), seal),)
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
