"""The writer's side: sign what was committed, build frames, carry the machine's effects out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from django.db import transaction

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
from passerelle.exchange.note import Checkpoint, LineKind, Note, is_signed_by, sign_checkpoint
from passerelle.kernel.problems import UnavailableError
from passerelle.node.exchange import content, statements, store
from passerelle.node.exchange.guard import read_guard, write_guard
from passerelle.node.exchange.models import Cursor, Log

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

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
        signed: Note | None = None
        if effects and isinstance(effects[0], Sign):
            # The guard file is synced and the signature made before the writer's lock is taken;
            # checkpoint and first attempt then share one commit.
            size = effects[0].size
            signed = _kept(self.node, self.log, size) or _sign(self.node, self.log, size)
            event = sender.Signed(Checkpoint.parse(signed.text))
            state, effects = sender.step(state, event, now.timestamp(), self.rng)
        with transaction.atomic():
            with statements.together():
                if signed is not None:
                    _keep_note(self.node, self.log, signed, now)
                for effect in effects:
                    if isinstance(effect, StoreReceipt):
                        statements.add_receipt(self.log.id, effect)
                if not statements.save_cursor(self.log.id, state, self.lease_no):
                    raise UnavailableError("Another worker holds the lease.", code="exchange.lease")
            for effect in effects:
                if isinstance(effect, Evidence):
                    store.note_evidence(self.log.peer_id, effect, now)
                elif isinstance(effect, Alarm | RequestSuffix):
                    pass  # told by the state of the peer and of the cursor
        return state, effects


def sign_size(node: Station, log: Log, size: int, clock: Clock) -> Note:
    """Return the signed checkpoint of a committed size; guard file first, stored when new."""
    kept = _kept(node, log, size)
    if kept is not None:
        return kept
    note = _sign(node, log, size)
    with transaction.atomic():
        _keep_note(node, log, note, clock.now())
    return note


def _sign(node: Station, log: Log, size: int) -> Note:
    tree = _range_at(log, size)
    write_guard(node.folder, log.id, size, tree.root)
    return sign_checkpoint(Checkpoint.of(log.origin, tree), node.identity.log)


def _kept(node: Station, log: Log, size: int) -> Note | None:
    """Return the stored checkpoint of a size, unless our keys were rotated since: signed again then."""
    note = statements.checkpoint_of(log.id, size)
    keys = node.identity.log.public_keys
    is_ours = note is not None and is_signed_by(note.lines, log.origin, LineKind.LOG, keys)
    return note if is_ours else None


def _keep_note(node: Station, log: Log, note: Note, at: datetime) -> None:
    """Store a checkpoint, unless another worker stored one of the same size: it says the same."""
    size = Checkpoint.parse(note.text).size
    if _kept(node, log, size) is None:
        statements.add_checkpoint(log.id, size, note, at)


def batch_end(log: Log, held: int) -> int:
    """Return the size that a batch from ``held`` reaches: at most 100 entries or 4 MiB."""
    end, total = held, 0
    for index, size in statements.lengths_from(log.id, held, held + BATCH_ENTRIES):
        total += size + 8
        if end > held and total > BATCH_BYTES:
            break
        end = index + 1
    return end


def build_frame(node: Station, log: Log, send: Send) -> bytes:
    """Write the push frame that the machine asked for."""
    note = statements.checkpoint_of(log.id, send.checkpoint.size)
    assert note is not None
    rows = statements.entries_between(log.id, send.old, send.checkpoint.size)
    entries = tuple(
        (header, content.travelling_body(node, name, case or log.id[:32], wrapped) or b"")
        for name, case, header, wrapped in rows
    )
    return PushFrame(send.old, entries, note).encode()


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
    leaves: list[bytes] = []
    if 0 < near.size <= size:
        held, *leaves = statements.leaves_between(log.id, near.size - 1, size) or [b""]
        if held != last:
            near = CompactRange()
    else:
        near = CompactRange()
    if not near.size:
        leaves = statements.leaves_between(log.id, 0, size)
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
