"""A person works at most so many minutes over the horizon.

In pricing minutes are always in the state.
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

_CODE: Final = "most-minutes"


def _breaches(grid: DayGrid, person: int, row: Row) -> Iterator[Breach]:
    minutes = sum(int(grid.type_minutes[worked]) for worked in row if worked >= 0)
    limit = grid.contracts[person].max_minutes
    if minutes > limit:
        yield Breach(person, -1, _CODE, f"{minutes} minutes, at most {limit}")


def _without(grid: DayGrid) -> DayGrid:
    most = grid.n_days * int(grid.type_minutes.max(initial=0))
    return with_contract(grid, lambda contract: replace(contract, max_minutes=most))


RULE: Final = Rule(_CODE, _breaches, _without)
