"""What happens at a venue: a session, who plays, who comes, and its phases.

A session is one public opening of a venue. Around it lie seven phases, NIGHT to DISPERSAL; session
and phases together are a *block*. Risk, threat and class of visitors follow domain, section 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passerelle.kernel.times import Interval

__all__ = ["Block", "Phase", "PhaseWindow", "SearchLevel", "Session", "Supporters", "Threat"]


class Phase(StrEnum):
    """The phases of a block, in their order in time."""

    NIGHT = "night"
    SEARCH = "search"
    LOCKDOWN = "lockdown"
    INGRESS = "ingress"
    EVENT = "event"
    EGRESS = "egress"
    DISPERSAL = "dispersal"


class Threat(IntEnum):
    """Level of terrorist threat, ordered."""

    STANDARD = 0
    HEIGHTENED = 1
    MAXIMUM = 2

    @property
    def word(self) -> str:
        """The level as it stands in files, for example ``heightened``."""
        return self.name.lower()


class SearchLevel(IntEnum):
    """How thoroughly a site is searched before it opens, ordered (F4)."""

    LIGHT = 0
    STANDARD = 1
    FULL = 2

    @property
    def word(self) -> str:
        """The level as it stands in files, for example ``full``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Supporters:
    """Count the supporters of one nation at a session.

    Parameters
    ----------
    nation
        Code as used in the programme (Olympic or FIFA), for example ``MAR``.
    count
        Supporters expected (S_n).
    risk_count
        Those classed as risk (r_n); ``None`` when nobody knows.
    """

    nation: str
    count: int
    risk_count: int | None = None

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError(f"Expected count >= 0, got {self.count}.")
        if self.risk_count is not None and not 0 <= self.risk_count <= self.count:
            raise ValueError(f"Expected 0 <= risk_count <= {self.count}, got {self.risk_count}.")


@dataclass(frozen=True, slots=True)
class Session:
    """Describe one public session with the inputs of the demand model.

    Parameters
    ----------
    id
        Code, unique in the event.
    venue_id
        Code of the venue.
    interval
        From the start of the contests to their end.
    sport, stage, title
        As in the programme; ``stage`` is ``group``, ``final`` and so on.
    teams
        Nation codes of the teams that play, without repetition, in programme order.
    attendance
        People expected (A).
    risk
        R, 1 (quiet) to 5.
    vip
        P, class of protected visitors, 0 to 3.
    heads_of_state
        Heads of State expected (F11).
    threat
        T.
    search_level
        How thoroughly the site is searched before this session.
    supporters
        Supporters of each nation.
    medal
        Whether medals are decided.
    assumed
        Names of the fields that nobody gave and that stand on a stated default.
    note
        Free text carried from the programme.
    part
        Part of the venue that is used; empty for all of it. Sessions of one venue may overlap only
        when one of them names its part.
    """

    id: str
    venue_id: str
    interval: Interval
    sport: str
    stage: str
    title: str
    teams: tuple[str, ...]
    attendance: int
    risk: int
    vip: int
    heads_of_state: int
    threat: Threat
    search_level: SearchLevel
    supporters: tuple[Supporters, ...] = ()
    medal: bool = False
    assumed: frozenset[str] = frozenset()
    note: str = ""
    part: str = ""

    def __post_init__(self) -> None:
        if self.attendance < 0:
            raise ValueError(f"Expected attendance >= 0, got {self.attendance}.")
        if not 1 <= self.risk <= 5:
            raise ValueError(f"Expected 1 <= risk <= 5, got {self.risk}.")
        if not 0 <= self.vip <= 3:
            raise ValueError(f"Expected 0 <= vip <= 3, got {self.vip}.")
        if self.heads_of_state < 0:
            raise ValueError(f"Expected heads_of_state >= 0, got {self.heads_of_state}.")


@dataclass(frozen=True, slots=True)
class PhaseWindow:
    """Place one phase in time."""

    phase: Phase
    interval: Interval


@dataclass(frozen=True, slots=True)
class Block:
    """Join a session with its phases, each at most once and in the order of :class:`Phase`.

    A later session of the same day at the same site has no NIGHT and SEARCH of its own: the site
    was searched before the first one (see ``docs/adr/0011-merging-sessions-of-a-site.md``).
    """

    session: Session
    windows: tuple[PhaseWindow, ...]

    def __post_init__(self) -> None:
        order = [list(Phase).index(window.phase) for window in self.windows]
        if order != sorted(set(order)):
            raise ValueError("Expected phases in order, each at most once.")

    def window(self, phase: Phase) -> Interval | None:
        """Return the time of ``phase``, or ``None`` when the block has none."""
        return next((w.interval for w in self.windows if w.phase is phase), None)
