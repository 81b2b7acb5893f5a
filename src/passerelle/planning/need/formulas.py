"""The formulas F1 to F13 of the demand model (domain, section 9), on numbers or arrays of them.

Each takes its inputs and the coefficients as plain numbers, so that it can be read beside the page
that explains it. Every ceiling rounds to 1e-9 first: 40,000 x 12.5 / 1,000 x 1.3 is 650, not 651.

What is not here: who stands when (:mod:`~passerelle.planning.need.phases`), how sessions of one
site add up (:mod:`~passerelle.planning.need.timeline`), where coefficients come from
(:mod:`~passerelle.planning.need.coefficients`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from passerelle.planning.need.values import FloatArray, IntArray

__all__ = [
    "Search",
    "Spotting",
    "alert_pairs",
    "ask",
    "ceil_one",
    "ceil_units",
    "centre_seats",
    "delegation",
    "doubled",
    "joint_patrols",
    "lanes",
    "officers",
    "people_for_posts",
    "search_hours",
    "search_people",
    "stewards",
]

Numbers: TypeAlias = float | NDArray[np.floating] | NDArray[np.integer]


def ceil_units(value: Numbers) -> IntArray:
    """Round to 1e-9, then up to whole units; shape is kept."""
    return np.ceil(np.round(np.asarray(value, dtype=np.float64), 9)).astype(np.int64)


def ceil_one(value: float) -> int:
    """Round one number to 1e-9, then up; the same as :func:`ceil_units`, quicker."""
    return math.ceil(round(value, 9))


def officers(
    load: Numbers, venue_factor: Numbers, route_km: Numbers = 0.0, route_rate: Numbers = 0.0
) -> IntArray:
    """Compute F1, officers on the ground.

    Parameters
    ----------
    load
        Attendance x q[R] x mT x k: people weighed by rate, threat and phase.
    venue_factor
        mV.
    route_km, route_rate
        Kilometres and sides of a course, and officers for each (d[R]).

    Returns
    -------
    IntArray
        ``ceil(load / 1000 * mV) + ceil(route_km * d)``.
    """
    ground = ceil_units(np.asarray(load) / 1000.0 * np.asarray(venue_factor))
    return ground + ceil_units(np.asarray(route_km) * np.asarray(route_rate))


def joint_patrols(supporters: float, per_patrol: float, share: float = 1.0) -> int:
    """Compute F2, joint patrols for the supporters of one nation; ``share`` is 1/2 in the event."""
    return ceil_one(ceil_one(supporters / per_patrol) * share)


@dataclass(frozen=True, slots=True)
class Spotting:
    """Hold F3, the delegation that a visiting team needs, in people.

    Parameters
    ----------
    spotters, contact_officers, host_guides
        People of each kind.
    """

    spotters: int
    contact_officers: int
    host_guides: int


def delegation(
    supporters: int,
    risk_supporters: int | None,
    *,
    per_spotter: float,
    least: int,
    most: int,
    unknown: int,
    per_contact: float,
    most_contact: int,
) -> Spotting:
    """Compute F3, a visiting football delegation.

    Parameters
    ----------
    supporters, risk_supporters
        S_n and r_n; ``None`` when nobody knows r_n.
    per_spotter, least, most, unknown
        Risk supporters per spotter, limits, and the number when r_n is not known.
    per_contact, most_contact
        Supporters per contact officer, and their limit.
    """
    if risk_supporters is None:
        spotters = unknown
    else:
        spotters = min(max(ceil_one(risk_supporters / per_spotter), least), most)
    contact = min(most_contact, ceil_one(supporters / per_contact))
    return Spotting(spotters, contact, -(-spotters // 2))


def search_hours(
    seats: Numbers,
    hours_per_seat: Numbers,
    *,
    rooms_h: Numbers = 0.0,
    open_h: Numbers = 0.0,
    vehicles_h: Numbers = 0.0,
    vessels_h: Numbers = 0.0,
) -> FloatArray:
    """Compute the work of F4 in hours of a searcher.

    Parameters
    ----------
    seats, hours_per_seat
        C and f.
    rooms_h, open_h, vehicles_h, vessels_h
        Hours for rooms, open ground, vehicles and vessels.
    """
    total = np.asarray(seats) * np.asarray(hours_per_seat) + rooms_h + open_h
    return np.asarray(total + vehicles_h + vessels_h, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Search:
    """Hold F4: people in all, of whom so many dog handlers and bomb technicians.

    Parameters
    ----------
    people
        N.
    dog_pairs
        Dogs with handler.
    eod_people
        Bomb technicians.
    searchers
        The others, who come in teams.
    """

    people: IntArray
    dog_pairs: IntArray
    eod_people: IntArray
    searchers: IntArray


def search_people(
    work_h: Numbers,
    window_h: Numbers,
    use: float,
    *,
    least: float,
    dog_share: float,
    dog_least: float,
    eod_step: float,
) -> Search:
    """Compute F4, who searches a site before it opens.

    Parameters
    ----------
    work_h
        PH, hours of a searcher.
    window_h
        H, length of the search.
    use
        u, working share of a searcher.
    least, dog_share, dog_least, eod_step
        Least people, dog pairs a searcher, least dog pairs, searchers per pair of technicians.
    """
    people = np.maximum(int(least), ceil_units(np.asarray(work_h) / (np.asarray(window_h) * use)))
    dogs = np.maximum(int(dog_least), ceil_units(dog_share * people))
    eod = np.maximum(2, 2 * ceil_units(people / eod_step))
    return Search(people, dogs, eod, np.maximum(people - dogs - eod, 0))


def alert_pairs(alerts_per_hour: Numbers, hours_per_alert: float, load: float) -> IntArray:
    """Compute the response part of F5: pairs so that each is busy only a share of the time."""
    return ceil_units(np.asarray(alerts_per_hour) * hours_per_alert / load)


def doubled(baseline: int, factor: int, host_available: int) -> tuple[int, int]:
    """Compute the doubling rule of F5: the target, and what must be asked of others."""
    target = factor * baseline
    return target, max(0, target - host_available)


def lanes(arrivals: Numbers, peak_share: float, rate: Numbers) -> IntArray:
    """Compute F7, screening lanes for the busiest hour."""
    return ceil_units(np.asarray(arrivals) * peak_share / np.asarray(rate))


def stewards(present: Numbers, static_posts: Numbers, people_per_steward: Numbers) -> IntArray:
    """Compute F8, stewards: static posts and one for so many people."""
    crowd = ceil_units(np.asarray(present) / np.asarray(people_per_steward))
    return crowd + ceil_units(static_posts)


def centre_seats(states: int, states_per_analyst: float) -> int:
    """Compute the analysts of F10."""
    return ceil_one(states / states_per_analyst)


def people_for_posts(
    posts: float,
    *,
    coverage_h: float,
    shift_h: float,
    days_on: float,
    days_off: float,
    absence: float,
    reserve: float,
) -> float:
    """Compute F12, distinct people who hold so many posts over a stay; not rounded.

    Parameters
    ----------
    posts
        People present at the same time.
    coverage_h, shift_h
        Hours a day the posts are held, and length of a shift.
    days_on, days_off
        Duty days in a row and days off after them.
    absence, reserve
        Shares, 0 to 1.
    """
    relief = (coverage_h / shift_h) * ((days_on + days_off) / days_on)
    return posts * relief / (1 - absence) * (1 + reserve)


def ask(gap: float, expected_fill: float) -> int:
    """Compute F13: what to ask so that the gap is filled in expectation."""
    return ceil_one(max(0.0, gap) / expected_fill)
