"""Carry states of the machines to and from the tables.

Rows are locked by updating them first (SQLite begins IMMEDIATE, PostgreSQL takes the row lock), so
two processes never extend one log from the same size.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.db.models import F

from passerelle.exchange import receiver, sender
from passerelle.exchange.agreement import PeerLimits
from passerelle.exchange.card import parse_card
from passerelle.exchange.effects import Evidence, Mark, Receive
from passerelle.exchange.errors import FrameError
from passerelle.exchange.header import Kind, Status, entry_id
from passerelle.exchange.merkle import EMPTY_ROOT, CompactRange
from passerelle.exchange.names import Origin
from passerelle.exchange.note import Note
from passerelle.exchange.peer import Agreed, PeerEvent, PeerState
from passerelle.exchange.peer import step as peer_step
from passerelle.exchange.seal import wrap
from passerelle.exchange.suite import SUITES
from passerelle.exchange.trust import Freshness, TrustState
from passerelle.node.exchange import blobs, statements
from passerelle.node.exchange.keystore import part_of
from passerelle.node.exchange.models import (
    Cursor,
    Entry,
    EvidenceRow,
    Log,
    Peer,
    TrustVersion,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.exchange.card import NodeCard
    from passerelle.exchange.effects import StoredEntry
    from passerelle.exchange.suite import Suite
    from passerelle.node.exchange.station import Station

__all__ = [
    "PeerRecord",
    "close",
    "counted",
    "current",
    "entries_before",
    "find_peer",
    "grow",
    "held_in_all",
    "held_of",
    "load_receiver",
    "load_sender",
    "lock_log",
    "move_peer",
    "note_evidence",
    "receive",
    "save_trust",
    "stand_of",
    "tree_at",
    "unknown_office",
    "want_trust",
]


@dataclass(frozen=True, slots=True)
class PeerRecord:
    """Hold a peer as the machines want it."""

    node: str
    state: PeerState
    suite: Suite
    trust: TrustState
    limits: PeerLimits = PeerLimits()  # noqa: RUF009 - frozen
    kinds: frozenset[str] = frozenset()

    def admits(self, kind: Kind) -> bool:
        """Tell whether entries of a kind were agreed; notices and refusals always are."""
        return Agreed(self.kinds).admits(kind)

    def agreed(self, to_offices: Iterable[str], *, plays: bool) -> Agreed:
        """Return what the peer may say to our offices, in an exercise or in earnest."""
        offices = self.trust.card.offices if self.trust.card else ()
        return Agreed(
            self.kinds,
            frozenset(office.id for office in offices),
            frozenset(to_offices),
            frozenset({Status.EXERCISE} if plays else {Status.ACTUAL, Status.TEST}),
            tuple(office.every_signer() for office in offices),
        )

    def freshness(self, now: datetime) -> Freshness:
        """Tell how fresh the trust is, by the age that was agreed."""
        return self.trust.freshness(now, timedelta(days=self.limits.trust_days))


def find_peer(node: str) -> PeerRecord | None:
    """Return a peer, or ``None``.

    State and suite are read every time. What was accepted of its trust is parsed once for each
    state of it: the key holds the whole card, all versions and both instants, so no refresh, and no
    expiry, is ever overlooked.
    """
    found = statements.peer_row(node)
    if found is None:
        return None
    state, suite, agreed, *accepted = found
    key = (node, *accepted)
    trust = _TRUST.get(key)
    if trust is None:
        trust = _trust(Peer.objects.get(pk=node))
        if trust.card is not None:
            if len(_TRUST) >= _TRUST_KEPT:
                _TRUST.clear()
            _TRUST[key] = trust
    limits = PeerLimits(**agreed.get("limits", {}))
    kinds = frozenset(agreed.get("kinds", ()))
    return PeerRecord(node, PeerState(state), SUITES[suite], trust, limits, kinds)


_TRUST_KEPT: Final = 256
_TRUST: dict[tuple[object, ...], TrustState] = {}


def save_trust(node: str, trust: TrustState) -> None:
    """Keep what was accepted of a peer's trust set."""
    Peer.objects.filter(pk=node).update(
        roots=[data.decode() for data in trust.roots],
        trust_files={name: data.decode() for name, data in trust.files},
        card=trust.card_bytes,
        versions=dict(trust.versions),
        accepted_at=trust.accepted_at,
        expires=trust.expires,
    )
    if trust.card is None or trust.accepted_at is None:
        return
    digest = hashlib.sha256(trust.card_bytes).hexdigest()
    if not TrustVersion.objects.filter(node=node, digest=digest).exists():
        # Every accepted card is kept: an old dossier is verified by the card of its day.
        TrustVersion.objects.create(
            node=node,
            version=dict(trust.versions)["targets"],
            digest=digest,
            card=trust.card_bytes,
            targets=dict(trust.files)["targets.json"],
            at=trust.accepted_at,
        )


def _trust(row: Peer) -> TrustState:
    card = bytes(row.card)
    return TrustState(
        roots=tuple(str(text).encode() for text in row.roots),
        files=tuple(sorted((name, str(text).encode()) for name, text in row.trust_files.items())),
        card=_card(card) if card else None,
        card_bytes=card,
        accepted_at=row.accepted_at,
        expires=row.expires,
        versions=tuple(row.versions.items()),
    )


@lru_cache(maxsize=64)
def _card(data: bytes) -> NodeCard:
    return parse_card(data)


def move_peer(node: str, event: PeerEvent, alarm: str = "") -> PeerState:
    """Apply an event to the standing of a peer and keep it."""
    row = Peer.objects.get(pk=node)
    state = peer_step(PeerState(row.state), event)
    Peer.objects.filter(pk=node).update(state=state.value, alarm=alarm or row.alarm)
    return state


def unknown_office(node: str, office: str) -> FrameError:
    """Make the error for an office that this node does not have."""
    return FrameError(
        "Expected {node} to have an office {office}.",
        code="exchange.office-unknown",
        node=node,
        office=office,
    )


def lock_log(origin: Origin, direction: str) -> Log:
    """Return the log with its row locked until the transaction ends; made when it is new."""
    log = statements.lock_log_row(origin.log_id)
    if log is not None:
        return log
    peer = origin.reader if direction == "out" else origin.writer
    with contextlib.suppress(IntegrityError), transaction.atomic():
        Log.objects.create(
            id=origin.log_id,
            origin=str(origin),
            peer_id=peer,
            direction=direction,
            epoch=origin.epoch,
            root=EMPTY_ROOT.hex(),
        )
    if direction == "out":
        Cursor.objects.get_or_create(log_id=origin.log_id)
    log = statements.lock_log_row(origin.log_id)
    assert log is not None
    return log


def current(writer: str, reader: str) -> Origin:
    """Name the log of a pair that is open now: the newest epoch, the first when there is none."""
    rows = Log.objects.filter(origin__startswith=f"{writer}/to/{reader}/epoch-")
    # A later epoch begins with its notice: a log without entries is none.
    row = rows.exclude(epoch__gt=1, size=0).order_by("-epoch").first()
    return Origin(writer, reader, row.epoch if row else 1)


def counted(writer: str, reader: str) -> list[tuple[str, int, int]]:
    """List the logs of a pair by epoch: origin, entries of epochs before, entries that count.

    Of a closed log those entries count that both sides held when it was closed. Positions over all
    epochs are what ``seen`` speaks of.
    """
    rows = Log.objects.filter(origin__startswith=f"{writer}/to/{reader}/epoch-").order_by("epoch")
    found, before = [], 0
    for origin, size, final in rows.values_list("origin", "size", "final"):
        count = size if final is None else final
        found.append((origin, before, count))
        before += count
    return found


def stand_of(node: str, peer: str) -> tuple[Origin, int]:
    """Return the log open from us to a peer, and how much is held of the peer's, in one look.

    The same as :func:`current` and :func:`held_in_all` say.
    """
    said, heard = f"{node}/to/{peer}/epoch-", f"{peer}/to/{node}/epoch-"
    epoch, held = 1, 0
    for origin, number, size, final in statements.logs_of(said, heard):
        if origin.startswith(heard):
            held += size if final is None else final
        elif number == 1 or size:
            epoch = max(epoch, number)
    return Origin(node, peer, epoch), held


def entries_before(log: Log) -> int:
    """Return the number of entries that count of the epochs before a log."""
    if log.epoch == 1:
        return 0
    rows = Log.objects.filter(peer_id=log.peer_id, direction=log.direction, epoch__lt=log.epoch)
    return sum(size or 0 for size in rows.values_list("final", flat=True))


def held_in_all(writer: str, reader: str) -> int:
    """Return the number of entries held of a direction, over all epochs."""
    return sum(count for _, _, count in counted(writer, reader))


def close(origin: str, size: int | None = None) -> None:
    """Close a log for good, at a size or as it is held."""
    value = F("size") if size is None else size
    Log.objects.filter(origin=origin).update(closed=True, final=value)


def held_of(origin: Origin) -> int:
    """Return the number of entries held of a log; 0 when there is none yet."""
    return statements.size_of(origin.log_id)


def grow(log: Log, leaves: list[bytes], note: bytes = b"") -> None:
    """Extend the compact range of a locked log."""
    tree = CompactRange.from_bytes(log.size, bytes(log.tree)).extend(leaves)
    log.size, log.tree, log.root = tree.size, tree.to_bytes(), tree.root.hex()
    if note:
        log.note = note
    statements.save_tree(log)


def tree_at(log: Log, size: int) -> CompactRange:
    """Return the compact range of the first ``size`` entries.

    Starts at the latest stored checkpoint only in size, so leaves are read once.
    """
    if size == log.size:
        return CompactRange.from_bytes(log.size, bytes(log.tree))
    leaves = (
        Entry.objects.filter(log=log, idx__lt=size).order_by("idx").values_list("leaf", flat=True)
    )
    return CompactRange().extend(bytes(leaf) for leaf in leaves.iterator(5000))


def load_sender(log: Log, cursor: Cursor, suite: Suite) -> sender.SenderState:
    """Return the writer's state; an attempt cut short by a crash counts as idle."""
    phase = sender.Phase(cursor.phase)
    if phase in {sender.Phase.SIGNING, sender.Phase.ATTEMPTED}:
        phase = sender.Phase.IDLE
    return sender.SenderState(
        origin=log.origin,
        reader=log.peer_id,
        suite=suite,
        size=log.size,
        held=cursor.held,
        cosigned=cursor.cosigned,
        phase=phase,
        attempts=tuple((int(size), int(at)) for size, at in cursor.attempts),
        last_receipt=cursor.last_receipt,
        tries=cursor.tries,
        next_due=cursor.next_due,
    )


def load_receiver(log: Log, reader: str, suite: Suite) -> receiver.ReceiverState:
    """Return the reader's state of a log."""
    note = bytes(log.note)
    return receiver.ReceiverState(
        origin=log.origin,
        reader=reader,
        suite=suite,
        tree=CompactRange.from_bytes(log.size, bytes(log.tree)),
        note=Note.parse(note) if note else None,
        closed=log.closed,
        last_receipt=log.last_receipt,
    )


def receive(node: Station, log: Log, effect: Receive, now: datetime) -> None:
    """Store entries, wrapped bodies, note and range; called inside the transaction."""
    names = [entry_id(item.header) for item in effect.entries]
    # An entry without a readable dossier lies under a key of its log.
    cases = [item.case or log.id[:32] for item in effect.entries]
    parts = {
        case: part_of(item.office)
        for item, case in zip(effect.entries, cases, strict=True)
        if _has_body(item)
    }
    keys = node.keys.keys(parts, now.timestamp())
    rows = [
        statements.NewEntry(
            item.index,
            name,
            item.case,
            item.kind,
            item.mark.value,
            item.header,
            item.leaf,
            wrap(keys[case], name, item.body, secrets.token_bytes(12)) if _has_body(item) else None,
        )
        for name, item, case in zip(names, effect.entries, cases, strict=True)
    ]
    log.size, log.tree = effect.tree.size, effect.tree.to_bytes()
    log.root, log.note = effect.tree.root.hex(), effect.note.encode()
    with statements.together():
        statements.add_entries(log.id, rows, now)
        statements.add_checkpoint(log.id, effect.tree.size, effect.note, now)
        statements.save_tree(log)
    for item in effect.entries:
        if item.attached:
            blobs.claim(node, item.case, item.attached, now)


def _has_body(item: StoredEntry) -> bool:
    return bool(item.body) and item.mark is not Mark.ERASED


def note_evidence(peer: str, effect: Evidence, now: datetime) -> None:
    """Keep evidence against a peer and raise the alarm."""
    EvidenceRow.objects.create(
        peer=peer,
        kind=effect.kind,
        parts=[part.hex() for part in effect.parts],
        at=now.astimezone(UTC),
    )
    event = PeerEvent.FORK if effect.kind == "fork" else PeerEvent.TROUBLE
    move_peer(peer, event, alarm=effect.kind)
    if effect.kind == "receipt-invalid":
        want_trust(peer)


def want_trust(peer: str) -> None:
    """Let the worker fetch a peer's trust files soon: it signed with keys that we do not know."""
    Peer.objects.filter(pk=peer, trust_wanted=False).update(trust_wanted=True)


def with_size(state: sender.SenderState, size: int) -> sender.SenderState:
    """Return the state with the size of the log as it is now."""
    return replace(state, size=size)
