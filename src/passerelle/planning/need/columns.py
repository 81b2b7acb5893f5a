"""The formulas over all moments at once: one function a family, each giving units per moment.

Every function takes the frame and a level and returns smallest units by capability, one entry a
moment. :mod:`~passerelle.planning.need.explain` holds the plain version of the same, one moment at
a time; a test keeps the two equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.kernel.capabilities import capability
from passerelle.planning.need.formulas import (
    ceil_one,
    ceil_units,
    delegation,
    joint_patrols,
    lanes,
    search_hours,
    search_people,
    stewards,
)
from passerelle.planning.need.frame import supporters_at
from passerelle.planning.need.phases import SHARED_PHASES
from passerelle.planning.programme import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.need.formulas import Spotting
    from passerelle.planning.need.frame import Frame
    from passerelle.planning.need.values import FloatArray, IntArray, Level
    from passerelle.planning.programme import Session, Supporters

__all__ = [
    "CROWD_PHASES",
    "GUARDED_PHASES",
    "SEATED_PHASES",
    "VISITOR_SPORTS",
    "columns",
    "visitors",
    "visitors_at",
]

CROWD_PHASES: Final = (Phase.INGRESS, Phase.EVENT, Phase.EGRESS, Phase.DISPERSAL)
SEATED_PHASES: Final = (Phase.INGRESS, Phase.EVENT, Phase.EGRESS)
GUARDED_PHASES: Final = (Phase.SEARCH, Phase.LOCKDOWN, *SEATED_PHASES)
VISITOR_SPORTS: Final = frozenset({"football"})
"""Sports in which a team brings a police delegation of its own (F3), in lower case."""


def columns(frame: Frame, level: Level) -> dict[str, IntArray]:
    """Compute the units of every capability at every moment, for one level.

    Returns
    -------
    dict of IntArray
        By code of the capability, each of shape ``(n_moments,)``.
    """
    found = _ground(frame, level)
    for family in (_search, _access, _guarded, _protection):
        for code, units in family(frame, level).items():
            found[code] = found.get(code, 0) + units
    found["eod"] = np.maximum(found["eod"], found.pop("eod in the search"))
    found["eod"] = np.maximum(found["eod"], _doublings(frame))
    for code, units in _visiting(frame, level).items():
        found[code] = found.get(code, 0) + units
    return found


def _per_venue(frame: Frame, values: FloatArray) -> FloatArray:
    return np.asarray(values[frame.moments.venue], dtype=np.float64)


def _ground(frame: Frame, level: Level) -> dict[str, IntArray]:
    """Compute F1, in pairs and in public-order sections.

    The two are computed apart, each with its own share of q and its own full house, so that neither
    falls when a session's risk rises; for one session they add up to F1.
    """
    moments, c = frame.moments, frame.coefficients
    shares = np.array([0.0] + [c[f"public-order.{risk}"] for risk in range(1, 6)])
    rates = np.array([0.0] + [c[f"route.{risk}"] for risk in range(1, 6)])
    seated = moments.in_phases(*SEATED_PHASES)
    risk = moments.greatest(frame.risk[moments.pair_session], seated).astype(np.int64)
    course = _per_venue(frame, frame.route_km) * rates[risk]
    in_sections = shares[frame.risk.astype(np.int64)]
    factor = _per_venue(frame, frame.venue_factor) / 1000.0
    pairs = _load(frame, level, 1.0 - in_sections, with_shared=True) * factor
    sections = _load(frame, level, in_sections, with_shared=False) * factor
    pairs = pairs + course * (1.0 - shares[risk])
    sections = sections + course * shares[risk]
    return {
        "patrol": ceil_units(pairs / capability("patrol").unit_people),
        "public_order": ceil_units(sections / capability("public_order").unit_people),
    }


def _load(frame: Frame, level: Level, share: FloatArray, *, with_shared: bool) -> FloatArray:
    """Add attendance x q x mT x k x share of each moment, up to the seats at the highest of these rates."""
    moments = frame.moments
    session, phase = moments.pair_session, moments.pair_phase
    shared, crowd = moments.in_phases(*SHARED_PHASES), moments.in_phases(*CROWD_PHASES)
    part = np.where(shared, 1.0 * with_shared, share[session])
    rate = frame.rate[session] * frame.phase_share[phase] * part
    weighed = frame.attendance[level][session] * rate
    alone = moments.greatest(weighed, shared | crowd)
    full = frame.seats[moments.venue] * moments.greatest(rate, shared | crowd)
    load = np.maximum(moments.greatest(weighed, shared), moments.added(weighed, crowd))
    return np.asarray(np.minimum(load, np.maximum(full, alone)))


def _search(frame: Frame, level: Level) -> dict[str, IntArray]:
    """Compute F4 in the moments of a search."""
    moments, c = frame.moments, frame.coefficients
    chosen = moments.in_phases(Phase.SEARCH)
    grade = moments.greatest(frame.search_level[moments.pair_session], chosen)
    per_seat = np.array([c[f"search.seat.{word}"] for word in ("light", "standard", "full")])
    window = moments.greatest(moments.search_h[moments.pair_opening], chosen)
    active = window > 0
    venues = frame.event.venues
    other = np.array(
        [
            v.rooms_m2 / c["search.rooms"]
            + v.open_m2 / c["search.open"]
            + v.vehicles / c["search.vehicles"]
            + v.vessels * c["search.vessel"]
            for v in venues
        ]
    )
    work = search_hours(
        _per_venue(frame, frame.seats),
        per_seat[grade.astype(np.int64)],
        rooms_h=_per_venue(frame, other),
    )
    found = search_people(
        work,
        np.where(active, window, 1.0),
        c.at("search.use", level),
        least=c["search.least"],
        dog_share=c["search.dog-share"],
        dog_least=c["search.dog-least"],
        eod_step=c["search.eod-step"],
    )
    pair, team = capability("eod").unit_people, capability("search").unit_people
    return {
        "k9_explosives": found.dog_pairs * active,
        "eod in the search": ceil_units(found.eod_people / pair) * active,
        "search": ceil_units(found.searchers / team) * active,
    }


def _access(frame: Frame, level: Level) -> dict[str, IntArray]:
    """Compute F6, F7 and F8 from the crowd at the gates and inside."""
    moments, c = frame.moments, frame.coefficients
    session = moments.pair_session
    people = frame.attendance[level][session]
    inside, gates = moments.in_phases(*SEATED_PHASES), moments.in_phases(Phase.INGRESS)
    arriving = _capped(frame, people, gates)
    present = _capped(frame, people, inside)
    lane = lanes(arriving, c["lanes.peak-share"], _per_venue(frame, frame.lane_rate))
    posts = ceil_units(lane / c["dogs.lanes"])
    dogs = np.maximum(int(c["dogs.least"]), int(c["dogs.per-post"]) * posts)
    risk = moments.greatest(frame.risk[session], inside)
    ratio = np.where(risk >= 3, c["steward.people-risk"], c["steward.people"])
    static = _per_venue(frame, frame.static_posts)
    return {
        "k9_explosives": dogs * (arriving > 0),
        "screening": lane,
        "steward": stewards(present, static, ratio) * (risk > 0),
    }


def _capped(frame: Frame, people: FloatArray, chosen: np.ndarray) -> FloatArray:
    """Add the crowds of the chosen pairs, never above the seats."""
    moments = frame.moments
    most = np.maximum(frame.seats[moments.venue], moments.greatest(people, chosen))
    return np.asarray(np.minimum(moments.added(people, chosen), most))


def _guarded(frame: Frame, level: Level) -> dict[str, IntArray]:
    """Compute F5 without alerts, and F9, from search to egress."""
    moments, c = frame.moments, frame.coefficients
    session = moments.pair_session
    chosen = moments.in_phases(*GUARDED_PHASES)
    crowd = moments.greatest(frame.attendance[level][session], chosen)
    threat = moments.greatest(frame.threat[session], chosen)
    vip = moments.greatest(frame.vip[session], chosen)
    active = moments.greatest(frame.risk[session], chosen) > 0
    small = (crowd < c["eod.crowd"]) & (threat == 0)
    pairs = np.where(small, c["eod.base-small"], c["eod.base"]) + (vip >= 2) * c["eod.vip"]
    drone = (crowd >= c["drone.crowd"]) | (vip >= 1)
    return {
        "eod": ceil_units(pairs) * active,
        "counter_drone": (drone & active).astype(np.int64),
    }


def _protection(frame: Frame, level: Level) -> dict[str, IntArray]:
    """Compute F11: protection while the visitors are there, sweep and dogs before."""
    del level
    moments, c = frame.moments, frame.coefficients
    heads = frame.heads[moments.pair_session]
    there = moments.greatest(heads, moments.in_phases(*CROWD_PHASES))
    before = moments.greatest(heads, moments.in_phases(Phase.LOCKDOWN))
    return {
        "close_protection": ceil_units(np.maximum(there, before) * c["vip.teams"]),
        "search": ceil_units(before * c["vip.sweeps"]),
        "k9_explosives": ceil_units(before * c["vip.dogs"]),
    }


def _doublings(frame: Frame) -> IntArray:
    """Compute the doubling rule of F5 for bomb disposal: the target at each moment, or 0."""
    moments, event = frame.moments, frame.event
    chosen = moments.in_phases(*GUARDED_PHASES)
    target = np.zeros(len(event.sessions), dtype=np.float64)
    for rule in event.doublings:
        if rule.capability == "eod":
            for index, session in enumerate(event.sessions):
                here = not rule.site_ids or session.venue_id in rule.site_ids
                if here and (not rule.nation or rule.nation in session.teams):
                    target[index] = max(target[index], rule.factor * rule.baseline)
    return ceil_units(moments.greatest(target[moments.pair_session], chosen))


def visitors(session: Session, host_nations: frozenset[str]) -> Iterator[Supporters]:
    """Yield the supporters of a session who are not the host's own."""
    yield from (crowd for crowd in session.supporters if crowd.nation not in host_nations)


def visitors_at(frame: Frame, moment: int) -> dict[str, dict[int, Phase]]:
    """Return the visiting nations of one moment, each with its sessions and their phase."""
    host = frozenset(n.code for n in frame.event.nations if n.state == frame.event.host)
    found: dict[str, dict[int, Phase]] = {}
    for index, phase, _ in frame.moments.pairs(moment):
        if phase in CROWD_PHASES:
            for crowd in visitors(frame.event.sessions[index], host):
                found.setdefault(crowd.nation, {})[index] = phase
    return found


def _moments_with_visitors(frame: Frame) -> IntArray:
    moments = frame.moments
    has = np.array([bool(session.supporters) for session in frame.event.sessions], dtype=bool)
    chosen = moments.in_phases(*CROWD_PHASES) & has[moments.pair_session]
    return np.unique(moments.pair_moment[chosen])


def _visiting(frame: Frame, level: Level) -> Mapping[str, IntArray]:
    """Compute F2 and F3 where supporters of other nations are expected."""
    codes = ("joint_patrol", "escort", "spotter", "contact_officer", "host_guide")
    others = ("delegation_head", "delegation_coordinator", "liaison")
    found = {code: np.zeros(len(frame.moments), dtype=np.int64) for code in codes + others}
    for moment in _moments_with_visitors(frame):
        for nation, sessions in visitors_at(frame, int(moment)).items():
            units = nation_units(frame, level, nation, sessions)
            for code, count in units.items():
                found[code][moment] += count
    return found


def nation_units(
    frame: Frame, level: Level, nation: str, sessions: Mapping[int, Phase]
) -> dict[str, int]:
    """Compute F2 and F3 for one nation at one moment: the greatest over its sessions."""
    best: dict[str, int] = {}
    for index, phase in sessions.items():
        session = frame.event.sessions[index]
        crowd = next(s for s in session.supporters if s.nation == nation)
        count = supporters_at(crowd.count, session, frame.attendance[level][index])
        for code, units in _one_session(session, crowd, count, phase, frame.coefficients).items():
            best[code] = max(best.get(code, 0), units)
    return best


def _one_session(
    session: Session, crowd: Supporters, count: float, phase: Phase, c: Coefficients
) -> dict[str, int]:
    share = c["joint.event-share"] if phase is Phase.EVENT else 1.0
    patrols = joint_patrols(count, c["joint.supporters"], share)
    units = {"joint_patrol": patrols, "escort": patrols}
    if session.sport.lower() not in VISITOR_SPORTS:
        return units
    found = spotting(count, crowd, c)
    pair = capability("spotter").unit_people
    units |= {
        "spotter": -(-found.spotters // pair),
        "contact_officer": -(-found.contact_officers // capability("contact_officer").unit_people),
        "host_guide": found.host_guides,
    }
    if phase is not Phase.DISPERSAL:
        units |= {"delegation_head": 1, "delegation_coordinator": 1, "liaison": 1}
    return units


def spotting(count: float, crowd: Supporters, c: Coefficients) -> Spotting:
    """Compute F3 for one nation at one session."""
    return delegation(
        ceil_one(count),
        crowd.risk_count,
        per_spotter=c["spotter.risk-supporters"],
        least=int(c["spotter.least"]),
        most=int(c["spotter.most"]),
        unknown=int(c["spotter.unknown"]),
        per_contact=c["contact.supporters"],
        most_contact=int(c["contact.most"]),
    )
