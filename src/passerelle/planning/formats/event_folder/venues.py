"""Venues of an event folder, with the stated default of whatever is not given.

Columns are those of ``docs/reference/event-folder.md``. A default is never silent: the field is
named in ``assumed`` of the venue and counted in :attr:`Event.assumptions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from passerelle.planning.formats.event_folder.tables import read_rows
from passerelle.planning.programme import BagPolicy, SiteKind, Venue

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.planning.formats.event_folder.tables import IssueLog, Row
    from passerelle.planning.need.coefficients import Coefficients

__all__ = ["VENUE_COLUMNS", "VENUE_KINDS", "is_zone", "read_venues"]

VENUE_COLUMNS: Final = (
    ("venue_id", "name", "city", "lat", "lon", "capacity", "country", "timezone"),
    (
        "sports",
        "admin1",
        "cluster",
        "capacity_estimated",
        "capacity_source",
        "name_local",
        "kind",
        "route_km",
        "rooms_m2",
        "open_m2",
        "vehicles",
        "vessels",
        "bags",
        "static_posts",
    ),
)
"""Columns of ``venues.csv``: required, then optional."""

VENUE_KINDS: Final = (
    SiteKind.ARENA,
    SiteKind.STADIUM,
    SiteKind.TEMPORARY,
    SiteKind.FAN_ZONE,
    SiteKind.OPEN,
    SiteKind.VILLAGE,
)
"""Kinds that a venue may have; the demand model holds a factor for each."""


def read_venues(
    path: Path, log: IssueLog, coefficients: Coefficients
) -> tuple[tuple[Venue, ...], frozenset[str]]:
    """Read ``venues.csv``.

    Returns
    -------
    tuple of Venue
        The venues whose rows are right.
    frozenset of str
        Codes of the wrong ones, so that their sessions are not called homeless as well.
    """
    found: dict[str, Venue] = {}
    wrong: set[str] = set()
    for row in read_rows(path, *VENUE_COLUMNS, log):
        code = row.code("venue_id")
        if code in found:
            row.wrong("venue_id", "folder.double-id", "a code used once")
        venue = _venue(row, code, coefficients)
        if venue is None:
            wrong.add(code)
        else:
            found[code] = venue
    return tuple(found.values()), frozenset(wrong)


def _venue(row: Row, code: str, c: Coefficients) -> Venue | None:
    seats = row.whole("capacity", most=2_000_000)
    assumed = set()
    if row.flag("capacity_estimated"):
        assumed.add("capacity")
    large = seats >= c["window.large-seats"]
    kind = row.choice("kind", SiteKind, SiteKind.STADIUM if large else SiteKind.ARENA)
    if kind not in VENUE_KINDS:
        row.wrong("kind", "folder.unknown-word", f"one of {', '.join(VENUE_KINDS)}")
    static = row.whole("static_posts", -(-seats // int(c["steward.seats-static"])))
    assumed |= {name for name in ("kind", "bags", "static_posts") if not row.has(name)}
    zone = row.text("timezone")
    if not is_zone(zone):
        row.wrong("timezone", "folder.unknown-zone", "an IANA time zone such as Europe/Paris")
    lat, lon = row.number("lat", least=-90, most=90), row.number("lon", least=-180, most=180)
    name, city, country = row.text("name"), row.text("city"), row.code("country")
    route_km = row.number("route_km", 0, most=10_000)
    amounts = (row.number("rooms_m2", 0), row.number("open_m2", 0))
    vehicles, vessels = row.whole("vehicles", 0), row.whole("vessels", 0)
    bags = row.choice("bags", BagPolicy, BagPolicy.MIXED)
    if not row.ok:
        return None
    return Venue(
        id=code,
        name=name,
        name_local=row.text("name_local", name),
        kind=kind,
        city=city,
        lat=lat,
        lon=lon,
        timezone=zone,
        cluster=row.text("cluster", code),
        country=country,
        admin1=row.text("admin1", ""),
        capacity=seats,
        sports=row.items("sports"),
        route_km=route_km,
        rooms_m2=amounts[0],
        open_m2=amounts[1],
        vehicles=vehicles,
        vessels=vessels,
        bags=bags,
        static_posts=static,
        assumed=frozenset(assumed),
        source=row.text("capacity_source", ""),
    )


def is_zone(name: str) -> bool:
    """Tell whether ``name`` is an IANA time zone."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True
