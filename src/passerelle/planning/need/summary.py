"""Totals of a need: by capability, by day, by site; peaks, hours, and people over the stay (F12).

Units of a capability are its smallest units; people are units times the people in one. A peak is
the greatest number wanted at the same moment, over all sites together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passerelle.kernel.capabilities import capability
from passerelle.planning.need.formulas import ceil_one, people_for_posts
from passerelle.planning.need.standing import local_days
from passerelle.planning.need.values import Level

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.need.values import IntArray, Need
    from passerelle.planning.programme import Event

__all__ = ["PRIVATE", "CapabilityTotal", "DayTotal", "by_capability", "by_day", "peak"]

PRIVATE = frozenset({"screening", "steward"})
"""Capabilities that private guards provide; left out of counts of officers."""


@dataclass(frozen=True, slots=True)
class CapabilityTotal:
    """Sum the need of one capability over the event.

    Parameters
    ----------
    capability
        Code.
    low, central, high
        Units wanted at the same moment at the peak, by level.
    unit_hours
        Units times hours at the level asked for.
    sites
        Sites that need it.
    people
        Distinct people over the stay at the level asked for (F12).
    """

    capability: str
    low: int
    central: int
    high: int
    unit_hours: float
    sites: int
    people: int


@dataclass(frozen=True, slots=True)
class DayTotal:
    """Sum the need of one local day.

    Parameters
    ----------
    date
        ISO date in the zone of the event.
    sessions
        Sessions that start that day.
    officers_peak
        People on duty at the same moment at most, private guards left out.
    officer_hours
        Their hours.
    guards_peak
        Private guards at the same moment at most.
    """

    date: str
    sessions: int
    officers_peak: int
    officer_hours: float
    guards_peak: int


def _people_per_unit(need: Need) -> IntArray:
    each = [capability(code).unit_people for code in need.capabilities]
    return np.array(each or [1], dtype=np.int64)


def _sweep(start: IntArray, end: IntArray, amount: IntArray) -> int:
    """Return the greatest sum of amounts at one moment."""
    if not len(start):
        return 0
    times = np.concatenate([start, end])
    steps = np.concatenate([amount, -amount])
    order = np.lexsort((steps, times))  # at one time the ends come before the starts
    return int(np.cumsum(steps[order]).max(initial=0))


def peak(need: Need, level: Level, chosen: NDArray[np.bool_] | None = None) -> int:
    """Return the people wanted at the same moment at most.

    Parameters
    ----------
    need
        The need.
    level
        Which figures.
    chosen
        Rows that count; all when left out.
    """
    rows = np.arange(len(need)) if chosen is None else np.flatnonzero(chosen)
    amount = need.units(level)[rows] * _people_per_unit(need)[need.capability[rows]]
    return _sweep(need.start[rows], need.end[rows], amount)


def by_capability(
    need: Need, coefficients: Coefficients, level: Level = Level.CENTRAL
) -> tuple[CapabilityTotal, ...]:
    """Sum a need by capability, in the order of the codes.

    Notes
    -----
    People over the stay follow F12 with the peak as posts and the hours of an average day of use
    as coverage; shift, cycle, absence and reserve are coefficients.
    """
    totals = []
    for index, code in enumerate(need.capabilities):
        rows = np.flatnonzero(need.capability == index)
        start, end = need.start[rows], need.end[rows]
        hours = float(((end - start) * need.units(level)[rows]).sum() / 3600)
        peaks = {each: _sweep(start, end, need.units(each)[rows]) for each in Level}
        days = len(np.unique(start // 86_400))
        posts = peaks[level] * capability(code).unit_people
        coverage = hours / peaks[level] / days if peaks[level] else 0.0
        people = people_for_posts(
            posts,
            coverage_h=max(coverage, coefficients["people.shift-hours"]),
            shift_h=coefficients["people.shift-hours"],
            days_on=coefficients["people.days-on"],
            days_off=coefficients["people.days-off"],
            absence=coefficients["people.absence"],
            reserve=coefficients.at("people.reserve", level),
        )
        totals.append(
            CapabilityTotal(
                capability=code,
                low=peaks[Level.LOW],
                central=peaks[Level.CENTRAL],
                high=peaks[Level.HIGH],
                unit_hours=hours,
                sites=len(np.unique(need.site[rows])),
                people=ceil_one(people),
            )
        )
    return tuple(totals)


def by_day(need: Need, event: Event, level: Level = Level.CENTRAL) -> tuple[DayTotal, ...]:
    """Sum a need by local day of the event."""
    people = need.units(level) * _people_per_unit(need)[need.capability]
    private = np.isin(
        need.capability, [i for i, code in enumerate(need.capabilities) if code in PRIVATE]
    )
    totals = []
    for date, day in local_days(event):
        first, last = int(day.start.timestamp()), int(day.end.timestamp())
        start, end = np.maximum(need.start, first), np.minimum(need.end, last)
        here = start < end
        officers, guards = here & ~private, here & private
        hours = ((end - start) * people)[officers].sum() / 3600
        totals.append(
            DayTotal(
                date=date,
                sessions=sum(day.contains(s.interval.start) for s in event.sessions),
                officers_peak=_sweep(start[officers], end[officers], people[officers]),
                officer_hours=float(hours),
                guards_peak=_sweep(start[guards], end[guards], people[guards]),
            )
        )
    return tuple(totals)
