"""What own forces cannot cover in any case: a quick lower bound, and what to ask for it (F13).

The true gap comes from the roster engine, which knows rest, travel and place. Here each capability
and day is taken alone: hours wanted against the most hours that the host's crews could work under
the tightest of their windows. Rest, travel, handovers and crews that can do several things only
make the true gap larger, so a shortage found here is certain; none found here proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passerelle.kernel.capabilities import capability
from passerelle.planning.need.formulas import ask, ceil_one, doubled, people_for_posts
from passerelle.planning.need.standing import local_days
from passerelle.planning.need.values import Level

if TYPE_CHECKING:
    from passerelle.kernel.times import Interval
    from passerelle.planning.force import ArrangementRules, CrewGroup, Force
    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.need.values import IntArray, Need
    from passerelle.planning.programme import Event

__all__ = ["DayGap", "DoublingAsk", "day_gaps", "doubling_asks", "host_available"]


@dataclass(frozen=True, slots=True)
class DayGap:
    """State a certain shortage of one capability on one local day.

    Parameters
    ----------
    capability, date
        What and when.
    wanted_h, available_h
        Unit-hours wanted, and the most that the host's crews can work that day.
    peak, crews
        Units wanted at the same moment, and crews of the host that are there that day.
    missing
        Crews missing at least.
    ask
        Crews to ask for, given how partners answer (F13).
    """

    capability: str
    date: str
    wanted_h: float
    available_h: float
    peak: int
    crews: int
    missing: int
    ask: int


@dataclass(frozen=True, slots=True)
class DoublingAsk:
    """State what a doubling rule asks of partners.

    Parameters
    ----------
    capability, site_ids, nation
        As in the rule.
    dates
        Local days on which it holds.
    target, ask
        Units wanted on shift, and those that are not the host's.
    people
        Distinct people for the ask over the stay (F12).
    """

    capability: str
    site_ids: tuple[str, ...]
    nation: str
    dates: tuple[str, ...]
    target: int
    ask: int
    people: int


def _hosts(force: Force, code: str) -> list[CrewGroup]:
    return [g for g in force.groups if g.is_host and code in g.capabilities]


def host_available(need: Need, force: Force) -> IntArray:
    """Count, for each row of a need, the host's crews that could stand there at all.

    A crew counts when it has the capability, is available over the whole time and may be posted at
    the site; other needs, rest and travel are not looked at, so this is the most there can be.

    Returns
    -------
    IntArray
        Crews, shape ``(len(need),)``.
    """
    found = np.zeros(len(need), dtype=np.int64)
    sites = {name: i for i, name in enumerate(need.site_ids)}
    for index, code in enumerate(need.capabilities):
        rows = need.capability == index
        for group in _hosts(force, code):
            start, end = (int(t.timestamp()) for t in (group.available.start, group.available.end))
            here = rows & (need.start >= start) & (need.end <= end)
            if group.allowed_site_ids:
                allowed = [sites[name] for name in group.allowed_site_ids if name in sites]
                here &= np.isin(need.site, allowed)
            found[here] += group.crews
    return found


def day_gaps(
    need: Need,
    event: Event,
    force: Force,
    coefficients: Coefficients,
    level: Level = Level.CENTRAL,
) -> tuple[DayGap, ...]:
    """List every certain shortage, by capability, then day.

    Parameters
    ----------
    need, event
        The need and its event.
    force
        Groups of the host count, those of partners do not.
    coefficients
        For the expected fill.
    level
        Which figures of the need.
    """
    rules = force.rules_by_id
    found = []
    for index, code in enumerate(need.capabilities):
        rows = np.flatnonzero(need.capability == index)
        units, start, end = need.units(level)[rows], need.start[rows], need.end[rows]
        groups = _hosts(force, code)
        for date, day in local_days(event):
            first, last = int(day.start.timestamp()), int(day.end.timestamp())
            lengths = np.minimum(end, last) - np.maximum(start, first)
            here = lengths > 0
            if not here.any():
                continue
            wanted = float((lengths[here] * units[here]).sum() / 3600)
            moments = np.unique(np.maximum(start[here], first))
            peak = max(int(units[(start <= t) & (end > t)].sum()) for t in moments.tolist())
            there = [group for group in groups if group.available.overlaps(day)]
            hours = sum(g.crews * _hours(g, rules[g.rules_id], day) for g in there)
            crews = sum(group.crews for group in there)
            longest = max((rules[g.rules_id].max_shift_min / 60 for g in there), default=12.0)
            short = max(peak - crews, ceil_one(max(0.0, wanted - hours) / longest))
            if short > 0:
                asked = ask(short, coefficients["ask.fill"])
                found.append(DayGap(code, date, wanted, hours, peak, crews, short, asked))
    return tuple(found)


def _hours(group: CrewGroup, rules: ArrangementRules, day: Interval) -> float:
    """Return the most hours that one crew of a group can work on one day."""
    shared = group.available.intersection(day)
    return min(rules.max_shift_min / 60, shared.hours if shared else 0.0)


def doubling_asks(event: Event, coefficients: Coefficients) -> tuple[DoublingAsk, ...]:
    """Compute what each doubling rule asks, the baseline being what the host has."""
    c = coefficients
    found = []
    for rule in event.doublings:
        dates = []
        for date, day in local_days(event):
            for session in event.sessions:
                here = not rule.site_ids or session.venue_id in rule.site_ids
                plays = not rule.nation or rule.nation in session.teams
                if here and plays and day.contains(session.interval.start):
                    dates.append(date)
        target, asked = doubled(rule.baseline, rule.factor, rule.baseline)
        people = people_for_posts(
            asked * capability(rule.capability).unit_people,
            coverage_h=c["people.coverage-hours"],
            shift_h=c["people.shift-hours"],
            days_on=c["people.days-on"],
            days_off=c["people.days-off"],
            absence=c["people.absence"],
            reserve=c["people.reserve"],
        )
        found.append(
            DoublingAsk(
                capability=rule.capability,
                site_ids=rule.site_ids,
                nation=rule.nation,
                dates=tuple(dict.fromkeys(dates)),
                target=target,
                ask=asked,
                people=ceil_one(people),
            )
        )
    return tuple(found)
