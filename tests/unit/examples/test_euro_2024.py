"""The EURO example says what the facts say."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from passerelle.kernel.times import parse_instant
from passerelle.planning.formats.event_folder import load_event

if TYPE_CHECKING:
    from pathlib import Path


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.shared
def test_matches_and_stadiums_equal_the_facts(project_root: Path, shared: Path) -> None:
    event = load_event(project_root / "examples/euro-2024").event
    matches = _rows(shared / "data/euro-2024/matches.csv")
    venues = _rows(shared / "data/euro-2024/venues.csv")

    assert {(s.id, s.venue_id, s.interval.start, s.teams) for s in event.sessions} == {
        (m["session_id"], m["venue_id"], parse_instant(m["kickoff"]), (m["team1"], m["team2"]))
        for m in matches
    }
    assert {(v.id, v.capacity) for v in event.venues} == {
        (v["venue_id"], int(v["capacity"])) for v in venues
    }
