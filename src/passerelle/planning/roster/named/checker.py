"""Check a roster: every breach and every cost term, by the slow references alone.

Nothing here is used by the solver and nothing of the solver is used here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.planning.roster.named.rules import RULES
from passerelle.planning.roster.named.soft.rules import SOFT_RULES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.instance import DayGrid
    from passerelle.planning.roster.named.rules import Breach
    from passerelle.planning.roster.named.soft.rules import Payment

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
    payments
        Every soft limit that was broken, where there are any.
    short
        People missing below the floor of the need.
    grave
        Their cost beyond that of other missing people.
    """

    breaches: tuple[Breach, ...]
    wishes: int
    missing: int
    surplus: int
    payments: tuple[Payment, ...] = ()
    short: int = 0
    grave: int = 0

    @property
    def value(self) -> int:
        """Sum of all terms."""
        habits = sum(payment.cost for payment in self.payments)
        return self.wishes + self.missing + self.surplus + habits + self.grave


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
    missing = surplus = short = 0
    for d in range(grid.n_days):
        for t in range(grid.n_types):
            here = sum(1 for p in range(grid.n_people) if roster[p, d] == t)
            gap = int(grid.need[d, t]) - here
            missing += max(gap, 0) * int(grid.under[d, t])
            surplus += max(-gap, 0) * int(grid.over[d, t])
            if grid.spare is not None:
                short += max(gap - int(grid.spare[d, t]), 0)
    payments: list[Payment] = []
    if grid.soft is not None:
        for p in range(grid.n_people):
            for soft_rule in SOFT_RULES:
                payments += soft_rule.payments(grid.soft, p, roster[p])
    return Report(
        tuple(sorted(breaches)), wishes, missing, surplus, tuple(sorted(payments)), short,
        short * grid.grave,
    )  # fmt: skip
