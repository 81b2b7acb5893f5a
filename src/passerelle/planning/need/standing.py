"""Needs that follow the calendar, not the sessions: manual posts, villages, alerts, the centre.

Every standing need is cut at midnight in the time zone of the event, so that a day is a day in
every table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from passerelle.kernel.capabilities import capability
from passerelle.kernel.times import Interval
from passerelle.planning.need.formulas import alert_pairs, centre_seats
from passerelle.planning.need.values import Level
from passerelle.planning.programme import SiteKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.programme import Event, ManualPost

__all__ = ["Standing", "local_days", "post_intervals", "standing_needs"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold one need that no session makes.

    Parameters
    ----------
    site_id, capability, interval
        Where, what, when.
    units
        Smallest units wanted, low, central and high.
    minimum
        Units below which it fails.
    weight
        Weight of a missing unit.
    formula
        ``F5``, ``F9``, ``F10`` or ``manual``.
    inputs
        What went in.
    coefficients
        Ids of the coefficients used.
    trace
        The computation in readable lines.
    origin
        Code of the manual post, or empty.
    assumed
        Names of the inputs that are assumptions.
    """

    site_id: str
    capability: str
    interval: Interval
    units: tuple[int, int, int]
    minimum: int
    weight: float
    formula: str
    inputs: tuple[tuple[str, float | str], ...]
    coefficients: tuple[str, ...]
    trace: tuple[str, ...]
    origin: str = ""
    assumed: tuple[str, ...] = ()


def local_days(event: Event) -> Iterator[tuple[str, Interval]]:
    """Yield each day of the event in its own zone: ISO date and instants from midnight to midnight.

    Days of a change to or from summer time have 23 or 25 hours.
    """
    zone = ZoneInfo(event.timezone)
    day = event.period.start.astimezone(zone).date()
    while (start := datetime.combine(day, time(), zone).astimezone(UTC)) < event.period.end:
        end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        yield day.isoformat(), Interval(start, end)
        day += timedelta(days=1)


@lru_cache(maxsize=4096)
def _instant(timezone: str, day: date, minute: int) -> datetime:
    """Return the instant so many minutes after local midnight, by the clock on the wall."""
    local = datetime.combine(day + timedelta(days=minute // 1440), time(), ZoneInfo(timezone))
    return local.replace(hour=minute % 1440 // 60, minute=minute % 60).astimezone(UTC)


def post_intervals(post: ManualPost, timezone: str) -> Iterator[Interval]:
    """Yield when a manual post is held, cut at local midnight, in order of the first day."""
    day = post.first_day
    while day <= post.last_day:
        if post.from_min < post.to_min:
            yield Interval(
                _instant(timezone, day, post.from_min), _instant(timezone, day, post.to_min)
            )
        else:
            following = day + timedelta(days=1)
            midnight = _instant(timezone, following, 0)
            yield Interval(_instant(timezone, day, post.from_min), midnight)
            yield Interval(midnight, _instant(timezone, following, post.to_min))
        day += timedelta(days=1)


def standing_needs(event: Event, coefficients: Coefficients) -> tuple[Standing, ...]:
    """List all standing needs: manual posts, then alert areas, villages, the centre."""
    days = tuple(local_days(event))
    return (
        *(need for post in event.posts for need in _manual(post, event.timezone)),
        *_alerts(event, days, coefficients),
        *_villages(event, days, coefficients),
        *_centre(event, days, coefficients),
    )


def _manual(post: ManualPost, timezone: str) -> Iterator[Standing]:
    unit = capability(post.capability).unit_people
    units = -(-post.officers // unit)
    minimum = min(units, math.ceil(round(post.minimum_share * units, 9)))
    inputs = (("officers", float(post.officers)), ("people in a unit", float(unit)))
    trace = (
        f"post {post.id}: {post.officers} officers, {post.source or 'no source given'}",
        f"ceil({post.officers} / {unit}) = {units} units",
    )
    for interval in post_intervals(post, timezone):
        yield Standing(
            site_id=post.site_id,
            capability=post.capability,
            interval=interval,
            units=(units, units, units),
            minimum=minimum,
            weight=post.weight,
            formula="manual",
            inputs=inputs,
            coefficients=(),
            trace=trace,
            origin=post.id,
            assumed=("officers",) if post.is_assumed else (),
        )


def _alerts(
    event: Event, days: tuple[tuple[str, Interval], ...], c: Coefficients
) -> Iterator[Standing]:
    for area in event.alert_areas:
        units = []
        for level in Level:
            rate = area.alerts_per_day * c.at("eod.event-factor", level) / 24
            units.append(int(alert_pairs(rate, c.at("eod.alert-hours", level), c["eod.load"])))
        trace = (
            f"λ = {area.alerts_per_day:g} alerts a day x {c['eod.event-factor']:g} / 24 h",
            f"ceil(λ x {c['eod.alert-hours']:g} h / {c['eod.load']:g}) = {units[1]} pairs",
        )
        for _, day in days:
            yield Standing(
                site_id=area.site_id,
                capability="eod",
                interval=day,
                units=(units[0], units[1], units[2]),
                minimum=units[1],
                weight=c.weight("eod"),
                formula="F5",
                inputs=(("alerts a day", area.alerts_per_day),),
                coefficients=("eod.event-factor", "eod.alert-hours", "eod.load"),
                trace=trace,
                assumed=("eod.event-factor", "eod.alert-hours", "eod.load"),
            )


def _villages(
    event: Event, days: tuple[tuple[str, Interval], ...], c: Coefficients
) -> Iterator[Standing]:
    for site in event.sites.values():
        if site.kind is SiteKind.VILLAGE:
            for _, day in days:
                yield Standing(
                    site_id=site.id,
                    capability="counter_drone",
                    interval=day,
                    units=(1, 1, 1),
                    minimum=1,
                    weight=c.weight("counter_drone"),
                    formula="F9",
                    inputs=(("kind", site.kind.value),),
                    coefficients=(),
                    trace=("1 team day and night at a village",),
                    assumed=("teams at a village",),
                )


def _centre(
    event: Event, days: tuple[tuple[str, Interval], ...], c: Coefficients
) -> Iterator[Standing]:
    if not event.centre_site_id or not event.states:
        return
    analysts = centre_seats(len(event.states), c["centre.states-per-analyst"])
    cyber = int(c["centre.cyber"])
    playing = _playing(event)
    for label, day in days:
        open_from = day.start + timedelta(hours=c["centre.liaison-from"])
        closed = min(day.end, day.start + timedelta(hours=c["centre.liaison-to"]))
        twice = [state for state in event.states if state in playing.get(label, ())]
        liaison = int(
            (len(event.states) - len(twice)) * c["centre.liaison"]
            + len(twice) * c["centre.liaison-plays"]
        )
        rows = (
            ("liaison", Interval(open_from, closed), liaison, ("centre.liaison",)),
            ("analyst", day, analysts, ("centre.states-per-analyst",)),
            ("cyber", day, cyber, ("centre.cyber",)),
        )
        lines = {
            "liaison": f"{len(event.states)} states, {len(twice)} of them play: {liaison} officers",
            "analyst": f"ceil({len(event.states)} / {c['centre.states-per-analyst']:g}) = "
            f"{analysts} seats",
            "cyber": f"{cyber} seats a shift",
        }
        for kind, interval, units, used in rows:
            yield Standing(
                site_id=event.centre_site_id,
                capability=kind,
                interval=interval,
                units=(units, units, units),
                minimum=math.ceil(round(c["default.minimum-share"] * units, 9)),
                weight=c.weight(kind),
                formula="F10",
                inputs=(("states", float(len(event.states))), ("playing", float(len(twice)))),
                coefficients=used,
                trace=(lines[kind],),
                assumed=used,
            )


def _playing(event: Event) -> Mapping[str, set[str]]:
    """Return the states whose team plays, by local date."""
    zone = ZoneInfo(event.timezone)
    states = {nation.code: nation.state for nation in event.nations}
    found: dict[str, set[str]] = {}
    for session in event.sessions:
        label = session.interval.start.astimezone(zone).date().isoformat()
        found.setdefault(label, set()).update(states.get(team, team) for team in session.teams)
    return found
