"""From a gap to request lines: one line a capability, town and stretch of days.

People are lodged in a town and work at the sites around it, so the sites of one town are asked for
together: the units wanted are the most that are missing there in the same hour. Days without a gap
between two with one are bridged when they are few, because nobody travels home for them.

From units to people (F12 of the demand model, over the hours that are really missing): the crews of a
day are the larger of the peak and of the unit-hours over the length of a shift; days off and absence
then raise the number of distinct people.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from passerelle.kernel.capabilities import capability
from passerelle.kernel.times import Interval
from passerelle.planning.asking.gap import HOUR_S
from passerelle.planning.need.formulas import ceil_one
from passerelle.planning.need.values import OverlayKind
from passerelle.planning.roster.travel import distance_km

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from passerelle.planning.asking.gap import Gap
    from passerelle.planning.need.values import IntArray, Need
    from passerelle.planning.programme import Doubling, Event, Site

__all__ = ["Ask", "AskParams", "draft_asks", "towns_of"]


@dataclass(frozen=True, slots=True)
class AskParams:
    """Set how a gap becomes lines; the defaults are those of the demand model (F12) [A].

    Parameters
    ----------
    shift_h
        Hours of a duty.
    days_on, days_off
        Duty days in a row, and days off after them.
    absence
        Share of people absent.
    bridge_days
        Days without a gap that one stay spans.
    travel_days
        Days before the first and after the last duty for travel, accreditation and briefing.
    least_unit_hours
        A line that asks for less in all is left out.
    """

    shift_h: float = 10.0
    days_on: int = 5
    days_off: int = 2
    absence: float = 0.05
    bridge_days: int = 2
    travel_days: int = 1
    least_unit_hours: int = 4

    def __post_init__(self) -> None:
        if self.shift_h <= 0 or self.days_on < 1 or min(self.days_off, self.bridge_days) < 0:
            raise ValueError("Expected shift_h > 0, days_on >= 1, days_off and bridge_days >= 0.")
        if not 0 <= self.absence < 1:
            raise ValueError(f"Expected 0 <= absence < 1, got {self.absence}.")


@dataclass(frozen=True, slots=True)
class Ask:
    """State one thing to ask for, before it is split over partners.

    Parameters
    ----------
    code
        Code, unique in the draft.
    capability, town, site_ids
        What, and where.
    during
        From arrival to departure, days in UTC.
    units
        Smallest units missing in the same hour, at the worst moment: the posts.
    crews
        Units that must come so that the posts are held with rest and absence.
    unit_hours
        Missing in all.
    needs
        Cells of the need that it serves, ``SITE/capability/day``.
    languages
        Languages that the need wants there, the most wanted first.
    nations
        Nations whose supporters the need wants known there, and those for whose days it is doubled.
    """

    code: str
    capability: str
    town: str
    site_ids: tuple[str, ...]
    during: Interval
    units: int
    crews: int
    unit_hours: int
    needs: tuple[str, ...]
    languages: tuple[str, ...] = ()
    nations: tuple[str, ...] = ()

    @property
    def unit_people(self) -> int:
        """People in one unit."""
        return capability(self.capability).unit_people

    @property
    def people(self) -> int:
        """Distinct people."""
        return self.crews * self.unit_people


def towns_of(event: Event, within_km: float = 25.0) -> dict[str, str]:
    """Return the town, by site: places within reach of a large one are asked for together.

    The largest venue founds a town; each further place joins the first town whose founder lies near
    enough, else it founds one (leader clustering, Hartigan 1975, *Clustering Algorithms*, chapter 3).
    A town is called as most of its venues say.

    Parameters
    ----------
    event
        Venues and other places.
    within_km
        How far from the founder a place may lie.
    """
    founders: list[Site] = []
    founder: dict[str, str] = {}
    size = {venue.id: -venue.capacity for venue in event.venues}
    for site in sorted(event.sites.values(), key=lambda one: (size.get(one.id, 1), one.id)):
        near = next((one for one in founders if _distance_km(site, one) <= within_km), site)
        if near is site:
            founders.append(site)
        founder[site.id] = near.id
    cities: dict[str, Counter[str]] = {one.id: Counter() for one in founders}
    for venue in event.venues:
        cities[founder[venue.id]][venue.city] += 1
    names = {
        one.id: min(cities[one.id], key=lambda city: (-cities[one.id][city], city))
        if cities[one.id]
        else one.name
        for one in founders
    }
    return {site: names[first] for site, first in founder.items()}


def _distance_km(one: Site, other: Site) -> float:
    return distance_km(one.lat, one.lon, other.lat, other.lon)


def draft_asks(
    gap: Gap,
    need: Need,
    towns: Mapping[str, str],
    timezone: str,
    params: AskParams | None = None,
    *,
    doublings: Sequence[Doubling] = (),
) -> tuple[Ask, ...]:
    """Draft what to ask for, by capability, town and time; what only the host provides is left out.

    Parameters
    ----------
    gap
        What is missing.
    need
        The need, for the qualities wanted with it.
    towns
        Town by site.
    timezone
        Zone in which the event counts its days.
    params
        Defaults when ``None``.
    doublings
        Rules by which a capability is doubled where a nation plays.
    """
    params = params or AskParams()
    days = _Days(gap, timezone)
    groups: dict[str, list[int]] = {}
    for index, site in enumerate(gap.site_ids):
        groups.setdefault(towns.get(site, site), []).append(index)
    found: list[Ask] = []
    for kind, code in enumerate(gap.capabilities):
        if capability(code).is_host_only:
            continue
        for town, sites in sorted(groups.items()):
            cells = gap.missing[sites, kind]
            for first, last in days.stretches(cells.sum(axis=0), params.bridge_days):
                ask = _ask(gap, need, days, code, town, sites, (first, last), params)
                if ask is not None:
                    found.append(_with_doubled(ask, doublings))
    ordered = sorted(found, key=lambda one: (one.capability, one.town, one.during.start))
    return tuple(_numbered(ordered))


def _with_doubled(ask: Ask, doublings: Sequence[Doubling]) -> Ask:
    """Name the nations for whose days the host wants this capability doubled here."""
    meant = [
        rule.nation
        for rule in doublings
        if rule.nation
        and rule.capability == ask.capability
        and (not rule.site_ids or set(rule.site_ids) & set(ask.site_ids))
    ]
    return replace(ask, nations=tuple(dict.fromkeys((*ask.nations, *meant))))


class _Days:
    """Cut the hours of a gap into local days."""

    def __init__(self, gap: Gap, timezone: str) -> None:
        zone = ZoneInfo(timezone)
        hours = range(gap.missing.shape[2])
        dates = [gap.at(hour).astimezone(zone).date() for hour in hours]
        self.dates = sorted(set(dates))
        place = {day: index for index, day in enumerate(self.dates)}
        self.of_hour = np.array([place[day] for day in dates], dtype=np.int64)
        self.zone = zone

    def sums(self, hourly: IntArray) -> IntArray:
        """Sum hours by day."""
        found = np.zeros(len(self.dates), dtype=np.int64)
        np.add.at(found, self.of_hour, hourly)
        return found

    def peaks(self, hourly: IntArray) -> IntArray:
        """Take the largest hour of each day."""
        found = np.zeros(len(self.dates), dtype=np.int64)
        np.maximum.at(found, self.of_hour, hourly)
        return found

    def stretches(self, hourly: IntArray, bridge: int) -> Iterator[tuple[int, int]]:
        """Yield first and last day of each stretch with a gap, few empty days bridged."""
        filled = np.flatnonzero(self.sums(hourly)).tolist()
        start = 0
        for place, day in enumerate(filled):
            is_last = place + 1 == len(filled)
            if is_last or (self.dates[filled[place + 1]] - self.dates[day]).days > bridge + 1:
                yield filled[start], day
                start = place + 1

    def during(self, first: int, last: int, travel: int) -> Interval:
        """Return the stay for a stretch of days, travel included, on whole days in UTC."""
        return Interval(
            _midnight(self.dates[first] - timedelta(days=travel)),
            _midnight(self.dates[last] + timedelta(days=1 + travel)),
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _ask(  # noqa: PLR0917 - the parts of one ask
    gap: Gap,
    need: Need,
    days: _Days,
    code: str,
    town: str,
    sites: Sequence[int],
    stretch: tuple[int, int],
    params: AskParams,
) -> Ask | None:
    first, last = stretch
    inside = (days.of_hour >= first) & (days.of_hour <= last)
    cells = gap.missing[sites, gap.capabilities.index(code)] * inside
    hourly = cells.sum(axis=0)
    total, units = int(hourly.sum()), int(hourly.max())
    if total < params.least_unit_hours:
        return None
    here = [site for row, site in enumerate(sites) if cells[row].any()]
    places = tuple(gap.site_ids[site] for site in here)
    during = days.during(first, last, params.travel_days)
    return Ask(
        code="",
        capability=code,
        town=town,
        site_ids=places,
        during=during,
        units=units,
        crews=_crews(days, hourly, last - first + 1, params),
        unit_hours=total,
        needs=tuple(
            f"{gap.site_ids[site]}/{code}/{days.dates[day]}"
            for row, site in enumerate(sites)
            for day in np.flatnonzero(days.sums(cells[row])).tolist()
        ),
        languages=_wanted(need, OverlayKind.LANGUAGE, places, code, during),
        nations=_wanted(need, OverlayKind.SUPPORTERS, places, code, during),
    )


def _crews(days: _Days, hourly: IntArray, n_days: int, params: AskParams) -> int:
    """Return the units that must come: the worst day, days off when the stay is long, absence."""
    by_hours = np.ceil(np.round(days.sums(hourly) / params.shift_h, 9)).astype(np.int64)
    most = int(np.maximum(days.peaks(hourly), by_hours).max())
    cycle = params.days_on + params.days_off
    relief = cycle / params.days_on if n_days > params.days_on else 1.0
    return max(most, ceil_one(most * relief / (1 - params.absence)))


def _wanted(
    need: Need, kind: OverlayKind, places: Sequence[str], code: str, during: Interval
) -> tuple[str, ...]:
    weight: dict[str, float] = {}
    for overlay in need.overlays:
        is_meant = not overlay.capabilities or code in overlay.capabilities
        is_meant = is_meant and overlay.kind is kind and overlay.site_id in places
        if is_meant and overlay.interval.overlaps(during):
            length = (overlay.interval.end - overlay.interval.start).total_seconds() / HOUR_S
            weight[overlay.key] = weight.get(overlay.key, 0.0) + overlay.crews * length
    return tuple(sorted(weight, key=lambda key: (-weight[key], key)))


def _numbered(asks: Sequence[Ask]) -> Iterator[Ask]:
    for number, ask in enumerate(asks, start=1):
        yield replace(ask, code=f"L{number:03d}")
