"""Who could fill a short post, and what stands in the way: read from the plan itself.

For each group that can do the work, its crews at the moment asked for are sorted into those on duty,
those whose rest would be broken by a duty then, those not available, and those free by these rules.
Limits over longer times (hours in a window, days in a row) are the planner's business; a crew counted
as free here may still be held back by one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from passerelle.kernel.times import Interval
    from passerelle.node.plans.table import PlanTable
    from passerelle.planning.force import CrewGroup, Force

__all__ = ["Candidate", "candidates"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Sort the crews of one group by what they do at a moment."""

    group: CrewGroup
    on_duty: int
    resting: int
    free: int
    is_available: bool
    may_stand_here: bool

    @property
    def cost(self) -> int:
        """Cost of one crew for the day, in euros."""
        return self.group.cost_eur_day


def candidates(
    force: Force, table: PlanTable, capability: str, site: str, during: Interval
) -> tuple[Candidate, ...]:
    """List the groups that can do ``capability``, those with free crews and low cost first."""
    busy = _busy(force, table, during)
    found = []
    for group in force.groups:
        if capability not in group.capabilities:
            continue
        on_duty, resting = busy.get(group.id, (0, 0))
        available = group.available.start <= during.start and during.end <= group.available.end
        here = not group.allowed_site_ids or site in group.allowed_site_ids
        free = max(group.crews - on_duty - resting, 0) if available and here else 0
        found.append(Candidate(group, on_duty, resting, free, available, here))
    found.sort(key=lambda entry: (not entry.free, entry.cost, -entry.free, entry.group.id))
    return tuple(found)


def _busy(force: Force, table: PlanTable, during: Interval) -> dict[str, tuple[int, int]]:
    """Count the crews of each group on duty in a span, and those whose rest it would break."""
    low, high = int(during.start.timestamp()), int(during.end.timestamp())
    rules = force.rules_by_id
    rest_of = {group.id: rules[group.rules_id].daily_rest_min * 60 for group in force.groups}
    rest = np.array([rest_of.get(code, 0) for code in table.groups], dtype=np.int64)
    rest_s = rest[table.duty_group]
    near = (table.duty_start < high + rest_s) & (table.duty_end > low - rest_s)
    working = np.unique(table.duty_line[(table.duty_start < high) & (table.duty_end > low)])
    close = np.setdiff1d(np.unique(table.duty_line[near]), working)
    counts = [
        np.bincount(
            table.line_group[lines], weights=table.line_crews[lines], minlength=len(table.groups)
        )
        for lines in (working, close)
    ]
    return {
        code: (int(counts[0][index]), int(counts[1][index]))
        for index, code in enumerate(table.groups)
    }
