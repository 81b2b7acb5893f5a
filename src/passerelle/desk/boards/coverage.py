"""The coverage table: sites by shift, grouped by day, with totals both ways."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from passerelle.desk.boards.cube import CoverageCube, Slice, Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

__all__ = [
    "Column",
    "CoverageBoard",
    "CoverageRow",
    "Scale",
    "SiteLine",
    "columns",
    "coverage_board",
]

SHIFT_HOURS: Final = (6, 14, 22)
"""Local hours at which the desk cuts a day into shifts; duties themselves follow the plan."""


class Scale(StrEnum):
    """How much of the event one sees, and in what parts."""

    EVENT = "event"
    WEEK = "week"
    DAYS = "days"
    DAY = "day"

    @property
    def n_days(self) -> int:
        """Days in view; 0 for the whole event."""
        return {Scale.EVENT: 0, Scale.WEEK: 7, Scale.DAYS: 3, Scale.DAY: 1}[self]


@dataclass(frozen=True, slots=True)
class SiteLine:
    """Name a site as a row of a table."""

    code: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Column:
    """Name one part of time: its local day, its first and last instant and a short word."""

    day: date
    start: datetime
    end: datetime
    word: str
    is_first: bool

    @property
    def key(self) -> str:
        """The part's name in an address."""
        return f"{self.start:%Y%m%dT%H%MZ}"


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """Hold one site's cells and its missing officer-hours over all of them."""

    site: SiteLine
    cells: tuple[Slice, ...]
    missing_hours: float


@dataclass(frozen=True, slots=True)
class CoverageBoard:
    """Hold the whole table.

    Parameters
    ----------
    columns
        Parts of time, in order.
    groups
        Kinds of sites with their rows.
    totals
        All sites together, a slice a column, over the rows in view and those filtered away.
    missing_hours
        Officer-hours missing over the columns in view.
    n_hidden
        Rows left out by "gaps only".
    """

    columns: tuple[Column, ...]
    groups: tuple[tuple[str, tuple[CoverageRow, ...]], ...]
    totals: tuple[Slice, ...]
    missing_hours: float
    n_hidden: int

    @property
    def days(self) -> list[tuple[date, int]]:
        """Days with the number of their columns, for the head."""
        found: list[tuple[date, int]] = []
        for column in self.columns:
            if found and found[-1][0] == column.day:
                found[-1] = (column.day, found[-1][1] + 1)
            else:
                found.append((column.day, 1))
        return found

    @property
    def n_rows(self) -> int:
        """Rows in view."""
        return sum(len(rows) for _, rows in self.groups)


def columns(
    first: date, n_days: int, scale: Scale, zone: ZoneInfo, period: tuple[datetime, datetime]
) -> tuple[Column, ...]:
    """Cut the days in view into parts: whole days, shifts, or hours.

    Parameters
    ----------
    first
        First local day in view.
    n_days
        Days in view.
    scale
        Decides on the parts.
    zone
        Zone of the event.
    period
        First and last instant of the event; what lies outside is left out.
    """
    starts: tuple[int, ...] = SHIFT_HOURS
    if scale is Scale.EVENT:
        starts = (SHIFT_HOURS[0],)
    elif scale is Scale.DAY:
        starts = tuple(range(SHIFT_HOURS[0], SHIFT_HOURS[0] + 24))
    found: list[Column] = []
    for offset in range(n_days):
        day = first + timedelta(days=offset)
        edges = [_instant(day, hour, zone) for hour in (*starts, SHIFT_HOURS[0] + 24)]
        is_first = True
        for start, end in itertools.pairwise(edges):
            if start < end and end > period[0] and start < period[1]:
                word = _word(start.astimezone(zone), end.astimezone(zone), scale)
                found.append(Column(day, start, end, word, is_first))
                is_first = False
    return tuple(found)


def coverage_board(
    cube: CoverageCube,
    sites: Sequence[SiteLine],
    parts: Sequence[Column],
    *,
    gaps_only: bool = False,
) -> CoverageBoard:
    """Fill the table.

    Parameters
    ----------
    cube
        Need and people on duty.
    sites
        Rows in the order wanted; sites of the cube that are not named here are left out.
    parts
        Columns.
    gaps_only
        Whether to leave out rows where nobody is missing.
    """
    place = {code: index for index, code in enumerate(cube.site_ids)}
    slices: list[list[Slice]] = [[] for _ in cube.site_ids]
    totals: list[Slice] = []
    for low, high in _runs(cube, parts):
        for row, more in zip(slices, cube.slices((low, high)), strict=True):
            row.extend(more)
        totals.extend(cube.total_slices((low, high)))
    groups: dict[str, list[CoverageRow]] = {}
    n_hidden = 0
    for site in sites:
        if site.code not in place:
            continue
        cells = slices[place[site.code]]
        missing = sum(cell.missing_hours for cell in cells)
        if gaps_only and not missing:
            n_hidden += 1
            continue
        if all(cell.step is Step.NONE for cell in cells):
            n_hidden += 1
            continue
        groups.setdefault(site.group, []).append(CoverageRow(site, tuple(cells), missing))
    return CoverageBoard(
        columns=tuple(parts),
        groups=tuple((name, tuple(rows)) for name, rows in groups.items()),
        totals=tuple(totals),
        missing_hours=sum(total.missing_hours for total in totals),
        n_hidden=n_hidden,
    )


def _runs(cube: CoverageCube, parts: Sequence[Column]) -> list[tuple[int, int]]:
    return [(cube.index(part.start), cube.index(part.end)) for part in parts]


def _instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    local = datetime.combine(day + timedelta(days=hour // 24), time(hour % 24), tzinfo=zone)
    return local.astimezone(UTC)


def _word(start: datetime, end: datetime, scale: Scale) -> str:
    if scale is Scale.EVENT:
        return ""
    if scale is Scale.DAY:
        return f"{start:%H}"
    return f"{start:%H}\N{EN DASH}{end:%H}"
