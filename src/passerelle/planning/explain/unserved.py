"""Name the needs that nobody serves in a whole plan, and why: no group can, or what stands in the way.

A plan may be the best there is and still leave a need alone, because no group has the skill, none
reaches the place, or none may work then. Who reads its value should be told.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.planning.explain.short import explain_short

if TYPE_CHECKING:
    from passerelle.planning.roster.instance import Cell, Instance
    from passerelle.planning.roster.plan import Duty, Plan

__all__ = ["Unserved", "unserved"]


@dataclass(frozen=True, slots=True)
class Unserved:
    """Describe a need that nobody serves.

    Parameters
    ----------
    skill
        What is asked; with the capabilities that it is asked of, for an overlay.
    sites
        Where nobody serves it, most crew-hours first.
    hours
        Crew-hours of the target there.
    blocked_by
        Word of the rule that blocks most crews at the first of these sites when it is asked first;
        empty when no group has the skill, ``free`` when nothing but the price does.
    """

    skill: str
    sites: tuple[str, ...]
    hours: float
    blocked_by: str


def unserved(instance: Instance, plan: Plan, *, most: int = 10) -> tuple[Unserved, ...]:
    """Return the needs that nobody serves anywhere in a plan.

    Parameters
    ----------
    instance, plan
        The problem and its plan.
    most
        Most entries returned.

    Returns
    -------
    tuple of Unserved
        Most crew-hours first.
    """
    served = _served(instance, plan)
    hours: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    first: dict[tuple[str, str], Cell] = {}
    for cell in instance.cells:
        if cell.target and cell.track not in served:
            skill = "/".join((cell.skill, *cell.capabilities))
            hours[skill][cell.site] += cell.target * (cell.end_min - cell.start_min) / 60
            first.setdefault((skill, cell.site), cell)
    order = sorted(hours, key=lambda skill: (-sum(hours[skill].values()), skill))
    found = []
    for skill in order[:most]:
        by_site = hours[skill]
        sites = tuple(sorted(by_site, key=lambda site: (-by_site[site], site)))
        why = _why(instance, plan, first[skill, sites[0]])
        found.append(Unserved(skill, sites, round(sum(by_site.values()), 1), why))
    return tuple(found)


def _served(instance: Instance, plan: Plan) -> set[str]:
    """Return the tracks for which anybody counts at any time."""
    cells: dict[str, dict[str, Cell]] = defaultdict(dict)
    for cell in instance.cells:
        cells[cell.site].setdefault(cell.track, cell)
    tags = {group.code: group.tags for group in instance.groups}
    posted: dict[tuple[str, str, str], Duty] = {}
    for line in plan.lines:
        for duty in line.duties:
            posted.setdefault((line.group, duty.site, duty.capability), duty)
    return {
        track
        for (group, site, _), duty in posted.items()
        for track, cell in cells[site].items()
        if cell.counts(duty, tags[group])
    }


def _why(instance: Instance, plan: Plan, cell: Cell) -> str:
    """Return the word of the rule that blocks most crews when a cell begins."""
    reasons: dict[str, int] = defaultdict(int)
    for short in explain_short(instance, plan, cell.site, cell.start_min):
        if short.skill == cell.skill:
            for candidate in short.candidates:
                reasons[candidate.blocked_by or "free"] += candidate.crews
    return max(reasons, key=lambda word: (reasons[word], word), default="")
