"""Say which part of a roster is free: some persons, and for each of them some days.

Everything the engine does works on a region: the whole grid for the bound and the first dives, some
persons or some weeks for the improvement. Outside a region the given roster stands; its cover is
taken off the need and its minutes, weekends and shifts off the budgets, so that a region prices like
a small grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passerelle.planning.roster.named.arrays import Window, window_around

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passerelle.planning.roster.named.arrays import Compiled
    from passerelle.planning.roster.named.instance import BoolArray, IntArray

__all__ = ["Region", "free_days", "whole_grid"]


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Hold the free part of a grid; first axis of the arrays is the place in ``people``.

    Parameters
    ----------
    people
        Persons with free days, ascending.
    start, stop
        First free day and the day after the last one.
    windows
        Days that pricing walks over, a person each.
    base
        The fixed roster of each person, -1 on all free days, shape ``(n, n_days)``.
    allowed, forced
        Types open and days that must be worked, fixed days included, full days.
    min_units, max_units, max_weekends, type_cap
        Budgets left for the window.
    need
        Cover wanted from the free people, shape ``(n_days, n_types)``; may be negative.
    wish
        Cost of wishes on free days, 0 elsewhere, shape ``(n, n_days, n_types)``.
    """

    compiled: Compiled
    people: IntArray
    start: int
    stop: int
    windows: tuple[Window, ...]
    base: NDArray[np.int16]
    allowed: BoolArray
    forced: BoolArray
    min_units: IntArray
    max_units: IntArray
    max_weekends: IntArray
    type_cap: IntArray
    need: IntArray
    wish: NDArray[np.int32]

    @property
    def rows(self) -> BoolArray:
        """Tell which cells of cover the master must keep, shape ``(n_days, n_types)``."""
        rows = self.compiled.has_row.copy()
        rows[: self.start] = False
        rows[self.stop :] = False
        return rows

    def own_costs(
        self, places: IntArray, rosters: NDArray[np.int16] | IntArray
    ) -> NDArray[np.float64]:
        """Return what rosters cost their persons, cover aside: wishes and soft limits.

        Parameters
        ----------
        places
            Place of each roster's person in ``people``.
        rosters
            Types worked or -1, shape ``(n, n_days)``.
        """
        total = np.zeros(len(rosters))
        rows, days = np.nonzero(rosters >= 0)
        np.add.at(total, rows, self.wish[places[rows], days, rosters[rows, days]])
        soft = self.compiled.grid.soft
        if soft is not None:
            total += soft.costs(self.people[places], rosters)
        return total


def whole_grid(compiled: Compiled) -> Region:
    """Return the region in which everything is free."""
    grid = compiled.grid
    window = Window(0, grid.n_days, open_start=True, open_end=True)
    return Region(
        compiled,
        np.arange(grid.n_people),
        0,
        grid.n_days,
        (window,) * grid.n_people,
        grid.empty_roster(),
        compiled.allowed.copy(),
        np.zeros((grid.n_people, grid.n_days), dtype=np.bool_),
        compiled.min_units,
        compiled.max_units,
        compiled.max_weekends,
        grid.type_cap,
        grid.need,
        grid.wish,
    )


def free_days(
    compiled: Compiled, roster: NDArray[np.int16], people: IntArray, start: int, stop: int
) -> Region:
    """Free some people on the days from ``start`` to ``stop - 1`` of a legal roster.

    Parameters
    ----------
    compiled
        The grid.
    roster
        Legal roster that stands outside the region.
    people
        Persons to free, ascending.
    start, stop
        First free day and the day after the last one.

    Returns
    -------
    Region
        With budgets and need reduced by what stays fixed.
    """
    grid = compiled.grid
    n, days = len(people), grid.n_days
    mine = roster[people]
    base = mine.copy()
    base[:, start:stop] = -1
    windows = []
    allowed = np.zeros((n, days, grid.n_types), dtype=np.bool_)
    allowed[:, start:stop] = compiled.allowed[people, start:stop]
    forced = np.zeros((n, days), dtype=np.bool_)
    min_units, max_units = compiled.min_units[people], compiled.max_units[people]
    max_weekends, type_cap = compiled.max_weekends[people].copy(), grid.type_cap[people].copy()
    for i in range(n):
        work = mine[i] >= 0
        window = window_around(work, start, stop, int(compiled.min_rest[people[i]]))
        windows.append(window)
        fixed = np.flatnonzero(work)
        inside = (fixed >= window.first) & (fixed < window.last)
        kept = fixed[inside & ((fixed < start) | (fixed >= stop))]
        allowed[i, kept, mine[i, kept]] = True
        forced[i, kept] = True
        outside = fixed[~inside]
        units = int(compiled.units[mine[i, outside]].sum())
        min_units[i] = max(int(min_units[i]) - units, 0)
        max_units[i] -= units
        weekends = compiled.weekend_of[outside]
        max_weekends[i] -= len(np.unique(weekends[weekends >= 0]))
        np.subtract.at(type_cap[i], mine[i, outside], 1)
    wish = np.zeros((n, days, grid.n_types), dtype=np.int32)
    wish[:, start:stop] = grid.wish[people, start:stop]
    counts = grid.cover(roster)
    cells, places = np.nonzero(mine[:, start:stop] >= 0)
    np.subtract.at(counts, (places + start, mine[cells, places + start]), 1)
    return Region(
        compiled, np.asarray(people), start, stop, tuple(windows), base, allowed, forced,
        min_units, max_units, max_weekends, type_cap, grid.need - counts, wish)  # fmt: skip
