"""The event as a whole: venues, sessions, nations, manual posts, rules of its own, assumptions.

An event is complete: every input of the demand model has a value, and each value that nobody gave
is listed in :attr:`Event.assumptions`, which is the list of what must be asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from passerelle.kernel.times import Interval
    from passerelle.planning.programme.session import Session, Threat
    from passerelle.planning.programme.venue import Site, Venue

__all__ = [
    "QUALIFICATION_KINDS",
    "AlertArea",
    "Assumption",
    "Doubling",
    "Event",
    "ManualPost",
    "Nation",
    "Qualification",
]

QUALIFICATION_KINDS: Final = ("language", "certificate", "weapon")
"""What a :class:`Qualification` may ask for."""


@dataclass(frozen=True, slots=True)
class Nation:
    """Link a nation of the programme to a state and its languages.

    Parameters
    ----------
    code
        Code in the programme, for example ``MAR``.
    state
        ISO 3166-1 alpha-2 code of the state whose police it is, for example ``MA``.
    name
        English name.
    languages
        ISO 639-1 codes, the most useful first.
    travelling
        Supporters that usually follow the team to one match of this event; 0 when few do.
    """

    code: str
    state: str
    name: str
    languages: tuple[str, ...] = ()
    travelling: int = 0

    def __post_init__(self) -> None:
        if self.travelling < 0:
            raise ValueError(f"Expected travelling >= 0, got {self.travelling}.")


@dataclass(frozen=True, slots=True)
class ManualPost:
    """Ask for people outside the formulas: a territory post, or a city-scale ceremony.

    Parameters
    ----------
    id
        Code, unique among the posts.
    site_id
        Where.
    capability
        Code of the catalogue.
    first_day, last_day
        Days in the time zone of the event, both included.
    from_min, to_min
        Daily band in minutes after local midnight, 0 to 1440; a band that ends before it starts
        crosses midnight.
    officers
        People on duty at the same time, ``>= 0``.
    minimum_share
        Part of them below which the post fails, 0 to 1.
    weight
        Weight of a missing unit beside a usual one (1.0).
    source
        Where the figure comes from.
    is_assumed
        Whether nobody published it.
    """

    id: str
    site_id: str
    capability: str
    first_day: date
    last_day: date
    from_min: int
    to_min: int
    officers: int
    minimum_share: float = 0.5
    weight: float = 1.0
    source: str = ""
    is_assumed: bool = True

    def __post_init__(self) -> None:
        if self.first_day > self.last_day:
            raise ValueError(f"Expected first_day <= {self.last_day}, got {self.first_day}.")
        if not (0 <= self.from_min < 1440 and 0 < self.to_min <= 1440):
            raise ValueError(f"Expected a band of a day, got {self.from_min} to {self.to_min}.")
        if self.from_min == self.to_min:
            raise ValueError(f"Expected a band, got {self.from_min} twice.")
        if self.officers < 0:
            raise ValueError(f"Expected officers >= 0, got {self.officers}.")
        if not 0 <= self.minimum_share <= 1:
            raise ValueError(f"Expected 0 <= minimum_share <= 1, got {self.minimum_share}.")
        if self.weight <= 0:
            raise ValueError(f"Expected weight > 0, got {self.weight}.")


@dataclass(frozen=True, slots=True)
class Doubling:
    """Ask that a capability be ``factor`` times the host's baseline (domain, F5, doubling rule).

    Parameters
    ----------
    capability
        Code of the catalogue.
    site_ids
        Where; empty means everywhere.
    nation
        Only on days when this nation plays there; empty means every day of use.
    baseline
        Units that the host has on shift by itself.
    factor
        Usually 2.
    """

    capability: str
    site_ids: tuple[str, ...]
    nation: str
    baseline: int
    factor: int = 2

    def __post_init__(self) -> None:
        if self.baseline < 0:
            raise ValueError(f"Expected baseline >= 0, got {self.baseline}.")
        if self.factor < 1:
            raise ValueError(f"Expected factor >= 1, got {self.factor}.")


@dataclass(frozen=True, slots=True)
class AlertArea:
    """Give the bomb alerts of a whole town, answered from one site (λ of F5).

    Parameters
    ----------
    site_id
        Where the response crews stand.
    alerts_per_day
        Alerts on an ordinary day, before the factor for the event.
    """

    site_id: str
    alerts_per_day: float

    def __post_init__(self) -> None:
        if self.alerts_per_day < 0:
            raise ValueError(f"Expected alerts_per_day >= 0, got {self.alerts_per_day}.")


@dataclass(frozen=True, slots=True)
class Qualification:
    """Ask that part of those who serve a need also have a quality.

    Parameters
    ----------
    capability
        Code of the catalogue; the need for it is what is qualified.
    kind
        ``language``, ``certificate`` or ``weapon``.
    key
        ISO 639-1 code, code of the certificate; empty for a weapon.
    site_ids
        Where; empty means everywhere.
    share
        Part of the units that must have it, above 0 and up to 1.
    """

    capability: str
    kind: str
    key: str
    site_ids: tuple[str, ...] = ()
    share: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in QUALIFICATION_KINDS:
            raise ValueError(f"Expected one of {QUALIFICATION_KINDS}, got {self.kind!r}.")
        if bool(self.key) == (self.kind == "weapon"):
            raise ValueError("Expected a key for a language or certificate, and none for a weapon.")
        if not 0 < self.share <= 1:
            raise ValueError(f"Expected 0 < share <= 1, got {self.share}.")


@dataclass(frozen=True, slots=True)
class Assumption:
    """State one default that stands in for something nobody gave: what must be asked.

    Parameters
    ----------
    field
        What was assumed, for example ``sessions.attendance``.
    value
        The value or rule used, in words.
    basis
        Why this value.
    count
        How many rows stand on it.
    ask
        The question that would replace it by a fact.
    """

    field: str
    value: str
    basis: str
    count: int
    ask: str


@dataclass(frozen=True, slots=True)
class Event:
    """Hold a whole event, checked and complete.

    Parameters
    ----------
    id
        Slug.
    name
        Name as used internationally.
    host
        ISO 3166-1 alpha-2 code of the host state.
    timezone
        IANA zone in which the event counts its days.
    period
        From the first to the last instant planned.
    threat
        General level; a session may have its own.
    venues
        Venues of the programme.
    sessions
        Sessions, sorted by start, then code.
    territory
        Sites that are no venues.
    posts
        Manual posts.
    nations
        Nations of the programme.
    doublings, alert_areas
        Rules of F5.
    qualifications
        Qualities asked of those who serve a need.
    centre_site_id
        Where the cooperation centre works; empty when there is none.
    states
        ISO codes of the states expected in the centre (F10).
    assumptions
        Every default used: the list of what must be asked.
    """

    id: str
    name: str
    host: str
    timezone: str
    period: Interval
    threat: Threat
    venues: tuple[Venue, ...]
    sessions: tuple[Session, ...]
    territory: tuple[Site, ...] = ()
    posts: tuple[ManualPost, ...] = ()
    nations: tuple[Nation, ...] = ()
    doublings: tuple[Doubling, ...] = ()
    alert_areas: tuple[AlertArea, ...] = ()
    qualifications: tuple[Qualification, ...] = ()
    centre_site_id: str = ""
    states: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()

    def __post_init__(self) -> None:
        sites = [venue.id for venue in self.venues] + [site.id for site in self.territory]
        if len(sites) != len(set(sites)):
            raise ValueError("Expected every site code once.")
        known = {venue.id for venue in self.venues}
        for session in self.sessions:
            if session.venue_id not in known:
                raise ValueError(f"Expected a known venue, got {session.venue_id!r}.")
        for post in self.posts:
            if post.site_id not in sites:
                raise ValueError(f"Expected a known site, got {post.site_id!r}.")

    @property
    def sites(self) -> Mapping[str, Site]:
        """All places by code: the venues first, then the territory."""
        found = {venue.id: venue.site for venue in self.venues}
        return found | {site.id: site for site in self.territory}
