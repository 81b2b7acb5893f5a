"""A plan as postings: who stands where, from when to when. What every export of a plan is made of.

The planner's own values are arrays; people read postings. :class:`Posting` is one stretch of work of one
crew (or of a number of like crews of one group) at one post, and :class:`PlanDocument` is the
published version of a plan as a sorted list of them. Exports never ask for the time: ``published``
belongs to the version, so the same version gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from passerelle.kernel.ids import is_code
from passerelle.standards.marks import CLEAR, Handling, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from passerelle.kernel.labels import Labels
    from passerelle.kernel.times import Interval

__all__ = ["PlanDocument", "Posting"]


@dataclass(frozen=True, slots=True)
class Posting:
    """Describe one stretch of work at one post.

    Parameters
    ----------
    key
        Identity that stays the same over replans; a code.
    site, site_name
        Code and name of the site.
    post
        Name of the post on the site; empty when the plan does not go so far.
    capability
        Code of the capability catalogue.
    group, group_name
        Code and name of the crew group or contingent that serves.
    state
        State that sends the group, ISO 3166-1 alpha-2 in capitals.
    crew
        Code of the crew; empty when the plan counts like crews of a group.
    crews, people
        How many crews and people, each ``>= 1``.
    during
        From when to when.
    escort
        Code of the group that escorts or is escorted; empty when there is none.
    task
        What is to be done; ``None`` when the capability says enough.
    """

    key: str
    site: str
    site_name: str
    post: str
    capability: str
    group: str
    group_name: str
    state: str
    crew: str
    crews: int
    people: int
    during: Interval
    escort: str = ""
    task: Labels | None = None

    def __post_init__(self) -> None:
        for name in ("key", "site", "group"):
            if not is_code(getattr(self, name)):
                raise ValueError(f"Expected {name} to be a code, got {getattr(self, name)!r}.")
        for name in ("crews", "people"):
            if getattr(self, name) < 1:
                raise ValueError(f"Expected {name} >= 1, got {getattr(self, name)}.")


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """Hold one published version of a plan, ready to be written in any format.

    Parameters
    ----------
    event, event_name
        Code and name of the event.
    zone
        IANA time zone in which people read it, for example ``Europe/Paris``.
    version
        Number of the version, ``>= 1``.
    published
        When it was published.
    postings
        All postings, in any order; sorted by time, site, group and key on the way in.
    status, handling
        Marks that every export carries.

    Raises
    ------
    ValueError
        When the zone is unknown, a key occurs twice, or a value is out of range.
    """

    event: str
    event_name: str
    zone: str
    version: int
    published: datetime
    postings: tuple[Posting, ...]
    status: Status = Status.ACTUAL
    handling: Handling = CLEAR

    def __post_init__(self) -> None:
        if self.version < 1:
            raise ValueError(f"Expected version >= 1, got {self.version}.")
        if self.published.tzinfo is None:
            raise ValueError("Expected an aware instant of publication.")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"Expected an IANA time zone, got {self.zone!r}.") from error
        if len({posting.key for posting in self.postings}) != len(self.postings):
            raise ValueError("Expected every posting key once.")
        ordered = sorted(self.postings, key=lambda d: (d.during.start, d.site, d.group, d.key))
        object.__setattr__(self, "postings", tuple(ordered))

    def local(self, instant: datetime) -> datetime:
        """Return ``instant`` in the zone of the event."""
        return instant.astimezone(ZoneInfo(self.zone))

    def by_site(self) -> Iterator[tuple[str, tuple[Posting, ...]]]:
        """Yield each site's code with its postings, sites in order of code."""
        yield from self._grouped("site")

    def by_group(self) -> Iterator[tuple[str, tuple[Posting, ...]]]:
        """Yield each group's code with its postings, groups in order of code."""
        yield from self._grouped("group")

    def _grouped(self, name: str) -> Iterator[tuple[str, tuple[Posting, ...]]]:
        lines: dict[str, list[Posting]] = {}
        for posting in self.postings:
            lines.setdefault(getattr(posting, name), []).append(posting)
        for code in sorted(lines):
            yield code, tuple(lines[code])
