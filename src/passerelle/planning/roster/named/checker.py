"""Check a roster: every breach and every cost term, by the slow references alone.

Nothing here is used by the solver and nothing of the solver is used here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.planning.roster.named.rules import RULES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import DayGrid
    from passerelle.planning.roster.named.rules import Breach

__all__ = ["Report", "check_roster"]


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what a check found.

    Parameters
    ----------
    breaches
        Every broken rule.
    wishes, missing, surplus
        Cost of wishes not met, of missing and of surplus people.
    """

    breaches: tuple[Breach, ...]
    wishes: int
    missing: int
    surplus: int

    @property
    def value(self) -> int:
        """Sum of all terms."""
        return self.wishes + self.missing + self.surplus


def check_roster(grid: DayGrid, roster: NDArray[np.int16]) -> Report:
    """List every breach and every cost term of a roster.

    Parameters
    ----------
    grid
        The instance.
    roster
        Type worked or -1, shape ``(n_people, n_days)``.

    Returns
    -------
    Report
        Breaches and costs.
    """
    breaches = [
        breach
        for p in range(grid.n_people)
        for rule in RULES
        for breach in rule.breaches(grid, p, roster[p])
    ]
    wishes = grid.wish_constant
    for p in range(grid.n_people):
        for d in range(grid.n_days):
            if roster[p, d] >= 0:
                wishes += int(grid.wish[p, d, roster[p, d]])
    missing = surplus = 0
    for d in range(grid.n_days):
        for t in range(grid.n_types):
            here = sum(1 for p in range(grid.n_people) if roster[p, d] == t)
            gap = int(grid.need[d, t]) - here
            missing += max(gap, 0) * int(grid.under[d, t])
            surplus += max(-gap, 0) * int(grid.over[d, t])
    return Report(tuple(sorted(breaches)), wishes, missing, surplus)
