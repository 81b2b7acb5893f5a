"""Where an event happens: venues with seats, and every other place where people stand on duty.

A *venue* is a site of the programme, with seats, a kind and areas to search. A *site* is all that
the planner needs of any place: code, name, position. Districts, stations, airports, villages, fan
zones, hotels and routes are sites without being venues; they come from the territory file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["BagPolicy", "Site", "SiteKind", "Venue"]


class BagPolicy(StrEnum):
    """What visitors may bring, which sets the rate of a screening lane (F7)."""

    NONE = "none"
    MIXED = "mixed"
    BAGS = "bags"
    WALK_THROUGH = "walk-through"


class SiteKind(StrEnum):
    """What kind of place it is; the first six have a venue factor in the demand model (F1)."""

    ARENA = "arena"
    STADIUM = "stadium"
    TEMPORARY = "temporary"
    FAN_ZONE = "fan-zone"
    OPEN = "open"
    VILLAGE = "village"
    DISTRICT = "district"
    STATION = "station"
    AIRPORT = "airport"
    HOTEL = "hotel"
    ROUTE = "route"
    BORDER = "border"
    CENTRE = "centre"
    CITY = "city"


_AMOUNTS: Final = (
    "capacity",
    "route_km",
    "rooms_m2",
    "open_m2",
    "vehicles",
    "vessels",
    "static_posts",
)


def _check_position(lat: float, lon: float) -> None:
    if not -90 <= lat <= 90:
        raise ValueError(f"Expected -90 <= lat <= 90, got {lat}.")
    if not -180 <= lon <= 180:
        raise ValueError(f"Expected -180 <= lon <= 180, got {lon}.")


@dataclass(frozen=True, slots=True)
class Site:
    """Name a place where people stand on duty.

    Parameters
    ----------
    id
        Code, unique in the event over venues and territory.
    name
        Name in English or as used internationally.
    name_local
        Name in the language of the host.
    kind
        What kind of place.
    city
        Town.
    lat, lon
        Position in degrees, WGS 84.
    timezone
        IANA zone.
    cluster
        Code shared by sites that form one park; the own code when alone.
    """

    id: str
    name: str
    name_local: str
    kind: SiteKind
    city: str
    lat: float
    lon: float
    timezone: str
    cluster: str

    def __post_init__(self) -> None:
        _check_position(self.lat, self.lon)


@dataclass(frozen=True, slots=True)
class Venue:
    """Describe a site of the programme as the demand model needs it.

    Parameters
    ----------
    id, name, name_local, kind, city, lat, lon, timezone, cluster
        As in :class:`Site`.
    country, admin1
        ISO 3166-1 code of the state and the local code of its division.
    capacity
        Seats and standing places, ``>= 0`` (C in the model).
    sports
        Names of the sports held there.
    route_km
        Length of a course along public roads or banks, ``>= 0``.
    rooms_m2, open_m2, vehicles, vessels
        What must be searched besides the seats, ``>= 0``.
    bags
        What visitors may bring.
    static_posts
        Stewards at fixed posts, whatever the crowd (F8), ``>= 0``.
    assumed
        Names of the fields that nobody gave and that stand on a stated default.
    source
        Where the seat count comes from.
    """

    id: str
    name: str
    name_local: str
    kind: SiteKind
    city: str
    lat: float
    lon: float
    timezone: str
    cluster: str
    country: str
    admin1: str
    capacity: int
    sports: tuple[str, ...] = ()
    route_km: float = 0.0
    rooms_m2: float = 0.0
    open_m2: float = 0.0
    vehicles: int = 0
    vessels: int = 0
    bags: BagPolicy = BagPolicy.MIXED
    static_posts: int = 0
    assumed: frozenset[str] = frozenset()
    source: str = ""

    def __post_init__(self) -> None:
        _check_position(self.lat, self.lon)
        for name in _AMOUNTS:
            if getattr(self, name) < 0:
                raise ValueError(f"Expected {name} >= 0, got {getattr(self, name)}.")

    @property
    def site(self) -> Site:
        """The venue as a mere place."""
        return Site(
            id=self.id,
            name=self.name,
            name_local=self.name_local,
            kind=self.kind,
            city=self.city,
            lat=self.lat,
            lon=self.lon,
            timezone=self.timezone,
            cluster=self.cluster,
        )
