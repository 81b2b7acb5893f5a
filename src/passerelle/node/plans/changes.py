"""What changes between two versions of a plan: who is moved, who is new, who is dropped.

Crews of a group are alike, so a change is counted, not named: three crews of a group that stood at
one site and now stand at another on the same day are one change of three crews. Of what a group
loses and gains on one day, as much as possible is read as a move.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from passerelle.kernel.times import Interval

if TYPE_CHECKING:
    from passerelle.node.plans.table import PlanTable

__all__ = ["ChangeKind", "DutySpan", "PlanChange", "changes_between"]


class ChangeKind(StrEnum):
    """What happened to a duty."""

    MOVED = "moved"
    NEW = "new"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, order=True)
class DutySpan:
    """Name a duty: where, as what, when."""

    during: Interval
    site: str
    capability: str


@dataclass(frozen=True, slots=True)
class PlanChange:
    """State one change of so many crews of a group.

    Parameters
    ----------
    kind
        MOVED has both duties, NEW only the second, DROPPED only the first.
    group
        Code of the group.
    day
        Local day on which the duty begins (the older one when there are two).
    crews, people
        How many.
    before, after
        The duties.
    """

    kind: ChangeKind
    group: str
    day: date
    crews: int
    people: int
    before: DutySpan | None
    after: DutySpan | None


def changes_between(old: PlanTable | None, new: PlanTable, zone: str) -> tuple[PlanChange, ...]:
    """List the changes from one version to another, by day and group; from nothing all is new."""
    local = ZoneInfo(zone)
    people = _people(old) | _people(new)
    lost, gained = _count(old), _count(new)
    common = lost & gained
    open_lost, open_gained = _by_day(lost - common, local), _by_day(gained - common, local)
    found: list[PlanChange] = []
    for key in sorted(open_lost.keys() | open_gained.keys()):
        day, group = key
        for kind, crews, before, after in _pair(open_lost[key], open_gained[key]):
            n_people = crews * people[group]
            found.append(PlanChange(kind, group, day, crews, n_people, before, after))
    return tuple(found)


def _people(table: PlanTable | None) -> dict[str, int]:
    if table is None:
        return {}
    return dict(zip(table.groups, (int(n) for n in table.group_people), strict=True))


def _count(table: PlanTable | None) -> Counter[tuple[int, int, str, str, str]]:
    """Count crews by duty; plain integers, so that only what differs is turned into values."""
    counted: Counter[tuple[int, int, str, str, str]] = Counter()
    if table is None:
        return counted
    rows = zip(
        table.duty_start.tolist(),
        table.duty_end.tolist(),
        table.duty_site.tolist(),
        table.duty_capability.tolist(),
        table.duty_group.tolist(),
        table.duty_crews.tolist(),
        strict=True,
    )
    for start, end, site, capability, group, crews in rows:
        key = (
            start,
            end,
            table.sites[site],
            table.capabilities[capability],
            table.groups[group],
        )
        counted[key] += crews
    return counted


def _by_day(
    counted: Counter[tuple[int, int, str, str, str]], local: ZoneInfo
) -> defaultdict[tuple[date, str], list[tuple[DutySpan, int]]]:
    found: defaultdict[tuple[date, str], list[tuple[DutySpan, int]]] = defaultdict(list)
    for (start, end, site, capability, group), crews in sorted(counted.items()):
        during = Interval(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
        day = during.start.astimezone(local).date()
        found[day, group].append((DutySpan(during, site, capability), crews))
    return found


def _pair(
    lost: list[tuple[DutySpan, int]], gained: list[tuple[DutySpan, int]]
) -> list[tuple[ChangeKind, int, DutySpan | None, DutySpan | None]]:
    """Read losses and gains of a group on a day as moves first, in order of time."""
    found: list[tuple[ChangeKind, int, DutySpan | None, DutySpan | None]] = []
    left, right = list(reversed(lost)), list(reversed(gained))
    while left and right:
        (before, n_before), (after, n_after) = left.pop(), right.pop()
        crews = min(n_before, n_after)
        found.append((ChangeKind.MOVED, crews, before, after))
        if n_before > crews:
            left.append((before, n_before - crews))
        if n_after > crews:
            right.append((after, n_after - crews))
    found.extend((ChangeKind.DROPPED, crews, before, None) for before, crews in reversed(left))
    found.extend((ChangeKind.NEW, crews, None, after) for after, crews in reversed(right))
    return found
