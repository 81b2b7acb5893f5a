"""What a page starts from: the event, its newest programme, the version of the plan in view.

Revisions, needs and plans never change, so what is computed from them is kept in the process, by
their keys. A page costs the few queries that find the rows and nothing for what lies behind them.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from passerelle.desk.boards.filling import fill_cube
from passerelle.node.events.queries import (
    find_event,
    latest_need,
    latest_revision,
    need_of,
    planned,
    programme_of,
)
from passerelle.node.plans.queries import current, find_version
from passerelle.node.plans.queries import table as table_of

if TYPE_CHECKING:
    from passerelle.desk.boards.cube import CoverageCube
    from passerelle.node.events.models import Event, EventRevision, NeedSnapshot
    from passerelle.node.plans.models import PlanVersion
    from passerelle.node.plans.table import PlanTable
    from passerelle.planning.force import Force
    from passerelle.planning.need.values import Need
    from passerelle.planning.programme import Event as Programme

__all__ = ["Facts", "load_facts"]


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what a page of an event starts from.

    Parameters
    ----------
    event
        The event's row.
    revision
        The revision that is shown: that of the version in view, else the newest.
    snapshot
        The need that is shown; ``None`` while none was computed.
    version
        The version of the plan in view; ``None`` while there is none.
    is_asked
        Whether the address names the version.
    """

    event: Event
    revision: EventRevision
    snapshot: NeedSnapshot | None
    version: PlanVersion | None
    is_asked: bool

    @property
    def zone(self) -> ZoneInfo:
        """Zone in which the event counts its days."""
        return ZoneInfo(self.event.time_zone)

    @property
    def programme(self) -> Programme:
        """The programme: for a version that repairs a plan, as the changes left it."""
        if self.snapshot is None:
            return planned(self.revision.pk).event
        return programme_of(self.snapshot.pk)

    @property
    def force(self) -> Force:
        """Who may be posted."""
        return planned(self.revision.pk).force

    @property
    def need(self) -> Need | None:
        """The need; ``None`` while none was computed."""
        return None if self.snapshot is None else need_of(self.snapshot.pk)

    @property
    def table(self) -> PlanTable | None:
        """The plan in view as columns; ``None`` while there is none."""
        return None if self.version is None else table_of(self.version.pk)

    @property
    def cube(self) -> CoverageCube | None:
        """Need and people on duty on one grid; ``None`` while there is no need."""
        if self.snapshot is None:
            return None
        return _cube(self.snapshot.pk, self.version.pk if self.version else None)

    @property
    def days(self) -> tuple[date, ...]:
        """Local days of the event."""
        period = self.programme.period
        first = period.start.astimezone(self.zone).date()
        last = (period.end - timedelta(seconds=1)).astimezone(self.zone).date()
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))

    def day(self, text: str) -> date:
        """Return the day that an address names; the first day with a session when it names none."""
        days = self.days
        try:
            wanted = date.fromisoformat(text)
        except ValueError:
            sessions = self.programme.sessions
            if not sessions:
                return days[0]
            wanted = sessions[0].interval.start.astimezone(self.zone).date()
        return min(max(wanted, days[0]), days[-1])


def load_facts(code: str, version: str = "") -> Facts:
    """Find the rows of an event and of the version in view.

    Parameters
    ----------
    code
        Code of the event.
    version
        Number of the version, as an address names it; empty for the current one.

    Raises
    ------
    RefusedError
        When there is no such event or version.
    """
    event = find_event(code)
    is_asked = version.isdecimal()
    shown = find_version(event, int(version)) if is_asked else current(event)
    if shown is not None:
        return Facts(event, shown.revision, shown.need, shown, is_asked)
    revision = latest_revision(event)
    return Facts(event, revision, latest_need(revision), None, is_asked=False)


@lru_cache(maxsize=6)
def _cube(need_id: int, version_id: int | None) -> CoverageCube:
    cube = fill_cube(need_of(need_id), None if version_id is None else table_of(version_id))
    # Programme, force, need and plan stay for long; without this, the collector of cycles walks
    # through all of them every few pages and stops a page for up to 170 ms (bench desk).
    gc.collect()
    gc.freeze()
    return cube
