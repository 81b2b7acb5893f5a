"""Where reinforcement stands, by partner, capability and stage, from the positions of the dossiers.

A figure always has its unit, its stage and its time. People and person-days of dossiers add up; posts
and people present are the peak, over days, of the sum. What was announced in public is quoted beside the
counts and never added to them; what is forecast to arrive is a forecast and says so.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.kernel.counts import Stage, Unit
from passerelle.node.dossiers.domain import refresh
from passerelle.node.dossiers.models import Dossier
from passerelle.node.reinforcement.models import Position, TallyRow
from passerelle.node.reinforcement.partners import records
from passerelle.node.reinforcement.positions import PROCEDURE, stale
from passerelle.planning.forecast.arrivals import arrivals
from passerelle.procedures.reinforcement.tallies import CHOSEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from passerelle.kernel.clock import Clock
    from passerelle.planning.forecast.arrivals import Arrivals, Record

__all__ = [
    "SHOWN",
    "Line",
    "Overview",
    "PartnerPosition",
    "catch_up",
    "forecasts",
    "overview",
    "partner_positions",
    "tally_rows",
    "unacknowledged_duties",
]

SHOWN: Final = (
    Stage.ASKED.value,
    Stage.OFFERED.value,
    CHOSEN,
    *(stage.value for stage in Stage if stage not in {Stage.ASKED, Stage.OFFERED}),
)
"""Columns of the overview, in order."""

_SEED: Final = 2024
_OVER: Final = frozenset({"declined", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Line:
    """Show one row: a partner or a capability, one figure a column of :data:`SHOWN`.

    Parameters
    ----------
    key
        State or capability.
    figures
        One a column.
    coming
        Forecast of arrivals; ``None`` when the unit is not people.
    """

    key: str
    figures: tuple[int, ...]
    coming: Arrivals | None = None

    @property
    def figure_of(self) -> dict[str, int]:
        """Figures by column."""
        return dict(zip(SHOWN, self.figures, strict=True))


@dataclass(frozen=True, slots=True)
class Overview:
    """Hold an overview.

    Parameters
    ----------
    unit
        What is counted.
    at
        As of when.
    lines
        Rows, by key.
    total
        All of them.
    """

    unit: Unit
    at: datetime
    lines: tuple[Line, ...]
    total: Line


@dataclass(frozen=True, slots=True)
class PartnerPosition:
    """Show where the dossier with one partner stands."""

    case: str
    state: str
    peer: str
    reference: str
    step: str
    answer_by: datetime | None
    due_at: datetime | None
    due_name: str
    is_ours: bool
    n_lines: int
    n_declined: int
    n_standing: int
    next_expiry: datetime | None
    is_announced: bool
    announced_figure: int | None
    announced_unit: str
    announced_on: str
    is_bound: bool
    n_unacknowledged: int


@dataclass(frozen=True, slots=True)
class _Row:
    case: str
    state: str
    step: str
    capability: str
    stage: str
    people: int
    person_days: int
    first_day: date
    posts: bytes | memoryview
    present: bytes | memoryview


def catch_up(clock: Clock) -> int:
    """Compute anew the positions in which an offer has expired meanwhile; return how many."""
    cases = stale(clock.now())
    for case in cases:
        refresh(case, clock)
    return len(cases)


def dossiers_of(event: str, side: str = "host") -> QuerySet[Dossier]:
    """Return the dossiers of reinforcement of an event on one side."""
    return Dossier.objects.filter(procedure=PROCEDURE, side=side, event=event)


def partner_positions(event: str, side: str = "host") -> list[PartnerPosition]:
    """Return where each dossier of an event stands, by state; one query."""
    rows = Position.objects.filter(
        dossier__procedure=PROCEDURE, dossier__side=side, dossier__event=event
    ).select_related("dossier__corridor")
    found = [
        PartnerPosition(
            case=row.dossier.case,
            state=row.dossier.corridor.peer_state,
            peer=row.dossier.corridor.peer,
            reference=row.dossier.reference or row.dossier.case[:8],
            step=row.dossier.state,
            answer_by=row.answer_by,
            due_at=row.dossier.due_at,
            due_name=row.dossier.due_name,
            is_ours=row.dossier.due_side == side,
            n_lines=row.n_lines,
            n_declined=row.n_declined,
            n_standing=row.n_standing,
            next_expiry=row.next_expiry,
            is_announced=row.is_announced,
            announced_figure=row.announced_figure,
            announced_unit=row.announced_unit,
            announced_on=row.announced_on,
            is_bound=row.is_bound,
            n_unacknowledged=row.n_unacknowledged,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.state, one.case))


def unacknowledged_duties(event: str, side: str = "host") -> int:
    """Count the dossiers of an event in which published duties wait to be acknowledged; one query."""
    return Position.objects.filter(
        dossier__procedure=PROCEDURE, dossier__side=side, dossier__event=event,
        n_unacknowledged__gt=0,
    ).count()  # fmt: skip


def tally_rows(
    event: str, *, capability: str = "", state: str = "", side: str = "host"
) -> list[_Row]:
    """Return the tallies of an event; one query."""
    rows = TallyRow.objects.filter(
        dossier__procedure=PROCEDURE, dossier__side=side, dossier__event=event
    )
    if capability:
        rows = rows.filter(capability=capability)
    if state:
        rows = rows.filter(dossier__corridor__peer_state=state)
    return [
        _Row(*values)
        for values in rows.values_list(
            "dossier_id", "dossier__corridor__peer_state", "dossier__state", "capability",
            "stage", "people", "person_days", "first_day", "posts", "present",
        )
    ]  # fmt: skip


def overview(
    event: str,
    unit: Unit,
    at: datetime,
    *,
    by: str = "partner",
    capability: str = "",
    state: str = "",
    side: str = "host",
) -> Overview:
    """Count an event by partner or by capability, at every stage; two queries.

    Parameters
    ----------
    event
        Code of the event.
    unit
        What to count.
    at
        As of when; positions must have been caught up with it.
    by
        ``partner`` or ``capability``.
    capability, state
        Only these; empty for all.
    side
        Side of this node in the dossiers.
    """
    rows = tally_rows(event, capability=capability, state=state, side=side)
    keyed: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        keyed[row.state if by == "partner" else row.capability].append(row)
    coming: Mapping[str, Arrivals] = {}
    if by == "partner" and unit is Unit.PEOPLE:
        coming = forecasts(rows, records())
    lines = tuple(
        Line(key, _figures(mine, unit), coming.get(key)) for key, mine in sorted(keyed.items())
    )
    return Overview(unit, at, lines, Line("*", _figures(rows, unit)))


def forecasts(rows: Iterable[_Row], known: Mapping[str, Record]) -> dict[str, Arrivals]:
    """Forecast by state how many people will arrive, from where they stand now and the past."""
    stands: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        is_open = row.step not in _OVER
        if is_open or row.stage != Stage.ASKED.value:
            stands[row.state][row.stage] += row.people
    found = {}
    for state, people in sorted(stands.items()):
        asked, offered, committed = (
            people[stage.value] for stage in (Stage.ASKED, Stage.OFFERED, Stage.ACCEPTED)
        )
        alone = {
            Stage.ACCEPTED: committed,
            Stage.OFFERED: max(0, offered - committed),
            Stage.ASKED: max(0, asked - max(offered, committed)),
        }
        found[state] = arrivals(known.get(state), alone, np.random.default_rng(_SEED))
    return found


def _figures(rows: Sequence[_Row], unit: Unit) -> tuple[int, ...]:
    by_stage: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        by_stage[row.stage].append(row)
    return tuple(_figure(by_stage.get(stage, []), unit) for stage in SHOWN)


def _figure(rows: Sequence[_Row], unit: Unit) -> int:
    if unit is Unit.PEOPLE:
        return sum(row.people for row in rows)
    if unit is Unit.PERSON_DAYS:
        return sum(row.person_days for row in rows)
    return _peak(
        [(row.first_day, row.posts if unit is Unit.POSTS else row.present) for row in rows]
    )


def _peak(curves: Sequence[tuple[date, bytes | memoryview]]) -> int:
    """Return the peak of the sum of curves by day."""
    if not curves:
        return 0
    first = min(day for day, _ in curves)
    arrays = [(np.frombuffer(bytes(curve), dtype="<i4"), day) for day, curve in curves]
    last = max(day + timedelta(days=len(values)) for values, day in arrays)
    total = np.zeros((last - first).days, dtype=np.int64)
    for values, day in arrays:
        start = (day - first).days
        total[start : start + len(values)] += values
    return int(total.max(initial=0))
