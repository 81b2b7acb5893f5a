"""The roster: contingent, group and lines, each line with its duties day by day.

A plan holds lines, each worked by a number of like crews, so a Paris-sized roster is a few thousand
lines rather than three hundred thousand duties. A page shows one contingent or one group, a window of
days, and at most :data:`PAGE` lines.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from passerelle.node.plans.table import PlanTable
    from passerelle.planning.force import CrewGroup, Force

__all__ = [
    "PAGE",
    "GroupRows",
    "Owner",
    "RosterBoard",
    "RosterDuty",
    "RosterRow",
    "crew_ranges",
    "line_duties",
    "owners",
    "roster_board",
]

PAGE: Final = 60
"""Lines on one page."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Count what one state has in the plan."""

    state: str
    is_host: bool
    groups: int
    crews: int
    people: int


@dataclass(frozen=True, slots=True)
class RosterDuty:
    """Place one duty: its row in the plan's columns, where, as what, when in local time."""

    row: int
    site: str
    capability: str
    start: datetime
    end: datetime

    @property
    def hours(self) -> int:
        """Length in whole hours, at least one."""
        return max(1, round((self.end - self.start) / timedelta(hours=1)))


@dataclass(frozen=True, slots=True)
class RosterRow:
    """Hold one line: the numbers of its crews within the group, and the duties of each day."""

    line: int
    crews: tuple[int, ...]
    days: tuple[tuple[RosterDuty, ...], ...]


@dataclass(frozen=True, slots=True)
class GroupRows:
    """Hold the lines of one group that are on this page."""

    group: CrewGroup
    n_lines: int
    rows: tuple[RosterRow, ...]


@dataclass(frozen=True, slots=True)
class RosterBoard:
    """Hold one page of the roster."""

    days: tuple[date, ...]
    groups: tuple[GroupRows, ...]
    page: int
    n_pages: int
    n_lines: int


def owners(force: Force) -> tuple[Owner, ...]:
    """Sum the force by state: the host first, then the partners by size."""
    sums: dict[tuple[bool, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for group in force.groups:
        total = sums[group.is_host, group.owner]
        total[0] += 1
        total[1] += group.crews
        total[2] += group.people
    found = [Owner(state, is_host, *numbers) for (is_host, state), numbers in sums.items()]
    return tuple(sorted(found, key=lambda o: (not o.is_host, -o.people, o.state)))


def roster_board(
    force: Force,
    table: PlanTable,
    *,
    zone: ZoneInfo,
    days: Sequence[date],
    state: str = "",
    group: str = "",
    site: str = "",
    page: int = 1,
) -> RosterBoard:
    """Build one page of the roster.

    Parameters
    ----------
    force
        Groups of the host and of the partners.
    table
        The plan.
    zone
        Zone of the event.
    days
        Local days in view.
    state, group, site
        Show only the groups of this state, only this group, only lines with a duty at this site.
    page
        Number of the page, from 1; cut to those there are.
    """
    known = {entry.id: entry for entry in force.groups}
    wanted = sorted(
        (
            entry
            for entry in known.values()
            if (not state or entry.owner == state) and (not group or entry.id == group)
        ),
        key=lambda entry: (not entry.is_host, entry.owner, entry.id),
    )
    at_site = _lines_at(table, site)
    lines = [
        (entry, line)
        for entry in wanted
        for line in _lines_of(table, entry.id)
        if at_site is None or line in at_site
    ]
    n_pages = max(1, -(-len(lines) // PAGE))
    page = min(max(page, 1), n_pages)
    counts: dict[str, int] = defaultdict(int)
    for entry, _ in lines:
        counts[entry.id] += 1
    shown: dict[str, list[RosterRow]] = {}
    for entry, line in lines[(page - 1) * PAGE : page * PAGE]:
        shown.setdefault(entry.id, []).append(_row(table, line, zone, days))
    return RosterBoard(
        days=tuple(days),
        groups=tuple(
            GroupRows(known[code], counts[code], tuple(rows)) for code, rows in shown.items()
        ),
        page=page,
        n_pages=n_pages,
        n_lines=len(lines),
    )


def line_duties(table: PlanTable, line: int, zone: ZoneInfo) -> tuple[RosterDuty, ...]:
    """Return all duties of a line in order of time."""
    return tuple(
        RosterDuty(
            row,
            table.sites[table.duty_site[row]],
            table.capabilities[table.duty_capability[row]],
            datetime.fromtimestamp(int(table.duty_start[row]), UTC).astimezone(zone),
            datetime.fromtimestamp(int(table.duty_end[row]), UTC).astimezone(zone),
        )
        for row in table.duties_of(line)
    )


def crew_ranges(numbers: Sequence[int]) -> str:
    """Write numbers of crews as ranges: ``1–4, 7``.

    Examples
    --------
    >>> crew_ranges((1, 2, 3, 7))
    '1–3, 7'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{a}\N{EN DASH}{b}" if a < b else f"{a}" for a, b in runs)


def _lines_of(table: PlanTable, group: str) -> list[int]:
    if group not in table.groups:
        return []
    found = np.flatnonzero(table.line_group == table.groups.index(group))
    return [int(line) for line in found]


def _lines_at(table: PlanTable, site: str) -> set[int] | None:
    """Return the lines with a duty at a site; ``None`` when no site is asked for."""
    if not site:
        return None
    if site not in table.sites:
        return set()
    rows = table.duty_site == table.sites.index(site)
    return set(np.unique(table.duty_line[rows]).tolist())


def _row(table: PlanTable, line: int, zone: ZoneInfo, days: Sequence[date]) -> RosterRow:
    by_day: dict[date, list[RosterDuty]] = defaultdict(list)
    for duty in line_duties(table, line, zone):
        by_day[duty.start.date()].append(duty)
    return RosterRow(line, table.crew_numbers(line), tuple(tuple(by_day[day]) for day in days))
