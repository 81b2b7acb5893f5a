"""The parts of a figure in plain arithmetic, each with the line that tells how it came about.

:data:`COMBINED` is the table of what makes up each capability: which parts, and whether they add
up or the greatest counts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from passerelle.kernel.capabilities import capability
from passerelle.planning.need.columns import (
    CROWD_PHASES,
    GUARDED_PHASES,
    SEATED_PHASES,
    VISITOR_SPORTS,
    visitors,
)
from passerelle.planning.need.frame import supporters_at
from passerelle.planning.need.parts import Combination, Moment, Part
from passerelle.planning.need.phases import SHARED_PHASES
from passerelle.planning.programme import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.programme import Session, Supporters

__all__ = ["COMBINED"]


def _up(value: float) -> int:
    return math.ceil(round(value, 9))


def _rates(session: Session, phase: Phase) -> tuple[str, str, str]:
    """Name the coefficients that weigh the people of a session in a phase: q, mT and k."""
    return f"q.{session.risk}", f"threat.{session.threat.word}", f"phase.{phase.value}"


def _load(here: Moment, part: Callable[[Session, Phase], float]) -> float:
    """Add people x q x mT x k x part, up to the seats at the highest of these rates."""
    weighed, full = {True: [0.0], False: [0.0]}, 0.0
    for session, phase, people, _ in here.pairs:
        rate = math.prod(here.c[name] for name in _rates(session, phase)) * part(session, phase)
        weighed[phase in SHARED_PHASES].append(people * rate)
        full = max(full, here.venue.capacity * rate)
    load = max(*weighed[True], sum(weighed[False]))
    return min(load, max(full, *weighed[True], *weighed[False]))


def _ground(here: Moment) -> Part:
    """Compute F1 as a whole, with its explanation; the split into crews follows."""
    c, venue = here.c, here.venue
    names: list[str] = [f"venue.{venue.kind.value}"]
    lines = []
    for session, phase, people, _ in here.pairs:
        used = _rates(session, phase)
        names += used
        q, threat, k = (c[name] for name in used)
        value = people * q * threat * k
        lines.append(
            f"{session.id}: {people:,.0f} people x {q:g} x {threat:g} x {k:g} = {value:,.2f}"
        )
    load, factor = _load(here, lambda _session, _phase: 1.0), c[names[0]]
    total = _up(load / 1000.0 * factor)
    crowd = sum(
        people * math.prod(c[n] for n in _rates(session, phase))
        for session, phase, people, _ in here.pairs
        if phase not in SHARED_PHASES
    )
    if round(load, 6) < round(crowd, 6):
        lines.append(f"the site holds {venue.capacity:,} people: at most {load:,.2f} together")
    lines.append(f"ceil({load:,.2f} / 1,000 x {factor:g}) = {total} officers")
    risk = _course_risk(here)
    if risk:
        names.append(f"route.{risk}")
        course = _up(venue.route_km * c[names[-1]])
        total += course
        lines.append(f"ceil({venue.route_km:g} km x {c[names[-1]]:g}) = {course} on the course")
    inputs: tuple[tuple[str, float | str], ...] = (
        *((f"attendance {s.id}", round(people, 3)) for s, _, people, _ in here.pairs),
        ("seats", float(venue.capacity)),
        ("kind of venue", venue.kind.value),
        ("route_km", venue.route_km),
    )
    return Part("F1", total, inputs, tuple(dict.fromkeys(names)), tuple(lines))


def _course_risk(here: Moment) -> int:
    """Return the risk by which a course is guarded; 0 when nothing is."""
    risks = [session.risk for session, _, _ in here.among(SEATED_PHASES)]
    return max(risks, default=0) if here.venue.route_km else 0


def _split(code: str, word: str) -> Callable[[Moment], Part]:
    """Give the part of F1 that comes in pairs, or in sections."""

    def give(here: Moment) -> Part:
        c, told = here.c, _ground(here)
        in_pairs = code == "patrol"

        def part(session: Session, phase: Phase) -> float:
            if phase in SHARED_PHASES:
                return 1.0 if in_pairs else 0.0
            share = c[f"public-order.{session.risk}"]
            return 1.0 - share if in_pairs else share

        people = _load(here, part) / 1000.0 * c[f"venue.{here.venue.kind.value}"]
        risk = _course_risk(here)
        if risk:
            share = c[f"public-order.{risk}"]
            course = here.venue.route_km * c[f"route.{risk}"]
            people += course * (1.0 - share if in_pairs else share)
        each = capability(code).unit_people
        units = _up(people / each)
        line = f"{people:,.2f} of them in {word}: ceil({people:,.2f} / {each}) = {units}"
        risks = [s.risk for s, phase, _, _ in here.pairs if phase in CROWD_PHASES]
        used = tuple(f"public-order.{risk}" for risk in sorted(set(risks)))
        return Part("F1", units, told.inputs, (*told.coefficients, *used), (*told.trace, line))

    return give


def _search(here: Moment) -> tuple[int, int, int, Part]:
    """Compute F4: dogs, bomb technicians, others, and the explanation; zeros outside a search."""
    searched = [(s, hours) for s, phase, _, hours in here.pairs if phase is Phase.SEARCH]
    if not searched:
        return 0, 0, 0, Part("F4", 0)
    c, venue = here.c, here.venue
    level = max(session.search_level for session, _ in searched)
    hours = max(h for _, h in searched)
    per_seat = f"search.seat.{level.word}"
    use = c.at("search.use", here.level)
    work = (
        venue.capacity * c[per_seat]
        + venue.rooms_m2 / c["search.rooms"]
        + venue.open_m2 / c["search.open"]
        + venue.vehicles / c["search.vehicles"]
        + venue.vessels * c["search.vessel"]
    )
    people = max(int(c["search.least"]), _up(work / (hours * use)))
    dogs = max(int(c["search.dog-least"]), _up(c["search.dog-share"] * people))
    eod = max(2, 2 * _up(people / c["search.eod-step"]))
    inputs: tuple[tuple[str, float | str], ...] = (
        ("seats", float(venue.capacity)),
        ("search level", level.word),
        ("search hours", hours),
    )
    trace = (
        f"work {work:,.2f} h: {venue.capacity:,} seats x {c[per_seat]:g} h and other areas",
        f"max({c['search.least']:g}, ceil({work:,.2f} / ({hours:g} h x {use:g}))) = {people} people",
        f"of whom {dogs} dog pairs and {eod} bomb technicians",
    )
    names = (per_seat, "search.use", "search.least", "search.dog-share", "search.eod-step")
    return dogs, eod, max(people - dogs - eod, 0), Part("F4", people, inputs, names, trace)


def _search_dogs(here: Moment) -> Part:
    dogs, _, _, told = _search(here)
    return Part("F4", dogs, told.inputs, told.coefficients, told.trace)


def _search_eod(here: Moment) -> Part:
    _, eod, _, told = _search(here)
    units = _up(eod / capability("eod").unit_people)
    line = (f"{eod} technicians in the search = {units} pairs",) if units else ()
    return Part("F4", units, told.inputs, told.coefficients, told.trace + line)


def _search_teams(here: Moment) -> Part:
    _, _, others, told = _search(here)
    team = capability("search").unit_people
    units = _up(others / team)
    line = (f"ceil({others} others / {team}) = {units} teams",) if units else ()
    return Part("F4", units, told.inputs, told.coefficients, told.trace + line)


def _lanes(here: Moment) -> Part:
    arriving = here.crowd((Phase.INGRESS,))
    rate = f"lanes.rate-{here.venue.bags.value}"
    c = here.c
    units = _up(arriving * c["lanes.peak-share"] / c[rate])
    trace = (
        f"ceil({arriving:,.0f} people x {c['lanes.peak-share']:g} / {c[rate]:g}) = {units} lanes"
    )
    inputs = (("arriving", round(arriving, 3)), ("bags", here.venue.bags.value))
    return Part("F7", units, inputs, ("lanes.peak-share", rate), (trace,))


def _gate_dogs(here: Moment) -> Part:
    if here.crowd((Phase.INGRESS,)) <= 0:
        return Part("F6", 0)
    c, lane = here.c, _lanes(here)
    posts = _up(lane.units / c["dogs.lanes"])
    dogs = max(int(c["dogs.least"]), int(c["dogs.per-post"]) * posts)
    line = f"max({c['dogs.least']:g}, {c['dogs.per-post']:g} x ceil({lane.units} / "
    line += f"{c['dogs.lanes']:g})) = {dogs} dog pairs at the gates"
    names = (*lane.coefficients, "dogs.lanes", "dogs.per-post", "dogs.least")
    return Part("F6", dogs, lane.inputs, names, (*lane.trace, line))


def _stewards(here: Moment) -> Part:
    inside = here.among(SEATED_PHASES)
    if not inside:
        return Part("F8", 0)
    present = here.crowd(SEATED_PHASES)
    risk = max(session.risk for session, _, _ in inside)
    name = "steward.people-risk" if risk >= 3 else "steward.people"
    static = here.venue.static_posts
    units = _up(present / here.c[name]) + static
    trace = f"{static} static posts + ceil({present:,.0f} / {here.c[name]:g}) = {units} stewards"
    inputs = (("present", round(present, 3)), ("risk", float(risk)), ("static", float(static)))
    return Part("F8", units, inputs, (name,), (trace,))


def _shift_eod(here: Moment) -> Part:
    guarded = here.among(GUARDED_PHASES)
    if not guarded:
        return Part("F5", 0)
    c = here.c
    crowd = max(people for _, _, people in guarded)
    threat = max(session.threat for session, _, _ in guarded)
    vip = max(session.vip for session, _, _ in guarded)
    name = "eod.base-small" if crowd < c["eod.crowd"] and threat == 0 else "eod.base"
    units = _up(c[name] + (c["eod.vip"] if vip >= 2 else 0))
    line = f"{crowd:,.0f} people, threat {threat.word}, visitors {vip}: {units} pairs on shift"
    inputs = (("attendance", round(crowd, 3)), ("threat", threat.word), ("vip", float(vip)))
    return Part("F5", units, inputs, (name, "eod.crowd", "eod.vip"), (line,))


def _doubling(here: Moment) -> Part:
    best, told = 0, ""
    for rule in here.event.doublings:
        for session, _, _ in here.among(GUARDED_PHASES):
            wanted = rule.factor * rule.baseline
            applies = rule.capability == "eod"
            applies = applies and (not rule.site_ids or here.venue.id in rule.site_ids)
            applies = applies and (not rule.nation or rule.nation in session.teams)
            if applies and wanted > best:
                best = wanted
                told = f"doubling: {rule.factor} x the host's {rule.baseline} = {wanted} pairs"
                told += f" when {rule.nation} plays" if rule.nation else ""
    return Part("F5", best, (), (), (told,) if told else ())


def _drones(here: Moment) -> Part:
    guarded = here.among(GUARDED_PHASES)
    if not guarded:
        return Part("F9", 0)
    crowd = max(people for _, _, people in guarded)
    vip = max(session.vip for session, _, _ in guarded)
    units = int(crowd >= here.c["drone.crowd"] or vip >= 1)
    line = f"{crowd:,.0f} people (limit {here.c['drone.crowd']:,.0f}), visitors {vip}: {units} team"
    inputs = (("attendance", round(crowd, 3)), ("vip", float(vip)))
    return Part("F9", units, inputs, ("drone.crowd",), (line,))


def _heads(here: Moment, phases: Sequence[Phase]) -> int:
    return max((session.heads_of_state for session, _, _ in here.among(phases)), default=0)


def _vip(name: str, phases: Sequence[Phase], word: str) -> Callable[[Moment], Part]:
    def give(here: Moment) -> Part:
        heads = _heads(here, phases)
        units = _up(heads * here.c[name])
        line = f"{heads} heads of State x {here.c[name]:g} = {units} {word}"
        return Part("F11", units, (("heads of State", float(heads)),), (name,), (line,))

    return give


def _visiting(code: str) -> Callable[[Moment], Part]:
    def give(here: Moment) -> Part:
        host = frozenset(n.code for n in here.event.nations if n.state == here.event.host)
        best: dict[str, tuple[int, str]] = {}
        for session, phase, people in here.among(CROWD_PHASES):
            for crowd in visitors(session, host):
                count = supporters_at(crowd.count, session, people)
                units, line = _for_nation(code, session, phase, crowd, count, here.c)
                if units > best.get(crowd.nation, (0, ""))[0]:
                    best[crowd.nation] = (units, line)
        total = sum(units for units, _ in best.values())
        formula = "F2" if code in {"joint_patrol", "escort"} else "F3"
        names = ("joint.supporters", "joint.event-share") if formula == "F2" else ()
        return Part(formula, total, (), names, tuple(line for _, line in best.values()))

    return give


def _for_nation(  # noqa: PLR0917 - one line of a table
    code: str, session: Session, phase: Phase, crowd: Supporters, count: float, c: Coefficients
) -> tuple[int, str]:
    if code in {"joint_patrol", "escort"}:
        whole = _up(count / c["joint.supporters"])
        units = _up(whole * c["joint.event-share"]) if phase is Phase.EVENT else whole
        half = ", half in the event" if phase is Phase.EVENT else ""
        base = f"ceil({count:,.0f} / {c['joint.supporters']:g}) = {whole}{half}"
        return units, f"{crowd.nation}: {base}: {units} pairs"
    if session.sport.lower() not in VISITOR_SPORTS:
        return 0, ""
    risk = crowd.risk_count
    spotters = int(c["spotter.unknown"])
    if risk is not None:
        least, most = int(c["spotter.least"]), int(c["spotter.most"])
        spotters = min(max(_up(risk / c["spotter.risk-supporters"]), least), most)
    if code == "spotter":
        known = "unknown" if risk is None else f"{risk}"
        return -(-spotters // 2), f"{crowd.nation}: risk supporters {known}: {spotters} spotters"
    if code == "host_guide":
        return -(-spotters // 2), f"{crowd.nation}: ceil({spotters} spotters / 2) guides"
    if code == "contact_officer":
        people = min(int(c["contact.most"]), _up(_up(count) / c["contact.supporters"]))
        return -(-people // 2), f"{crowd.nation}: {people} contact officers in pairs"
    return int(phase is not Phase.DISPERSAL), f"{crowd.nation}: 1 for the delegation"


_BEFORE: Final = (Phase.LOCKDOWN,)
_THERE: Final = (Phase.LOCKDOWN, *CROWD_PHASES)
_VISITING: Final = (
    "joint_patrol",
    "escort",
    "spotter",
    "contact_officer",
    "host_guide",
    "delegation_head",
    "delegation_coordinator",
    "liaison",
)

COMBINED: Final[dict[str, Combination]] = {
    "patrol": Combination((_split("patrol", "pairs"),)),
    "public_order": Combination((_split("public_order", "sections"),)),
    "k9_explosives": Combination(
        (_search_dogs, _gate_dogs, _vip("vip.dogs", _BEFORE, "dog pairs"))
    ),
    "search": Combination((_search_teams, _vip("vip.sweeps", _BEFORE, "sweeps of the route"))),
    "eod": Combination((_shift_eod, _search_eod, _doubling), is_greatest=True),
    "counter_drone": Combination((_drones,)),
    "close_protection": Combination((_vip("vip.teams", _THERE, "teams of twelve"),)),
    "screening": Combination((_lanes,)),
    "steward": Combination((_stewards,)),
    **{code: Combination((_visiting(code),)) for code in _VISITING},
}
"""Which parts make up each capability that sessions need."""
