"""Events and plans in the node's database, small enough to be checked by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.events import domain as events
from passerelle.node.jobs.domain import claim, finish
from passerelle.node.plans.domain import add_draft, start_plan
from passerelle.node.plans.solving import Solved
from passerelle.node.plans.table import table_of, write_table
from passerelle.planning.roster.plan import Line, Plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.kernel.clock import Clock
    from passerelle.node.events.models import Event, EventRevision
    from passerelle.node.plans.models import PlanVersion

__all__ = ["PEOPLE", "SESSIONS", "VENUES", "add_event", "add_plan", "write_folder"]

VENUES = """venue_id,name,city,lat,lon,capacity,country,timezone
STE,Stade Geoffroy-Guichard,Saint-Etienne,45.4607,4.3902,42000,FR,Europe/Paris
"""
SESSIONS = """session_id,venue_id,start,end,sport,phase,title,teams
F1,STE,2024-07-24T15:00:00+02:00,2024-07-24T17:00:00+02:00,Football,group,ARG v MAR,ARG-MAR
"""
PEOPLE = {"FR-1": 2, "MA-1": 4}


def write_folder(place: Path, name: str = "small-cup") -> Path:
    """Write an event folder with one venue and one session."""
    folder = place / name
    folder.mkdir()
    (folder / "venues.csv").write_text(VENUES, "utf-8")
    (folder / "sessions.csv").write_text(SESSIONS, "utf-8")
    return folder


def add_event(place: Path, clock: Clock, name: str = "small-cup") -> EventRevision:
    """Take the small event in and compute its need."""
    folder = write_folder(place, name)
    revision = events.import_event(folder, actor=COMMAND_LINE, clock=clock)
    events.compute_need(revision, actor=COMMAND_LINE, clock=clock)
    return revision


def add_plan(
    event: Event,
    clock: Clock,
    *lines: Line,
    n_violations: int = 0,
    people: Mapping[str, int] | None = None,
) -> PlanVersion:
    """Add a draft with the given lines, as a finished solve would."""
    start_plan(event, actor=COMMAND_LINE, clock=clock, seconds=1)
    job = claim("test", 30, clock)
    assert job is not None
    start = event.starts_at.replace(hour=22, minute=0) - timedelta(days=1)
    table = table_of(Plan("0" * 64, lines), start, {**PEOPLE, **(people or {})})
    solved = Solved(
        columns=write_table(table),
        certificate=None,
        status="feasible",
        value=100.0,
        bound=99.0,
        terms={"duty": 100.0},
        n_lines=len(table.line_group),
        n_duties=table.n_crew_duties,
        n_people=table.n_people,
        n_violations=n_violations,
        violations=["rest at FR-1"] * n_violations,
        seconds=1.0,
        peak_mb=100.0,
        versions={},
        instance_hash="0" * 64,
    )
    version = add_draft(job, solved, clock)
    finish(job, f"plan:{version.number}", clock)
    return version
