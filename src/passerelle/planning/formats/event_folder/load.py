"""Read an event folder: everything is checked, every mistake reported at once, nothing half taken.

``event.toml`` may be missing: then host, zone and period come from the tables, and every default is
listed in :attr:`Event.assumptions`, which is the list of what must be asked.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from passerelle.kernel.ids import is_slug
from passerelle.kernel.times import Interval
from passerelle.planning.formats.event_folder.asking import assumptions
from passerelle.planning.formats.event_folder.forces import ForceReader
from passerelle.planning.formats.event_folder.sessions import read_sessions
from passerelle.planning.formats.event_folder.settings import FILE, PROGRAMME, read_settings
from passerelle.planning.formats.event_folder.tables import IssueLog, read_bytes
from passerelle.planning.formats.event_folder.territory import TerritoryReader
from passerelle.planning.formats.event_folder.venues import read_venues
from passerelle.planning.need.coefficients import standard_coefficients
from passerelle.planning.programme import Event, Threat

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.planning.force import Force
    from passerelle.planning.formats.event_folder.settings import Settings
    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.programme import Session, Venue

__all__ = ["FILES", "LoadedEvent", "load_event"]

FILES: Final = (
    FILE,
    "venues.csv",
    PROGRAMME,
    "territory.csv",
    "forces.csv",
    "contingents.csv",
    "bracket.csv",
    "ratings.csv",
)
"""Files of an event folder; only venues and sessions are required."""

MOST_DAYS: Final = timedelta(days=1100)
"""Longest period that ``event.toml`` may name: three years."""


@dataclass(frozen=True, slots=True)
class LoadedEvent:
    """Hold what an event folder says.

    Parameters
    ----------
    event
        The event, complete.
    force
        Forces and contingents; empty groups when the files are not there.
    digest
        SHA-256 over names and bytes of the files read, in hexadecimal.
    """

    event: Event
    force: Force
    digest: str


def load_event(
    folder: Path,
    *,
    programme: str | None = None,
    coefficients: Coefficients | None = None,
) -> LoadedEvent:
    """Read an event folder.

    Parameters
    ----------
    folder
        The folder.
    programme
        File of the sessions, for a folder that holds more than one programme; what ``event.toml``
        says, or ``sessions.csv``, when left out.
    coefficients
        Where the defaults stand; those of the product when left out.

    Raises
    ------
    InputError
        With every issue of every file.
    """
    c = coefficients or standard_coefficients()
    log = IssueLog()
    _refuse_missing(folder, (), log)
    settings = read_settings(folder, log)
    programme = programme or settings.programme
    _refuse_missing(folder, ("venues.csv", programme), log)
    venues, wrong = read_venues(folder / "venues.csv", log, c)
    by_id = {venue.id: venue for venue in venues}
    host = settings.host or _most_common([venue.country for venue in venues])
    threat = Threat.STANDARD if settings.threat is None else settings.threat
    sessions = read_sessions(
        folder / programme,
        venues=by_id,
        wrong_venues=wrong,
        threat=threat,
        nations=settings.nations,
        host=host,
        coefficients=c,
        log=log,
    )
    if not venues or not sessions:
        if not len(log):
            log.add(programme, 0, "", "folder.empty", "at least one venue and one session")
        log.check()
    zone = settings.timezone or _most_common([venue.timezone for venue in venues])
    basics = _Basics(host, zone, settings.period or _period(sessions, zone), threat)
    _check_period(settings, sessions, programme, log)
    territory = _territory(folder, settings, by_id, basics, log)
    force, reported = _force(folder, settings, basics, venues, territory, log)
    _check_settings(settings, by_id, territory, log)
    log.check()
    event = _event(folder, settings, basics, venues, sessions, territory, reported)
    return LoadedEvent(event, force, _digest(folder, programme))


@dataclass(frozen=True, slots=True)
class _Basics:
    """Hold what every table is read against."""

    host: str
    zone: str
    period: Interval
    threat: Threat


def _refuse_missing(folder: Path, names: tuple[str, ...], log: IssueLog) -> None:
    if not folder.is_dir():
        log.add(folder.name, 0, "", "folder.not-a-folder", "a folder with venues.csv")
        log.check()
    missing = [name for name in names if not (folder / name).exists()]
    for name in missing:
        log.add(name, 0, "", "folder.missing-file", f"the file {name} in {folder.name}")
    if missing:
        log.check()


def _most_common(words: list[str]) -> str:
    return Counter(words).most_common(1)[0][0] if words else ""


def _period(sessions: tuple[Session, ...], zone: str) -> Interval:
    """From midnight before the day before the first session to midnight after the last."""
    local = ZoneInfo(zone)
    first = min(session.interval.start for session in sessions).astimezone(local).date()
    last = max(session.interval.end for session in sessions).astimezone(local).date()
    start = datetime.combine(first - timedelta(days=1), time(), local)
    end = datetime.combine(last + timedelta(days=1), time(), local)
    return Interval(start.astimezone(UTC), end.astimezone(UTC))


def _check_period(
    settings: Settings, sessions: tuple[Session, ...], programme: str, log: IssueLog
) -> None:
    if settings.period is not None:
        if settings.period.length > MOST_DAYS:
            expected = f"at most {MOST_DAYS.days} days"
            log.add(FILE, 0, "to", "folder.too-long", expected, settings.period)
        for session in sessions:
            if not (
                settings.period.start <= session.interval.start
                and session.interval.end <= settings.period.end
            ):
                expected = f"sessions within {settings.period}, as event.toml says"
                log.add(programme, 0, "start", "folder.outside-period", expected, session.id)


def _territory(
    folder: Path,
    settings: Settings,
    venues: dict[str, Venue],
    basics: _Basics,
    log: IssueLog,
) -> TerritoryReader:
    reader = TerritoryReader(venues, basics.zone, basics.period)
    path = folder / "territory.csv"
    if path.exists() or path.is_symlink():
        reader.read_file(path, log)
    for row in settings.posts:
        reader.read(row)
    return reader


def _force(  # noqa: PLR0917 - what was read so far
    folder: Path,
    settings: Settings,
    basics: _Basics,
    venues: tuple[Venue, ...],
    territory: TerritoryReader,
    log: IssueLog,
) -> tuple[Force, int]:
    reader = ForceReader(
        host=basics.host,
        timezone=basics.zone,
        period=basics.period,
        rules=settings.rules,
        site_ids=[*(venue.id for venue in venues), *territory.sites],
        towns=_towns(venues),
        log=log,
    )
    for name, read in (
        ("forces.csv", reader.read_forces),
        ("contingents.csv", reader.read_contingents),
    ):
        path = folder / name
        if path.exists() or path.is_symlink():
            read(path)
    return reader.force(), reader.reported


def _towns(venues: tuple[Venue, ...]) -> dict[str, tuple[float, float]]:
    """Return a position in each town, the town with the most places first."""
    seats: Counter[str] = Counter()
    for venue in venues:
        seats[venue.city] += venue.capacity
    first = {venue.city: (venue.lat, venue.lon) for venue in reversed(venues)}
    return {city: first[city] for city, _ in seats.most_common()}


def _check_settings(
    settings: Settings, venues: dict[str, Venue], territory: TerritoryReader, log: IssueLog
) -> None:
    known = {*venues, *territory.sites}
    named = [("centre", settings.centre)] if settings.centre else []
    named += [(f"alerts[{i}].site", area.site_id) for i, area in enumerate(settings.alerts, 1)]
    named += [
        (f"doublings[{i}].sites", site)
        for i, rule in enumerate(settings.doublings, 1)
        for site in rule.site_ids
    ]
    named += [
        (f"qualifications[{i}].sites", site)
        for i, asked in enumerate(settings.qualifications, 1)
        for site in asked.site_ids
    ]
    for column, site in named:
        if site not in known:
            expected = "a site of venues.csv or territory.csv"
            log.add(FILE, 0, column, "folder.unknown-site", expected, site)


def _event(  # noqa: PLR0917 - what was read so far
    folder: Path,
    settings: Settings,
    basics: _Basics,
    venues: tuple[Venue, ...],
    sessions: tuple[Session, ...],
    territory: TerritoryReader,
    reported: int,
) -> Event:
    slug = folder.resolve().name.lower().replace("_", "-")
    code = settings.id or (slug if is_slug(slug) else "event")
    played = {team for session in sessions for team in session.teams}
    played |= {crowd.nation for session in sessions for crowd in session.supporters}
    played |= set(settings.own_nations)
    nations = tuple(settings.nations[name] for name in sorted(played & set(settings.nations)))
    states = settings.states or _states(sessions, settings, basics.host)
    return Event(
        id=code,
        name=settings.name or code,
        host=basics.host,
        timezone=basics.zone,
        period=basics.period,
        threat=basics.threat,
        venues=venues,
        sessions=sessions,
        territory=tuple(territory.sites.values()),
        posts=tuple(territory.posts.values()),
        nations=nations,
        doublings=settings.doublings,
        alert_areas=settings.alerts,
        qualifications=settings.qualifications,
        centre_site_id=settings.centre,
        states=states,
        assumptions=assumptions(
            settings, venues, sessions, tuple(territory.posts.values()), reported
        ),
    )


def _states(sessions: tuple[Session, ...], settings: Settings, host: str) -> tuple[str, ...]:
    """List the states whose teams play, without the host."""
    teams = {team for session in sessions for team in session.teams}
    states = {settings.nations[team].state if team in settings.nations else team for team in teams}
    return tuple(sorted(states - {host}))


def _digest(folder: Path, programme: str) -> str:
    total = hashlib.sha256()
    for name in dict.fromkeys((programme, *(f for f in FILES if f != PROGRAMME))):
        path = folder / name
        if path.is_file():
            data = read_bytes(path, IssueLog()) or b""
            total.update(f"{name}\0{len(data)}\0".encode() + data)
    return total.hexdigest()
