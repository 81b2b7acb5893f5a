"""Name the rules that leave a person without any legal roster.

A deletion filter: rules are left out one after the other; one without which there is still no roster is
left out for good. What remains cannot hold together, and every part of it can.

References
----------
.. [1] J. Chinneck, E. Dravnieks (1991), "Locating minimal infeasible constraint sets in linear
   programs", ORSA J. Computing 3. The deletion filter.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from passerelle.planning.roster.named.arrays import compile_grid
from passerelle.planning.roster.named.pricers import pricer_for
from passerelle.planning.roster.named.pricing import PricingParams
from passerelle.planning.roster.named.region import whole_grid
from passerelle.planning.roster.named.rules import RULES

if TYPE_CHECKING:
    from passerelle.planning.roster.named.instance import DayGrid
    from passerelle.planning.roster.named.rules import Rule

__all__ = ["conflict_of", "has_roster"]


def has_roster(grid: DayGrid, person: int) -> bool:
    """Tell whether any legal roster of a person exists."""
    alone = _alone(grid, person)
    if not alone.n_days:
        return True
    pricer = pricer_for(whole_grid(compile_grid(alone)), PricingParams(slots=1, threads=1))
    found = pricer.price(np.zeros((1, alone.n_days, alone.n_types)), np.full(1, 1e14))
    return len(found.owner) > 0


def conflict_of(grid: DayGrid, person: int) -> tuple[str, ...]:
    """Find a smallest set of rules that forbids every roster of a person.

    Parameters
    ----------
    grid
        The instance.
    person
        Place of the person.

    Returns
    -------
    tuple[str, ...]
        Codes of the rules; empty when a legal roster exists. No rule of the set can be left out.
    """
    if has_roster(grid, person):
        return ()
    kept: list[Rule] = []
    rest = _alone(grid, person)
    for rule in RULES:
        without = rule.without(rest)
        if has_roster(without, 0):
            kept.append(rule)
        else:
            rest = without
    return tuple(rule.code for rule in kept)


def _alone(grid: DayGrid, person: int) -> DayGrid:
    """Return the grid with one person only."""
    one = slice(person, person + 1)
    return replace(
        grid,
        person_ids=grid.person_ids[one],
        contracts=grid.contracts[one],
        type_cap=grid.type_cap[one],
        closed=grid.closed[one],
        wish=grid.wish[one],
    )
