"""Some shift types may not follow each other on consecutive days (daily rest).

In pricing the follow class of the last type decides which types come next.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from passerelle.planning.roster.named.rules.breach import Breach, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.planning.roster.named.instance import DayGrid
    from passerelle.planning.roster.named.rules.breach import Row

__all__ = ["RULE"]

_CODE: Final = "succession"


def _breaches(grid: DayGrid, person: int, row: Row) -> Iterator[Breach]:
    for day in range(len(row) - 1):
        first, second = int(row[day]), int(row[day + 1])
        if first >= 0 and second >= 0 and grid.banned[first, second]:
            names = f"{grid.type_ids[second]} after {grid.type_ids[first]}"
            yield Breach(person, day, _CODE, f"{names} from day {day} to day {day + 1}")


def _without(grid: DayGrid) -> DayGrid:
    return replace(grid, banned=np.zeros_like(grid.banned))


RULE: Final = Rule(_CODE, _breaches, _without)
