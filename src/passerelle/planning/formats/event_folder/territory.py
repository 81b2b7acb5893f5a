"""Manual posts: the territory file of an event folder and the posts of ``event.toml``.

One row is one daily band at one site. A site that is no venue is described by the first of its
rows; the others repeat its code and may leave name and position empty, or repeat them unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from passerelle.kernel.capabilities import catalogue
from passerelle.planning.formats.event_folder.tables import read_rows
from passerelle.planning.programme import ManualPost, Site, SiteKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.kernel.times import Interval
    from passerelle.planning.formats.event_folder.tables import IssueLog, Row
    from passerelle.planning.programme import Venue

__all__ = ["TERRITORY_COLUMNS", "TerritoryReader"]

TERRITORY_COLUMNS: Final = (
    ("post_id", "site_id", "capability", "officers"),
    (
        "name",
        "name_local",
        "kind",
        "city",
        "lat",
        "lon",
        "timezone",
        "cluster",
        "from_date",
        "to_date",
        "from_time",
        "to_time",
        "minimum_share",
        "weight",
        "source",
        "estimated",
        "note",
    ),
)
"""Columns of ``territory.csv``: required, then optional."""

_DESCRIPTION: Final = ("name", "kind", "city", "lat", "lon")


class TerritoryReader:
    """Read manual posts and the sites that only they name.

    Parameters
    ----------
    venues
        Known venues by code; a post may stand at one.
    timezone
        Zone of the event, default of a site.
    period
        Period of the event, default of a post.
    """

    def __init__(self, venues: Mapping[str, Venue], timezone: str, period: Interval) -> None:
        self._venues = venues
        self._timezone = timezone
        zone = ZoneInfo(timezone)
        self._first = period.start.astimezone(zone).date()
        self._last = period.end.astimezone(zone).date()
        self.sites: dict[str, Site] = {}
        self.posts: dict[str, ManualPost] = {}

    def read_file(self, path: Path, log: IssueLog) -> None:
        """Read ``territory.csv``."""
        for row in read_rows(path, *TERRITORY_COLUMNS, log):
            self.read(row)

    def read(self, row: Row) -> None:
        """Read one row of the file or one table of ``event.toml``."""
        code, site = row.code("post_id"), row.code("site_id")
        if code in self.posts:
            row.wrong("post_id", "folder.double-id", "a code used once")
        self._site(row, site)
        capability = row.code("capability")
        if capability and capability not in catalogue():
            expected = f"one of {', '.join(catalogue())}"
            row.wrong("capability", "folder.unknown-capability", expected)
        first, last = row.day("from_date", self._first), row.day("to_date", self._last)
        if row.ok and first > last:
            row.wrong("to_date", "folder.reversed", f"a day from {first} on")
        elif row.ok and not self._first <= first <= last <= self._last:
            expected = f"days of the period, {self._first} to {self._last}"
            row.wrong("from_date", "folder.outside-period", expected, f"{first} to {last}")
        starts, ends = row.minute("from_time", 0), row.minute("to_time", 1440)
        if starts in {ends, 1440} or ends == 0:
            row.wrong("to_time", "folder.empty-band", "a band; a whole day is 00:00 to 24:00")
        officers = row.whole("officers", most=1_000_000)
        share = row.number("minimum_share", 0.5, most=1)
        weight = row.number("weight", 1.0, least=1e-6, most=1e6)
        estimated = row.flag("estimated", default=True)
        if not row.ok:
            return
        self.posts[code] = ManualPost(
            id=code,
            site_id=site,
            capability=capability,
            first_day=first,
            last_day=last,
            from_min=starts,
            to_min=ends,
            officers=officers,
            minimum_share=share,
            weight=weight,
            source=row.text("source", ""),
            is_assumed=estimated,
        )

    def _site(self, row: Row, code: str) -> None:
        if code in self._venues:
            return
        known = self.sites.get(code)
        if known is not None and not any(row.has(name) for name in _DESCRIPTION):
            return
        zone = row.text("timezone", known.timezone if known else self._timezone)
        name = row.text("name")
        site = Site(
            id=code,
            name=name,
            name_local=row.text("name_local", name),
            kind=row.choice("kind", SiteKind, SiteKind.DISTRICT),
            city=row.text("city", ""),
            lat=row.number("lat", least=-90, most=90),
            lon=row.number("lon", least=-180, most=180),
            timezone=zone,
            cluster=row.text("cluster", code),
        )
        if known is None:
            self.sites[code] = site
        elif site != known:
            row.wrong("site_id", "folder.contradiction", f"the description of {code} above", code)
