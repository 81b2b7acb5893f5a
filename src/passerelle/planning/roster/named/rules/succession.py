"""Some shift types may not follow each other on consecutive days (daily rest).

In pricing the follow class of the last type decides which types come next. Where the past is known, its last
shift counts as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.named.rules.breach import Breach, Rule
from passerelle.planning.roster.named.soft.values import NO_SHIFT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.named.instance import DayGrid
    from passerelle.planning.roster.named.rules.breach import Row

__all__ = ["RULE"]

_CODE: Final = "succession"


def _breaches(grid: DayGrid, person: int, row: Row) -> Iterator[Breach]:
    past = NO_SHIFT if grid.soft is None else grid.soft.pasts[person].shift
    if grid.soft is not None and past != NO_SHIFT and len(row) and row[0] >= 0:
        before = grid.soft.shift_of.index(past)
        if grid.banned[before, int(row[0])]:
            text = f"{grid.type_ids[int(row[0])]} on day 0 after the last shift of the past"
            yield Breach(person, -1, _CODE, text)
    for day in range(len(row) - 1):
        first, second = int(row[day]), int(row[day + 1])
        if first >= 0 and second >= 0 and grid.banned[first, second]:
            names = f"{grid.type_ids[second]} after {grid.type_ids[first]}"
            yield Breach(person, day, _CODE, f"{names} from day {day} to day {day + 1}")


def _without(grid: DayGrid) -> DayGrid:
    return replace(grid, banned=np.zeros_like(grid.banned))


RULE: Final = Rule(_CODE, _breaches, _without)
