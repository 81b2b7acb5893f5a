"""The reader's side: take a push in one transaction, sign the receipt after the commit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from django.db import transaction

from passerelle.exchange import receiver
from passerelle.exchange.agreement import PeerLimits
from passerelle.exchange.effects import (
    CloseLog,
    Evidence,
    Receive,
    Reply,
    SignReceipt,
    StoreReceipt,
)
from passerelle.exchange.errors import SignatureError
from passerelle.exchange.frame import FrameLimits
from passerelle.exchange.names import Origin
from passerelle.exchange.note import Checkpoint, sign_receipt
from passerelle.exchange.peer import push_answer
from passerelle.node.exchange import blobs, epochs, statements, store
from passerelle.node.exchange.models import Log, Peer
from passerelle.node.exchange.quotas import Bucket, Quota
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from passerelle.exchange.effects import Effect
    from passerelle.kernel.clock import Clock
    from passerelle.node.exchange.station import Station

__all__ = ["find_origin", "take_push"]

LIMITS: Final = FrameLimits()


def find_origin(log_id: str, direction: str) -> Origin | None:
    """Return the origin of a log that we hold, or that a known peer may begin now."""
    row = statements.log_row(log_id)
    if row is not None and row.direction == direction:
        return Origin.parse(row.origin)
    node = station().identity.node
    for peer in Peer.objects.values_list("node", flat=True):
        pair = (peer, node) if direction == "in" else (node, peer)
        newest = store.current(*pair)
        coming = replace(newest, epoch=newest.epoch + 1)
        for origin in (newest, coming) if direction == "in" else (newest,):
            if origin.log_id == log_id:
                return origin
    return None


def take_push(log_id: str, data: bytes, clock: Clock) -> Reply:
    """Answer a push: the whole of section 10 of the specification.

    Parameters
    ----------
    log_id
        From the address.
    data
        The frame.
    clock
        Wall clock for receipts and the record.
    """
    node = station()
    log = statements.log_row(log_id)
    if log is not None and log.direction == "in":
        origin: Origin | None = Origin.parse(log.origin)
    else:
        origin = find_origin(log_id, "in")
    record = store.find_peer(origin.writer) if origin else None
    if origin is None or record is None:
        return Reply(404, code="exchange.log-unknown")
    now = clock.now()
    if record.trust.card is None or push_answer(record.state, record.freshness(now)) != 200:
        return Reply(403, code="exchange.peer-refused")
    event = receiver.PushArrived(
        data,
        record.trust.card.log_keys_at(now),
        LIMITS,
        has_blob=blobs.is_complete,
        root_at=lambda size: _root_at(origin.log_id, size),
        agreed=record.agreed(node.identity.offices, plays=bool(node.identity.exercise)),
        judge_epoch=partial(epochs.judge, record, origin),
    )
    ahead = _judge_ahead(node, log, record, event, now.timestamp())
    with transaction.atomic():
        log = store.lock_log(origin, "in")
        state = store.load_receiver(log, node.identity.node, record.suite)
        if ahead is not None and ahead[0] == state and not _wants_blobs(ahead[2]):
            _, state, effects = ahead
        else:
            state, effects = receiver.step(state, event, now.timestamp(), lambda: 0.0)
        reply = _carry_out(node, log, record.node, effects, clock)
    if reply is not None:
        if reply.status == SignatureError.status:
            store.want_trust(record.node)
        return reply
    return _receipt(node, log, state, effects, clock)


_Judged: TypeAlias = "tuple[receiver.ReceiverState, receiver.ReceiverState, tuple[Effect, ...]]"


def _judge_ahead(
    node: Station,
    log: Log | None,
    record: store.PeerRecord,
    event: receiver.PushArrived,
    now: float,
) -> _Judged | None:
    """Judge a push before the log is locked: signatures and a hundred headers take their time.

    The machine is a pure function and all that it reads beside the state is inserted only. So what
    it said of the state as it was holds, if the state is still the same once the log is locked.
    """
    if log is None:
        return None
    state = store.load_receiver(log, node.identity.node, record.suite)
    after, effects = receiver.step(state, event, now, lambda: 0.0)
    return state, after, effects


def _wants_blobs(effects: tuple[Effect, ...]) -> bool:
    """Tell whether a decision hangs on what may change: attachments, or the log before."""
    return any(
        isinstance(effect, CloseLog)
        or (isinstance(effect, Receive) and any(item.needs for item in effect.entries))
        or (isinstance(effect, Reply) and effect.status == 424)
        for effect in effects
    )


def _carry_out(
    node: Station, log: Log, peer: str, effects: tuple[Effect, ...], clock: Clock
) -> Reply | None:
    """Store inside the transaction; a reply ends it."""
    reply, closing = None, ""
    for effect in effects:
        match effect:
            case CloseLog():
                closing = effect.origin
            case Receive():
                wait = _over_quota(peer, len(effect.entries), clock)
                if wait:
                    return Reply(429, f"{int(wait) + 1}\n".encode(), code="exchange.quota")
                store.receive(node, log, effect, clock.now())
                if closing:
                    store.close(closing)
            case Evidence():
                store.note_evidence(peer, effect, clock.now())
            case Reply():
                reply = effect
            case _:
                pass
    return reply


def _receipt(
    node: Station,
    log: Log,
    state: receiver.ReceiverState,
    effects: tuple[Effect, ...],
    clock: Clock,
) -> Reply:
    """Sign, store and return the receipt over what is durable now."""
    now = clock.now().timestamp()
    if state.phase is receiver.Phase.STORING:
        state, effects = receiver.step(state, receiver.Committed(), now, lambda: 0.0)
    for effect in effects:
        if isinstance(effect, SignReceipt):
            lines = sign_receipt(
                effect.checkpoint, node.identity.node, node.identity.receipt, effect.time
            )
            signed = receiver.ReceiptSigned(lines, effect.time)
            state, effects = receiver.step(state, signed, now, lambda: 0.0)
            break
    reply = Reply(503, code="exchange.receipt")
    with transaction.atomic(), statements.together():
        for effect in effects:
            if isinstance(effect, StoreReceipt):
                statements.add_receipt(log.id, effect)
            elif isinstance(effect, Reply):
                reply = effect
        statements.heard(log.peer_id)
    return reply


def _over_quota(peer: str, count: int, clock: Clock) -> float:
    agreed, tokens, tokens_at = statements.quota_row(peer)
    limits = PeerLimits(**agreed.get("limits", {}))
    quota = Quota(float(limits.per_second), float(limits.burst), float(limits.catch_up))
    bucket, wait = Bucket(tokens, tokens_at).take(count, clock.now().timestamp(), quota)
    statements.save_tokens(peer, bucket.tokens, bucket.at)
    return wait


def _root_at(log_id: str, size: int) -> bytes | None:
    """Give the root that the peer itself signed for an earlier size, if we hold it."""
    note = statements.checkpoint_of(log_id, size)
    return Checkpoint.parse(note.text).root if note else None
