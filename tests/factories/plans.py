"""A plan put together greedily: every rule of rest holds, nobody claims that it is good.

It stands in for the engine where a test or a bench needs a plan of full size at once. Each group is
split into lots of crews; a lot works shifts of eight hours with eleven hours of rest between them, five
days of six, at the place where most is missing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from passerelle.node.plans.enums import PlanState
from passerelle.node.plans.models import PlanContent, PlanVersion
from passerelle.node.plans.table import PlanTable, write_table

if TYPE_CHECKING:
    from passerelle.node.events.models import EventRevision, NeedSnapshot
    from passerelle.planning.force import CrewGroup, Force
    from passerelle.planning.need.values import Need

_SHIFT_S = 8 * 3600
_REST_S = 11 * 3600
_LOT = 4


@dataclass
class _Lot:
    group: CrewGroup
    crews: int
    number: int
    duties: list[tuple[int, int, int]] = field(default_factory=list)


def greedy_table(force: Force, need: Need, *, first: datetime, days: int) -> PlanTable:
    """Return a plan of ``days`` days from ``first`` (the start of the first shift)."""
    lots = [
        _Lot(group, crews, number)
        for group in force.groups
        for number, crews in enumerate(_split(group.crews))
    ]
    by_kind: dict[str, list[_Lot]] = defaultdict(list)
    for lot in lots:
        for code in lot.group.capabilities:
            by_kind[code].append(lot)
    origin = int(first.timestamp())
    for shift in range(days * 3):
        _fill_shift(need, by_kind, origin + shift * _SHIFT_S, shift // 3)
    return _columns([lot for lot in lots if lot.duties], need)


def _split(crews: int) -> list[int]:
    lots, rest = divmod(crews, _LOT)
    return [_LOT] * lots + ([rest] if rest else [])


def _fill_shift(need: Need, by_kind: dict[str, list[_Lot]], start: int, day: int) -> None:
    rows = (need.start < start + _SHIFT_S) & (need.end > start) & (need.central > 0)
    peaks: dict[tuple[int, int], int] = defaultdict(int)
    for row in np.flatnonzero(rows).tolist():
        key = (int(need.site[row]), int(need.capability[row]))
        peaks[key] = max(peaks[key], int(need.central[row]))
    for (site, kind), wanted in sorted(peaks.items(), key=lambda pair: -pair[1]):
        missing = wanted
        for lot in by_kind[need.capabilities[kind]]:
            if missing <= 0:
                break
            if (day + lot.number) % 6 == 0 or not _is_rested(lot, start):
                continue
            group = lot.group
            inside = group.available.start.timestamp() <= start
            if not inside or group.available.end.timestamp() < start + _SHIFT_S:
                continue
            if group.allowed_site_ids and need.site_ids[site] not in group.allowed_site_ids:
                continue
            lot.duties.append((start, site, kind))
            missing -= lot.crews


def _is_rested(lot: _Lot, start: int) -> bool:
    return not lot.duties or lot.duties[-1][0] + _SHIFT_S + _REST_S <= start


def _columns(lots: list[_Lot], need: Need) -> PlanTable:
    groups = tuple(dict.fromkeys(lot.group.id for lot in lots))
    people = {lot.group.id: lot.group.crew_people for lot in lots}
    duties = [(line, *duty) for line, lot in enumerate(lots) for duty in sorted(lot.duties)]
    column = [np.array(values, dtype=np.int64) for values in zip(*duties, strict=True)]
    crews: dict[str, int] = defaultdict(int)
    numbered = []
    for at, lot in enumerate(lots):
        for _ in range(lot.crews):
            crews[lot.group.id] += 1
            numbered.append((groups.index(lot.group.id), crews[lot.group.id], at))
    crew = [np.array(values, dtype=np.int64) for values in zip(*sorted(numbered), strict=True)]
    line, start, site, kind = column or [np.zeros(0, dtype=np.int64)] * 4
    return PlanTable(
        groups=groups,
        sites=need.site_ids,
        capabilities=need.capabilities,
        group_people=np.array([people[code] for code in groups], dtype=np.int64),
        line_group=np.array([groups.index(lot.group.id) for lot in lots], dtype=np.int64),
        line_crews=np.array([lot.crews for lot in lots], dtype=np.int64),
        duty_line=line,
        duty_site=site,
        duty_capability=kind,
        duty_start=start,
        duty_end=start + _SHIFT_S,
        crew_group=crew[0],
        crew_number=crew[1],
        crew_line=crew[2],
    )


def store_plan(
    revision: EventRevision, snapshot: NeedSnapshot, table: PlanTable, **changes: object
) -> PlanVersion:
    """Keep a table as a draft with plausible figures."""
    value = float((table.duty_people * (table.duty_end - table.duty_start)).sum()) / 3600
    number = revision.event.plans.count() + 1
    values: dict[str, object] = {
        "event": revision.event,
        "revision": revision,
        "need": snapshot,
        "number": number,
        "state": PlanState.DRAFT,
        "status": "feasible",
        "value": round(value * 1.02),
        "bound": round(value * 1.012),
        "terms": {
            "duty": round(value),
            "travel": round(value * 0.012),
            "below-target": round(value * 0.008),
        },
        "n_lines": len(table.line_group),
        "n_duties": table.n_crew_duties,
        "n_people": table.n_people,
        "n_violations": 0,
        "seconds": 58.2,
        "peak_mb": 1210.0,
        "instance_hash": "0" * 64,
        "digest": f"{number:064d}",
        "created_at": datetime(2024, 7, 1, 9, tzinfo=UTC) + timedelta(minutes=number),
        "created_by": "worker:test",
    }
    version = PlanVersion.objects.create(**(values | changes))
    PlanContent.objects.create(version=version, columns=write_table(table))
    return version
