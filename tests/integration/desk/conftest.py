"""A small event with force and plan, of one row or of thirty."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.factories.plans import greedy_table, store_plan

from passerelle.node.accounts.actor import COMMAND_LINE
from passerelle.node.events import domain
from passerelle.node.events.queries import need_of, planned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from passerelle.kernel.clock import FixedClock
    from passerelle.node.plans.models import PlanVersion

VENUE_HEAD = "venue_id,name,city,lat,lon,capacity,country,timezone\n"
SESSION_HEAD = "session_id,venue_id,start,end,sport,phase,title,teams\n"


def write_event(folder: Path, rows: int, forces: Path) -> Path:
    """Write an event folder with so many venues, sessions and groups."""
    folder.mkdir()
    venues = [
        f"V{n:02d},Stadium {n},Town,45.{n:02d},4.{n:02d},20000,FR,Europe/Paris" for n in range(rows)
    ]
    sessions = [
        f"S{n:02d},V{n:02d},2024-07-24T15:00:00+02:00,2024-07-24T17:00:00+02:00,Football,group,A v B,"
        for n in range(rows)
    ]
    (folder / "venues.csv").write_text(VENUE_HEAD + "\n".join(venues) + "\n", "utf-8")
    (folder / "sessions.csv").write_text(SESSION_HEAD + "\n".join(sessions) + "\n", "utf-8")
    lines = forces.read_text("utf-8").splitlines()
    (folder / "forces.csv").write_text("\n".join(lines[: rows + 1]) + "\n", "utf-8")
    return folder


@pytest.fixture
def make_plan(
    db: None, tmp_path: Path, clock: FixedClock, project_root: Path
) -> Callable[[int], PlanVersion]:
    """Return a function that takes an event of so many rows in and stores a plan for it."""

    def make(rows: int) -> PlanVersion:
        forces = project_root / "examples/paris-2024/forces.csv"
        folder = write_event(tmp_path / f"cup-{rows}", rows, forces)
        revision = domain.import_event(folder, actor=COMMAND_LINE, clock=clock)
        snapshot = domain.compute_need(revision, actor=COMMAND_LINE, clock=clock)
        source = planned(revision.pk)
        first = source.event.period.start + timedelta(hours=6)
        table = greedy_table(source.force, need_of(snapshot.pk), first=first, days=2)
        return store_plan(revision, snapshot, table)

    return make
