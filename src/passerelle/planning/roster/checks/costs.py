"""The cost terms of who stands where: shortfall, surplus, duty and travel, step by step."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from passerelle.planning.roster.checks.facts import steps_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.planning.roster.checks.facts import Posted
    from passerelle.planning.roster.instance import Cell, Instance

__all__ = ["costs_of"]


def costs_of(instance: Instance, posted: Posted) -> tuple[dict[str, float], dict[str, float]]:
    """Return the cost terms of who stands where, and the crew-hours missing by track."""
    terms = dict.fromkeys(("below-minimum", "below-target", "above-ceiling", "duty", "travel"), 0.0)
    cells_at: dict[str, list[Cell]] = defaultdict(list)
    for cell in instance.cells:
        cells_at[cell.site].append(cell)
    changes: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    tracks_at = {site: {cell.track: cell for cell in cells} for site, cells in cells_at.items()}
    for group, duty, crews in posted:
        officers = crews * group.people
        travel = instance.travel.get(group.base, {}).get(duty.site, 0)
        hours = (duty.end_min - duty.start_min) / 60
        terms["duty"] += officers * hours * instance.weights.duty
        terms["travel"] += officers * 2 * travel / 60 * instance.weights.travel
        for track, cell in tracks_at.get(duty.site, {}).items():
            if cell.counts(duty, group.tags):
                steps = steps_of(instance, duty)
                change = changes[track]
                change[steps.start] += crews
                change[steps.stop] -= crews
    hours = instance.step_min / 60
    missing: dict[str, float] = defaultdict(float)
    n_steps = max((cell.end_min for cell in instance.cells), default=0) // instance.step_min
    cover = {track: _summed(change, n_steps) for track, change in changes.items()}
    nobody = [0] * n_steps
    for cell in instance.cells:
        there = cover.get(cell.track, nobody)
        for step in range(cell.start_min // instance.step_min, cell.end_min // instance.step_min):
            crews = there[step]
            below = max(0, cell.minimum - crews)
            short = max(0, cell.target - max(crews, cell.minimum))
            terms["below-minimum"] += below * hours * cell.minimum_weight
            terms["below-target"] += short * hours * cell.target_weight
            above = max(0, crews - cell.ceiling)
            terms["above-ceiling"] += above * hours * cell.surplus_weight
            if below + short:
                missing[cell.track] += (below + short) * hours
    return terms, dict(missing)


def _summed(change: Mapping[int, int], n_steps: int) -> list[int]:
    """Return the crews at each step from who comes and who goes."""
    there = sum(crews for step, crews in change.items() if step < 0)
    found = []
    for step in range(n_steps):
        there += change.get(step, 0)
        found.append(there)
    return found
