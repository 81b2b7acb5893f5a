"""The tournament of an event folder: ``bracket.csv`` and ``ratings.csv``.

A bracket row names a match, its session, and for each side a team or a slot such as ``1A``,
``3D/E/F`` or ``W-M39``. Where both are given the slot counts: the team that really came through is
not known before the tournament.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from passerelle.planning.forecast.tournament import Match, Tournament
from passerelle.planning.formats.event_folder.tables import IssueLog, read_rows

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.planning.programme import Event

__all__ = ["BRACKET_COLUMNS", "RATING_COLUMNS", "read_tournament"]

BRACKET_COLUMNS: Final = (
    ("match_id", "session_id", "stage"),
    ("group", "slot1", "slot2", "team1", "team2"),
)
"""Columns of ``bracket.csv``: required, then optional."""

RATING_COLUMNS: Final = (("team", "rating"), ("as_of", "source"))
"""Columns of ``ratings.csv``: required, then optional."""

HOME_POINTS: Final = 100.0
"""Added to the rating of the host's team, as World Football Elo Ratings do at home."""


def read_tournament(folder: Path, event: Event) -> Tournament:
    """Read the tournament of an event.

    Raises
    ------
    InputError
        With every issue of both files; also when a match names no session of the event.
    """
    log = IssueLog()
    for name in ("bracket.csv", "ratings.csv"):
        if not (folder / name).exists():
            log.add(name, 0, "", "folder.missing-file", f"the file {name} in {folder.name}")
    log.check()
    ratings = {}
    for row in read_rows(folder / "ratings.csv", *RATING_COLUMNS, log):
        ratings[row.code("team")] = row.number("rating", least=0, most=5000)
    for nation in event.nations:
        if nation.state == event.host and nation.code in ratings:
            ratings[nation.code] += HOME_POINTS
    sessions = {session.id for session in event.sessions}
    matches = []
    for row in read_rows(folder / "bracket.csv", *BRACKET_COLUMNS, log):
        code, session = row.code("match_id"), row.code("session_id")
        if session and session not in sessions:
            row.wrong("session_id", "folder.unknown-session", "a session of the programme")
        one, two = (row.text(f"slot{i}", "") or row.text(f"team{i}") for i in (1, 2))
        matches.append(Match(code, session, row.text("stage"), row.text("group", ""), (one, two)))
    if not matches and not len(log):
        log.add("bracket.csv", 0, "", "folder.empty", "at least one match")
    log.check()
    matches.sort(key=lambda match: not match.is_group)
    try:
        return Tournament(tuple(matches), ratings)
    except ValueError as error:
        log.add("bracket.csv", 0, "", "folder.wrong-bracket", str(error).removeprefix("Expected "))
        log.check()
        raise
