"""Reads used by more than one caller: how a peer stands, and the proof state of an act in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from passerelle.node.exchange import store
from passerelle.node.exchange.models import Cosignature, Cursor, Entry, Log, Peer

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from passerelle.kernel.canonical import Json

__all__ = ["ActProof", "PeerOverview", "ProofState", "peer_overview", "proof_of", "proofs_of"]


@dataclass(frozen=True, slots=True)
class PeerOverview:
    """Show how one peer stands.

    Parameters
    ----------
    node, state, freshness, alarm
        Name, standing, trust, last alarm.
    released, receipted, received
        Acts released to it, receipted by it, and received from it.
    oldest_unreceipted
        When the oldest act without receipt was released, as ISO text; empty when there is none.
    told
        ``paused`` when the peer told us so; ``active`` or empty else.
    courier_after_h
        Hours after which an act without receipt is overdue, as agreed.
    """

    node: str
    state: str
    freshness: str
    alarm: str
    released: int
    receipted: int
    received: int
    oldest_unreceipted: str
    told: str = ""
    courier_after_h: int = 24

    def to_object(self) -> dict[str, Json]:
        """Return the JSON fields."""
        return asdict(self)


class ProofState(StrEnum):
    """Say what is proved about an act."""

    RELEASED = "released"
    ATTEMPTED = "attempted"
    RECEIPTED = "receipted"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class ActProof:
    """Say what is proved about one act, and by what.

    Parameters
    ----------
    state
        ``RELEASED``: durable here. ``ATTEMPTED``: sent, no receipt yet. ``RECEIPTED``: the peer
        signed that it is durable there. ``HELD``: received from the peer and receipted by us.
    size
        Size of the checkpoint that covers it; 0 when none does.
    receipt_time
        Unix seconds in the earliest receipt that covers it; 0 when none does.
    """

    state: ProofState
    size: int = 0
    receipt_time: int = 0


def peer_overview(now: datetime) -> list[PeerOverview]:
    """List how every peer stands."""
    found = []
    for row in Peer.objects.all():
        record = store.find_peer(row.node)
        assert record is not None
        out = Log.objects.filter(peer=row, direction="out", closed=False).first()
        cursor = Cursor.objects.filter(log=out).first() if out else None
        receipted = cursor.cosigned if cursor else 0
        oldest = Entry.objects.filter(log=out, idx__gte=receipted).order_by("idx").first()
        found.append(
            PeerOverview(
                node=row.node,
                state=row.state,
                freshness=record.freshness(now).value,
                alarm=row.alarm,
                released=out.size if out else 0,
                receipted=receipted,
                received=sum(
                    Log.objects.filter(peer=row, direction="in").values_list("size", flat=True)
                ),
                oldest_unreceipted=oldest.at.isoformat() if oldest else "",
                told=row.told,
                courier_after_h=record.limits.courier_hours,
            )
        )
    return found


def proof_of(log_id: str, index: int) -> ActProof:
    """Say what is proved about the act at a position."""
    return proofs_of([(log_id, index)])[log_id, index]


def proofs_of(places: Collection[tuple[str, int]]) -> dict[tuple[str, int], ActProof]:
    """Say what is proved about the acts at several positions; two queries for all of them."""
    wanted = {log_id for log_id, _ in places}
    logs = {log.pk: log for log in Log.objects.select_related("cursor").filter(pk__in=wanted)}
    receipts: dict[str, list[Cosignature]] = {log_id: [] for log_id in wanted}
    for one in Cosignature.objects.filter(log_id__in=wanted).order_by("time", "size"):
        receipts[one.log_id].append(one)
    return {
        (log_id, index): _proof(logs[log_id], receipts[log_id], index) for log_id, index in places
    }


def _proof(log: Log, receipts: Sequence[Cosignature], index: int) -> ActProof:
    receipt = next((one for one in receipts if one.size > index), None)
    if receipt is not None:
        state = ProofState.HELD if log.direction == "in" else ProofState.RECEIPTED
        return ActProof(state, receipt.size, receipt.time)
    if log.direction == "in":
        return ActProof(ProofState.HELD)
    attempted = any(size > index for size, _ in log.cursor.attempts)
    return ActProof(ProofState.ATTEMPTED if attempted else ProofState.RELEASED)
