"""Give every act to those who fold dossiers: once, in the order of its log.

    def apply(act: DeliveredAct) -> None:
        …  # runs inside the transaction that moves the cursor

    deliver("dossiers", apply)          # from the worker, as often as wanted

A consumer is named; its cursor is (log, index). The cursor moves in the transaction in which
``apply`` runs: when ``apply`` raises, neither its changes nor the cursor stay, and the act comes
again. So each act is applied exactly once, and a consumer is rebuilt by forgetting its cursors.

Acts of one log come in order. Across logs no order is promised beyond what ``seen`` and ``re`` say:
an act whose ``seen`` lies ahead of what the consumer was given of the reverse log waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from passerelle.exchange.effects import Mark
from passerelle.exchange.errors import RemoteProtocolError
from passerelle.exchange.header import parse_header
from passerelle.exchange.jcs import Limits, read
from passerelle.node.exchange import content, store
from passerelle.node.exchange.models import Entry, Log, Projection
from passerelle.node.exchange.station import station

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from passerelle.exchange.header import Header
    from passerelle.kernel.canonical import Json
    from passerelle.node.exchange.station import Station

__all__ = ["DeliveredAct", "deliver", "forget"]

_AHEAD = 200
"""Entries read at once."""

_BODY_LIMITS = Limits(length=262_144, depth=32, keys=20_000)


@dataclass(frozen=True, slots=True)
class DeliveredAct:
    """Hold one act as a consumer gets it.

    Parameters
    ----------
    log_id, index, entry_id
        Where it stands.
    peer
        The other node.
    direction
        ``in`` when the peer said it, ``out`` when we did.
    mark
        Condition in which it was stored; only ``SOUND`` ones have a body to act on.
    header
        What it says of itself; ``None`` when it cannot be read.
    body
        Its content; ``None`` when sealed to an office not held here, erased or unreadable.
    body_state
        ``open``, ``sealed``, ``erased``, ``unreadable`` or ``none``.
    """

    log_id: str
    index: int
    entry_id: str
    peer: str
    direction: str
    mark: Mark
    header: Header | None
    body: Json
    body_state: str


def deliver(
    name: str,
    apply: Callable[[DeliveredAct], None],
    *,
    directions: Sequence[str] = ("in", "out"),
    limit: int = 1000,
) -> int:
    """Give a consumer what it has not been given yet.

    Parameters
    ----------
    name
        Name of the consumer, 64 characters at most; the cursor is kept under it.
    apply
        Called once an act, inside a transaction.
    directions
        Which logs: what peers said, what we said, or both.
    limit
        Acts at most in this call.

    Returns
    -------
    int
        Number of acts applied.
    """
    node, done = station(), 0
    progress = True
    while progress and done < limit:
        progress = False
        given_to = dict(Projection.objects.filter(name=name).values_list("log_id", "next_idx"))
        for log in Log.objects.filter(direction__in=directions).select_related("peer"):
            if given_to.get(log.id, 0) >= log.size:
                continue  # nothing new: the usual case, and it costs no query of its own
            if log.direction == "in" and log.peer.state == "suspended":
                continue
            given = _deliver_some(node, name, log, apply, directions, limit=limit - done)
            done, progress = done + given, progress or given > 0
    return done


def forget(name: str) -> None:
    """Forget the cursors of a consumer, so that it is given everything again."""
    Projection.objects.filter(name=name).delete()


def _deliver_some(
    node: Station,
    name: str,
    log: Log,
    apply: Callable[[DeliveredAct], None],
    directions: Sequence[str],
    *,
    limit: int,
) -> int:
    """Give the next acts of a log, each in a transaction of its own; entries are read ahead."""
    cursor, _ = Projection.objects.get_or_create(name=name, log=log)
    first, done = cursor.next_idx, 0
    rows = Entry.objects.filter(log=log, idx__gte=first, idx__lt=first + min(limit, _AHEAD))
    for entry in rows.order_by("idx").select_related("body"):
        act = _act(node, entry, log)
        if len(directions) == 2 and act.header and not _has_seen(name, act.header):
            break
        with transaction.atomic():
            # The row is locked by moving it first; who comes too late moves nothing.
            here = Projection.objects.filter(name=name, log=log, next_idx=entry.idx)
            if not here.update(next_idx=entry.idx + 1):
                break
            apply(act)
        done += 1
    return done


def _has_seen(name: str, header: Header) -> bool:
    """Tell whether the consumer was given as much of the reverse log as the act's officers saw."""
    logs = store.counted(header.origin.reader, header.origin.writer)
    places = dict(
        Projection.objects.filter(
            name=name, log__origin__in=[origin for origin, _, _ in logs]
        ).values_list("log__origin", "next_idx")
    )
    given = sum(min(places.get(origin, 0), count) for origin, _, count in logs)
    return given >= min(header.seen, sum(count for _, _, count in logs))


def _act(node: Station, entry: Entry, log: Log) -> DeliveredAct:
    try:
        header = parse_header(bytes(entry.header))
    except RemoteProtocolError:
        header = None
    body: Json = None
    state = "none"
    if header and header.body:
        plain, state = content.open_body(node, entry, header)
        if plain is not None:
            try:
                body = read(plain, _BODY_LIMITS)
            except RemoteProtocolError:
                state = "unreadable"
    return DeliveredAct(
        log_id=log.id,
        index=entry.idx,
        entry_id=entry.entry_id,
        peer=log.peer_id,
        direction=log.direction,
        mark=Mark(entry.mark),
        header=header,
        body=body,
        body_state=state,
    )
