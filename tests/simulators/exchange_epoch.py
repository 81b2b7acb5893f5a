"""New epochs in the simulated world: what was signed, never delivered and lost is closed, not forged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.simulators.exchange_world import LIMITS, LOG_KEYS, NOW, ORIGIN, ensure

from passerelle.exchange import receiver
from passerelle.exchange.effects import CloseLog, Receive, Reply
from passerelle.exchange.epoch import EpochNotice, judge_epoch
from passerelle.exchange.frame import PushFrame
from passerelle.exchange.header import Body, Handling, Header, Kind, Status
from passerelle.exchange.merkle import CompactRange, leaf_hash
from passerelle.exchange.note import Checkpoint, sign_checkpoint
from passerelle.exchange.seal import ciphertext_hash
from passerelle.exchange.suite import S1

if TYPE_CHECKING:
    from tests.simulators.exchange_world import World

NEXT = replace(ORIGIN, epoch=2)
AT = datetime.fromtimestamp(NOW, UTC)


def go_on(world: World) -> None:
    """Close the log at exactly what B holds, and begin the next; every other size is refused."""
    held = world.b.state.tree
    leaves = [leaf_hash(header) for header, _ in world.a.entries]
    ensure(len(leaves) >= held.size, "after its restore the writer holds what the reader holds")
    safe = world.b_restored or world.hostile or held.size >= world.a.state.cosigned
    ensure(safe, "an epoch drops nothing that was receipted")
    for size in {0, held.size - 1, held.size, held.size + 1, len(leaves)}:
        if 0 <= size <= len(leaves):
            began = begin(world, CompactRange().extend(leaves[:size]))
            ensure(began is (size == held.size), "an epoch begins at exactly what the reader holds")


def begin(world: World, tree: CompactRange) -> bool:
    """Push entry 0 of the next epoch at B; tell whether it was taken and closed the log before."""
    notice = EpochNotice(ORIGIN, NEXT, tree.size, tree.root.hex(), "lost", AT)
    body, held = notice.encode(), world.b.state.tree
    header = Header(
        origin=NEXT,
        index=0,
        from_office="cooperation",
        to_office="cooperation",
        kind=Kind.NOTICE_EPOCH,
        status=Status.TEST,
        case="0" * 32,
        issued=AT,
        seen=0,
        handling=Handling(),
        body=Body("application/json", len(body), ciphertext_hash(body)),
    ).encode()
    first = CompactRange().extend([leaf_hash(header)])
    note = sign_checkpoint(Checkpoint.of(str(NEXT), first), LOG_KEYS)
    event = receiver.PushArrived(
        PushFrame(0, ((header, body),), note).encode(),
        LOG_KEYS.public_keys,
        LIMITS,
        has_blob=lambda _root: True,
        root_at=lambda _size: None,
        judge_epoch=lambda data: judge_epoch(
            EpochNotice.parse(data), str(NEXT), (held.size, held.root.hex())
        ),
    )
    fresh = receiver.ReceiverState(str(NEXT), NEXT.reader, S1)
    _, effects = receiver.step(fresh, event, world.clock("b"), world.random.random)
    took = any(isinstance(effect, Receive) for effect in effects)
    closed = [effect.origin for effect in effects if isinstance(effect, CloseLog)]
    ensure(
        closed == ([str(ORIGIN)] if took else []), "the log before is closed with it, or not at all"
    )
    refused = any(isinstance(effect, Reply) and effect.status == 422 for effect in effects)
    ensure(took is not refused, "a new epoch is taken or refused")
    return took
