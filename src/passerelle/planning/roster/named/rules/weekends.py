"""A person works on at most so many weekends (Saturday, Sunday or both).

In pricing the count joins the state when it can bind; each stretch of work adds its weekends.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from passerelle.planning.roster.named.rules.breach import Breach, Rule, with_contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.named.instance import DayGrid
    from passerelle.planning.roster.named.rules.breach import Row

__all__ = ["RULE"]

_CODE: Final = "weekends"


def _breaches(grid: DayGrid, person: int, row: Row) -> Iterator[Breach]:
    worked = 0
    for saturday in grid.saturdays():
        pair = [row[day] for day in (saturday, saturday + 1) if 0 <= day < grid.n_days]
        worked += any(item >= 0 for item in pair)
    limit = grid.contracts[person].max_weekends
    if worked > limit:
        yield Breach(person, -1, _CODE, f"{worked} weekends, at most {limit}")


def _without(grid: DayGrid) -> DayGrid:
    weeks = grid.n_days // 7 + 2
    return with_contract(grid, lambda contract: replace(contract, max_weekends=weeks))


RULE: Final = Rule(_CODE, _breaches, _without)
