"""The inputs of the formulas as columns: one entry a session, a venue or a moment.

A :class:`Frame` is made once for an event and read by every formula at every level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passerelle.planning.need.phases import openings
from passerelle.planning.need.timeline import timeline
from passerelle.planning.need.values import Level
from passerelle.planning.programme import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.need.timeline import Timeline
    from passerelle.planning.need.values import FloatArray
    from passerelle.planning.programme import Event, Session

__all__ = ["Frame", "attendance_at", "frame", "supporters_at"]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Hold an event in columns.

    Parameters
    ----------
    event, coefficients
        What it was made of.
    moments
        The timeline of all sites.
    seats, venue_factor, route_km, static_posts, lane_rate
        One entry a venue.
    attendance
        One entry a session, by level.
    rate, risk, threat, vip, heads, search_level
        One entry a session; ``rate`` is q[R] x mT.
    phase_share
        k, one entry a phase.
    """

    event: Event
    coefficients: Coefficients
    moments: Timeline
    seats: FloatArray
    venue_factor: FloatArray
    route_km: FloatArray
    static_posts: FloatArray
    lane_rate: FloatArray
    attendance: Mapping[Level, FloatArray]
    rate: FloatArray
    risk: FloatArray
    threat: FloatArray
    vip: FloatArray
    heads: FloatArray
    search_level: FloatArray
    phase_share: FloatArray


def attendance_at(session: Session, seats: int, level: Level, coefficients: Coefficients) -> float:
    """Return the attendance of a session at a level, never above the seats (or what was given)."""
    kind = "assumed" if "attendance" in session.assumed else "given"
    factor = coefficients.at(f"default.attendance-{kind}", level)
    most = max(seats, session.attendance)
    return min(session.attendance * factor, float(most))


def supporters_at(count: int, session: Session, attendance: float) -> float:
    """Scale the supporters of one nation with the attendance of a level."""
    return count * attendance / session.attendance if session.attendance else float(count)


def frame(event: Event, coefficients: Coefficients) -> Frame:
    """Lay an event out in columns."""
    c = coefficients
    by_id = {venue.id: venue for venue in event.venues}

    def sessions(value: Callable[[Session], float]) -> FloatArray:
        return np.array([value(session) for session in event.sessions], dtype=np.float64)

    def attendance(level: Level) -> FloatArray:
        return sessions(lambda s: attendance_at(s, by_id[s.venue_id].capacity, level, c))

    return Frame(
        event=event,
        coefficients=c,
        moments=timeline(openings(event, c)),
        seats=np.array([v.capacity for v in event.venues], dtype=np.float64),
        venue_factor=np.array([c[f"venue.{v.kind.value}"] for v in event.venues]),
        route_km=np.array([v.route_km for v in event.venues], dtype=np.float64),
        static_posts=np.array([v.static_posts for v in event.venues], dtype=np.float64),
        lane_rate=np.array([c[f"lanes.rate-{v.bags.value}"] for v in event.venues]),
        attendance={level: attendance(level) for level in Level},
        rate=sessions(lambda s: c[f"q.{s.risk}"] * c[f"threat.{s.threat.word}"]),
        risk=sessions(lambda s: s.risk),
        threat=sessions(lambda s: s.threat),
        vip=sessions(lambda s: s.vip),
        heads=sessions(lambda s: s.heads_of_state),
        search_level=sessions(lambda s: s.search_level),
        phase_share=np.array([c[f"phase.{phase.value}"] for phase in Phase]),
    )
