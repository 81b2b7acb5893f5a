"""The need as a distribution: who plays, how many come, and what partners really send.

For every run a tournament gives the teams of each session; attendance, supporters and answers of
partners are drawn; the formulas of the need give joint patrols and spotters by nation, officers and
stewards by site. The result says how often a need occurs and which number suffices how often.

Spreads used [A]: attendance triangular between the low and high factor of the coefficient file;
supporters of a nation log-normal with standard deviation 0.35 around what is expected; the answer
of a partner Beta with the mean of ``ask.fill`` and concentration 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np

from passerelle.kernel.capabilities import capability
from passerelle.planning.forecast.outcomes import Outcomes, play
from passerelle.planning.need.formulas import ask, ceil_units, officers
from passerelle.planning.need.values import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from passerelle.planning.forecast.tournament import Tournament
    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.need.values import FloatArray, IntArray
    from passerelle.planning.programme import Event, Session

__all__ = ["Forecast", "NationSpread", "Spread", "forecast"]

_SUPPORTER_SPREAD: Final = 0.35
_ANSWER_CONCENTRATION: Final = 12.0


@dataclass(frozen=True, slots=True)
class Spread:
    """Describe how one need is distributed over the runs.

    Parameters
    ----------
    site_id, date, capability, nation
        Where, on which local day, what, and for whose supporters (empty for all).
    probability
        Share of runs in which it is more than nothing.
    mean
        Mean units over all runs.
    p50, p80, p95, most
        Units that suffice in half, 80 %, 95 % and all of the runs.
    """

    site_id: str
    date: str
    capability: str
    nation: str
    probability: float
    mean: float
    p50: int
    p80: int
    p95: int
    most: int


@dataclass(frozen=True, slots=True)
class NationSpread:
    """Describe what one nation asks of its own police and of the host.

    Parameters
    ----------
    nation, state
        Code in the programme, and the state.
    matches
        Mean number of matches.
    last_match_p80
        Local day by which its last match is played in 80 % of the runs.
    pairs_on_service
        Pairs for joint patrols on its busiest day that suffice at the service level.
    ask
        Pairs to ask for so that as many arrive at the service level, given how partners answer.
    """

    nation: str
    state: str
    matches: float
    last_match_p80: str
    pairs_on_service: int
    ask: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Hold a forecast.

    Parameters
    ----------
    event_id, coefficient_version, runs, seed, service
        What it was made of.
    spreads
        Need by site, day, capability and nation.
    nations
        One entry a nation that may play.
    """

    event_id: str
    coefficient_version: str
    runs: int
    seed: int
    service: float
    spreads: tuple[Spread, ...]
    nations: tuple[NationSpread, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Crowds:
    """Hold what is drawn for each run: who comes, to each match of the tournament."""

    outcomes: Outcomes
    sessions: tuple[Session, ...]
    days: tuple[str, ...]
    attendance: FloatArray
    supporters: FloatArray


def forecast(
    event: Event,
    tournament: Tournament,
    coefficients: Coefficients,
    *,
    runs: int,
    seed: int,
    service: float = 0.9,
) -> Forecast:
    """Simulate a tournament and give the need as a distribution.

    Parameters
    ----------
    event
        The event; sessions that the tournament does not name keep their one known need and are
        left out here.
    tournament
        Matches, each in a session of the event, and ratings.
    coefficients
        Numbers of the demand model.
    runs, seed
        How many runs, and where chance starts; the same seed gives the same forecast.
    service
        Share of runs in which a contingent should suffice, above 0 and below 1.
    """
    if not 0 < service < 1:
        raise ValueError(f"Expected 0 < service < 1, got {service}.")
    random = np.random.default_rng(seed)
    crowds = _draw(event, play(tournament, runs, random), coefficients, random)
    patrols = _patrols(event, crowds, coefficients)
    answers = random.beta(
        coefficients["ask.fill"] * _ANSWER_CONCENTRATION,
        (1 - coefficients["ask.fill"]) * _ANSWER_CONCENTRATION,
        size=runs,
    )
    spreads = [*_by_nation(crowds, patrols), *_by_site(event, crowds, coefficients)]
    return Forecast(
        event_id=event.id,
        coefficient_version=coefficients.version,
        runs=runs,
        seed=seed,
        service=service,
        spreads=tuple(sorted(spreads, key=lambda s: (s.date, s.site_id, s.capability, s.nation))),
        nations=tuple(_nations(event, crowds, patrols, answers, service)),
    )


def _draw(
    event: Event, outcomes: Outcomes, c: Coefficients, random: np.random.Generator
) -> _Crowds:
    by_id = {session.id: session for session in event.sessions}
    sessions = tuple(by_id[match.session_id] for match in outcomes.tournament.matches)
    zone = ZoneInfo(event.timezone)
    seats = {venue.id: float(venue.capacity) for venue in event.venues}
    known = np.array([session.attendance for session in sessions], dtype=np.float64)
    most = np.maximum(known, [seats[session.venue_id] for session in sessions])
    kinds = ["assumed" if "attendance" in s.assumed else "given" for s in sessions]
    low, central, high = (
        np.array([c.at(f"default.attendance-{kind}", level) for kind in kinds]) for level in Level
    )
    factor = random.triangular(low, central, high, size=(len(outcomes.sides), len(sessions)))
    attendance = np.minimum(known * factor, most)
    nations = {nation.code: nation for nation in event.nations}
    host = {n.code for n in event.nations if n.state == event.host}
    teams = outcomes.tournament.teams
    usual = np.array(
        [nations[t].travelling if t in nations else 0 for t in teams], dtype=np.float64
    )
    home = np.array([t in host for t in teams])
    expected = np.where(
        usual[outcomes.sides] > 0,
        usual[outcomes.sides],
        c["default.supporters-share"] * attendance[:, :, None],
    )
    noise = random.lognormal(-(_SUPPORTER_SPREAD**2) / 2, _SUPPORTER_SPREAD, expected.shape)
    supporters = np.minimum(expected * noise, attendance[:, :, None])
    supporters[home[outcomes.sides]] = 0.0
    days = tuple(s.interval.start.astimezone(zone).date().isoformat() for s in sessions)
    return _Crowds(outcomes, sessions, days, attendance, supporters)


def _patrols(event: Event, crowds: _Crowds, c: Coefficients) -> IntArray:
    """Compute F2 at ingress for both sides of every match, shape ``(n_runs, n_matches, 2)``."""
    del event
    return ceil_units(crowds.supporters / c["joint.supporters"])


def _spread(place: tuple[str, str, str, str], units: IntArray) -> Spread:
    p50, p80, p95 = (int(np.ceil(np.quantile(units, q, method="higher"))) for q in (0.5, 0.8, 0.95))
    site, date, code, nation = place
    return Spread(
        site_id=site,
        date=date,
        capability=code,
        nation=nation,
        probability=float((units > 0).mean()),
        mean=float(units.mean()),
        p50=p50,
        p80=p80,
        p95=p95,
        most=int(units.max()),
    )


def _per_team(crowds: _Crowds, patrols: IntArray) -> Iterator[tuple[int, int, IntArray]]:
    """Yield match, team and units in every run, for each team that may play the match."""
    sides = crowds.outcomes.sides
    for index in range(sides.shape[1]):
        for team in np.unique(sides[:, index]).tolist():
            here = np.where(sides[:, index] == team, patrols[:, index], 0).sum(axis=1)
            yield index, team, here


def _by_nation(crowds: _Crowds, patrols: IntArray) -> Iterator[Spread]:
    teams = crowds.outcomes.tournament.teams
    sums: dict[tuple[str, str, str, str], IntArray] = {}
    for index, team, units in _per_team(crowds, patrols):
        place = (crowds.sessions[index].venue_id, crowds.days[index], "joint_patrol", teams[team])
        sums[place] = sums.get(place, np.zeros_like(units)) + units
    yield from (_spread(place, units) for place, units in sums.items() if units.any())


def _by_site(event: Event, crowds: _Crowds, c: Coefficients) -> Iterator[Spread]:
    """Give officers and stewards at the full house, and joint patrols of all nations."""
    kinds = {venue.id: venue for venue in event.venues}
    section, pair = capability("public_order").unit_people, capability("patrol").unit_people
    found: dict[tuple[str, str, str, str], IntArray] = {}
    patrols = _patrols(event, crowds, c).sum(axis=2)
    for index, session in enumerate(crowds.sessions):
        venue, people = kinds[session.venue_id], crowds.attendance[:, index]
        rate = c[f"q.{session.risk}"] * c[f"threat.{session.threat.word}"]
        total = officers(people * rate, c[f"venue.{venue.kind.value}"])
        share = c[f"public-order.{session.risk}"]
        ratio = c["steward.people-risk" if session.risk >= 3 else "steward.people"]
        units: Mapping[str, IntArray] = {
            "patrol": ceil_units((1 - share) * total / pair),
            "public_order": ceil_units(share * total / section),
            "steward": ceil_units(people / ratio) + venue.static_posts,
            "joint_patrol": patrols[:, index],
        }
        for code, count in units.items():
            place = (venue.id, crowds.days[index], code, "")
            found[place] = np.maximum(found.get(place, np.zeros_like(count)), count)
    yield from (_spread(place, units) for place, units in found.items() if units.any())


def _nations(
    event: Event, crowds: _Crowds, patrols: IntArray, answers: FloatArray, service: float
) -> Iterator[NationSpread]:
    teams = crowds.outcomes.tournament.teams
    states = {nation.code: nation.state for nation in event.nations}
    labels = tuple(sorted(set(crowds.days)))
    rank = np.array([labels.index(day) for day in crowds.days])
    runs = len(answers)
    daily = {team: np.zeros((runs, len(labels)), dtype=np.int64) for team in range(len(teams))}
    for index, side, units in _per_team(crowds, patrols):
        daily[side][:, rank[index]] += units
    for number, team in enumerate(teams):
        plays = (crowds.outcomes.sides == number).any(axis=2)
        last = np.where(plays, rank[None, :], -1).max(axis=1)
        busiest = daily[number].max(axis=1)
        needed = int(np.quantile(busiest, service, method="higher"))
        yield NationSpread(
            nation=team,
            state=states.get(team, team),
            matches=float(plays.sum(axis=1).mean()),
            last_match_p80=labels[int(np.quantile(last, 0.8, method="higher"))],
            pairs_on_service=needed,
            ask=_asked(busiest, answers, service),
        )


def _asked(busiest: IntArray, answers: FloatArray, service: float) -> int:
    """Return the smallest ask of which enough arrives at the service level."""
    if not busiest.any():
        return 0
    wanted = np.quantile(busiest / np.maximum(answers, 1e-6), service, method="higher")
    return ask(float(wanted), 1.0)
