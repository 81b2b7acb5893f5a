"""A person does not work on a closed day (leave, court, training).

In pricing the types of that day are not allowed.
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

_CODE: Final = "closed-days"


def _breaches(grid: DayGrid, person: int, row: Row) -> Iterator[Breach]:
    for day, worked in enumerate(row):
        if worked >= 0 and grid.closed[person, day]:
            yield Breach(person, day, _CODE, f"works on day {day}, a closed day")


def _without(grid: DayGrid) -> DayGrid:
    return replace(grid, closed=np.zeros_like(grid.closed))


RULE: Final = Rule(_CODE, _breaches, _without)
