"""Say what forces cannot cover: by capability, site and day, from a plan, not from totals.

Totals hide that people come when nobody is needed. The gap is read off a plan that keeps every rest
rule: crew-hours missing below target in each local day, and the peak of crews missing at once.
(Problem 6 of the field: totals look right, people are not there at the peak.)
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Cell, Instance
    from passerelle.planning.roster.plan import Plan

__all__ = ["GapRow", "gap_rows"]


@dataclass(frozen=True, slots=True, order=True)
class GapRow:
    """State what is missing of one capability at one site on one day.

    Parameters
    ----------
    day
        Local day of the horizon, from 0.
    site, skill
        Where and what.
    crew_hours
        Crew-hours missing below target.
    peak
        Most crews missing at once.
    """

    day: int
    site: str
    skill: str
    crew_hours: float
    peak: int


def gap_rows(instance: Instance, plan: Plan) -> tuple[GapRow, ...]:
    """Return what the plan leaves open, by day, site and skill."""
    tags = {group.code: group.tags for group in instance.groups}
    cells_at: dict[str, dict[str, Cell]] = defaultdict(dict)
    for cell in instance.cells:
        cells_at[cell.site][cell.track] = cell
    step = instance.step_min
    cover: dict[tuple[str, int], int] = defaultdict(int)
    for line in plan.lines:
        for duty in line.duties:
            for track, cell in cells_at.get(duty.site, {}).items():
                if cell.counts(duty, tags[line.group]):
                    for minute in range(duty.start_min, duty.end_min, step):
                        cover[track, minute] += line.crews
    hours: dict[tuple[int, str, str], float] = defaultdict(float)
    peak: dict[tuple[int, str, str], int] = defaultdict(int)
    for cell in instance.cells:
        for minute in range(cell.start_min, cell.end_min, step):
            missing = cell.target - cover[cell.track, minute]
            if missing > 0:
                key = (minute // 1440, cell.site, cell.skill)
                hours[key] += missing * step / 60
                peak[key] = max(peak[key], missing)
    return tuple(GapRow(*key, hours[key], peak[key]) for key in sorted(hours))
