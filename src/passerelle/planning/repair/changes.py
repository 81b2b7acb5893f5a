"""What can happen to a published plan, as data.

A change is a value; what it does to event and force stands in :mod:`passerelle.planning.repair.apply`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from passerelle.planning.programme import Threat

__all__ = [
    "Change",
    "ContingentGone",
    "ContingentLate",
    "ContingentSmaller",
    "CrewIll",
    "PostAdded",
    "RiskRaised",
    "SessionAdded",
    "SessionCancelled",
    "SessionMoved",
    "SiteClosed",
]


@dataclass(frozen=True, slots=True)
class SessionMoved:
    """Let a session begin at another time, and perhaps at another venue; its length stays.

    Parameters
    ----------
    session
        Id of the session.
    start
        New start of the contests, UTC.
    venue
        New venue; empty when it stays.
    """

    session: str
    start: datetime
    venue: str = ""


@dataclass(frozen=True, slots=True)
class SessionAdded:
    """Add a session like another one at another time.

    Parameters
    ----------
    session
        Id of the new session.
    like
        Id of the session from which sport, attendance, risk and all the rest are taken.
    start
        Start of the contests, UTC.
    venue
        Venue; empty for that of the model.
    """

    session: str
    like: str
    start: datetime
    venue: str = ""


@dataclass(frozen=True, slots=True)
class SessionCancelled:
    """Let a session fall; its people are free."""

    session: str


@dataclass(frozen=True, slots=True)
class ContingentLate:
    """Let a whole contingent, or one of its groups, be available only from a later moment.

    Parameters
    ----------
    contingent
        Id of the contingent, or of a group.
    start
        When its first duty can begin, UTC.
    """

    contingent: str
    start: datetime


@dataclass(frozen=True, slots=True)
class ContingentSmaller:
    """Let a group have fewer crews from now on.

    Parameters
    ----------
    group
        Code of the group.
    crews
        Crews that remain, ``>= 0``.
    """

    group: str
    crews: int

    def __post_init__(self) -> None:
        if self.crews < 0:
            raise ValueError(f"Expected crews >= 0, got {self.crews}.")


@dataclass(frozen=True, slots=True)
class ContingentGone:
    """Let a whole contingent, or one of its groups, leave from now on."""

    contingent: str


@dataclass(frozen=True, slots=True)
class CrewIll:
    """Let crews of a group be unable to work for a time.

    Parameters
    ----------
    group
        Code of the group.
    start, end
        When they cannot work, UTC.
    crews
        How many, ``>= 1``; those with most duties in that time are meant, unless ``crew`` names one.
    crew
        Number of the crew in its group, counted from 1 in the order of the plan; 0 for any.
    """

    group: str
    start: datetime
    end: datetime
    crews: int = 1
    crew: int = 0

    def __post_init__(self) -> None:
        if self.crews < 1 or self.crew < 0:
            raise ValueError(f"Expected crews >= 1 and crew >= 0, got {self.crews}, {self.crew}.")
        if self.start >= self.end:
            raise ValueError(f"Expected start < end, got {self.start}, {self.end}.")


@dataclass(frozen=True, slots=True)
class RiskRaised:
    """Set risk or threat of a session higher (or lower).

    Parameters
    ----------
    session
        Id of the session.
    risk
        R, 1 to 5; ``None`` when it stays.
    threat
        T; ``None`` when it stays.
    """

    session: str
    risk: int | None = None
    threat: Threat | None = None

    def __post_init__(self) -> None:
        if self.risk is None and self.threat is None:
            raise ValueError("Expected a risk or a threat.")
        if self.risk is not None and not 1 <= self.risk <= 5:
            raise ValueError(f"Expected 1 <= risk <= 5, got {self.risk}.")


@dataclass(frozen=True, slots=True)
class SiteClosed:
    """Let nobody stand at a site for a time.

    Parameters
    ----------
    site
        Code of the site.
    start, end
        When, UTC.
    """

    site: str
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"Expected start < end, got {self.start}, {self.end}.")


@dataclass(frozen=True, slots=True)
class PostAdded:
    """Ask for more people at a site.

    Parameters
    ----------
    post
        Code of the post.
    site, capability
        Where and as what.
    start, end
        When, UTC, within one local day of 24 hours.
    crews
        Units of the capability on duty at once, ``>= 1``.
    """

    post: str
    site: str
    capability: str
    start: datetime
    end: datetime
    crews: int

    def __post_init__(self) -> None:
        if self.crews < 1:
            raise ValueError(f"Expected crews >= 1, got {self.crews}.")
        if self.start >= self.end:
            raise ValueError(f"Expected start < end, got {self.start}, {self.end}.")


Change: TypeAlias = (
    SessionMoved
    | SessionAdded
    | SessionCancelled
    | ContingentLate
    | ContingentSmaller
    | ContingentGone
    | CrewIll
    | RiskRaised
    | SiteClosed
    | PostAdded
)
"""Anything that can happen to a published plan."""
