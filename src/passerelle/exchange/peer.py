"""What a peer is allowed at present, as a table.

=========== ======================================= ==============================================
state       meaning                                 what passes
=========== ======================================= ==============================================
pinned      root known, no card accepted            ``notice.*`` only
active      card accepted, trust fresh              everything
degraded    alarm raised: clock, refusal, …         everything, an alarm stands
suspended   kill switch, or a fork                  nothing goes out; what comes is stored, sealed
ended       agreement over                          read only, keys kept
=========== ======================================= ==============================================
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from passerelle.exchange.errors import SignatureError
from passerelle.exchange.header import Kind, Status
from passerelle.exchange.signoff import verify_signoff
from passerelle.exchange.trust import Freshness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.exchange.header import Header
    from passerelle.exchange.signoff import OfficeKeys

__all__ = [
    "TRANSITIONS",
    "Agreed",
    "PeerEvent",
    "PeerState",
    "may_push",
    "may_release",
    "push_answer",
    "step",
]


@dataclass(frozen=True, slots=True)
class Agreed:
    """Say what a writer may say to a reader; both sides hold to it.

    Parameters
    ----------
    kinds
        Kinds of entries that were agreed; all when empty.
    from_offices, to_offices
        Offices of the writer and of the reader; any when empty.
    statuses
        What is said in earnest, or as play: two real nodes never play, two nodes of an exercise
        never mean it. Any when empty.
    officers
        Who signs for the offices of the writer, and how many must. What carries signatures of
        officers must carry enough good ones.
    """

    kinds: frozenset[str] = frozenset()
    from_offices: frozenset[str] = frozenset()
    to_offices: frozenset[str] = frozenset()
    statuses: frozenset[Status] = frozenset()
    officers: tuple[OfficeKeys, ...] = ()

    def is_signed_off(self, header: Header) -> bool:
        """Tell whether the signatures of officers that a header carries are what they claim."""
        named = {office for office, _, _ in header.officer}
        known = {keys.office: keys for keys in self.officers}
        try:
            return all(verify_signoff(header, known[office]) > 0 for office in named)
        except (KeyError, SignatureError):
            return False

    def admits(self, kind: Kind, status: Status | None = None) -> bool:
        """Tell whether entries of a kind were agreed; notices and refusals always are."""
        if status is not None and self.statuses and status not in self.statuses:
            return False
        return not self.kinds or kind in _ALWAYS or kind.value in self.kinds

    def has_offices(self, from_office: str, to_office: str) -> bool:
        """Tell whether both offices are there."""
        return (not self.from_offices or from_office in self.from_offices) and (
            not self.to_offices or to_office in self.to_offices
        )


class PeerState(Enum):
    """Say how a peer stands."""

    PINNED = "pinned"
    ACTIVE = "active"
    DEGRADED = "degraded"
    SUSPENDED = "suspended"
    ENDED = "ended"


class PeerEvent(Enum):
    """Name what changes a peer's standing."""

    CARD_ACCEPTED = "card-accepted"
    TROUBLE = "trouble"
    SETTLED = "settled"
    FORK = "fork"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"


_P, _E = PeerState, PeerEvent

TRANSITIONS: Final[Mapping[tuple[PeerState, PeerEvent], PeerState]] = {
    (_P.PINNED, _E.CARD_ACCEPTED): _P.ACTIVE,
    (_P.PINNED, _E.SUSPEND): _P.SUSPENDED,
    (_P.PINNED, _E.END): _P.ENDED,
    (_P.ACTIVE, _E.CARD_ACCEPTED): _P.ACTIVE,
    (_P.ACTIVE, _E.TROUBLE): _P.DEGRADED,
    (_P.ACTIVE, _E.FORK): _P.SUSPENDED,
    (_P.ACTIVE, _E.SUSPEND): _P.SUSPENDED,
    (_P.ACTIVE, _E.END): _P.ENDED,
    (_P.DEGRADED, _E.CARD_ACCEPTED): _P.DEGRADED,
    (_P.DEGRADED, _E.TROUBLE): _P.DEGRADED,
    (_P.DEGRADED, _E.SETTLED): _P.ACTIVE,
    (_P.DEGRADED, _E.FORK): _P.SUSPENDED,
    (_P.DEGRADED, _E.SUSPEND): _P.SUSPENDED,
    (_P.DEGRADED, _E.END): _P.ENDED,
    (_P.SUSPENDED, _E.CARD_ACCEPTED): _P.SUSPENDED,
    (_P.SUSPENDED, _E.TROUBLE): _P.SUSPENDED,
    (_P.SUSPENDED, _E.FORK): _P.SUSPENDED,
    (_P.SUSPENDED, _E.SUSPEND): _P.SUSPENDED,
    (_P.SUSPENDED, _E.RESUME): _P.DEGRADED,
    (_P.SUSPENDED, _E.END): _P.ENDED,
}
"""Every state and event that may meet; any other pair leaves the state as it is."""

_NEEDS_FRESH: Final = frozenset({Kind.COMMITMENT, Kind.ACCEPT})
_NOTICES: Final = frozenset(
    {Kind.NOTICE_KEY, Kind.NOTICE_EPOCH, Kind.NOTICE_ERASURE, Kind.NOTICE_SUSPEND}
)
_ALWAYS: Final = _NOTICES | {Kind.REFUSE}


def step(state: PeerState, event: PeerEvent) -> PeerState:
    """Return the standing after an event."""
    return TRANSITIONS.get((state, event), state)


def may_release(
    state: PeerState, kind: Kind, freshness: Freshness, *, officer_override: bool = False
) -> bool:
    """Tell whether an entry of a kind may be released to the peer now.

    Commitments and acceptances wait for fresh trust or a named officer; past the agreed age
    nothing is released.
    """
    if state in {PeerState.SUSPENDED, PeerState.ENDED} or freshness is Freshness.EXPIRED:
        return False
    if state is PeerState.PINNED:
        return kind in _NOTICES
    return freshness is Freshness.FRESH or kind not in _NEEDS_FRESH or officer_override


def may_push(state: PeerState, freshness: Freshness) -> bool:
    """Tell whether entries released before may be sent now."""
    return state in {PeerState.ACTIVE, PeerState.DEGRADED} and freshness is not Freshness.EXPIRED


def push_answer(state: PeerState, freshness: Freshness) -> int:
    """Return 200 when a push may be looked at, 403 when the peer ended or its trust is too old."""
    if state is PeerState.ENDED or freshness is Freshness.EXPIRED:
        return 403
    return 200
