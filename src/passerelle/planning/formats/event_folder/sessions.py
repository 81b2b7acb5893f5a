"""Sessions of an event folder, with the stated default of whatever is not given.

Columns are those of ``docs/reference/event-folder.md``. A default is never silent: the field is
named in ``assumed`` of the session and counted in :attr:`Event.assumptions`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from passerelle.kernel.ids import is_code
from passerelle.kernel.times import Interval, parse_instant
from passerelle.planning.formats.event_folder.tables import read_rows
from passerelle.planning.programme import SearchLevel, Session, Supporters, Threat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from passerelle.planning.formats.event_folder.tables import IssueLog, Row
    from passerelle.planning.need.coefficients import Coefficients
    from passerelle.planning.programme import Nation, Venue

__all__ = ["SESSION_COLUMNS", "read_sessions"]

SESSION_COLUMNS: Final = (
    ("session_id", "venue_id", "start", "end", "sport"),
    (
        "start_utc",
        "end_utc",
        "phase",
        "title",
        "teams",
        "medal",
        "gold_events",
        "units",
        "locations",
        "estimated",
        "note",
        "attendance",
        "risk",
        "vip",
        "heads_of_state",
        "threat",
        "search",
        "supporters",
    ),
)
"""Columns of ``sessions.csv``: required, then optional."""

_KNOCK_OUT: Final = frozenset(
    {"r16", "qf", "sf", "quarterfinal", "semifinal", "bronze", "final", "elimination"}
)


def read_sessions(
    path: Path,
    *,
    venues: Mapping[str, Venue],
    wrong_venues: frozenset[str],
    threat: Threat,
    nations: Mapping[str, Nation],
    host: str,
    coefficients: Coefficients,
    log: IssueLog,
) -> tuple[Session, ...]:
    """Read a file of sessions and complete each by the stated defaults.

    Parameters
    ----------
    path
        ``sessions.csv`` or another programme of the same event.
    venues, wrong_venues
        Known venues by code, and codes of those whose rows are wrong.
    threat
        Level of the event, the default of its sessions.
    nations
        Known nations by code.
    host
        State of the host; its own team brings no visitors.
    coefficients
        Where the defaults stand.
    log
        Where issues go.
    """
    reader = _SessionReader(venues, wrong_venues, threat, nations, host, coefficients)
    found: dict[str, Session] = {}
    lines: dict[str, int] = {}
    for row in read_rows(path, *SESSION_COLUMNS, log):
        code = row.code("session_id")
        if code in lines:
            row.wrong("session_id", "folder.double-id", "a code used once")
        lines[code] = row.line
        session = reader.read(row, code)
        if session is not None:
            found[code] = session
    _refuse_overlaps(path.name, found.values(), lines, log)
    ordered = sorted(found.values(), key=lambda s: (s.interval.start, s.id))
    return tuple(_search_opening_and_final(ordered))


def _search_opening_and_final(sessions: list[Session]) -> Iterator[Session]:
    """Search fully before the first session and the final of an event of one sport (F4)."""
    single = len({session.sport for session in sessions}) == 1
    for index, session in enumerate(sessions):
        marked = single and (index == 0 or session.stage == "final")
        if marked and "search" in session.assumed:
            yield replace(session, search_level=SearchLevel.FULL)
        else:
            yield session


def _refuse_overlaps(
    file: str, sessions: Iterable[Session], lines: Mapping[str, int], log: IssueLog
) -> None:
    """Refuse sessions of a venue at the same time, unless one names its part of the venue."""
    last: dict[str, Session] = {}
    for session in sorted(sessions, key=lambda s: (s.venue_id, s.interval.start, s.id)):
        before = last.get(session.venue_id)
        if (
            before is not None
            and before.interval.overlaps(session.interval)
            and not (before.part or session.part)
        ):
            expected = f"a start after the end of {before.id}, or the column locations filled"
            line = lines[session.id]
            log.add(file, line, "start", "folder.overlap", expected, session.interval)
        if before is None or session.interval.end > before.interval.end:
            last[session.venue_id] = session


class _SessionReader:
    """Read one row of a programme; holds what all rows share."""

    def __init__(  # noqa: PLR0917 - the order of read_sessions
        self,
        venues: Mapping[str, Venue],
        wrong_venues: frozenset[str],
        threat: Threat,
        nations: Mapping[str, Nation],
        host: str,
        coefficients: Coefficients,
    ) -> None:
        self._venues = venues
        self._wrong = wrong_venues
        self._threat = threat
        self._nations = nations
        self._host = host
        self._c = coefficients

    def read(self, row: Row, code: str) -> Session | None:
        """Return the session, or ``None`` when its row is wrong."""
        place = row.code("venue_id")
        venue = self._venues.get(place)
        if venue is None and place and self._venues and place not in self._wrong:
            row.wrong("venue_id", "folder.unknown-venue", "a code of venues.csv")
        interval = _interval(row)
        sport, stage = row.text("sport"), row.text("phase", "")
        teams = _teams(row)
        seats = venue.capacity if venue else 0
        risk = row.whole("risk", self._risk(sport, stage), least=1, most=5)
        ceremony = stage == "ceremony"
        vip = row.whole("vip", 3 if ceremony else 0, most=3)
        share = self._c["default.attendance-share"]
        attendance = row.whole("attendance", round(seats * share), most=10_000_000)
        if venue is not None and attendance > seats:
            row.wrong("attendance", "folder.too-many-people", f"at most the {seats} places there")
        threat = row.choice("threat", Threat, self._threat)
        level = _search_level(threat, risk, vip, ceremony=ceremony)
        supporters = self._supporters(row, sport, teams, attendance)
        heads = row.whole("heads_of_state", 0, most=300)
        search = row.choice("search", SearchLevel, level)
        medal = row.flag("medal")
        if not row.ok or interval is None or venue is None:
            return None
        return Session(
            id=code,
            venue_id=venue.id,
            interval=interval,
            sport=sport,
            stage=stage,
            title=row.text("title", sport),
            teams=teams,
            attendance=attendance,
            risk=risk,
            vip=vip,
            heads_of_state=heads,
            threat=threat,
            search_level=search,
            supporters=supporters,
            medal=medal,
            assumed=_assumed(row, supporters),
            note=row.text("note", ""),
            part=row.text("locations", ""),
        )

    def _risk(self, sport: str, stage: str) -> int:
        if stage == "ceremony":
            return int(self._c["default.risk-ceremony"])
        if sport.lower() == "football":
            knock_out = "-knock-out" if stage in _KNOCK_OUT else ""
            return int(self._c[f"default.risk-football{knock_out}"])
        return int(self._c["default.risk-final" if stage == "final" else "default.risk-other"])

    def _supporters(
        self, row: Row, sport: str, teams: tuple[str, ...], attendance: int
    ) -> tuple[Supporters, ...]:
        if row.has("supporters"):
            return _given_supporters(row)
        if sport.lower() != "football":
            return ()
        share = round(self._c["default.supporters-share"] * attendance)
        found = []
        for team in teams:
            nation = self._nations.get(team)
            if nation is None or nation.state != self._host:
                usual = nation.travelling if nation and nation.travelling else share
                found.append(Supporters(team, min(usual, attendance)))
        return tuple(found)


def _interval(row: Row) -> Interval | None:
    start, end = row.instant("start"), row.instant("end")
    if start is None or end is None:
        return None
    if start >= end:
        row.wrong("end", "folder.reversed", "an end after the start")
        return None
    for column, instant in (("start_utc", start), ("end_utc", end)):
        if row.has(column):
            try:
                same = parse_instant(row.text(column)) == instant
            except ValueError:
                same = False
            if not same:
                local = column.removesuffix("_utc")
                row.wrong(column, "folder.contradiction", f"the same instant as {local}")
    return Interval(start, end)


def _teams(row: Row) -> tuple[str, ...]:
    """Read ``ARG-MAR;UKR-IRQ`` as the nations that play, each once."""
    codes = [code for pair in row.items("teams") for code in pair.split("-")]
    for code in codes:
        if not is_code(code):
            row.wrong("teams", "folder.not-a-code", "pairs such as ARG-MAR, separated by ';'")
            break
    return tuple(dict.fromkeys(codes))


def _given_supporters(row: Row) -> tuple[Supporters, ...]:
    """Read ``MAR:15000/150;ARG:500``: nation, supporters, and how many of them are risk."""
    found: dict[str, Supporters] = {}
    for item in row.items("supporters"):
        nation, _, figures = item.partition(":")
        count, slash, risk = figures.partition("/")
        try:
            crowd = Supporters(nation, int(count), int(risk) if slash else None)
        except ValueError:
            crowd = None
        if crowd is None or not is_code(nation) or nation in found:
            expected = "items such as MAR:15000 or MAR:15000/150, each nation once"
            row.wrong("supporters", "folder.not-supporters", expected)
            return ()
        found[nation] = crowd
    return tuple(found.values())


def _search_level(threat: Threat, risk: int, vip: int, *, ceremony: bool) -> SearchLevel:
    """Choose how thoroughly to search (F4)."""
    if threat is Threat.MAXIMUM or vip >= 2 or ceremony:
        return SearchLevel.FULL
    if threat is Threat.HEIGHTENED or risk >= 4:
        return SearchLevel.STANDARD
    return SearchLevel.LIGHT


def _assumed(row: Row, supporters: tuple[Supporters, ...]) -> frozenset[str]:
    names = ("attendance", "risk", "vip", "heads_of_state", "threat", "search")
    found = {name for name in names if not row.has(name)}
    if supporters and not row.has("supporters"):
        found.add("supporters")
    if row.flag("estimated"):
        found.add("times")
    return frozenset(found)
