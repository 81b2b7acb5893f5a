"""What a partner without a node is asked: the values from which template and pack are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from passerelle.kernel.ids import is_code
from passerelle.standards.marks import CLEAR, Handling, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from passerelle.kernel.times import Interval

__all__ = ["AskedLine", "Request"]


@dataclass(frozen=True, slots=True)
class AskedLine:
    """Ask for one capability.

    Parameters
    ----------
    line
        Code of the line.
    capability
        Code of the catalogue.
    posts, present, people
        Posts, people at the same time, distinct people.
    places
        Codes of sites.
    during
        From when to when.
    task
        What is to be done, in the language of the request.
    """

    line: str
    capability: str
    posts: int
    present: int
    people: int
    places: tuple[str, ...]
    during: Interval
    task: str = ""

    def __post_init__(self) -> None:
        if not is_code(self.line):
            raise ValueError(f"Expected line to be a code, got {self.line!r}.")


@dataclass(frozen=True, slots=True)
class Request:
    """Hold a request to one partner.

    Parameters
    ----------
    reference
        Reference of the request, a code.
    event, event_name
        Code and name of the event.
    zone
        IANA zone of the local times in the forms.
    sender, addressee
        Offices, in words.
    contact
        Where to answer and ask, in words.
    answer_by
        When an answer is due.
    issued
        When the request was made.
    lines
        What is asked.
    items
        Codes of the commitment's items, for the roll; empty before a commitment.
    limits
        People that each item still takes, by its code; not checked for items that are not there.
    status, handling
        Marks.
    """

    reference: str
    event: str
    event_name: str
    zone: str
    sender: str
    addressee: str
    contact: str
    answer_by: datetime
    issued: datetime
    lines: tuple[AskedLine, ...]
    items: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    status: Status = Status.ACTUAL
    handling: Handling = CLEAR

    def __post_init__(self) -> None:
        if not is_code(self.reference):
            raise ValueError(f"Expected reference to be a code, got {self.reference!r}.")
        ZoneInfo(self.zone)
        if len({line.line for line in self.lines}) != len(self.lines):
            raise ValueError("Expected every line once.")

    def local(self, instant: datetime) -> datetime:
        """Return an instant in the zone of the event."""
        return instant.astimezone(ZoneInfo(self.zone))
