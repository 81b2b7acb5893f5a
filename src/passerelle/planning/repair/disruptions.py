"""Draw disruptions of a published plan, for benchmarks and trials.

Each kind of change comes equally often; what it hits and when it becomes known is drawn. Sessions
move by hours or a day, contingents come a day late or leave, one to five crews fall ill, risk rises to
the highest class, a site closes for half a day, a post asks for up to twelve crews.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.kernel.problems import InputError
from passerelle.planning.repair.apply import apply_changes
from passerelle.planning.repair.changes import (
    ContingentGone,
    ContingentLate,
    ContingentSmaller,
    CrewIll,
    PostAdded,
    RiskRaised,
    SessionAdded,
    SessionCancelled,
    SessionMoved,
    SiteClosed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from passerelle.planning.programme import Session
    from passerelle.planning.repair.changes import Change
    from passerelle.planning.repair.published import Published
    from passerelle.planning.roster.instance import Group

__all__ = ["Disruption", "draw_disruptions"]

_KINDS: Final = 10
_TRIES: Final = 50


@dataclass(frozen=True, slots=True)
class Disruption:
    """Hold one drawn disruption: its kind, the change and when it becomes known."""

    kind: str
    change: Change
    now: datetime


def draw_disruptions(published: Published, number: int, *, seed: int) -> Iterator[Disruption]:
    """Yield lawful disruptions, the kinds in turn.

    Parameters
    ----------
    published
        What is disrupted.
    number, seed
        How many, and the seed of all draws.
    """
    rng = np.random.default_rng(seed)
    for index in range(number):
        for _ in range(_TRIES):
            drawn = _Draw(published, rng).draw(index % _KINDS)
            try:
                apply_changes(published.event, published.instance, [drawn.change], drawn.now)
            except InputError:
                continue
            yield drawn
            break


class _Draw:
    """Draw from one plan."""

    def __init__(self, published: Published, rng: np.random.Generator) -> None:
        self.published, self.rng = published, rng
        self.worked = sorted({line.group for line in published.plan.lines})

    def _session(self) -> Session:
        sessions = self.published.event.sessions
        return sessions[int(self.rng.integers(len(sessions)))]

    def _group(self, *, is_partner: bool) -> Group:
        host = self.published.event.host
        found = [
            g
            for g in self.published.instance.groups
            if g.code in self.worked and (g.contingent != host) == is_partner
        ]
        found = found or list(self.published.instance.groups)
        return found[int(self.rng.integers(len(found)))]

    def _hours(self, least: int, most: int) -> timedelta:
        return timedelta(hours=int(self.rng.integers(least, most + 1)))

    def _moment(self) -> datetime:
        """Return an hour of the event."""
        period = self.published.event.period
        hours = int(period.hours)
        return period.start + timedelta(hours=int(self.rng.integers(24, hours - 48)))

    def draw(self, kind: int) -> Disruption:
        """Draw a disruption of one kind."""
        if kind < 4:
            session = self._session()
            now = session.interval.start - self._hours(6, 72)
            moved = session.interval.start + timedelta(hours=int(self.rng.choice([3, 6, 24])))
            changes: list[tuple[str, Change]] = [
                ("session-moved", SessionMoved(session.id, moved)),
                ("session-added", SessionAdded("drawn", session.id, moved)),
                ("session-cancelled", SessionCancelled(session.id)),
                ("risk-raised", RiskRaised(session.id, risk=5)),
            ]
            name, change = changes[kind]
            return Disruption(name, change, now)
        now = self._moment()
        return Disruption(*self._of_force(kind, now), now)

    def _of_force(self, kind: int, now: datetime) -> tuple[str, Change]:
        partner = self._group(is_partner=True)
        if kind == 4:
            return "contingent-late", ContingentLate(partner.contingent, now + timedelta(days=1))
        if kind == 5:
            fewer = int(self.rng.integers(0, max(1, partner.strength)))
            return "contingent-smaller", ContingentSmaller(partner.code, fewer)
        if kind == 6:
            return "contingent-gone", ContingentGone(partner.contingent)
        host = self._group(is_partner=False)
        start = now + self._hours(2, 24)
        if kind == 7:
            crews = min(host.strength, int(self.rng.integers(1, 6)))
            days = timedelta(days=int(self.rng.integers(1, 4)))
            return "crew-ill", CrewIll(host.code, start, start + days, max(1, crews))
        site = self._site()
        if kind == 8:
            return "site-closed", SiteClosed(site, start, start + timedelta(hours=12))
        crews = int(self.rng.integers(1, 13))
        end = start + self._hours(4, 10)
        return "post-added", PostAdded("drawn", site, "patrol", start, end, crews)

    def _site(self) -> str:
        sites = sorted({cell.site for cell in self.published.instance.cells})
        return sites[int(self.rng.integers(len(sites)))]
