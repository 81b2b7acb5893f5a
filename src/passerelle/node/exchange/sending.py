"""The writer's side: sign what was committed, build frames, carry the machine's effects out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models.functions import Length

from passerelle.exchange import sender
from passerelle.exchange.effects import (
    Alarm,
    Effect,
    Evidence,
    RequestSuffix,
    Send,
    Sign,
    StoreReceipt,
)
from passerelle.exchange.frame import PushFrame
from passerelle.exchange.merkle import CompactRange
from passerelle.exchange.note import Checkpoint, Note, sign_checkpoint
from passerelle.kernel.problems import UnavailableError
from passerelle.node.exchange import content, store
from passerelle.node.exchange.guard import read_guard, write_guard
from passerelle.node.exchange.models import CheckpointRow, Cursor, Entry, Log

if TYPE_CHECKING:
    from collections.abc import Callable

    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.station import Station

__all__ = ["Turn", "batch_end", "build_frame", "check_guard", "sign_size"]

BATCH_ENTRIES: Final = 100
BATCH_BYTES: Final = 4 * 1024 * 1024
_RANGES: dict[str, tuple[CompactRange, bytes]] = {}
"""Last compact range used of each log, and its last leaf: a short cut, believed only while the table
still holds that leaf in that place. Otherwise (a restore under our feet) the leaves are read anew."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Carry one log's state through a turn.

    Parameters
    ----------
    node
        Our own side.
    log
        The log.
    clock
        Wall clock for the record.
    rng
        Jitter.
    lease_no
        Every update is conditional on it.
    """

    node: Station
    log: Log
    clock: Clock
    rng: Callable[[], float]
    lease_no: int

    def step(
        self, state: sender.SenderState, event: sender.Event
    ) -> tuple[sender.SenderState, tuple[Effect, ...]]:
        """Step the machine and make state, receipts and evidence durable together.

        Raises
        ------
        UnavailableError
            When another worker took the lease.
        """
        now = self.clock.now()
        state, effects = sender.step(state, event, now.timestamp(), self.rng)
        for effect in effects:
            if isinstance(effect, Sign):
                # One commit for checkpoint and first attempt; the guard file is synced before it.
                with transaction.atomic():
                    return self.step(state, sender.Signed(self._sign(effect.size)))
        with transaction.atomic():
            if not store.save_sender(self.log.id, state, self.lease_no):
                raise UnavailableError("Another worker holds the lease.", code="exchange.lease")
            for effect in effects:
                if isinstance(effect, StoreReceipt):
                    store.save_receipt(self.log.id, effect)
                elif isinstance(effect, Evidence):
                    store.note_evidence(self.log.peer_id, effect, now)
                elif isinstance(effect, Alarm | RequestSuffix):
                    pass  # told by the state of the peer and of the cursor
        return state, effects

    def _sign(self, size: int) -> Checkpoint:
        return Checkpoint.parse(sign_size(self.node, self.log, size, self.clock).text)


def sign_size(node: Station, log: Log, size: int, clock: Clock) -> Note:
    """Return the signed checkpoint of a committed size; guard file first, stored when new."""
    kept = CheckpointRow.objects.filter(log=log, size=size).first()
    if kept is not None:
        return Note.parse(bytes(kept.note))
    tree = _range_at(log, size)
    write_guard(node.folder, log.id, size, tree.root)
    note = sign_checkpoint(Checkpoint.of(log.origin, tree), node.identity.log)
    CheckpointRow.objects.create(log=log, size=size, note=note.encode(), at=clock.now())
    return note


def batch_end(log: Log, held: int) -> int:
    """Return the size that a batch from ``held`` reaches: at most 100 entries or 4 MiB."""
    rows = (
        Entry.objects.filter(log=log, idx__gte=held)
        .order_by("idx")
        .annotate(bytes=Length("header") + Length("body__wrapped"))
        .values_list("idx", "bytes")[:BATCH_ENTRIES]
    )
    end, total = held, 0
    for index, size in rows:
        total += (size or 0) + 8
        if end > held and total > BATCH_BYTES:
            break
        end = index + 1
    return end


def build_frame(node: Station, log: Log, send: Send) -> bytes:
    """Write the push frame that the machine asked for."""
    note = CheckpointRow.objects.filter(log=log, size=send.checkpoint.size).first()
    assert note is not None
    rows = Entry.objects.filter(log=log, idx__gte=send.old, idx__lt=send.checkpoint.size)
    entries = tuple(
        (bytes(row.header), content.stored_body(node, row) or b"")
        for row in rows.order_by("idx").select_related("body")
    )
    return PushFrame(send.old, entries, Note.parse(bytes(note.note))).encode()


def check_guard(node: Station, log: Log) -> str:
    """Say why a log must not be written: ``behind``, ``forked``, or nothing when all is well."""
    guarded = read_guard(node.folder, log.id)
    if guarded is None:
        return ""
    if guarded.size > log.size:
        return "behind"
    return "" if _range_at(log, guarded.size).root.hex() == guarded.root else "forked"


def stop(log_id: str) -> None:
    """Stop a log whose guard file is ahead: nothing is signed until the suffix is back."""
    Cursor.objects.filter(pk=log_id).update(phase=sender.Phase.STOPPED.value)


def offered(state: sender.SenderState, checkpoint: Checkpoint) -> sender.SenderState:
    """Return the state as it was when the checkpoint was offered; for receipts by courier."""
    return replace(state, phase=sender.Phase.ATTEMPTED, offered=checkpoint)


def _range_at(log: Log, size: int) -> CompactRange:
    near, last = _RANGES.get(log.id, (CompactRange(), b""))
    if near.size > size or (near.size and _leaf_at(log, near.size - 1) != last):
        near, last = CompactRange(), b""
    rows = (
        Entry.objects.filter(log=log, idx__gte=near.size, idx__lt=size)
        .order_by("idx")
        .values_list("leaf", flat=True)
    )
    leaves = [bytes(leaf) for leaf in rows]
    tree = near.extend(leaves)
    if tree.size != size:
        raise UnavailableError(
            "Expected {size} entries of the log, found {found}.",
            code="exchange.log-short",
            size=size,
            found=tree.size,
        )
    _RANGES[log.id] = tree, leaves[-1] if leaves else last
    return tree


def _leaf_at(log: Log, index: int) -> bytes:
    leaf = Entry.objects.filter(log=log, idx=index).values_list("leaf", flat=True).first()
    return bytes(leaf or b"")
