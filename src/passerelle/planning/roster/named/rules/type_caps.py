"""A person works each shift type at most so often; 0 is a missing qualification.

In pricing 0 closes the type; another limit joins the state after it was broken once.
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

_CODE: Final = "type-caps"


def _breaches(grid: DayGrid, person: int, row: Row) -> Iterator[Breach]:
    for shift in range(grid.n_types):
        count, cap = int((row == shift).sum()), int(grid.type_cap[person, shift])
        if count > cap:
            text = f"{count} shifts of type {grid.type_ids[shift]}, at most {cap}"
            yield Breach(person, -1, _CODE, text)


def _without(grid: DayGrid) -> DayGrid:
    return replace(grid, type_cap=np.full_like(grid.type_cap, grid.n_days))


RULE: Final = Rule(_CODE, _breaches, _without)
