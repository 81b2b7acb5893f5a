"""A scripted partner: its own keys and logs, the shipping machines, no database and no pages.

It takes what the host sends, signs receipts, opens what is sealed to its office, and says acts in a log
of its own that it pushes to the host. Entries are on disk before a receipt leaves, so that a partner
that is started again goes on where it was. Keys and randomness come from a seed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from passerelle.exchange import receiver
from passerelle.exchange.card import DatedKey, DatedSealKey, NodeCard, Office, Window
from passerelle.exchange.effects import Receive, Reply, SignReceipt
from passerelle.exchange.frame import FrameLimits, PushFrame, receipt_bytes
from passerelle.exchange.header import (
    Body,
    Enc,
    Handling,
    Header,
    Status,
    entry_id,
    header_hash,
    parse_header,
)
from passerelle.exchange.jcs import Limits, read, write
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.names import Origin
from passerelle.exchange.note import Checkpoint, sign_checkpoint, sign_receipt
from passerelle.exchange.publish import RoleKeys, publish_card, publish_root
from passerelle.exchange.seal import EntryKey, open_content, seal_content, seal_info, seal_key_id
from passerelle.exchange.suite import SUITES, SoftOpener, SoftSigner
from passerelle.exchange.trust import fingerprint
from passerelle.kernel.canonical import digest
from passerelle.node.dossiers.kinds import kind_of
from passerelle.node.dossiers.said import Said

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from passerelle.kernel.clock import Clock

__all__ = ["Heard", "ScriptedPeer"]

_OFFICE: Final = "cooperation"
_BODY_LIMITS: Final = Limits(length=262_144, depth=32, keys=20_000)
_LIVE: Final = timedelta(days=30)


class Heard:
    """Hold one act that the host said: its entry, dossier and body."""

    __slots__ = ("case", "entry", "said")

    def __init__(self, entry: str, case: str, said: Said) -> None:
        self.entry, self.case, self.said = entry, case, said


class ScriptedPeer:
    """Play one partner state.

    Parameters
    ----------
    state
        Two letters; the node's name is the same in small letters.
    host
        Name of the host's node, and its card.
    folder
        Where its two logs are kept.
    endpoint
        Address under which the host reaches it.
    exercise
        Exercise that it joins.
    start
        When its keys were made.
    clock
        Clock of the exercise.
    seed
        From which keys and randomness are drawn.
    """

    def __init__(
        self,
        state: str,
        host: tuple[str, NodeCard],
        folder: Path,
        *,
        endpoint: str,
        exercise: str,
        start: datetime,
        clock: Clock,
        seed: int,
    ) -> None:
        self.state, self.node = state, state.lower()
        self.host, self._host_card = host
        self._clock, self._exercise = clock, exercise
        self._random = _stream(f"{seed}/{state}/{exercise}")
        self._suite = SUITES["S1"]
        self._log = SoftSigner.generate(self._suite, self._random)
        self._receipt = SoftSigner.generate(self._suite, self._random)
        self._opener = SoftOpener.generate(self._suite, self._random)
        self._officer = SoftSigner.generate(self._suite, self._random)
        self._roles = RoleKeys.generate(self._suite, self._random)
        self._card = self._make_card(endpoint, start)
        self.root = publish_root(self._roles, start)
        self._version = 0
        self.files: dict[str, bytes] = {}
        self.publish(start)
        self.out = Origin(self.node, self.host)
        self.sent: list[tuple[bytes, bytes]] = []
        self.heard: list[Heard] = []
        self._held = 0
        self._spoken: set[tuple[str, str, str]] = set()
        self._state = receiver.ReceiverState(str(self.out.reverse), self.node, self._suite)
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{self.node}.jsonl"
        # What was drawn once is not drawn again after a restart.
        self._random = _stream(f"{seed}/{state}/{exercise}/{os.urandom(16).hex()}")
        self._load()

    @property
    def card(self) -> dict[str, str]:
        """Return what the host is handed in person."""
        return {
            "node": self.node,
            "state": self.state,
            "root": self.root.decode(),
            "fingerprint": fingerprint(self.root),
        }

    def publish(self, instant: datetime) -> None:
        """Publish the trust files anew for an instant."""
        # Higher than before a restart: versions count the hours of the exercise.
        self._version = max(self._version + 1, int(instant.timestamp()) // 60)
        made = publish_card(
            self._card.encode(), self._roles, instant, version=self._version, live=_LIVE
        )
        self.files = made

    def take(self, data: bytes) -> Reply:
        """Answer a push of the host: entries durable first, then the receipt."""
        now = self._clock.now().timestamp()
        event = receiver.PushArrived(
            data,
            self._host_card.log_keys_at(self._clock.now()),
            FrameLimits(),
            has_blob=lambda _root: True,
            root_at=lambda _size: None,
        )
        state, effects = receiver.step(self._state, event, now, lambda: 0.0)
        for effect in effects:
            if isinstance(effect, Receive):
                self._keep([("in", item.header, item.body) for item in effect.entries])
                for item in effect.entries:
                    self._hear(item.header, item.body)
                state, effects = receiver.step(state, receiver.Committed(), now, lambda: 0.0)
        for effect in effects:
            if isinstance(effect, SignReceipt):
                lines = sign_receipt(effect.checkpoint, self.node, self._receipt, effect.time)
                self._state = replace(state, phase=receiver.Phase.OPEN, pending=None)
                return Reply(200, receipt_bytes(lines))
        return next(effect for effect in effects if isinstance(effect, Reply))

    def say(self, case: str, said: Said, *, re: tuple[str, ...] = ()) -> str:
        """Add an act to the own log; return the id of its entry."""
        key = EntryKey(self._random(32), self._suite)
        sealed = seal_content(key, write(said.to_body()), self._random)
        blank = (Enc("blank", "0" * 16, "AA"),)
        header = Header(
            origin=self.out,
            index=len(self.sent),
            from_office=_OFFICE,
            to_office=_OFFICE,
            kind=kind_of(said.act),
            status=Status.EXERCISE,
            case=case,
            issued=self._clock.now(),
            seen=self._state.tree.size,
            handling=Handling(),
            re=re,
            body=Body("application/json", len(sealed.ciphertext), sealed.ct, sealed.commit, blank),
        )
        data = self._with_seal(header, key).encode()
        self._keep([("out", data, sealed.ciphertext)])
        self.sent.append((data, sealed.ciphertext))
        self._spoken.add((case, said.act, digest(said.payload)))
        return entry_id(data)

    def say_once(self, case: str, said: Said, *, re: tuple[str, ...] = ()) -> bool:
        """Add an act unless just that was said; tell whether it was said now."""
        if (case, said.act, digest(said.payload)) in self._spoken:
            return False
        self.say(case, said, re=re)
        return True

    def asked(self, case: str) -> list[dict[str, Any]]:
        """Return the lines of the request that reached this partner; none when it was not asked."""
        for heard in reversed(self.heard):
            if heard.case == case and heard.said.act == "request":
                lines: Any = heard.said.payload["lines"]
                return list(lines)
        return []

    def unanswered(self, case: str, act: str) -> tuple[str, ...]:
        """Return the entries of a dossier with that act which no entry of our own answers."""
        answered = {one for data, _ in self.sent for one in parse_header(data).re}
        return tuple(
            one.entry
            for one in self.heard
            if one.case == case and one.said.act == act and one.entry not in answered
        )

    def flush(self, post: Callable[[str, bytes], tuple[int, bytes]]) -> bool:
        """Push what the host does not hold yet; tell whether it holds everything afterwards."""
        for _ in range(4):
            if self._held >= len(self.sent):
                return True
            status, body = post(self.out.log_id, self._frame(self._held))
            if status == 200:
                self._held = len(self.sent)
            elif status == 409 and body.strip().isdigit():
                self._held = int(body)
            else:
                return False
        return self._held >= len(self.sent)

    def _frame(self, old: int) -> bytes:
        tree = CompactRange().extend(leaf_hash(header) for header, _ in self.sent)
        note = sign_checkpoint(Checkpoint.of(str(self.out), tree), self._log)
        return PushFrame(old, tuple(self.sent[old:]), note).encode()

    def _make_card(self, endpoint: str, start: datetime) -> NodeCard:
        window = Window(start)
        officer = tuple(DatedKey(key, window) for key in self._officer.public_keys)
        return NodeCard(
            node=self.node,
            log_keys=tuple(DatedKey(key, window) for key in self._log.public_keys),
            receipt_keys=tuple(DatedKey(key, window) for key in self._receipt.public_keys),
            offices=(Office(_OFFICE, (DatedSealKey(self._opener.seal_key, window),), (officer,)),),
            endpoints=(endpoint,),
            exercise=self._exercise,
        )

    def _with_seal(self, header: Header, key: EntryKey) -> Header:
        target = self._host_card.office(_OFFICE).seal_key(header.issued)
        hashed = header_hash(header)
        seals = []
        for seal_key in (target, self._opener.seal_key):
            info = seal_info(
                self._suite,
                origin=str(self.out),
                index=header.index,
                office=_OFFICE,
                key=seal_key_id(seal_key),
                header_hash=hashed,
            )
            sealed = base64.urlsafe_b64encode(seal_key.seal(key.secret, info)).rstrip(b"=").decode()
            seals.append(Enc(_OFFICE, seal_key_id(seal_key), sealed))
        assert header.body is not None
        return replace(header, body=replace(header.body, enc=tuple(seals)))

    def _hear(self, data: bytes, body: bytes) -> None:
        found = self._open(data, body)
        if found is not None:
            self.heard.append(found)

    def _open(self, data: bytes, body: bytes) -> Heard | None:
        header = parse_header(data)
        if header.body is None or header.status is not Status.EXERCISE:
            return None
        for enc in header.body.enc:
            if enc.key != seal_key_id(self._opener.seal_key):
                continue
            info = seal_info(
                self._suite,
                origin=str(header.origin),
                index=header.index,
                office=enc.office,
                key=enc.key,
                header_hash=header_hash(header),
            )
            sealed = base64.urlsafe_b64decode(enc.seal + "=" * (-len(enc.seal) % 4))
            key = EntryKey(self._opener.open(sealed, info), self._suite)
            said = Said.from_body(read(open_content(key, body, header.body.commit), _BODY_LIMITS))
            return None if said is None else Heard(entry_id(data), header.case, said)
        return None

    def _keep(self, entries: list[tuple[str, bytes, bytes]]) -> None:
        """Append entries to the file and sync it."""
        with self._path.open("ab") as file:
            for direction, header, body in entries:
                kept = [
                    direction,
                    base64.b64encode(header).decode(),
                    base64.b64encode(body).decode(),
                ]
                file.write(json.dumps(kept).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _load(self) -> None:
        """Read both logs back; a torn last line was never receipted."""
        if not self._path.is_file():
            return
        tree = CompactRange()
        whole = self._path.read_bytes()
        lines = whole.split(b"\n")
        for line in lines[:-1]:
            direction, header, body = json.loads(line)
            pair = base64.b64decode(header), base64.b64decode(body)
            if direction == "out":
                self.sent.append(pair)
                kept = self._open(*pair)
                if kept is not None:
                    self._spoken.add((kept.case, kept.said.act, digest(kept.said.payload)))
            else:
                tree = tree.extend([leaf_hash(pair[0])])
                self._hear(*pair)
        self._state = replace(self._state, tree=tree)
        if lines[-1]:
            os.truncate(self._path, len(whole) - len(lines[-1]))


def _stream(seed: str) -> Callable[[int], bytes]:
    """Return a source of bytes that depends on the seed alone."""
    counter = 0

    def draw(size: int) -> bytes:
        nonlocal counter
        counter += 1
        return hashlib.shake_256(f"{seed}/{counter}".encode()).digest(size)

    return draw
